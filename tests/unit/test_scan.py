"""The space-time scan: by hand on a small field, the same however it adds up, quiet under chance, loud on a cluster."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from gis.cylinders import Field, Zones, zones_around
from gis.errors import ContractFault
from gis.scan import WINDOWS_H, binned, scan, tail_p

SIDE, STEP_M = 20, 180.0
HOURS = np.diff((0, *WINDOWS_H)).astype(float)


@pytest.fixture(scope="module")
def zones() -> Zones:
    at = np.arange(SIDE) * STEP_M
    return zones_around(np.array([(x, y) for y in at for x in at]))


def flat() -> np.ndarray:
    return np.repeat(HOURS[None, :], SIDE * SIDE, axis=0)


def record(total: int, rng: np.random.Generator, extra: int = 0) -> np.ndarray:
    """Cases at random, and `extra` ones in cell 210 and its right neighbour within the last day."""
    share = (flat() / flat().sum()).ravel()
    counts = rng.multinomial(total, share).reshape(flat().shape)
    for _ in range(extra):
        counts[rng.choice([210, 211]), rng.integers(0, 9)] += 1
    return counts


def test_a_case_is_counted_by_its_age() -> None:
    counts = binned([0, 0, 1, 1], [0.5, 1.0, 167.9, 168.0], 2)
    assert counts.sum() == 3
    assert (counts[0, 0], counts[0, 1], counts[1, -1]) == (1, 1, 1)


def test_the_ratio_is_kulldorffs_by_hand() -> None:
    """Two cells far apart, one bin: 8 of 10 cases where 2 were expected."""
    zones = zones_around([(0, 0), (1000, 0)], radius_m=10)
    found = scan(np.array([[8], [2]]), [[2.0], [8.0]], zones, rng=np.random.default_rng(1), windows_h=(24,))
    assert len(found) == 1
    one = found[0]
    assert (one.cells, one.observed, one.hours) == ((0,), 8, 24)
    assert one.expected == pytest.approx(2.0)
    assert one.llr == pytest.approx(8 * np.log(8 / 2) + 2 * np.log(2 / 8))
    assert one.relative_risk == pytest.approx(4.0)
    assert one.recurrence_days == pytest.approx(1 / one.p)
    assert one.p == pytest.approx(poisson.sf(7, 2.0), rel=0.01)  # of the one cylinder that can have so many


@pytest.mark.parametrize("total", [40, 400, 4000])
def test_compiled_step_finds_the_largest_of_all_ratios(zones: Zones, total: int) -> None:
    expected = flat() / flat().sum() * total
    field = Field.of(expected, total, zones, 5)
    drawn = np.random.default_rng(total).integers(0, expected.size, total)
    counts = np.bincount(drawn, minlength=expected.size).reshape(expected.shape)
    assert field.peak(drawn) == pytest.approx(max(float(field.ratios(counts).max()), 3.0))


def test_bound_for_few_cases_holds(zones: Zones) -> None:
    """Twelve cases: most replicas have no five of them together, and the bound is above the share that has more."""
    expected = flat() / flat().sum() * 12
    field = Field.of(expected, 12, zones, 5)
    rng, share = np.random.default_rng(3), np.cumsum(expected.ravel()) / 12
    peaks = np.array([field.peak(np.searchsorted(share, rng.random(12) * share[-1])) for _ in range(4000)])
    assert (peaks <= 3.0).mean() > 0.1
    for value in (9.0, 11.0, 13.0):
        assert field.union_p(value) >= (peaks >= value).mean() - 0.002
    assert field.union_p(25.0) < 1e-5 < field.union_p(9.0)


def test_a_cluster_is_found_where_it_is(zones: Zones) -> None:
    rng = np.random.default_rng(8)
    found = scan(record(2000, rng, extra=25), flat(), zones, rng=rng)
    assert {210, 211} <= set(found[0].cells)
    assert found[0].hours <= 48
    assert found[0].p < 0.001
    assert found[0].observed > 3 * found[0].expected


def test_chance_gives_a_find_about_as_often_as_alpha_says(zones: Zones) -> None:
    rng = np.random.default_rng(9)
    finds = sum(bool(scan(record(300, rng), flat(), zones, rng=rng, alpha=0.1)) for _ in range(60))
    assert finds <= 13  # of 60 at 0.1: 6 expected, 14 or more once in 500


def test_no_cell_is_in_two_finds(zones: Zones) -> None:
    rng = np.random.default_rng(10)
    counts = record(2000, rng, extra=30)
    counts[20, 3] += 25
    found = scan(counts, flat(), zones, rng=rng)
    cells = [cell for one in found for cell in one.cells]
    assert len(found) >= 2
    assert len(cells) == len(set(cells))
    assert [one.llr for one in found] == sorted((one.llr for one in found), reverse=True)


def test_few_cases_are_no_cluster(zones: Zones) -> None:
    counts = np.zeros((SIDE * SIDE, len(WINDOWS_H)), dtype=np.int64)
    counts[5, 0] = 4
    assert scan(counts, flat(), zones, rng=np.random.default_rng(1)) == []


def test_tail_is_the_rank_inside_and_gumbels_beyond() -> None:
    peaks = np.random.default_rng(2).gumbel(8.0, 1.0, 5000)
    assert tail_p(9.0, peaks) == pytest.approx(((peaks >= 9.0).sum() + 1) / 5001)
    assert tail_p(22.0, peaks) == pytest.approx(np.exp(-14.0), rel=0.6)


def test_unequal_shapes_are_a_fault(zones: Zones) -> None:
    with pytest.raises(ContractFault, match="expectation"):
        scan(record(10, np.random.default_rng(1)), flat()[:3], zones, rng=np.random.default_rng(1))
    with pytest.raises(ContractFault, match="nothing is expected"):
        scan(record(10, np.random.default_rng(1)), flat() * 0, zones, rng=np.random.default_rng(1))
