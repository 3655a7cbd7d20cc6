"""Blocks of days hold every day of a range exactly once, and are few."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gis.dayblocks import SPANS, blocks_between, first_day_of

DAYS = st.dates(date(2004, 1, 1), date(2060, 12, 31))


@given(DAYS, st.integers(0, 800))
def test_blocks_hold_every_day_of_a_range_once(start: date, n: int) -> None:
    held = [
        day + timedelta(days=k) for span, day in blocks_between(start, start + timedelta(days=n)) for k in range(span)
    ]
    assert held == [start + timedelta(days=k) for k in range(n)]


@given(DAYS, st.integers(0, 800))
def test_blocks_begin_where_kept_ones_do_and_are_few(start: date, n: int) -> None:
    found = blocks_between(start, start + timedelta(days=n))
    assert all(first_day_of(day, span) == day for span, day in found)
    assert len(found) <= 2 * 3 * (len(SPANS) - 1) + n // 64


def test_no_day_needs_no_block() -> None:
    assert blocks_between(date(2026, 5, 2), date(2026, 5, 2)) == []
