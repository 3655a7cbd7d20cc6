"""What can ring, and what rings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from db import filters
from db.tables import alarm, cases, category
from gis.alarms import SHOWN_FOR
from gis.codes import Level

_FIELDS = (alarm.c.kind, alarm.c.key, alarm.c.area_code, alarm.c.facts, alarm.c.raised_at, alarm.c.shown_at)


def urgent_late_stmt(district_code: str, now: datetime) -> Select[Any]:
    """Urgent cases past their deadline and not handled, per street; index: ix_cases_open_area."""
    street = func.left(cases.c.area_code, int(Level.STREET)).label("street")

    def of_first(column: Any) -> Any:
        return func.array_agg(aggregate_order_by(column, cases.c.due_at))[1]

    return (
        select(
            street, func.count().label("n"), func.min(cases.c.due_at).label("first_due"),
            of_first(category.c.minor_zh).label("what_zh"), of_first(category.c.minor_en).label("what_en"),
            of_first(cases.c.area_code).label("where"),
        )
        .join(category, category.c.code == cases.c.category)
        .where(
            filters.in_scope(district_code), cases.c.is_open, cases.c.handled_at.is_(None), cases.c.urgency == 1,
            cases.c.due_at < now,
        )
        .group_by(street)
        .limit(1_000)
    )  # fmt: skip


def urgent_late(conn: Connection, district_code: str, now: datetime) -> list[dict[str, Any]]:
    """Return `street`, `n`, `first_due`, `what_zh`, `what_en`, `where` (the area of the case that is late longest)."""
    return [dict(row) for row in conn.execute(urgent_late_stmt(district_code, now)).mappings()]


def open_alarms(conn: Connection, scope: str) -> list[dict[str, Any]]:
    """Return the alarms of a scope that are not cleared, oldest first; index: uq_alarm_open_key."""
    stmt = (
        select(*_FIELDS)
        .where(alarm.c.district_code == scope[:6], alarm.c.cleared_at.is_(None), alarm.c.area_code.like(f"{scope}%"))
        .order_by(alarm.c.raised_at, alarm.c.key)
        .limit(500)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def last_shown(conn: Connection, district_code: str) -> datetime | None:
    """Return when an alarm last took the screens of a district; index: ix_alarm_district_code_shown_at."""
    return conn.execute(select(func.max(alarm.c.shown_at)).where(alarm.c.district_code == district_code)).scalar()


def on_screen(conn: Connection, scope: str, now: datetime) -> dict[str, Any] | None:
    """Return the alarm that has the screens of a scope at the moment, cleared in between or not."""
    stmt = (
        select(*_FIELDS)
        .where(
            alarm.c.district_code == scope[:6], alarm.c.shown_at > now - SHOWN_FOR,
            alarm.c.area_code.like(f"{scope}%"),
        )
        .order_by(alarm.c.shown_at.desc())
        .limit(1)
    )  # fmt: skip
    row = conn.execute(stmt).mappings().first()
    return dict(row) if row else None
