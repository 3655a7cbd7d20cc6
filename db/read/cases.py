"""Cases: one with its history, what needs a hand now, the newest, and those behind a number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, func, or_, select

from db import filters
from db.tables import area, case_event, cases, category
from gis.codes import Level
from gis.errors import CaseNotFound
from gis.scope import View

_HOUR = timedelta(hours=1)
_MONTH = timedelta(days=30)
_ROW = (
    cases.c.id, cases.c.number, cases.c.title, cases.c.place, cases.c.family, cases.c.category, cases.c.channel,
    cases.c.urgency, cases.c.population_group, cases.c.stage, cases.c.is_open, cases.c.is_repeat,
    cases.c.area_code, cases.c.location_status, cases.c.lead_chain, cases.c.source, cases.c.external_id,
    cases.c.reported_at, cases.c.due_at, cases.c.near_at, cases.c.hung_since, cases.c.handled_at, cases.c.closed_at,
    func.ST_X(cases.c.geom).label("lon"), func.ST_Y(cases.c.geom).label("lat"),
    category.c.major_zh, category.c.major_en, category.c.minor_zh, category.c.minor_en,
)  # fmt: skip


def case_rows() -> Select[Any]:
    """Every column of a case that a list or a card shows, with the names of its category."""
    return select(*_ROW).join(category, category.c.code == cases.c.category)


def one_case(conn: Connection, number: str) -> dict[str, Any]:
    """Return one case with the names of its category.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    """
    found = conn.execute(case_rows().where(cases.c.number == number).limit(1)).mappings().first()
    if found is None:
        raise CaseNotFound(f"no case has the number {number}")
    return dict(found)


def voices_of(conn: Connection, case_id: int) -> dict[str, Any]:
    """Return `voices`, how many reports tell of a case's matter with itself, and `duplicate_of`, the number it repeats.

    Index: ix_cases_duplicate_of.
    """
    first = cases.alias("first")
    repeats = select(func.count()).where(cases.c.duplicate_of == case_id).scalar_subquery()
    stmt = select((repeats + 1).label("voices"), first.c.number.label("duplicate_of"))
    own = cases.alias("own")
    stmt = stmt.select_from(own.outerjoin(first, first.c.id == own.c.duplicate_of)).where(own.c.id == case_id)
    return dict(conn.execute(stmt).mappings().one())


def events_of(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return every step of one case in order; index: ix_case_event_case_id_at."""
    stmt = (
        select(case_event.c.stage, case_event.c.at, case_event.c.actor, case_event.c.unit, case_event.c.reason)
        .where(case_event.c.case_id == case_id)
        .order_by(case_event.c.at, case_event.c.id)
        .limit(500)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def due_soon_stmt(scope: str, view: View, now: datetime, limit: int) -> Select[Any]:
    """Near-due open cases, the one that runs out first on top; index: ix_cases_open_area."""
    return (
        case_rows()
        .where(filters.in_scope(scope), *filters.chosen(view, now), filters.near_due(now))
        .order_by(cases.c.due_at)
        .limit(limit)
    )


def due_soon(conn: Connection, scope: str, view: View, now: datetime, limit: int = 8) -> list[dict[str, Any]]:
    """Return the near-due open cases that run out next."""
    return [dict(row) for row in conn.execute(due_soon_stmt(scope, view, now, limit)).mappings()]


def overdue_longest(conn: Connection, scope: str, view: View, now: datetime, limit: int = 8) -> list[dict[str, Any]]:
    """Return the open cases whose deadline passed longest ago."""
    stmt = (
        case_rows()
        .where(filters.in_scope(scope), *filters.chosen(view, now), filters.overdue(now), cases.c.handled_at.is_(None))
        .order_by(cases.c.due_at)
        .limit(limit)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def listed_stmt(scope: str, view: View, now: datetime, which: str, limit: int) -> Select[Any]:
    """Cases behind one of the numbers of `gis.rollup.COUNTS`, newest first."""
    start, end = view.starts_at(now), view.ends_at(now)
    clause = {
        "open": cases.c.is_open,
        "overdue": filters.overdue(now),
        "near_due": filters.near_due(now),
        "new": and_(cases.c.reported_at >= start, cases.c.reported_at <= end),
        "closed": and_(cases.c.closed_at >= start, cases.c.closed_at <= end),
    }[which]
    stmt = case_rows().where(filters.in_scope(scope), *filters.chosen(view, now), clause)
    if view.bucket:  # the cases that no area of the unit counts, so that the list is as long as its number
        unit = view.bucket_unit or view.unit or Level.CELL
        stmt = stmt.where(cases.c.location_status == view.bucket, func.length(cases.c.area_code) < int(unit))
    return stmt.order_by(cases.c.reported_at.desc(), cases.c.id.desc()).limit(limit)


def listed(
    conn: Connection, scope: str, view: View, now: datetime, which: str, limit: int = 500, offset: int = 0
) -> pd.DataFrame:
    """Return the cases behind a number as a frame, at most `limit`."""
    stmt = listed_stmt(scope, view, now, which, limit).offset(offset)
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def breakdown(conn: Connection, scope: str, view: View, now: datetime) -> pd.DataFrame:
    """Return open cases and cases new in the window per (stage, family, category) of a scope."""
    is_new = and_(cases.c.reported_at >= view.starts_at(now), cases.c.reported_at <= view.ends_at(now))
    stmt = (
        select(
            cases.c.stage, cases.c.family, cases.c.category, category.c.minor_zh, category.c.minor_en,
            func.count().filter(cases.c.is_open).label("open"),
            func.count().filter(is_new).label("new"),
        )
        .join(category, category.c.code == cases.c.category)
        .where(filters.in_scope(scope), *filters.chosen(view, now), or_(cases.c.is_open, is_new))
        .group_by(cases.c.stage, cases.c.family, cases.c.category, category.c.minor_zh, category.c.minor_en)
        .limit(5_000)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).all(), columns=[c.name for c in stmt.selected_columns])


def points_stmt(
    scope: str, view: View, now: datetime, box: tuple[float, float, float, float] | None, limit: int
) -> Select[Any]:
    """Open located cases, and those of the last hour, inside a scope and a box in degrees; newest first."""
    recent = cases.c.reported_at >= now - _HOUR
    stmt = (
        case_rows()
        .where(
            filters.in_scope(scope),
            *filters.chosen(view, now),
            cases.c.geom.is_not(None),
            cases.c.location_status != "outside",
            or_(cases.c.is_open, recent),
        )
        .order_by(cases.c.reported_at.desc())
        .limit(limit)
    )
    if box is not None:
        stmt = stmt.where(cases.c.geom.op("&&")(func.ST_MakeEnvelope(*box, 4326)))
    return stmt


def near(conn: Connection, case_id: int, metres: float, now: datetime, limit: int = 6) -> list[dict[str, Any]]:
    """Return cases within `metres` of a located case in the last 30 days, nearest first; index: ix_cases_geom."""
    own = select(cases.c.geom).where(cases.c.id == case_id).scalar_subquery()
    degrees = metres / 78_000  # generous box at 45 degrees of latitude and below; the sphere decides after it
    away = func.ST_DistanceSphere(cases.c.geom, own)
    stmt = (
        case_rows()
        .add_columns(away.label("away_m"))
        .where(
            cases.c.id != case_id,
            cases.c.geom.op("&&")(func.ST_Expand(own, degrees)),
            away <= metres,
            cases.c.reported_at >= now - _MONTH,
        )
        .order_by(away)
        .limit(limit)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def newest_at(conn: Connection, district_code: str, now: datetime) -> datetime | None:
    """Return when the newest case of a district up to now was reported, or None; index: ix_cases_reported."""
    stmt = select(cases.c.reported_at).where(filters.in_scope(district_code), cases.c.reported_at <= now)
    return conn.execute(stmt.order_by(cases.c.reported_at.desc()).limit(1)).scalar()


def names_of(conn: Connection, codes: list[str]) -> dict[str, dict[str, str]]:
    """Return the names of areas by code."""
    stmt = select(area.c.code, area.c.name_zh, area.c.short_zh, area.c.name_en).where(
        area.c.code.in_(codes), area.c.valid_to.is_(None)
    )
    return {row["code"]: dict(row) for row in conn.execute(stmt.limit(5_000)).mappings()}


def category_rows(conn: Connection) -> list[dict[str, Any]]:
    """Return the category tree by code: code, family, and both names of the large and the small class."""
    names = (category.c.major_zh, category.c.major_en, category.c.minor_zh, category.c.minor_en)
    stmt = select(category.c.code, category.c.family, *names).order_by(category.c.code).limit(2_000)
    return [dict(row) for row in conn.execute(stmt).mappings()]
