"""Counts of cases per deepest known area: the one frame that every number on a screen is added up from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, literal, select, union_all

from db import filters
from db.read import tallies
from db.tables import cases
from gis.codes import Level
from gis.rollup import COUNTS
from gis.scope import View

_QUARTER = timedelta(minutes=15)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def counts_stmt(
    scope: str, view: View, now: datetime, midnight: datetime, zone: ZoneInfo | None = None
) -> Select[*tuple[Any, ...]]:
    """Count open, overdue, near due, new, closed per (area, location status), from short index ranges.

    Open cases come from ix_cases_open_area. Whole days of the window and of the window before come from the kept sums
    (`db.read.tallies`) where these know the filters and `zone` is told; what is left, or all, comes from
    ix_cases_area_reported, ix_cases_reported and ix_cases_closed. A single WHERE with OR would read the whole table, so
    each range is counted by itself; all but the first never visit the table, because the indexes hold every column.
    """
    start, end = view.starts_at(now), view.ends_at(now)
    before = start - (end - start)
    place = (cases.c.area_code, cases.c.location_status)
    within = and_(filters.in_scope(scope), *filters.chosen(view, now))
    reported, closed = cases.c.reported_at, cases.c.closed_at
    parts = [_counted(
        place, and_(within, cases.c.is_open),
        open=literal(True), overdue=filters.overdue(now), near_due=filters.near_due(now),
    )]  # fmt: skip
    arrived = {
        "new": and_(reported >= start, reported <= end),
        "new_today": reported >= midnight,
        "earlier": and_(reported >= before, reported < start),
    }
    ranges = {"new": [(start, end)], "earlier": [(before, start)], "today": [(midnight, now)]}
    if zone is not None and tallies.covers(view):
        ranges |= {"new": tallies.rests(start, end, zone), "earlier": tallies.rests(before, start, zone)}
        parts += _tallied(scope, view, tallies.whole_days(start, end, zone), tallies.whole_days(before, start, zone))
    for low, high in _joined([*ranges["earlier"], *ranges["new"], *ranges["today"]]):
        ends = reported <= high if high in (end, now) else reported < high
        parts.append(_counted(place, and_(within, reported >= low, ends), **arrived))
    for low, high in ranges["new"]:
        ends = closed <= high if high == end else closed < high
        parts.append(_counted(place, and_(within, closed >= low, ends), closed=literal(True)))
    rows = union_all(*parts).subquery()
    return (
        select(
            rows.c.area_code,
            rows.c.location_status,
            *[cast(func.sum(rows.c[name]), BigInteger).label(name) for name in COUNTS],
        )
        .group_by(rows.c.area_code, rows.c.location_status)
        .limit(100_000)
    )


def _joined(ranges: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return time ranges without overlaps, so that no case is counted by two of them."""
    found: list[tuple[datetime, datetime]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found


def _tallied(
    scope: str, view: View, new: tuple[date, date], earlier: tuple[date, date]
) -> list[Select[*tuple[Any, ...]]]:
    """Sum the kept counts of whole days per place."""
    held = tallies.blocks(scope, ("new", new), ("earlier", earlier))
    if held is None:
        return []
    now, was = held.c.range == "new", held.c.range == "earlier"
    sums = {
        "new": func.sum(tallies.counted("reported", view, held)).filter(now),
        "earlier": func.sum(tallies.counted("reported", view, held)).filter(was),
        "closed": func.sum(tallies.counted("closed", view, held)).filter(now),
    }
    told = [(func.coalesce(sums[name], 0) if name in sums else literal(0, BigInteger)).label(name) for name in COUNTS]
    return [select(held.c.area_code, held.c.location_status, *told).group_by(held.c.area_code, held.c.location_status)]


def _counted(
    place: tuple[ColumnElement[str], ...], within: ColumnElement[bool], **flags: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Count the cases of one range per place: how many meet each flag, zero for the other counts."""
    counted = [
        (func.count().filter(flags[name]) if name in flags else literal(0, BigInteger)).label(name) for name in COUNTS
    ]
    return select(*place, *counted).where(within).group_by(*place)


def counts(conn: Connection, scope: str, view: View, now: datetime, midnight: datetime, zone: str = "") -> pd.DataFrame:
    """Return the counts of a scope as a frame for `gis.rollup.roll_up`.

    Parameters
    ----------
    now, midnight : aware times: the moment of the picture, and the start of its local day.
    zone : IANA zone of the district: whole local days come from the kept sums. '' counts every case anew.
    """
    rows = conn.execute(counts_stmt(scope, view, now, midnight, ZoneInfo(zone) if zone else None)).all()
    frame = pd.DataFrame(rows, columns=["area_code", "location_status", *COUNTS])
    return frame.astype(dict.fromkeys(COUNTS, "int64"))


def by_time_stmt(
    scope: str, view: View, start: datetime, end: datetime, step: str, zone: str
) -> Select[*tuple[Any, ...]]:
    """Cases reported per local hour or day (`step` is 'hour' or 'day') in [start, end)."""
    return _by_tick(cases.c.reported_at, scope, view, start, end, step, zone, "new", cases.c.family)


def _by_tick(
    moment: ColumnElement[datetime], scope: str, view: View, start: datetime, end: datetime, step: str, zone: str,
    name: str, *also: ColumnElement[str],
) -> Select[*tuple[Any, ...]]:  # fmt: skip
    """Count cases per local hour or day of a moment of theirs, in [start, end).

    Quarters of an hour are counted first and then added up: finding the local day of every case takes twice as long,
    and every time zone's days and hours begin at a quarter.
    """
    quarter = func.date_bin(_QUARTER, moment, _EPOCH).label("quarter")
    fine = (
        select(quarter, *also, func.count().label("n"))
        .where(filters.in_scope(scope), *filters.chosen(view, end), moment >= start, moment < end)
        .group_by(quarter, *also)
        .subquery()
    )
    tick = func.date_trunc(step, fine.c.quarter, zone).label("at")
    keys = [fine.c[column.name] for column in also]
    counted = cast(func.sum(fine.c.n), BigInteger).label(name)
    return select(tick, *keys, counted).group_by(tick, *keys).order_by(tick).limit(20_000)


def by_time(
    conn: Connection, scope: str, view: View, start: datetime, end: datetime, step: str, zone: str
) -> pd.DataFrame:
    """Return arrivals [at (aware), family, new] per local hour or day."""
    kept, rests = _kept_days(conn, scope, view, start, end, step, zone)
    rows: list[Any] = [(at, family, new) for at, family, new, _ in kept if new]
    for low, high in rests:
        rows += conn.execute(by_time_stmt(scope, view, low, high, step, zone)).all()
    frame = pd.DataFrame(rows, columns=["at", "family", "new"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame.sort_values("at", kind="stable", ignore_index=True)


def closed_by_time(
    conn: Connection, scope: str, view: View, start: datetime, end: datetime, step: str, zone: str
) -> pd.DataFrame:
    """Return closings [at (aware), closed] per local hour or day; index: ix_cases_closed."""
    kept, rests = _kept_days(conn, scope, view, start, end, step, zone)
    rows: list[Any] = [(at, closed) for at, _, _, closed in kept]
    for low, high in rests:
        rows += conn.execute(_by_tick(cases.c.closed_at, scope, view, low, high, step, zone, "closed")).all()
    frame = pd.DataFrame(rows, columns=["at", "closed"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame.groupby("at")["closed"].sum().reset_index()


def _kept_days(
    conn: Connection, scope: str, view: View, start: datetime, end: datetime, step: str, zone: str
) -> tuple[list[tuple[datetime, str, int, int]], list[tuple[datetime, datetime]]]:
    """Return (at, family, reported, closed) of whole days from the kept sums, and the ranges that are left to count."""
    if step != "day" or len(scope) > Level.STREET or not tallies.covers(view):
        return [], [(start, end)]
    place = ZoneInfo(zone)
    first, past = tallies.whole_days(start, end, place)
    rows = conn.execute(tallies.by_day_stmt(scope, view, first, past)).all()
    told = [(tallies.midnight(row.day, place), row.family, int(row.reported), int(row.closed)) for row in rows]
    return told, tallies.rests(start, end, place)


def in_ranges(
    conn: Connection, scope: str, view: View, ranges: dict[str, tuple[datetime, datetime]], zone: str
) -> pd.DataFrame:
    """Return cases reported in named time ranges [area_code, range, n] per deepest area; indexes as `counts_stmt`."""
    place, parts = ZoneInfo(zone), []
    held = None
    if tallies.covers(view):
        held = tallies.blocks(scope, *[(name, tallies.whole_days(*ends, place)) for name, ends in ranges.items()])
    if held is not None:
        summed = func.sum(tallies.counted("reported", view, held))
        parts.append(select(held.c.area_code, held.c.range, summed.label("n")).group_by(held.c.area_code, held.c.range))
    for name, ends in ranges.items():
        for low, high in tallies.rests(*ends, place) if tallies.covers(view) else [ends]:
            parts.append(
                select(cases.c.area_code, literal(name).label("range"), func.count().label("n"))
                .where(filters.in_scope(scope), *filters.chosen(view, high))
                .where(cases.c.reported_at >= low, cases.c.reported_at < high)
                .group_by(cases.c.area_code)
            )
    rows = union_all(*parts).subquery()
    total = cast(func.sum(rows.c.n), BigInteger)
    stmt = select(rows.c.area_code, rows.c.range, total).group_by(rows.c.area_code, rows.c.range).limit(200_000)
    return pd.DataFrame(conn.execute(stmt).all(), columns=["area_code", "range", "n"])
