"""Counts of cases per deepest known area: the one frame that every number on a screen is added up from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, literal, select, union_all

from db import filters
from db.tables import cases
from gis.rollup import COUNTS
from gis.scope import View

_QUARTER = timedelta(minutes=15)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def counts_stmt(scope: str, view: View, now: datetime, midnight: datetime) -> Select[*tuple[Any, ...]]:
    """Count open, overdue, near due, new, closed per (area, location status) over three index ranges.

    Open cases come from ix_cases_open_area, new ones from ix_cases_area_reported (ix_cases_reported for a whole
    district), closed ones from ix_cases_closed or ix_cases_area_reported: a single WHERE with OR would read the whole
    table. Each range is counted by itself, so that only one row per area is added up at the end; the last two never
    visit the table, because the indexes hold every column asked for.
    """
    start = view.starts_at(now)
    before = start - (now - start)
    place = (cases.c.area_code, cases.c.location_status)
    within = and_(filters.in_scope(scope), *filters.chosen(view, now))
    since = min(before, midnight)
    still_open = _counted(
        place, and_(within, cases.c.is_open),
        open=literal(True), overdue=filters.overdue(now), near_due=filters.near_due(now),
    )  # fmt: skip
    arrived = _counted(
        place, and_(within, cases.c.reported_at <= now, cases.c.reported_at >= since),
        new=cases.c.reported_at >= start,
        new_today=cases.c.reported_at >= midnight,
        earlier=and_(cases.c.reported_at >= before, cases.c.reported_at < start),
    )  # fmt: skip
    ended = _counted(place, and_(within, cases.c.closed_at >= start, cases.c.closed_at <= now), closed=literal(True))
    rows = union_all(still_open, arrived, ended).subquery()
    return (
        select(
            rows.c.area_code,
            rows.c.location_status,
            *[cast(func.sum(rows.c[name]), BigInteger).label(name) for name in COUNTS],
        )
        .group_by(rows.c.area_code, rows.c.location_status)
        .limit(100_000)
    )


def _counted(
    place: tuple[ColumnElement[str], ...], within: ColumnElement[bool], **flags: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Count the cases of one range per place: how many meet each flag, zero for the other counts."""
    counted = [
        (func.count().filter(flags[name]) if name in flags else literal(0, BigInteger)).label(name) for name in COUNTS
    ]
    return select(*place, *counted).where(within).group_by(*place)


def counts(conn: Connection, scope: str, view: View, now: datetime, midnight: datetime) -> pd.DataFrame:
    """Return the counts of a scope as a frame for `gis.rollup.roll_up`.

    Parameters
    ----------
    now, midnight : aware times: the moment of the picture, and the start of its local day.
    """
    rows = conn.execute(counts_stmt(scope, view, now, midnight)).all()
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
    rows = conn.execute(by_time_stmt(scope, view, start, end, step, zone)).all()
    frame = pd.DataFrame(rows, columns=["at", "family", "new"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame


def closed_by_time(
    conn: Connection, scope: str, view: View, start: datetime, end: datetime, step: str, zone: str
) -> pd.DataFrame:
    """Return closings [at (aware), closed] per local hour or day; index: ix_cases_closed."""
    stmt = _by_tick(cases.c.closed_at, scope, view, start, end, step, zone, "closed")
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=["at", "closed"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame
