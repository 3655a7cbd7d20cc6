"""Where the next ones go: sites that newly cover the most people, at once by greedy and swaps, then proven.

The first answer comes within milliseconds and is usually within a few hundredths of the best; the second comes from a
solver with its gap, and can be stopped at any time.

References
----------
.. [1] R. Church, C. ReVelle, The maximal covering location problem, Papers of the Regional Science
   Association 32, 1974.
.. [2] G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, An analysis of approximations for maximizing submodular set
   functions, Mathematical Programming 14, 1978.
.. [3] Q. Huangfu, J. A. J. Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation
   10, 2018 (HiGHS).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.balls import TimeMatrix
from gis.coverage import counts_of
from gis.errors import ContractFault, InputFault
from gis.siting_kernels import swap_sites, take_greedily

MOST_SWAPS = 200


@dataclass(frozen=True)
class SiteProblem:
    """Sites to choose from and who each would newly cover.

    Attributes
    ----------
    first : ndarray of int64, shape (sites + 1,)
        Where each site's row begins.
    column : ndarray of int32, shape (nnz,)
        Groups of homes that a site covers.
    weight : ndarray of float64, shape (groups,)
        People of each group; homes that the same sites cover are one group.
    group : ndarray of int32, shape (homes,)
        Group of each home, -1 for those covered already or by no site.
    cost : ndarray of float64, shape (sites,)
        Of each site, 1 unless told.
    most, budget : int, float
        Limits to the number of new sites and to their cost.
    must : ndarray of bool, shape (sites,)
        Sites that are chosen in any case.
    """

    first: NDArray[np.int64]
    column: NDArray[np.int32]
    weight: NDArray[np.float64]
    group: NDArray[np.int32]
    cost: NDArray[np.float64]
    most: int
    budget: float
    must: NDArray[np.bool_]

    @property
    def n_sites(self) -> int:
        """How many sites there are to choose from."""
        return len(self.first) - 1


@dataclass(frozen=True)
class SitePlan:
    """Chosen sites.

    Attributes
    ----------
    sites : ndarray of int64
        Positions among the candidates, ascending.
    people : float
        Newly covered.
    alone : ndarray of float64
        People of each chosen site that no other chosen site covers.
    bound : float
        No choice covers more; infinite while nothing is known.
    method : str
        `greedy` (with swaps) or `optimum`.
    proven : bool
        Whether the choice is the best there is.
    stopped : bool
        Whether the solver was stopped before the end.
    """

    sites: NDArray[np.int64]
    people: float
    alone: NDArray[np.float64]
    bound: float
    method: str
    proven: bool = False
    stopped: bool = False

    @property
    def gap(self) -> float:
        """How much more might be possible, as a share of the bound (0 to 1)."""
        return 0.0 if self.bound <= 0 else max(0.0, 1.0 - self.people / self.bound)


def site_problem(
    matrix: TimeMatrix,
    people: ArrayLike,
    covered: ArrayLike,
    *,
    limit_s: float,
    most: int,
    cost: ArrayLike | None = None,
    budget: float = np.inf,
    must: Collection[int] = (),
) -> SiteProblem:
    """Return the problem of covering the most people who are not covered yet.

    Parameters
    ----------
    matrix : TimeMatrix
        Rows are candidate sites, columns homes.
    people : array_like, shape (columns,)
        At each home; older people instead make a plan for them.
    covered : array_like of bool, shape (columns,)
        Homes within the limit of a facility that is there.
    limit_s : float
        Seconds of walking that count as covered.
    most : int
        New sites at most, those that must be among them.
    cost : array_like, shape (rows,), optional
        Of each site, not negative; 1 by default.
    budget : float
        For all new sites together.
    must : collection of int
        Sites that are chosen in any case.

    Raises
    ------
    ContractFault
        When lengths differ.
    InputFault
        When numbers are negative, nobody lives there, no site is given, or what must be chosen exceeds the limits.
    """
    counts, done = counts_of(people, "people"), np.asarray(covered, dtype=bool)
    costs = np.ones(matrix.n_rows) if cost is None else counts_of(cost, "cost")
    if len(counts) != matrix.n_columns or len(done) != matrix.n_columns or len(costs) != matrix.n_rows:
        raise ContractFault(f"people, covered and cost do not fit {matrix.n_columns} homes and {matrix.n_rows} sites")
    if matrix.n_rows == 0:
        raise InputFault("there is no site to choose from")
    if counts.sum() <= 0:
        raise InputFault("nobody lives at these homes: there is no one to cover")
    fixed = np.zeros(matrix.n_rows, dtype=bool)
    strange = [site for site in must if not 0 <= site < matrix.n_rows]
    if strange:
        raise InputFault(f"site {strange[0]} must be chosen, but there are {matrix.n_rows} sites")
    fixed[list(must)] = True
    if most < 1 or fixed.sum() > most or costs[fixed].sum() > budget:
        raise InputFault("the number of sites or the budget is too small for what must be chosen")
    near = (matrix.ds <= limit_s * 10) & ~done[matrix.column] & (counts[matrix.column] > 0)
    site, home = matrix.row[near], matrix.column[near]
    group = _same_sites(site, home, matrix.n_columns)
    n_groups = int(group.max()) + 1
    weight = np.bincount(group[group >= 0], weights=counts[group >= 0], minlength=n_groups).astype(float)
    # One entry per site and group: the first home of a group speaks for all of it.
    speaker = np.full(n_groups, -1, dtype=np.int64)
    known = np.flatnonzero(group >= 0)[::-1]
    speaker[group[known]] = known
    kept = speaker[group[home]] == home
    site, column = site[kept], group[home[kept]].astype(np.int32)
    first = np.zeros(matrix.n_rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(site, minlength=matrix.n_rows), out=first[1:])
    return SiteProblem(first, column, weight, group, costs, int(most), float(budget), fixed)


def choose_sites(problem: SiteProblem) -> SitePlan:
    """Return a choice at once: the better of two greedy runs (by gain, by gain per cost), each improved by swaps."""
    runs = (False, True) if np.isfinite(problem.budget) and np.ptp(problem.cost) > 0 else (False,)
    plans = []
    for per_cost in runs:
        chosen = problem.must.copy()
        hits = hits_of(problem, chosen)
        parts = (problem.first, problem.column, problem.weight, problem.cost, problem.budget)
        take_greedily(*parts, problem.most, per_cost, chosen, hits)
        swap_sites(*parts, problem.must, MOST_SWAPS, chosen, hits)
        take_greedily(*parts, problem.most, per_cost, chosen, hits)
        plans.append(plan_of(problem, chosen, np.inf, "greedy"))
    return max(plans, key=lambda plan: plan.people)


def hits_of(problem: SiteProblem, chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return how many chosen sites cover each group."""
    by_site = np.repeat(chosen, np.diff(problem.first))
    return np.bincount(problem.column[by_site], minlength=len(problem.weight)).astype(np.int32)


