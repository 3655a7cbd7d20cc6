"""Hot spots as the review page shows them: the list, one with its history, its cases, alerts, and the last search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from db.read.cases import case_rows
from db.tables import (
    cases,
    category,
    hotspot,
    hotspot_alert,
    hotspot_case,
    hotspot_decision,
    hotspot_run,
    hotspot_sighting,
)
from gis.errors import InputFault
from gis.scope import View

LISTED = 60


def listed_stmt(view: View, scope: str, since: datetime, limit: int = LISTED) -> Select[Any]:
    """Open hot spots of a scope and those that ended since a moment, with the last decision, clearest first.

    A hot spot lies in a scope when one of its cells does. Index: ix_hotspot_district_code_status.
    """
    newest = (
        select(hotspot_decision)
        .ext(distinct_on(hotspot_decision.c.hotspot_id))
        .order_by(hotspot_decision.c.hotspot_id, hotspot_decision.c.at.desc(), hotspot_decision.c.id.desc())
        .subquery()
    )
    linked = select(func.count()).where(hotspot_case.c.hotspot_id == hotspot.c.id).scalar_subquery()
    cell = func.unnest(hotspot.c.cells).table_valued("code").render_derived()
    stmt = (
        select(
            hotspot, category.c.minor_zh, category.c.minor_en, category.c.family, linked.label("linked"),
            newest.c.owner, newest.c.decision, newest.c.due_on, newest.c.follow_up_on, newest.c.outcome,
            newest.c.at.label("decided_at"),
        )
        .outerjoin(category, category.c.code == hotspot.c.category)
        .outerjoin(newest, newest.c.hotspot_id == hotspot.c.id)
        .where(
            hotspot.c.district_code == scope[:6],
            or_(hotspot.c.status == "open", hotspot.c.last_seen_at >= since),
            select(cell.c.code).where(cell.c.code.like(f"{scope}%")).exists(),
        )
        .order_by(hotspot.c.status != "open", hotspot.c.p, hotspot.c.id)
        .limit(limit)
    )  # fmt: skip
    return stmt.where(category.c.family.in_(view.families)) if view.families else stmt


def listed(conn: Connection, view: View, scope: str, since: datetime) -> list[dict[str, Any]]:
    """Return the list of a scope."""
    return [dict(row) for row in conn.execute(listed_stmt(view, scope, since)).mappings()]


def one(conn: Connection, hotspot_id: int) -> dict[str, Any]:
    """Return one hot spot with the names of its class.

    Raises
    ------
    InputFault
        When there is none with this id.
    """
    stmt = select(hotspot, category.c.minor_zh, category.c.minor_en).outerjoin(
        category, category.c.code == hotspot.c.category
    )
    found = conn.execute(stmt.where(hotspot.c.id == hotspot_id)).mappings().first()
    if found is None:
        raise InputFault(f"there is no hot spot {hotspot_id}")
    return dict(found)


def cases_of(conn: Connection, hotspot_id: int, limit: int = 500) -> list[dict[str, Any]]:
    """Return the cases of a hot spot, newest first."""
    stmt = (
        case_rows()
        .join(hotspot_case, hotspot_case.c.case_id == cases.c.id)
        .where(hotspot_case.c.hotspot_id == hotspot_id)
        .order_by(cases.c.reported_at.desc(), cases.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def decisions_of(conn: Connection, hotspot_id: int) -> list[dict[str, Any]]:
    """Return every decision about a hot spot, newest first."""
    stmt = select(hotspot_decision).where(hotspot_decision.c.hotspot_id == hotspot_id)
    newest = stmt.order_by(hotspot_decision.c.at.desc(), hotspot_decision.c.id.desc())
    return [dict(row) for row in conn.execute(newest.limit(200)).mappings()]


def sightings_of(conn: Connection, hotspot_id: int, limit: int = 500) -> list[dict[str, Any]]:
    """Return what the searches saw of a hot spot, oldest first; index: ix_hotspot_sighting_hotspot_id_at."""
    stmt = select(
        hotspot_sighting.c.at, hotspot_sighting.c.observed, hotspot_sighting.c.expected, hotspot_sighting.c.q
    ).where(hotspot_sighting.c.hotspot_id == hotspot_id)
    rows = conn.execute(stmt.order_by(hotspot_sighting.c.at.desc()).limit(limit)).mappings().all()
    return [dict(row) for row in reversed(rows)]


def changes(conn: Connection, scope: str, since: datetime) -> dict[str, int]:
    """Count what happened to the hot spots of a district since a moment: new, ended, merged, decided."""
    mine, late = hotspot.c.district_code == scope[:6], hotspot.c.last_seen_at >= since
    stmt = select(
        func.count().filter(hotspot.c.first_seen_at >= since, hotspot.c.status == "open").label("new"),
        func.count().filter(hotspot.c.status == "ended", late).label("ended"),
        func.count().filter(hotspot.c.status == "merged", late).label("merged"),
    ).where(mine)
    row = conn.execute(stmt).mappings().one()
    decided = (
        select(func.count(hotspot_decision.c.hotspot_id.distinct()))
        .join(hotspot, hotspot.c.id == hotspot_decision.c.hotspot_id)
        .where(mine, hotspot_decision.c.at >= since)
    )
    return {key: int(value) for key, value in row.items()} | {"decided": int(conn.execute(decided).scalar_one())}


def last_decided_at(conn: Connection, scope: str) -> datetime | None:
    """Return when the last decision about a hot spot of a district was written, or None."""
    stmt = (
        select(func.max(hotspot_decision.c.at))
        .join(hotspot, hotspot.c.id == hotspot_decision.c.hotspot_id)
        .where(hotspot.c.district_code == scope[:6])
    )
    return conn.execute(stmt).scalar()


def class_names(conn: Connection, codes: list[str]) -> dict[str, tuple[str, str]]:
    """Return the names (zh, en) of small classes by code."""
    stmt = select(category.c.code, category.c.minor_zh, category.c.minor_en).where(category.c.code.in_(codes))
    return {code: (zh, en) for code, zh, en in conn.execute(stmt.limit(1_000))}


def last_run(conn: Connection, district_code: str) -> dict[str, Any] | None:
    """Return the newest search of a district, or None; index: ix_hotspot_run_district_code_at."""
    stmt = select(hotspot_run).where(hotspot_run.c.district_code == district_code)
    found = conn.execute(stmt.order_by(hotspot_run.c.at.desc(), hotspot_run.c.id.desc()).limit(1)).mappings().first()
    return dict(found) if found is not None else None


def standing_alerts(conn: Connection, scope: str, limit: int = 20) -> list[dict[str, Any]]:
    """Return alerts that no decision has answered, newest first; index: ix_hotspot_alert_raised_at."""
    stmt = (
        select(hotspot_alert, hotspot.c.category, category.c.minor_zh, category.c.minor_en)
        .join(hotspot, hotspot.c.id == hotspot_alert.c.hotspot_id)
        .outerjoin(category, category.c.code == hotspot.c.category)
        .where(
            hotspot_alert.c.answered_at.is_(None), hotspot.c.status == "open",
            or_(hotspot_alert.c.area_code.like(f"{scope}%"), hotspot_alert.c.area_code == scope[:6]),
            hotspot.c.district_code == scope[:6],
        )
        .order_by(hotspot_alert.c.raised_at.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(stmt).mappings()]
