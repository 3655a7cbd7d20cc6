"""The working-time clock against deadlines worked out by hand."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputFault
from gis.worktime import LIMIT_UNITS, build_calendar, deadlines, working_hours

CALENDAR = build_calendar(2025, 2027)
ZONE = "Asia/Shanghai"


def deadline(start: str, quantity: float, unit: str) -> str:
    starts = pd.DatetimeIndex([pd.Timestamp(start, tz=ZONE)])
    due = deadlines(starts, np.array([quantity]), np.array([unit], dtype=object), CALENDAR)[0]
    return due.tz_convert(ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "quantity", "unit", "due", "why"),
    [
        ("2026-11-23 10:30", 4, "work_hour", "2026-11-23 16:30", "1.5 h before lunch, 2.5 h after it"),
        ("2026-11-23 12:40", 1, "work_hour", "2026-11-23 15:00", "reported over lunch, the clock starts at 14:00"),
        ("2026-11-23 08:00", 4, "work_hour", "2026-11-23 12:00", "a full morning ends at noon, not at 14:00"),
        ("2026-11-23 21:00", 2, "work_hour", "2026-11-24 10:00", "reported in the evening"),
        ("2026-11-20 16:00", 4, "work_hour", "2026-11-23 10:00", "Friday afternoon to Monday morning"),
        ("2026-11-21 03:00", 2, "work_hour", "2026-11-23 10:00", "Saturday night"),
        ("2026-11-20 10:00", 1, "work_day", "2026-11-23 10:00", "eight working hours over a weekend"),
        ("2026-10-09 16:00", 4, "work_hour", "2026-10-10 10:00", "the Saturday 10 October 2026 makes up a day"),
        ("2026-09-30 16:00", 4, "work_hour", "2026-10-08 10:00", "over the National Day week"),
        ("2026-09-30 16:00", 7, "work_day", "2026-10-15 16:00", "8, 9, 10 (make-up), 12, 13, 14, 15 October"),
        ("2026-11-20 23:00", 2, "urgent_hour", "2026-11-21 01:00", "round the clock"),
        ("2026-09-30 16:00", 7, "natural_day", "2026-10-07 16:00", "holidays count"),
    ],
)
def test_deadline_equals_the_one_worked_by_hand(start, quantity, unit, due, why):
    assert deadline(start, quantity, unit) == due, why


def test_a_case_without_limit_has_no_deadline():
    starts = pd.DatetimeIndex([pd.Timestamp("2026-11-23", tz=ZONE)] * 2)
    assert deadlines(starts, np.array([np.nan, 3.0]), np.array(["work_day", ""], dtype=object), CALENDAR).isna().all()


def test_working_hours_skip_lunch_nights_and_the_weekend():
    starts = pd.DatetimeIndex([pd.Timestamp(t, tz=ZONE) for t in ("2026-11-20 11:00", "2026-11-21 00:00")])
    ends = pd.DatetimeIndex([pd.Timestamp(t, tz=ZONE) for t in ("2026-11-23 15:00", "2026-11-22 23:00")])
    assert working_hours(starts, ends, CALENDAR).tolist() == [10.0, 0.0]


@given(minute=st.integers(0, 300 * 1440), quantity=st.integers(1, 200), unit=st.sampled_from(["work_hour", "work_day"]))
def test_the_working_hours_up_to_a_deadline_are_the_limit(minute, quantity, unit):
    starts = pd.DatetimeIndex([pd.Timestamp("2026-01-01", tz=ZONE) + pd.Timedelta(minutes=minute)])
    due = deadlines(starts, np.array([float(quantity)]), np.array([unit], dtype=object), CALENDAR)
    assert working_hours(starts, due, CALENDAR)[0] == quantity * (1 if unit == "work_hour" else 8)


def test_half_a_million_deadlines_take_less_than_two_seconds():
    rng = np.random.default_rng(7)
    seconds = rng.integers(0, 300 * 86_400, 500_000)
    starts = pd.DatetimeIndex(pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(seconds, unit="s"))
    units = rng.choice(np.array(LIMIT_UNITS, dtype=object), len(starts))
    began = time.perf_counter()
    due = deadlines(starts, rng.integers(1, 20, len(starts)).astype(float), units, CALENDAR)
    assert time.perf_counter() - began < 2.0
    assert (due > starts).all()


def test_a_year_without_published_holidays_is_a_plain_week_and_says_so():
    later = build_calendar(2026, 2090)
    assert later.known_until is not None and later.known_until.year < 2090
    assert later.is_worked(np.array(["2090-10-02", "2090-10-01"], dtype="datetime64[D]")).tolist() == [True, False]


def test_times_outside_the_calendar_and_unknown_units_are_refused():
    starts = pd.DatetimeIndex([pd.Timestamp("2031-01-01", tz=ZONE)])
    with pytest.raises(InputFault, match="outside the duty calendar"):
        deadlines(starts, np.array([1.0]), np.array(["work_hour"], dtype=object), CALENDAR)
    with pytest.raises(InputFault, match="fortnight"):
        deadlines(starts, np.array([1.0]), np.array(["fortnight"], dtype=object), CALENDAR)
    with pytest.raises(InputFault, match="without a time zone"):
        deadlines(starts.tz_localize(None), np.array([1.0]), np.array(["work_hour"], dtype=object), CALENDAR)
