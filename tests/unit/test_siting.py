"""Where next: against every choice tried by hand, with budgets, must-have sites, fairness, and a stop at any time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.balls import TimeMatrix
from gis.errors import ContractFault, InputFault
from gis.siting import SiteProblem, choose_sites, several_kinds, site_problem
from gis.siting_proof import fairest_sites, prove_sites

SEEDS = st.integers(0, 2**32 - 1)


def _matrix(near: np.ndarray) -> TimeMatrix:
    first = np.concatenate([[0], near.sum(axis=1).cumsum()])
    column = np.nonzero(near)[1].astype(np.int32)
    return TimeMatrix(first, column, np.full(len(column), 3000, np.uint16), near.shape[1], 9000)


def _tried(near: np.ndarray, people: np.ndarray, covered: np.ndarray, problem: SiteProblem) -> float:
    best = 0.0
    for size in range(1, problem.most + 1):
        for choice in itertools.combinations(range(len(near)), size):
            rows = list(choice)
            if problem.cost[rows].sum() <= problem.budget and set(np.flatnonzero(problem.must)) <= set(choice):
                best = max(best, float(people[near[rows].any(axis=0) & ~covered].sum()))
    return best


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_optimum_is_the_best_of_all_choices_and_greedy_no_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    near = rng.random((8, 20)) < 0.25
    near[:, 0] = True
    people, covered = rng.integers(0, 50, 20), rng.random(20) < 0.2
    people[0], covered[0] = 9, False
    options = {"most": int(rng.integers(1, 4))}
    if rng.random() < 0.5:
        options |= {"cost": rng.integers(1, 5, 8), "budget": float(rng.integers(5, 9)), "must": [2]}
    problem = site_problem(_matrix(near), people, covered, limit_s=300, **options)
    best = _tried(near, people, covered, problem)
    quick, proven = choose_sites(problem), prove_sites(problem)
    assert proven.proven and proven.people == best and proven.gap < 1e-6
    assert best * (1 - 1 / np.e) - 1e-9 <= quick.people <= best or ("cost" in options and quick.people <= best)
    for plan in (quick, proven):
        assert len(plan.sites) <= problem.most and problem.cost[plan.sites].sum() <= problem.budget
        assert set(np.flatnonzero(problem.must)) <= set(plan.sites.tolist())
        assert plan.people == people[near[plan.sites].any(axis=0) & ~covered].sum()
        assert (plan.alone >= 0).all() and plan.alone.sum() <= plan.people


def test_homes_that_the_same_sites_cover_are_one_group() -> None:
    near = np.array([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]], dtype=bool)
    problem = site_problem(_matrix(near), [1, 2, 4, 8, 0], [False] * 5, limit_s=300, most=1)
    assert sorted(problem.weight.tolist()) == [3, 4, 8] and len(problem.column) == 4
    assert problem.group.tolist()[0] == problem.group.tolist()[1] and problem.group[4] == -1
    assert choose_sites(problem).sites.tolist() == [1]


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_the_fairest_choice_lifts_the_worst_street_most(seed: int) -> None:
    rng = np.random.default_rng(seed)
    near = rng.random((7, 24)) < 0.3
    near[0, 0] = True
    people, covered, street = rng.integers(1, 50, 24), rng.random(24) < 0.3, np.repeat(["a", "b", "c"], 8)
    covered[0] = False
    problem = site_problem(_matrix(near), people, covered, limit_s=300, most=2)
    plan, share = fairest_sites(problem, street, people, covered)

    def worst(rows: list[int]) -> float:
        now = covered | near[rows].any(axis=0)
        return min(people[now & (street == name)].sum() / people[street == name].sum() for name in "abc")

    assert plan.proven and share == pytest.approx(worst(plan.sites.tolist()))
    assert share == pytest.approx(max(worst(list(pair)) for pair in itertools.combinations(range(7), 2)), abs=1e-6)


def test_a_stopped_solver_returns_what_it_has_and_progress_is_told() -> None:
    rng = np.random.default_rng(7)
    near = rng.random((60, 300)) < 0.06
    problem = site_problem(_matrix(near), rng.integers(1, 90, 300), np.zeros(300, bool), limit_s=300, most=6)
    quick = choose_sites(problem)
    stopped = prove_sites(problem, stop=lambda: True)
    assert stopped.stopped and not stopped.proven and stopped.people >= quick.people
    told: list[tuple[float, float, float]] = []
    whole = prove_sites(problem, progress=lambda *now: told.append(now))
    assert whole.proven and told and told[-1][1] <= whole.people + 1e-6 <= told[-1][2] + 1e-3
    assert quick.people / whole.people >= 0.95


def test_sites_of_two_kinds_share_one_limit() -> None:
    clinics, markets = np.array([[1, 0, 0], [0, 1, 0]], bool), np.array([[1, 1, 1]], bool)
    both = several_kinds({"clinic": _matrix(clinics), "market": _matrix(markets)})
    people = [5, 6, 7]
    problem = site_problem(both, people * 2, [False] * 6, limit_s=300, most=2)
    plan = choose_sites(problem)
    assert plan.sites.tolist() == [1, 2] and plan.people == 6 + 18


def test_bad_questions_are_refused_in_one_line() -> None:
    near = np.array([[1, 0], [0, 1]], bool)
    matrix = _matrix(near)
    with pytest.raises(InputFault, match="nobody lives"):
        site_problem(matrix, [0, 0], [False] * 2, limit_s=300, most=1)
    with pytest.raises(InputFault, match="no site covers anybody"):
        site_problem(matrix, [1, 1], [True] * 2, limit_s=300, most=1)
    with pytest.raises(InputFault, match="too small for what must be chosen"):
        site_problem(matrix, [1, 1], [False] * 2, limit_s=300, most=1, must=[0, 1])
    with pytest.raises(InputFault, match="site 9 must be chosen"):
        site_problem(matrix, [1, 1], [False] * 2, limit_s=300, most=1, must=[9])
    with pytest.raises(InputFault, match="people is negative"):
        site_problem(matrix, [-1, 1], [False] * 2, limit_s=300, most=1)
    with pytest.raises(ContractFault, match="do not fit 2 homes and 2 sites"):
        site_problem(matrix, [1, 1, 1], [False] * 2, limit_s=300, most=1)
