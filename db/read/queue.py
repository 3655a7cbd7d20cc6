"""The operator's queue: open cases that still wait to be handled, the one that runs out next on top."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select

from db import filters
from db.read.cases import case_rows
from db.tables import area, cases
from gis.scope import View

BANDS = ("near_due", "overdue", "today", "later", "no_deadline")
"""In the order an operator works: what can still be saved, what is lost already, the rest of the day, later, never."""


def _band(name: str, now: datetime, midnight: datetime) -> ColumnElement[bool]:
    waits = and_(cases.c.is_open, cases.c.handled_at.is_(None))
    near, tomorrow = filters.near_due(now), midnight + timedelta(days=1)
    clock = func.coalesce(cases.c.hung_since, literal(now))  # that of a hung case stands still
    clauses = {
        "near_due": near,
        "overdue": and_(waits, cases.c.due_at < clock),
        "today": and_(waits, cases.c.due_at >= clock, cases.c.due_at < tomorrow, ~near),
        "later": and_(waits, cases.c.due_at >= clock, cases.c.due_at >= tomorrow, ~near),
        "no_deadline": and_(waits, cases.c.due_at.is_(None)),
    }
    return clauses[name]


def band_counts(conn: Connection, scope: str, view: View, now: datetime, midnight: datetime) -> dict[str, int]:
    """Return how many cases wait in each band; together they are all open cases not yet handled."""
    columns = [func.count().filter(_band(name, now, midnight)).label(name) for name in BANDS]
    stmt = select(*columns).where(filters.in_scope(scope), *filters.chosen(view, now), cases.c.is_open)
    return dict(conn.execute(stmt).mappings().one())


def waiting_stmt(scope: str, view: View, band: str, now: datetime, midnight: datetime, limit: int) -> Select[Any]:
    """Cases of one band, urgent ones first among equals, by deadline (or age where none binds), with area names."""
    order = (cases.c.due_at.asc().nulls_last(), cases.c.urgency, cases.c.reported_at)
    return (
        case_rows()
        .add_columns(area.c.short_zh, area.c.name_zh, area.c.name_en)
        .outerjoin(area, and_(area.c.code == func.left(cases.c.area_code, 12), area.c.valid_to.is_(None)))
        .where(filters.in_scope(scope), *filters.chosen(view, now), _band(band, now, midnight))
        .order_by(*order)
        .limit(limit)
    )


def waiting(
    conn: Connection, scope: str, view: View, band: str, now: datetime, midnight: datetime, limit: int = 200
) -> list[dict[str, Any]]:
    """Return the first cases of one band."""
    return [dict(row) for row in conn.execute(waiting_stmt(scope, view, band, now, midnight, limit)).mappings()]
