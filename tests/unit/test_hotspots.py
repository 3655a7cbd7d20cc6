"""Local statistics against esda and its published figures, by what must hold, and by counting every permutation."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import shapely

from gis.errors import ContractFault
from gis.hotspots import draw_ids, false_discovery, getis_ord, local_moran, neighbour_ranks, pearson_excess
from gis.neighbours import Neighbours, by_distance, by_shared_edge

POINTS = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
SIX = np.array([2, 3, 3.2, 5, 8, 7])
GI_STAR_OF_SIX = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
"""Zs of `G_Local(y, w, transform='B', star=True)` as esda's own documentation prints them."""

SIDE = 24


def squares(side: int = SIDE) -> np.ndarray:
    return np.array([shapely.box(c, r, c + 1, r + 1) for r in range(side) for c in range(side)])


@pytest.fixture(scope="module")
def lattice() -> Neighbours:
    return by_shared_edge(squares())


@pytest.fixture(scope="module")
def esda() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("esda")


@pytest.fixture(scope="module")
def weights() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("libpysal.weights").lat2W(SIDE, SIDE)


def test_gi_star_of_the_published_example() -> None:
    found = getis_ord(SIX, by_distance(POINTS, 15), permutations=0)
    assert found.z == pytest.approx(GI_STAR_OF_SIX, abs=1e-8)
    assert np.isnan(found.greater).all()


@pytest.mark.filterwarnings("ignore")
def test_gi_star_equals_esda(lattice: Neighbours, esda: Any, weights: Any) -> None:
    y = np.random.default_rng(4).gamma(2.0, 3.0, lattice.n)
    ours = getis_ord(y, lattice, permutations=0)
    theirs = esda.G_Local(y, weights, transform="B", star=True, permutations=0)
    assert ours.z == pytest.approx(theirs.Zs, abs=1e-8)
    assert ours.value == pytest.approx(theirs.Gs, abs=1e-12)
    assert ours.variance == pytest.approx(theirs.VGs, rel=1e-8)
    assert ours.p_norm == pytest.approx(theirs.p_norm, abs=1e-8)


@pytest.mark.filterwarnings("ignore")
def test_local_moran_equals_esda(lattice: Neighbours, esda: Any, weights: Any) -> None:
    y = np.random.default_rng(5).gamma(2.0, 3.0, lattice.n)
    ours = local_moran(y, lattice, permutations=0)
    theirs = esda.Moran_Local(y, weights, permutations=0)
    assert ours.value == pytest.approx(theirs.Is, abs=1e-8)
    assert ours.expected == pytest.approx(theirs.EIc, abs=1e-8)
    assert ours.variance == pytest.approx(theirs.VIc, rel=1e-8)


def test_every_permutation_is_counted_as_if_it_were_made(lattice: Neighbours) -> None:
    rng = np.random.default_rng(6)
    y = rng.poisson(3, lattice.n).astype(float)  # many ties
    ids = draw_ids(lattice.n, 4, 299, rng)
    at_least, at_most = neighbour_ranks(y, lattice, ids)
    observed = lattice.sums(y)
    for i in (0, 1, 30, 300, lattice.n - 2, lattice.n - 1):
        others = ids[:, : lattice.counts[i]].copy()
        others[others == i] = lattice.n - 1  # the others of i are all positions but its own
        sums = y[others].sum(axis=1)
        assert (at_least[i], at_most[i]) == ((sums >= observed[i]).sum(), (sums <= observed[i]).sum())


def test_permutations_agree_with_exact_moments(lattice: Neighbours) -> None:
    """The pseudo p-value of a smooth field lies near what the normal approximation says."""
    y = np.random.default_rng(7).normal(10, 2, lattice.n)
    found = getis_ord(y, lattice, permutations=4999, rng=np.random.default_rng(1))
    conditional = (lattice.sums(y) - lattice.counts * (y.sum() - y) / (lattice.n - 1)) / np.sqrt(
        lattice.counts * (1 - lattice.counts / (lattice.n - 1)) * y.var(ddof=1)
    )
    assert np.abs(found.greater - _upper_tail(conditional)).max() < 0.04
    assert found.greater + found.lesser == pytest.approx(1 + 1 / 5000)


def _upper_tail(z: np.ndarray) -> np.ndarray:
    from scipy.stats import norm

    return norm.sf(z)


def test_ids_are_different_and_fair() -> None:
    for n, most in ((2000, 8), (12, 9)):
        ids = draw_ids(n, most, 3000, np.random.default_rng(2))
        assert (np.diff(np.sort(ids, axis=1), axis=1) > 0).all()
        share = np.bincount(ids.ravel(), minlength=n - 1) / ids.size * (n - 1)
        assert share.max() < 1 + 6 * np.sqrt((n - 1) / ids.size)
    with pytest.raises(ContractFault, match="neighbours"):
        draw_ids(4, 4, 9, np.random.default_rng(2))


def test_q_is_smallest_share_and_names_what_esda_names(esda: Any) -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005, 0.5, np.nan])
    q = false_discovery(p)
    assert q[:5] == pytest.approx([0.03, 0.06, 0.06, 0.03, 0.6])
    assert np.isnan(q[5])
    many = np.random.default_rng(3).random(400) ** 3
    assert (false_discovery(many) <= 0.05).sum() == (many <= esda.fdr(many, 0.05)).sum()


def test_a_larger_family_is_stricter() -> None:
    p = np.array([0.001, 0.02, np.nan])
    assert (false_discovery(p, family=30)[:2] > false_discovery(p)[:2]).all()
    with pytest.raises(ContractFault, match="family"):
        false_discovery(p, family=1)


def test_edges_make_neighbours_and_corners_do_not() -> None:
    found = by_shared_edge(squares(3))
    assert found.counts.tolist() == [2, 3, 2, 3, 4, 3, 2, 3, 2]
    assert found.of(4).tolist() == [1, 3, 5, 7]
    nothing = shapely.box(9, 9, 10, 10)
    assert by_shared_edge([*squares(2), nothing]).counts[-1] == 0


def test_a_lone_cell_borrows_its_nearest() -> None:
    points = [(0, 0), (10, 0), (500, 0)]
    assert by_distance(points, 20).counts.tolist() == [1, 1, 0]
    found = by_distance(points, 20, at_least=1)
    assert found.of(2).tolist() == [1]
    assert found.of(1).tolist() == [0, 2]


def test_groups_are_connected(lattice: Neighbours) -> None:
    chosen = np.zeros(lattice.n, dtype=bool)
    chosen[[0, 1, SIDE, 5, 100]] = True
    assert [group.tolist() for group in lattice.components(chosen)] == [[0, 1, SIDE], [5], [100]]


def test_nothing_to_compare_is_a_fault(lattice: Neighbours) -> None:
    with pytest.raises(ContractFault, match="same value"):
        getis_ord(np.ones(lattice.n), lattice)
    with pytest.raises(ContractFault, match="values for"):
        getis_ord(np.ones(3), lattice)
    with pytest.raises(ContractFault, match="random generator"):
        getis_ord(np.arange(lattice.n), lattice)


def test_excess_is_in_poisson_spreads() -> None:
    assert pearson_excess([14, 1, 0], [9, 0, 4]) == pytest.approx([5 / 3, 0.5 / np.sqrt(0.5), -2])
