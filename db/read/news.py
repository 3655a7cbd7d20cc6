"""What is new in an area: the newest cases, those that nobody touched for longest, and what changed since a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, true

from db import filters
from db.read.cases import case_rows
from db.tables import case_event, cases
from gis.scope import View

_LATELY = timedelta(days=30)


def newest(conn: Connection, scope: str, view: View, now: datetime, limit: int = 5) -> list[dict[str, Any]]:
    """Return the cases reported last; index: ix_cases_reported, or ix_cases_area_reported for a small area."""
    stmt = (
        case_rows()
        .where(filters.in_scope(scope), *filters.chosen(view, now))
        .where(cases.c.reported_at <= now, cases.c.reported_at >= now - _LATELY)
        .order_by(cases.c.reported_at.desc())
        .limit(limit)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def untouched_stmt(scope: str, view: View, now: datetime, limit: int) -> Select[Any]:
    """Open cases not yet handled and not on hold by their last step, oldest first; index: ix_case_event_case_id_at."""
    last = select(func.max(case_event.c.at).label("at")).where(case_event.c.case_id == cases.c.id).lateral("last")
    return (
        case_rows()
        .add_columns(last.c.at.label("touched_at"))
        .join(last, true())
        .where(filters.in_scope(scope), *filters.chosen(view, now))
        .where(cases.c.is_open, cases.c.handled_at.is_(None), cases.c.hung_since.is_(None))
        .order_by(last.c.at)
        .limit(limit)
    )


def untouched(conn: Connection, scope: str, view: View, now: datetime, limit: int = 10) -> list[dict[str, Any]]:
    """Return the open cases whose last step is longest ago."""
    return [dict(row) for row in conn.execute(untouched_stmt(scope, view, now, limit)).mappings()]


def since(conn: Connection, scope: str, view: View, moment: datetime, now: datetime) -> dict[str, int]:
    """Return how many cases were reported, closed, and ran out of time since a moment, at most a month ago."""
    start = max(moment, now - _LATELY)
    told = {
        "reported": and_(cases.c.reported_at >= start, cases.c.reported_at <= now),
        "closed": and_(cases.c.closed_at >= start, cases.c.closed_at <= now),
        "late": and_(filters.overdue(now), cases.c.due_at >= start),
    }
    stmt = select(*[func.count().filter(clause).label(name) for name, clause in told.items()])
    stmt = stmt.where(filters.in_scope(scope), *filters.chosen(view, now))
    stmt = stmt.where(or_(cases.c.reported_at >= start, cases.c.closed_at >= start, cases.c.is_open))
    return dict(conn.execute(stmt).mappings().one())
