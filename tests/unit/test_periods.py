"""Periods of a brief: complete days, weeks from Monday, calendar months, and what each is compared with."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputFault
from gis.periods import Period, before, differs, last_complete, parse_period

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("kind", "told", "then"),
    [
        ("daily", "2026-11-23", "2026-11-16"),
        ("weekly", "2026-11-16..2026-11-22", "2026-11-09..2026-11-15"),
        ("monthly", "2026-10-01..2026-10-31", "2026-09-01..2026-09-30"),
    ],
)
def test_the_last_complete_period_is_compared_with_the_one_before(kind: str, told: str, then: str) -> None:
    period = last_complete(kind, TUESDAY)
    assert period.text == told and before(kind, period).text == then
    assert parse_period(told) == period


def test_a_day_is_compared_with_the_same_weekday() -> None:
    day = Period(TUESDAY, TUESDAY)
    assert before("daily", day).first.weekday() == TUESDAY.weekday()


def test_a_monday_reports_the_week_that_ended_the_day_before() -> None:
    assert last_complete("weekly", date(2026, 11, 23)).last == date(2026, 11, 22)


@pytest.mark.parametrize(
    "told", ["", "2026-13-01", "2026-02-30", "2026-05-02..2026-05-01", "now", "2020-01-01..2026-01-01"]
)
def test_what_is_no_period_is_refused(told: str) -> None:
    with pytest.raises(InputFault):
        parse_period(told)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 60))
def test_the_period_before_touches_and_is_as_long(first: date, more: int) -> None:
    period = Period(first, date.fromordinal(first.toordinal() + more))
    then = period.ending()
    assert then.days == period.days and (period.first - then.last).days == 1


def test_a_day_of_the_clock_change_is_still_one_local_day() -> None:
    start, end = Period(date(2026, 3, 29), date(2026, 3, 29)).moments("Europe/Berlin")
    assert (end.timestamp() - start.timestamp()) / 3600 == 23


def test_small_differences_are_chance_and_large_ones_are_not() -> None:
    assert not differs(5, 3) and not differs(0, 0) and not differs(102, 98)
    assert differs(200, 145) and differs(20, 3)
    assert not differs(200, 100, 2, 1)  # twice as many in twice the time
