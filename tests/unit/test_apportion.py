"""Sharing a whole number out exactly."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.apportion import apportion
from gis.errors import InputFault


def test_shares_follow_the_weights():
    # Sainte-Lague on 53 : 24 : 23 with seven seats, a textbook case.
    assert apportion([53, 24, 23], 7, least=0).tolist() == [3, 2, 2]


def test_everyone_gets_the_least_first():
    assert apportion([1000, 1, 0], 5).tolist() == [3, 1, 1]


def test_nobody_gets_more_than_the_most():
    assert apportion([1000, 1, 1], 9, most=4).tolist() == [4, 3, 2]


@pytest.mark.parametrize(("total", "most"), [(2, None), (10, 3)])
def test_impossible_totals_are_refused(total, most):
    with pytest.raises(InputFault):
        apportion([1, 1, 1], total, most=most)


@pytest.mark.parametrize("weights", [[], [-1.0, 2.0], [float("nan")]])
def test_bad_weights_are_refused(weights):
    with pytest.raises(InputFault, match="weights"):
        apportion(weights, 5)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.integers(0, 500))
def test_total_is_exact_and_larger_weight_never_gets_less(weights, extra):
    total = len(weights) + extra
    shares = apportion(weights, total)
    assert shares.sum() == total and shares.min() >= 1
    order = np.argsort(weights, kind="stable")
    for small, large in itertools.pairwise(order):
        assert weights[small] == weights[large] or shares[small] <= shares[large]
