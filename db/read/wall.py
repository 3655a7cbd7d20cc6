"""What only the wall asks for: cases per cell to draw, who holds a case, the newest reports, today's channels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from db import filters
from db.read.cases import case_rows
from db.tables import case_event, cases
from gis.codes import Level
from gis.scope import View

_HOUR = timedelta(hours=1)
_PRESSING = 2
"""Urgent and high urgency."""


def cells_stmt(scope: str, now: datetime) -> Select[Any]:
    """Count per cell what a wall marks: pressing overdue, near due, and new within the hour.

    Indexes: ix_cases_open_area for the open ones, ix_cases_area_reported for the new.
    """
    late = and_(filters.overdue(now), cases.c.handled_at.is_(None), cases.c.urgency <= _PRESSING)
    fresh = and_(cases.c.reported_at > now - _HOUR, cases.c.reported_at <= now)
    cell = func.left(cases.c.area_code, int(Level.CELL)).label("code")
    return (
        select(
            cell,
            func.count().filter(late).label("late"),
            func.count().filter(filters.near_due(now)).label("near"),
            func.count().filter(fresh).label("fresh"),
        )
        .where(
            filters.in_scope(scope),
            func.length(cases.c.area_code) == int(Level.CELL),
            or_(cases.c.is_open, fresh),
        )
        .group_by(cell)
        .limit(20_000)
    )


def cells(conn: Connection, scope: str, now: datetime) -> pd.DataFrame:
    """Return [code, late, near, fresh] for the cells of a scope that have something to mark."""
    rows = conn.execute(cells_stmt(scope, now)).all()
    frame = pd.DataFrame(rows, columns=["code", "late", "near", "fresh"])
    return frame[frame[["late", "near", "fresh"]].sum(axis=1) > 0]


def due_within_stmt(scope: str, now: datetime, until: datetime, limit: int) -> Select[Any]:
    """Open cases not yet handled that run out by a moment, first one first; index: ix_cases_open_area."""
    return (
        case_rows()
        .where(
            filters.in_scope(scope), cases.c.is_open, cases.c.handled_at.is_(None),
            cases.c.due_at >= now, cases.c.due_at < until,
        )
        .order_by(cases.c.due_at, cases.c.urgency)
        .limit(limit)
    )  # fmt: skip


def due_within(conn: Connection, scope: str, now: datetime, until: datetime, limit: int) -> list[dict[str, Any]]:
    """Return the open cases that run out by a moment."""
    return [dict(row) for row in conn.execute(due_within_stmt(scope, now, until, limit)).mappings()]


def count_due_within(conn: Connection, scope: str, now: datetime, until: datetime) -> int:
    """Return how many open cases run out by a moment."""
    stmt = select(func.count()).where(
        filters.in_scope(scope), cases.c.is_open, cases.c.handled_at.is_(None),
        cases.c.due_at >= now, cases.c.due_at < until,
    )  # fmt: skip
    return int(conn.execute(stmt).scalar_one())


def newest(conn: Connection, scope: str, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Return the cases reported last; index: ix_cases_area_reported, or ix_cases_reported for a whole district."""
    stmt = (
        case_rows()
        .where(filters.in_scope(scope), cases.c.reported_at <= now)
        .order_by(cases.c.reported_at.desc())
        .limit(limit)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def units_of(conn: Connection, case_ids: list[int]) -> dict[int, str]:
    """Return the unit that each case was last sent to, '' where the source names none."""
    stmt = (
        select(case_event.c.case_id, case_event.c.unit)
        .where(case_event.c.case_id.in_(case_ids), case_event.c.stage == "dispatched")
        .ext(distinct_on(case_event.c.case_id))
        .order_by(case_event.c.case_id, case_event.c.at.desc(), case_event.c.id.desc())
        .limit(1_000)
    )
    return {row.case_id: row.unit for row in conn.execute(stmt)}


def by_channel(conn: Connection, scope: str, view: View, since: datetime, now: datetime) -> list[tuple[str, int, int]]:
    """Return (channel, reported since a moment, of these overdue), most first."""
    late = func.sum(case((filters.overdue(now), 1), else_=0))
    stmt = (
        select(cases.c.channel, func.count(), late)
        .where(
            filters.in_scope(scope),
            *filters.chosen(view, now),
            cases.c.reported_at >= since,
            cases.c.reported_at <= now,
        )
        .group_by(cases.c.channel)
        .order_by(func.count().desc(), cases.c.channel)
        .limit(50)
    )
    return [(row[0], int(row[1]), int(row[2] or 0)) for row in conn.execute(stmt)]
