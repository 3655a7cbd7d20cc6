"""Where cases pile up beyond chance: Getis-Ord Gi* and local Moran, conditional permutations, false-discovery rate.

References
----------
Getis, Ord (1992), The analysis of spatial association by use of distance statistics. Geographical Analysis 24(3).
Ord, Getis (1995), Local spatial autocorrelation statistics. Geographical Analysis 27(4).
Anselin (1995), Local indicators of spatial association - LISA. Geographical Analysis 27(2).
Sokal, Oden, Thomson (1998), Local spatial autocorrelation in a biological model. Geographical Analysis 30(4).
Phipson, Smyth (2010), Permutation p-values should never be zero. Stat. Appl. Genet. Mol. Biol. 9(1).
Benjamini, Hochberg (1995), Controlling the false discovery rate. J. R. Statist. Soc. B 57(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from gis.errors import ContractFault
from gis.neighbours import Neighbours

LEAST_CASES = 5
"""Cells with fewer cases are not tested, and named so."""

ALPHA = 0.05
"""Share of false finds that is accepted among all finds."""

PERMUTATIONS = 9_999
"""With 1,623 cells a find must reach p below about 0.0005; 999 permutations could not tell it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Local:
    """A local statistic of every cell; all arrays are (n,).

    Attributes
    ----------
    value, expected, variance, z : the statistic, and its moments under the null that values are placed at random.
    p_norm : one-sided, of |z| under the normal approximation.
    greater, lesser : pseudo p-values: how rarely chance gives so much, or so little. Together 1 + 1/(R + 1) without
        ties, more with them. Nan without permutations.
    """

    value: Floats
    expected: Floats
    variance: Floats
    z: Floats
    p_norm: Floats
    greater: Floats
    lesser: Floats

    @property
    def two_sided(self) -> Floats:
        """Return the p-value that is taken when either direction would be told."""
        return np.minimum(1.0, 2.0 * np.minimum(self.greater, self.lesser))