def plan_of(
    problem: SiteProblem, chosen: NDArray[np.bool_], bound: float, method: str, *, proven: bool = False,
    stopped: bool = False,
) -> SitePlan:  # fmt: skip
    """Return a choice with what it covers, counted anew from the problem."""
    hits = hits_of(problem, chosen)
    people = float(problem.weight[hits > 0].sum())
    sites = np.flatnonzero(chosen)
    alone = []
    for site in sites:
        groups = problem.column[problem.first[site] : problem.first[site + 1]]
        alone.append(float(problem.weight[groups[hits[groups] == 1]].sum()))
    return SitePlan(sites, people, np.array(alone), bound, method, proven, stopped)


def several_kinds(matrices: Mapping[str, TimeMatrix]) -> TimeMatrix:
    """Return one matrix for sites of several kinds under one limit: rows and columns of the kinds follow each other.

    People and covered homes are concatenated in the same order; whoever lacks two kinds counts twice.
    """
    firsts, columns, times = [np.zeros(1, dtype=np.int64)], [], []
    n_entries, n_columns, limit_ds = 0, 0, 0
    for matrix in matrices.values():
        firsts.append(matrix.first[1:] + n_entries)
        columns.append(matrix.column + np.int32(n_columns))
        times.append(matrix.ds)
        n_entries, n_columns = n_entries + len(matrix.ds), n_columns + matrix.n_columns
        limit_ds = max(limit_ds, matrix.limit_ds)
    return TimeMatrix(np.concatenate(firsts), np.concatenate(columns), np.concatenate(times), n_columns, limit_ds)


def _same_sites(site: NDArray[np.int32], home: NDArray[np.int32], n_homes: int) -> NDArray[np.int32]:
    """Return a group number per home, equal for homes that exactly the same sites cover; -1 for homes without a site.

    Sets are compared by two independent 64-bit sums of mixed site numbers.
    """
    sums = []
    for salt in (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03):
        total = np.zeros(n_homes, dtype=np.uint64)
        np.add.at(total, home, _mixed(site.astype(np.uint64) + np.uint64(salt)))
        sums.append(total)
    count = np.bincount(home, minlength=n_homes)
    has = np.flatnonzero(count > 0)
    group = np.full(n_homes, -1, dtype=np.int32)
    if len(has) == 0:
        raise InputFault("no site covers anybody who is not covered already")
    order = np.lexsort((sums[1][has], sums[0][has]))
    kept = has[order]
    new = np.ones(len(kept), dtype=bool)
    new[1:] = (np.diff(sums[0][kept]) != 0) | (np.diff(sums[1][kept]) != 0)
    group[kept] = np.cumsum(new) - 1
    return group


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well-mixed 64-bit numbers (the finaliser of SplitMix64)."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
