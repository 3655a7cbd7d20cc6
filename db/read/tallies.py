"""Counts over days from the kept sums (`db.tables.tallies`): what every page may use instead of reading cases.

Whole local days come from blocks of 1, 4, 16 and 64 days, so ninety days of a district are about ten short runs of an
index, however many cases they hold. Parts of a day at the ends of a window are counted from the cases themselves.
`street_tally` has one row per street, local day and kind of case, for pages that compare streets, chains or classes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    SmallInteger,
    Subquery,
    Text,
    column,
    func,
    select,
    values,
)

from db.tables import area_tally, street_tally
from gis.dayblocks import blocks_between
from gis.scope import View
from gis.terms import FAMILIES


def whole_days(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the day past the last of the local days that lie wholly between two aware moments."""
    local = start.astimezone(zone)
    first = local.date() if midnight(local.date(), zone) == start else local.date() + timedelta(days=1)
    return first, max(first, end.astimezone(zone).date())


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment with which a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def rests(start: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Return the parts of a range outside its whole days: at most two, both less than a day and a half long."""
    first, past = whole_days(start, end, zone)
    if first == past:
        return [(start, end)]
    parts = [(start, midnight(first, zone)), (midnight(past, zone), end)]
    return [(low, high) for low, high in parts if low < high]


def covers(view: View) -> bool:
    """Whether the kept sums know what a view's filters choose: families, or urgent cases, and nothing else."""
    others = (view.channels, view.overdue_only, view.categories, view.groups, view.chains, view.stages)
    return not any(others) and not (view.families and view.urgent_only)


def counted(what: str, view: View, held: FromClause) -> ColumnElement[int]:
    """Return the sum of a row: `what` is 'reported' or 'closed', of the cases that the view's filters choose."""
    kinds = ("urgent",) if view.urgent_only else view.families or FAMILIES
    total: Any = held.c[f"{what}_{kinds[0]}"]
    for kind in kinds[1:]:
        total = total + held.c[f"{what}_{kind}"]
    return total  # type: ignore[no-any-return]


def blocks(scope: str, *ranges: tuple[str, tuple[date, date]]) -> Subquery | None:
    """Return the rows of the blocks of some ranges of days, each named, or None when no day is whole.

    Index: ix_area_tally_block; one run per block, because the scope is a prefix of the area code.
    """
    wanted = [(name, span, day) for name, (first, past) in ranges for span, day in blocks_between(first, past)]
    if not wanted:
        return None
    block = values(column("range", Text), column("span", SmallInteger), column("first_day", Date), name="block")
    listed = block.data(wanted)
    return (
        select(listed.c.range, area_tally)
        .join(area_tally, (area_tally.c.span == listed.c.span) & (area_tally.c.first_day == listed.c.first_day))
        .where(area_tally.c.area_code.like(f"{scope}%"))
        .subquery("tallied")
    )


def by_day_stmt(scope: str, view: View, first: date, past: date) -> Select[*tuple[Any, ...]]:
    """Cases reported and closed per local day and family of a district or street; index: ix_street_tally_area_day."""
    held = street_tally.c
    sums = (func.sum(held.reported).label("reported"), func.sum(held.closed).label("closed"))
    stmt = select(held.day, held.family, *sums)
    stmt = stmt.where(held.area_code.like(f"{scope}%"), held.day >= first, held.day < past)
    if view.families:
        stmt = stmt.where(street_tally.c.family.in_(view.families))
    if view.urgent_only:
        stmt = stmt.where(street_tally.c.is_urgent)
    return stmt.group_by(street_tally.c.day, street_tally.c.family).limit(20_000)
