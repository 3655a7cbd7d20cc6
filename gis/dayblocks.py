"""Runs of days as few blocks of fixed lengths, so that counts over any window are sums of few kept numbers."""

from __future__ import annotations

from datetime import date, timedelta

SPANS = (1, 4, 16, 64)
"""Days that a block holds; every block begins at a multiple of its length after `FIRST_DAY`."""

FIRST_DAY = date(1900, 1, 1)


def first_day_of(day: date, span: int) -> date:
    """Return the day with which the block of `span` days begins that holds `day`."""
    return FIRST_DAY + timedelta(days=(day - FIRST_DAY).days // span * span)


def blocks_between(start: date, end: date) -> list[tuple[int, date]]:
    """Return [(span, first day)] of the fewest blocks that hold the days from `start` up to, not including, `end`.

    Blocks follow each other without gap or overlap; there are none when `end` is not after `start`.
    """
    found: list[tuple[int, date]] = []
    day = start
    while day < end:
        span = max(s for s in SPANS if first_day_of(day, s) == day and day + timedelta(days=s) <= end)
        found.append((span, day))
        day += timedelta(days=span)
    return found
