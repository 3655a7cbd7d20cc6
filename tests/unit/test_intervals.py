"""Intervals against published values, and relations that hold for any counts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gis.errors import InputFault
from gis.intervals import poisson, ratio, survival_quantile, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(hits, n, low, high):
    """Newcombe 1998, table I, method 3."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(n - hits, n) == pytest.approx((1 - wilson(hits, n)[1], 1 - wilson(hits, n)[0]))


def test_poisson_gives_the_published_limits():
    assert poisson(0) == pytest.approx((0, 3.689), abs=1e-3)
    assert poisson(10) == pytest.approx((4.795, 18.39), abs=5e-3)


def test_ratio_turned_round_has_the_interval_turned_round():
    low, high = ratio(12, 40)
    assert ratio(40, 12) == pytest.approx((1 / high, 1 / low))
    assert all(math.isnan(end) for end in ratio(3, 0))


def test_survival_median_of_the_leukaemia_trial():
    """Freireich 1963, the treated: the median is 23 weeks, and 13 its lower end on this scale."""
    relapsed, still_well = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    spans = np.array([*relapsed, *still_well], dtype=float)
    done = np.arange(len(spans)) < len(relapsed)
    value, low, high = survival_quantile(spans, done, 0.5)
    assert (value, low) == (23.0, 13.0) and math.isnan(high)
    assert math.isnan(survival_quantile(spans, done, 0.9)[0])


def test_without_open_cases_the_survival_median_is_the_plain_one():
    spans = np.arange(1.0, 102.0)
    assert survival_quantile(spans, np.ones(101, bool), 0.5)[0] == 51.0


def test_impossible_share_is_refused():
    with pytest.raises(InputFault, match="5 of 4"):
        wilson(5, 4)
