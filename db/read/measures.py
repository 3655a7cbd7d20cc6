"""Counts of cases per deepest known area: the one frame that every number on a screen is added up from."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, cast, func, literal, or_, select, union_all

from db import filters
from db.tables import cases
from gis.rollup import COUNTS
from gis.scope import View


def counts_stmt(scope: str, view: View, now: datetime, midnight: datetime) -> Select[tuple[object, ...]]:
    """Count open, overdue, near due, new, closed per (area, location status) in one pass over three index ranges.

    Open cases come from ix_cases_open_area, new ones from ix_cases_area_reported (or ix_cases_reported for a whole
    district), closed ones from ix_cases_closed: a single WHERE with OR would read the whole table.
    """
    start = view.starts_at(now)
    before = start - (now - start)
    place = (cases.c.area_code, cases.c.location_status)
    within = and_(filters.in_scope(scope), *filters.chosen(view, now))
    zero = literal(0)

    def flag(clause: ColumnElement[bool]) -> ColumnElement[int]:
        return cast(func.coalesce(clause, literal(False)), Integer)

    still_open = select(
        *place,
        literal(1).label("open"),
        flag(filters.overdue(now)).label("overdue"),
        flag(filters.near_due(now)).label("near_due"),
        zero.label("new"), zero.label("new_today"), zero.label("closed"), zero.label("earlier"),
    ).where(within, cases.c.is_open)  # fmt: skip
    arrived = select(
        *place,
        zero, zero, zero,
        flag(cases.c.reported_at >= start),
        flag(cases.c.reported_at >= midnight),
        zero,
        flag(and_(cases.c.reported_at >= before, cases.c.reported_at < start)),
    ).where(within, cases.c.reported_at <= now, or_(
        cases.c.reported_at >= before, cases.c.reported_at >= midnight,
    ) if midnight < before else cases.c.reported_at >= before)  # fmt: skip
    ended = select(*place, zero, zero, zero, zero, zero, literal(1), zero).where(
        within, cases.c.closed_at >= start, cases.c.closed_at <= now
    )
    rows = union_all(still_open, arrived, ended).subquery()
    return (
        select(rows.c.area_code, rows.c.location_status, *[func.sum(rows.c[name]).label(name) for name in COUNTS])
        .group_by(rows.c.area_code, rows.c.location_status)
        .limit(100_000)
    )


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
) -> Select[tuple[object, ...]]:
    """Cases reported per local hour or day (`step` is 'hour' or 'day') in [start, end)."""
    tick = func.date_trunc(step, cases.c.reported_at, zone).label("at")
    return (
        select(tick, cases.c.family, func.count().label("new"))
        .where(
            filters.in_scope(scope), *filters.chosen(view, end), cases.c.reported_at >= start, cases.c.reported_at < end
        )
        .group_by(tick, cases.c.family)
        .order_by(tick)
        .limit(20_000)
    )


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
    tick = func.date_trunc(step, cases.c.closed_at, zone).label("at")
    stmt = (
        select(tick, func.count().label("closed"))
        .where(filters.in_scope(scope), *filters.chosen(view, end), cases.c.closed_at >= start, cases.c.closed_at < end)
        .group_by(tick)
        .order_by(tick)
        .limit(20_000)
    )
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=["at", "closed"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame
