"""Spans of whole local days that a report is about, and the ones to compare them with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gis.errors import InputFault
from gis.intervals import wilson

KINDS = ("daily", "weekly", "monthly")
MOST_DAYS = 400

_SPAN = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?$")


@dataclass(frozen=True)
class Period:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputFault(f"a period ends before it begins: {self.first}..{self.last}")
        if self.days > MOST_DAYS:
            raise InputFault(f"a period has at most {MOST_DAYS} days")

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def text(self) -> str:
        """As an address carries it."""
        return f"{self.first}" if self.days == 1 else f"{self.first}..{self.last}"

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """Return the aware moments of its beginning and its end (excluded)."""
        place = ZoneInfo(zone)
        past = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), place), datetime.combine(past, time(), place)

    def ending(self) -> Period:
        """Return the period of the same length that ends the day before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def parse_period(told: str) -> Period:
    """Read `2026-05-01` or `2026-05-01..2026-05-07`.

    Raises
    ------
    InputFault
        When it is neither.
    """
    found = _SPAN.match(told)
    if not found:
        raise InputFault(f"{told!r} is neither a day nor two days as 2026-05-01..2026-05-07")
    try:
        first = date.fromisoformat(found[1])
        return Period(first, date.fromisoformat(found[2]) if found[2] else first)
    except ValueError:
        raise InputFault(f"{told!r} holds a day that does not exist") from None


def last_complete(kind: str, today: date) -> Period:
    """Return the last day, week from Monday, or calendar month that is over.

    Raises
    ------
    InputFault
        When there is no such kind of report.
    """
    yesterday = today - timedelta(days=1)
    if kind == "daily":
        return Period(yesterday, yesterday)
    if kind == "weekly":
        sunday = today - timedelta(days=today.weekday() + 1)
        return Period(sunday - timedelta(days=6), sunday)
    if kind == "monthly":
        last = today.replace(day=1) - timedelta(days=1)
        return Period(last.replace(day=1), last)
    raise InputFault(f"{kind!r} is not one of {', '.join(KINDS)}")


def before(kind: str, period: Period) -> Period:
    """Return what a period is compared with: the same weekday a week ago, the week or the calendar month before."""
    if kind == "daily" and period.days == 1:
        day = period.first - timedelta(days=7)
        return Period(day, day)
    if kind == "monthly" and period.first.day == 1 and (period.last + timedelta(days=1)).day == 1:
        last = period.first - timedelta(days=1)
        months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month
        return Period(last.replace(day=1), last) if not months else period.ending()
    return period.ending()


def differs(now: int, then: int, exposure_now: float = 1, exposure_then: float = 1) -> bool:
    """Whether two counts differ by more than chance: the share of the later one leaves its 95 % interval.

    Given their sum, the later of two Poisson counts is binomial with the share of its exposure: days, or the counts of
    a whole of which both are parts.

    References
    ----------
    Przyborowski and Wilenski (1940), Homogeneity of results in testing samples from Poisson series. Biometrika 31.
    """
    if now + then == 0 or exposure_now + exposure_then == 0:
        return False
    low, high = wilson(now, now + then)
    return not low <= exposure_now / (exposure_now + exposure_then) <= high
