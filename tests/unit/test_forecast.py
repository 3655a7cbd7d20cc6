"""Forecasts: values from sources, relations that must hold, and that a method is kept only where it beats the naive."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from gis.errors import InputFault
from gis.forecast import (
    Forecast,
    backlog,
    by_hour,
    erlang_c,
    fit_risk,
    forecast,
    hands_needed,
    reliability,
    seasonal_naive,
    smoothed,
    within,
)
from gis.risk import FEATURES, landmarked, used_share


def weeks(n: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    week = np.array([120, 118, 115, 117, 110, 70, 60])
    return rng.poisson(np.tile(week, n)).astype(float)


def test_the_naive_guess_is_last_week_again():
    assert seasonal_naive(np.arange(1.0, 15.0), 9).tolist() == [8, 9, 10, 11, 12, 13, 14, 8, 9]


def test_smoothing_beats_the_naive_guess_on_noisy_weeks():
    made = forecast(weeks(12))
    assert made.method == "smoothing" and made.tested == 21
    assert made.mae < made.naive_mae
    assert (made.low <= made.expected).all() and (made.expected <= made.high).all()
    assert made.expected[5] < made.expected[0]


def test_smoothing_is_near_that_of_a_known_library():
    counts = weeks(12, seed=8)
    fitted = ExponentialSmoothing(np.sqrt(counts), seasonal="add", seasonal_periods=7).fit()
    theirs = np.asarray(fitted.forecast(7)) ** 2
    assert np.abs(smoothed(counts, 7) - theirs).mean() < 0.06 * theirs.mean()


def test_interval_covers_most_of_the_days_that_follow():
    hits = []
    for seed in range(30):
        counts = weeks(13, seed=seed)
        made = forecast(counts[:84])
        hits.append((made.low <= counts[84:]) & (counts[84:] <= made.high))
    assert 0.9 <= np.mean(hits) <= 1.0


def test_too_little_history_gives_no_forecast():
    with pytest.raises(InputFault, match="4 weeks"):
        forecast(np.ones(20))


def test_hours_share_out_the_day():
    shares = by_hour(48.0, np.r_[np.zeros(8), np.full(10, 9.0), np.zeros(6)])
    assert shares.sum() == pytest.approx(48) and shares[10] > shares[2] > 0


def test_backlog_grows_by_what_comes_in_less_what_goes_out():
    week = np.full(7, 50.0)
    steady = Forecast(week, week - 10, week + 10, 1, 1, 7, "naive")
    made = backlog(100, steady, np.full(28, 40.0))
    np.testing.assert_allclose(made.expected, 100 + 10 * np.arange(1, 8))
    assert math.isnan(made.clears_in)
    assert (np.diff(made.high - made.expected) > 0).all()
    assert backlog(100, steady, np.full(28, 60.0)).clears_in == pytest.approx(10)


def test_erlang_c_is_that_of_the_textbook():
    # one server: the chance to wait is the load; two servers at load 1: 1/3 (Gross and Harris, M/M/2)
    assert erlang_c(0.5, 1) == pytest.approx(0.5)
    assert erlang_c(1.0, 2) == pytest.approx(1 / 3)
    # ten servers at load 8: 0.409 (published tables of the C formula)
    assert erlang_c(8.0, 10) == pytest.approx(0.409, abs=0.001)
    assert erlang_c(3.0, 3) == 1.0


def test_more_hands_never_wait_longer_and_the_least_number_is_least():
    served = [within(8.0, hands, 0.5, 0.1) for hands in range(8, 20)]
    assert served == sorted(served)
    need = hands_needed(16.0, 0.5, 0.1)
    assert within(8.0, need, 0.5, 0.1) >= 0.9 > within(8.0, need - 1, 0.5, 0.1)
    with pytest.raises(InputFault):
        hands_needed(1.0, 0.0, 1.0)


def test_chances_are_calibrated_and_beat_the_base_rate():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(6000, 3))
    y = rng.random(6000) < 1 / (1 + np.exp(-(-1.5 + 1.2 * x[:, 0] - 0.7 * x[:, 1])))
    made = fit_risk(x, y)
    assert made.brier < made.base_brier and made.skill > 0.15
    full = made.table[made.table["n"] >= 100]
    assert (np.abs(full["told"] - full["seen"]) < 0.08).all()
    assert made.chance(x[:5]).min() > 0
    with pytest.raises(InputFault):
        fit_risk(x[:100], y[:100])


def test_reliability_counts_every_case_once():
    told = np.array([0.05, 0.06, 0.95, 1.0])
    table = reliability(told, np.array([0.0, 0.0, 1.0, 1.0]))
    assert table["n"].sum() == 4 and table["seen"].tolist() == [0.0, 1.0]


def test_past_cases_are_looked_at_on_their_way_and_only_while_they_ran():
    start = pd.Timestamp("2026-05-18 02:00", tz="UTC")
    hour = pd.Timedelta(hours=1)
    past = pd.DataFrame({
        "lead_chain": 2, "family": "event", "channel": "hotline", "urgency": [1, 3, 3, 3, 3], "reported_at": start,
        "due_at": start + 10 * hour,
        "handled_at": [start + 1 * hour, start + 1 * hour, start + 12 * hour, pd.NaT, start + 9 * hour],
    })  # fmt: skip
    rows, missed = landmarked(past, "Asia/Shanghai")
    # looked at after 0.5, 2, 4, 6 and 8 hours: the second was done by then
    assert rows[:, 0].tolist() == [0.05, 0.4, 0.6, 0.8]
    assert missed.tolist() == [False, True, True, False]
    assert rows.shape[1] == len(FEATURES) and rows[0, FEATURES.index("urgent")] == 1
    np.testing.assert_allclose(used_share(past, start + 5 * hour), 0.5)
