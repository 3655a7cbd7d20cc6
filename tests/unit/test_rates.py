"""Smoothed rates equal Marshall's estimator as esda computes it, and keep to what shrinking means."""

from __future__ import annotations

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given
from hypothesis import strategies as st

from gis.rates import deviates, smoothed, unless_small

CASES = np.array([3, 5, 0, 10, 40, 1])
BASE = np.array([100, 500, 50, 300, 700, 2_000])
AREAS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5_000)), min_size=2, max_size=40)


def test_a_worked_example_equals_esda() -> None:
    assert smoothed(CASES, BASE) == pytest.approx(Empirical_Bayes(CASES, BASE).r.ravel(), rel=1e-10)


@given(AREAS)
def test_a_smoothed_rate_lies_between_its_own_and_that_of_all(areas: list[tuple[int, int]]) -> None:
    y, n = np.array(areas, dtype=float).T
    told, mean = smoothed(y, n), y.sum() / n.sum()
    low, high = np.minimum(y / n, mean), np.maximum(y / n, mean)
    assert (told >= low - 1e-12).all() and (told <= high + 1e-12).all()


def test_one_lucky_case_does_not_top_the_list() -> None:
    told = smoothed([1, 60, 50, 90], [10, 2_000, 2_500, 2_400])
    assert told.argmax() == 3


def test_without_residents_there_is_no_rate() -> None:
    assert np.isnan(smoothed([2, 3], [0, 100])[0]) and np.isnan(smoothed([2, 3], [np.nan, 100])[0])


def test_deviates_are_those_of_chance_alone() -> None:
    rng = np.random.default_rng(5)
    told = deviates(rng.poisson(9.0, 20_000), np.full(20_000, 9.0))
    assert abs(told.mean()) < 0.05 and told.std() == pytest.approx(1.0, abs=0.05)
    assert deviates([20], [9.0])[0] > 2


def test_what_rests_on_few_cases_is_left_out() -> None:
    assert np.isnan(unless_small([0.5, 0.5], [4, 5])).tolist() == [True, False]
