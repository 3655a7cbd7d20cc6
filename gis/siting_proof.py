"""The best choice of sites, proven by an integer programme: the one that covers most people, or the fairest.

The solver is HiGHS. It starts from the greedy choice, tells its progress, and stops when asked; what it has then is
returned with the bound that it has proven.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputFault
from gis.siting import SitePlan, SiteProblem, choose_sites, plan_of

Progress = Callable[[float, float, float], None]
"""Called with seconds, people covered by the best choice so far, and the bound."""


def prove_sites(
    problem: SiteProblem,
    *,
    start: SitePlan | None = None,
    limit_s: float = 30.0,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> SitePlan:
    """Return the choice that newly covers the most people, with its bound.

    Parameters
    ----------
    problem : SiteProblem
        What to choose from.
    start : SitePlan, optional
        A choice to begin with; the greedy one by default.
    limit_s : float
        Seconds for the solver.
    progress : callable, optional
        Told how far it is.
    stop : callable, optional
        Asked often; True stops the solver.

    Returns
    -------
    SitePlan
        `proven` when the gap is closed; never worse than the start.
    """
    begin = start or choose_sites(problem)
    n, groups = problem.n_sites, len(problem.weight)
    by_group = np.argsort(problem.column, kind="stable")
    site = np.repeat(np.arange(n), np.diff(problem.first))[by_group]
    size = np.bincount(problem.column, minlength=groups)
    rows = _Rows()
    # y_group - sum of its sites <= 0; each row holds its group's variable last.
    ends = np.cumsum(size)
    index = np.insert(site, ends, n + np.arange(groups))
    value = np.insert(np.full(len(site), -1.0), ends, 1.0)
    rows.add_many(size + 1, index, value, -np.inf, 0.0)
    rows.add(np.arange(n), np.ones(n), -np.inf, float(problem.most))
    if np.isfinite(problem.budget):
        rows.add(np.arange(n), problem.cost, -np.inf, problem.budget)
    lower = np.concatenate([problem.must.astype(float), np.zeros(groups)])
    objective = np.concatenate([np.zeros(n), problem.weight])
    solver = _solver(objective, lower, np.ones(n + groups), rows, n, limit_s)
    chosen = np.zeros(n, dtype=bool)
    chosen[begin.sites] = True
    hit = np.zeros(groups, dtype=bool)
    hit[problem.column[np.repeat(chosen, np.diff(problem.first))]] = True
    found, bound, proven, stopped = _run(solver, np.concatenate([chosen, hit]).astype(float), progress, stop)
    best = chosen if found is None else found[:n] > 0.5
    plan = plan_of(problem, best, bound, "optimum", proven=proven, stopped=stopped)
    if plan.people < begin.people - 1e-6:
        plan = plan_of(problem, chosen, bound, "optimum", proven=False, stopped=stopped)
    return plan


def fairest_sites(
    problem: SiteProblem,
    area: ArrayLike,
    people: ArrayLike,
    covered: ArrayLike,
    *,
    limit_s: float = 30.0,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[SitePlan, float]:
    """Return the choice that lifts the share of the worst-covered area most, and that share (0 to 1).

    Parameters
    ----------
    problem : SiteProblem
        What to choose from.
    area : array_like of str, shape (homes,)
        Street (or any area) of each home.
    people, covered : array_like, shape (homes,)
        As given to `site_problem`.
    """
    counts, done = np.asarray(people, dtype=float), np.asarray(covered, dtype=bool)
    names, place = np.unique(np.asarray(area, dtype=str), return_inverse=True)
    total = np.bincount(place, weights=counts, minlength=len(names))
    already = np.bincount(place, weights=counts * done, minlength=len(names))
    home = np.flatnonzero((problem.group >= 0) & (counts > 0))
    n, groups = problem.n_sites, len(problem.weight)
    by_group = np.argsort(problem.column, kind="stable")
    site = np.repeat(np.arange(n), np.diff(problem.first))[by_group]
    size = np.bincount(problem.column, minlength=groups)
    rows, ends = _Rows(), np.cumsum(size)
    rows.add_many(
        size + 1, np.insert(site, ends, n + np.arange(groups)),
        np.insert(np.full(len(site), -1.0), ends, 1.0), -np.inf, 0.0,
    )  # fmt: skip
    rows.add(np.arange(n), np.ones(n), -np.inf, float(problem.most))
    if np.isfinite(problem.budget):
        rows.add(np.arange(n), problem.cost, -np.inf, problem.budget)
    share = n + groups
    for number in np.flatnonzero(total > 0):
        mine = home[place[home] == number]
        weight = np.bincount(problem.group[mine], weights=counts[mine], minlength=groups)
        used = np.flatnonzero(weight)
        rows.add(np.append(n + used, share), np.append(weight[used], -total[number]), -already[number], np.inf)
    # Of equally fair choices the one that covers more people: a tiny weight beside the share.
    objective = np.concatenate([np.zeros(n), problem.weight * 1e-3 / max(problem.weight.sum(), 1.0), [1.0]])
    lower = np.concatenate([problem.must.astype(float), np.zeros(groups + 1)])
    solver = _solver(objective, lower, np.ones(n + groups + 1), rows, n, limit_s)
    found, _, proven, stopped = _run(solver, None, progress, stop)
    if found is None:
        plan = choose_sites(problem)
    else:
        plan = plan_of(problem, found[:n] > 0.5, np.inf, "optimum", proven=proven, stopped=stopped)
    reached = np.zeros(groups, dtype=bool)
    for one in plan.sites:
        reached[problem.column[problem.first[one] : problem.first[one + 1]]] = True
    newly = (problem.group >= 0) & reached[np.maximum(problem.group, 0)]
    now = np.bincount(place, weights=counts * (done | newly), minlength=len(names))
    return plan, float((now[total > 0] / total[total > 0]).min())


class _Rows:
    """Rows of a linear programme that grow."""

    def __init__(self) -> None:
        self.sizes: list[NDArray[Any]] = []
        self.index: list[NDArray[Any]] = []
        self.value: list[NDArray[Any]] = []
        self.lower: list[NDArray[Any]] = []
        self.upper: list[NDArray[Any]] = []

    def add(self, index: NDArray[Any], value: NDArray[Any], lower: float, upper: float) -> None:
        self.add_many(np.array([len(index)]), index, value, lower, upper)

    def add_many(
        self, sizes: NDArray[Any], index: NDArray[Any], value: NDArray[Any], lower: float, upper: float
    ) -> None:
        self.sizes.append(sizes)
        self.index.append(index)
        self.value.append(value)
        self.lower.append(np.full(len(sizes), lower))
        self.upper.append(np.full(len(sizes), upper))


def _solver(
    objective: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64], rows: _Rows, n_whole: int,
    limit_s: float,
) -> highspy.Highs:  # fmt: skip
    """Return a solver that maximises; the first `n_whole` variables are whole numbers."""
    sizes = np.concatenate(rows.sizes)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(objective), len(sizes)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_ = objective, lower, upper
    model.row_lower_, model.row_upper_ = np.concatenate(rows.lower), np.concatenate(rows.upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    model.a_matrix_.index_ = np.concatenate(rows.index).astype(np.int32)
    model.a_matrix_.value_ = np.concatenate(rows.value).astype(float)
    whole, any_ = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * n_whole + [any_] * (len(objective) - n_whole)
    solver = highspy.Highs()
    for option, setting in (
        ("output_flag", False), ("threads", 1), ("time_limit", float(limit_s)), ("mip_rel_gap", 1e-9),
        ("mip_abs_gap", 1e-6),
    ):  # fmt: skip
        solver.setOptionValue(option, setting)
    if solver.passModel(model) == highspy.HighsStatus.kError:
        raise InputFault("the choice of sites can not be put as a programme: numbers are too large")
    return solver


def _run(
    solver: highspy.Highs, start: NDArray[np.float64] | None, progress: Progress | None, stop: Callable[[], bool] | None
) -> tuple[NDArray[np.float64] | None, float, bool, bool]:
    """Solve; return the variables (None when there is no choice yet), the bound, whether proven, whether stopped."""
    stopped = False
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)

    def look(event: Any) -> None:
        nonlocal stopped
        if stop is not None and stop():
            stopped = True
            event.interrupt()

    def tell(event: Any) -> None:
        out = event.data_out
        if progress is not None:
            progress(out.running_time, out.mip_primal_bound, out.mip_dual_bound)

    solver.cbMipInterrupt.subscribe(look)
    solver.cbSimplexInterrupt.subscribe(look)
    solver.cbMipLogging.subscribe(tell)
    solver.cbMipImprovingSolution.subscribe(tell)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    values = np.array(solver.getSolution().col_value)
    has = info.primal_solution_status == 2 and len(values) > 0
    proven = status == highspy.HighsModelStatus.kOptimal
    return values if has else None, float(info.mip_dual_bound), proven, stopped
