"""Classes of a measure for a coloured map."""

import itertools

import mapclassify
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.classify import NO_DATA, classify, natural_breaks

NUMBERS = st.lists(st.one_of(st.integers(0, 5000).map(float), st.just(float("nan"))), max_size=200)


def test_zero_missing_and_little_are_three_different_statements():
    values = [0, 0, 1, 2, 9, 30, 55, np.nan]
    labels = classify(values).label(values)
    assert labels[-1] == NO_DATA
    assert labels[0] == labels[1] == 0 and labels[2] > 0


def test_five_classes_of_a_count_that_is_many_zeros_and_a_few_large():
    values = np.random.default_rng(7).negative_binomial(1, 0.2, 1623)
    classes = classify(values)
    assert len(classes) == 5
    assert classes.upper[0] == 0 and classes.upper[-1] == values.max()
    assert all(size > 0 for size in list(classes.counts(values).values())[1:])


@pytest.mark.parametrize(
    ("values", "upper"), [([0, 0, 0], (0.0,)), ([7] * 9, (7.0,)), ([0, 3], (0.0, 3.0)), ([], ()), ([np.nan], ())]
)
def test_few_distinct_numbers_make_as_many_classes(values, upper):
    assert classify(values).upper == upper


def test_ranges_of_counts_do_not_touch():
    ranges = classify([0, 1, 2, 3, 8, 9, 15, 40, 41]).ranges()
    assert ranges[0] == (0, 0)
    assert all(low == before + 1 for (_, before), (low, _) in itertools.pairwise(ranges))


def test_breaks_are_readable_numbers():
    values = np.random.default_rng(3).integers(0, 9876, 1623)
    assert all(bound % 100 == 0 for bound in classify(values).upper[1:-1])


def test_skewed_measure_does_not_fall_into_one_colour():
    values = np.random.default_rng(0).lognormal(0, 2, 1623)
    counts = classify(values).counts(values)
    assert max(counts.values()) < 0.6 * len(values)


def test_a_live_number_above_the_last_break_keeps_the_last_colour():
    classes = classify([0, 1, 2, 3, 4, 5, 6, 7])
    assert classes.label([100])[0] == len(classes) - 1


@given(NUMBERS)
def test_every_number_lies_in_the_range_of_its_class(values):
    classes = classify(values)
    assert len(classes) <= 5 and list(classes.upper) == sorted(set(classes.upper))
    ranges = classes.ranges()
    for value, label in zip(values, classes.label(values), strict=True):
        if np.isnan(value):
            assert label == NO_DATA
        else:
            low, high = ranges[label]
            assert low <= value <= high


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=100))
def test_rates_too_lie_in_the_range_of_their_class(values):
    classes = classify(values, is_count=False)
    ranges = classes.ranges()
    for value, label in zip(values, classes.label(values), strict=True):
        assert ranges[label][0] <= value <= ranges[label][1]


@pytest.mark.parametrize("seed", range(8))
def test_natural_breaks_are_those_of_mapclassify(seed):
    rng = np.random.default_rng(seed)
    values = rng.poisson(9, 700).astype(float) if seed % 2 else rng.lognormal(1, 1, 150)
    assert natural_breaks(values, 5) == pytest.approx(mapclassify.FisherJenks(values, k=5).bins)