def draw_ids(n: int, most: int, permutations: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `permutations` rows of `most` different positions out of n - 1, each ordered choice equally likely.

    Rows with a repeated position are drawn again, which leaves the choice uniform and is quick while most << n.
    """
    if most > n - 1:
        raise ContractFault(f"{most} neighbours out of {n - 1} other cells")
    if most * most > n:
        return np.argsort(rng.random((permutations, n - 1)), axis=1)[:, :most].astype(np.int64)
    rows = rng.integers(0, n - 1, size=(permutations, most))
    wrong = np.arange(permutations)
    while len(wrong):
        ordered = np.sort(rows[wrong], axis=1)
        wrong = wrong[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        rows[wrong] = rng.integers(0, n - 1, size=(len(wrong), most))
    return rows


def neighbour_ranks(
    values: Floats, neighbours: Neighbours, ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count in how many conditional permutations the sum of a cell's neighbours is at least, and at most, the real one.

    The value of the cell itself stays; its neighbours' places are filled from all other cells. A row of `ids` names
    positions out of n - 1; the others of cell i are those with position i read as n - 1. So the sums of a row are the
    same for every cell but where the row holds i itself, and one sorted list per number of neighbours serves all
    cells: n look-ups and about R * most corrections instead of n * R sums.

    Parameters
    ----------
    values : (n,).
    ids : (R, most) as `draw_ids` makes them.

    Returns
    -------
    tuple of arrays
        (n,) counts of at least, (n,) counts of at most.
    """
    n, counts = neighbours.n, neighbours.counts
    observed = neighbours.sums(values)
    slack = 1e-12 * max(1.0, float(np.abs(values).sum()))
    at_least, at_most = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    sums = np.cumsum(values[ids], axis=1)
    correction = values[n - 1] - values
    for k in np.unique(counts):
        who = np.flatnonzero(counts == k)
        if k == 0:
            at_least[who] = at_most[who] = len(ids)
            continue
        column = sums[:, k - 1]
        ordered = np.sort(column)
        low, high = observed[who] - slack, observed[who] + slack
        at_least[who] = len(ids) - np.searchsorted(ordered, low, side="left")
        at_most[who] = np.searchsorted(ordered, high, side="right")
        named = ids[:, :k].ravel()
        mine = counts[named] == k
        row, cell = np.repeat(np.arange(len(ids)), k)[mine], named[mine]
        before, after = column[row], column[row] + correction[cell]
        for target, was, now in (
            (at_least, before >= observed[cell] - slack, after >= observed[cell] - slack),
            (at_most, before <= observed[cell] + slack, after <= observed[cell] + slack),
        ):
            np.add.at(target, cell, now.astype(np.int64) - was.astype(np.int64))
    return at_least, at_most


def getis_ord(
    values: ArrayLike, neighbours: Neighbours, *, permutations: int = PERMUTATIONS,
    rng: np.random.Generator | None = None, ids: NDArray[np.int64] | None = None,
) -> Local:  # fmt: skip
    """Return Gi* of every cell: the share of all that lies in a cell and its neighbours; weights are 0 and 1.

    Parameters
    ----------
    values
        (n,) counts, rates or excesses.
    permutations
        0 for the analytical p only.
    rng
        Needed for permutations unless `ids` are given.

    Raises
    ------
    ContractFault
        When lengths differ or all values are equal.
    """
    y = _values(values, neighbours)
    n, total = len(y), float(y.sum())
    inside = neighbours.counts + 1.0
    own = neighbours.sums(y) + y
    mean = total / n
    variance = float((y * y).mean()) - mean * mean
    spread = np.sqrt(variance * inside * (n - inside) / (n - 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (own - mean * inside) / spread
        scale = total if total != 0 else np.nan
        value, expected, var = own / scale, inside / n, (spread / scale) ** 2
    greater, lesser = _pseudo(y, neighbours, permutations, rng, ids)
    return Local(value, expected, var, z, ndtr(-np.abs(z)), greater, lesser)


def local_moran(
    values: ArrayLike, neighbours: Neighbours, *, permutations: int = PERMUTATIONS,
    rng: np.random.Generator | None = None, ids: NDArray[np.int64] | None = None,
) -> Local:  # fmt: skip
    """Return local Moran's I of every cell with row-standardised weights, and its conditional moments (Sokal A7, A8).

    `greater` tells of a cell like its neighbours (high among high, low among low), `lesser` of one unlike them.
    Parameters and faults as `getis_ord`.
    """
    y = _values(values, neighbours)
    n, counts = len(y), neighbours.counts.astype(np.float64)
    z = (y - y.mean()) / y.std()
    lag = np.divide(neighbours.sums(z), counts, out=np.zeros(n), where=counts > 0)
    value = (n - 1) * z * lag / n
    has = (counts > 0).astype(np.float64)
    squares = np.divide(1.0, counts, out=np.zeros(n), where=counts > 0)
    expected = -(z**2) * has / (n - 1)
    variance = z**2 * n / (n - 2) * (squares - has / (n - 1)) * (1 - z**2 / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (value - expected) / np.sqrt(variance)
    more, less = _pseudo(y, neighbours, permutations, rng, ids)
    greater = np.where(z > 0, more, np.where(z < 0, less, 1.0))
    lesser = np.where(z > 0, less, np.where(z < 0, more, 1.0))
    return Local(value, expected, variance, score, ndtr(-np.abs(score)), greater, lesser)


def false_discovery(p: ArrayLike, *, family: int | None = None) -> Floats:
    """Return Benjamini and Hochberg's q: the smallest false-discovery share at which each would be told.

    Parameters
    ----------
    p
        (m,), NaN for what was not tested.
    family
        How many hypotheses there were; the number given unless told. A family larger than what was tested counts the
        rest as p = 1: right when the cases themselves decide which cells are tested.

    Raises
    ------
    ContractFault
        When the family is smaller than what was tested.
    """
    values = np.asarray(p, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(values))
    m = len(values) if family is None else family
    if m < len(tested):
        raise ContractFault(f"{len(tested)} tests in a family of {m}")
    q = np.full(len(values), np.nan)
    if len(tested):
        order = tested[np.argsort(values[tested], kind="stable")]
        steps = values[order] * m / np.arange(1, len(order) + 1)
        q[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    return q


def pearson_excess(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Return (observed - expected) / sqrt(expected): what a count has too much, in its own Poisson spread.

    An expectation below half a case counts as half a case, so that one case in an empty cell is no sensation.
    """
    floor = np.maximum(np.asarray(expected, dtype=np.float64), 0.5)
    return (np.asarray(observed, dtype=np.float64) - floor) / np.sqrt(floor)


def _values(values: ArrayLike, neighbours: Neighbours) -> Floats:
    y = np.asarray(values, dtype=np.float64)
    if y.shape != (neighbours.n,):
        raise ContractFault(f"{y.size} values for {neighbours.n} cells")
    if not np.isfinite(y).all():
        raise ContractFault("a value is missing or not a number")
    if len(y) < 3 or y.std() == 0:
        raise ContractFault("all cells have the same value: nothing to compare")
    return y


def _pseudo(
    y: Floats, neighbours: Neighbours, permutations: int, rng: np.random.Generator | None,
    ids: NDArray[np.int64] | None,
) -> tuple[Floats, Floats]:  # fmt: skip
    most = int(neighbours.counts.max(initial=0))
    if ids is None and (not permutations or not most):
        nothing = np.full(len(y), np.nan)
        return nothing, nothing
    if ids is None:
        if rng is None:
            raise ContractFault("permutations need a random generator")
        ids = draw_ids(len(y), most, permutations, rng)
    more, less = neighbour_ranks(y, neighbours, ids)
    drawn = len(ids) + 1.0
    return (more.astype(np.float64) + 1.0) / drawn, (less.astype(np.float64) + 1.0) / drawn
