"""What can not be trusted: faults of topology, cases without a place, duplicates, silent feeds, unknown populations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from db.tables import cases, category, feed, quality_issue

DUPLICATE_M = 50.0
DUPLICATE_DAYS = 7


def recorded(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return the faults that an import or a check wrote down, largest first, with a point on each."""
    point = func.ST_PointOnSurface(quality_issue.c.geom)
    stmt = (
        select(
            quality_issue.c.id, quality_issue.c.kind, quality_issue.c.area_code, quality_issue.c.detail_zh,
            quality_issue.c.detail_en, quality_issue.c.size_m2, quality_issue.c.found_at,
            func.ST_X(point).label("lon"), func.ST_Y(point).label("lat"),
        )
        .where(quality_issue.c.district_code == district_code)
        .order_by(quality_issue.c.kind, quality_issue.c.size_m2.desc().nulls_last())
        .limit(2_000)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def by_location_status(conn: Connection, district_code: str, since: datetime) -> dict[str, int]:
    """Return how many cases since a moment have each location status."""
    stmt = (
        select(cases.c.location_status, func.count().label("n"))
        .where(cases.c.area_code.like(f"{district_code}%"), cases.c.reported_at >= since)
        .group_by(cases.c.location_status)
    )
    return {row.location_status: int(row.n) for row in conn.execute(stmt)}


def placeless(conn: Connection, district_code: str, status: str, since: datetime, limit: int = 300) -> pd.DataFrame:
    """Return the newest cases of one location status."""
    stmt = (
        select(
            cases.c.number, cases.c.title, cases.c.place, cases.c.channel, cases.c.stage, cases.c.area_code,
            cases.c.reported_at, cases.c.received_x, cases.c.received_y,
            func.ST_X(cases.c.geom).label("lon"), func.ST_Y(cases.c.geom).label("lat"),
        )
        .where(
            cases.c.area_code.like(f"{district_code}%"), cases.c.location_status == status, cases.c.reported_at >= since
        )
        .order_by(cases.c.reported_at.desc())
        .limit(limit)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def likely_duplicates(conn: Connection, district_code: str, since: datetime, limit: int = 5_000) -> pd.DataFrame:
    """Return open cases with an earlier open one of the same small class within 50 m and 7 days: the nearest is named.

    Both sides are open, so the pair is worth a look: one event may be counted twice. Index: ix_cases_geom.
    """
    later, earlier = cases.alias("later"), cases.alias("earlier")
    away = func.ST_DistanceSphere(later.c.geom, earlier.c.geom)
    pairs = (
        select(
            later.c.number, later.c.title, later.c.area_code, later.c.reported_at,
            earlier.c.number.label("earlier_number"), earlier.c.reported_at.label("earlier_at"),
            away.label("away_m"), category.c.minor_zh, category.c.minor_en,
            func.ST_X(later.c.geom).label("lon"), func.ST_Y(later.c.geom).label("lat"),
        )
        .join(
            earlier,
            and_(
                earlier.c.category == later.c.category,
                earlier.c.id != later.c.id,
                earlier.c.is_open,
                earlier.c.reported_at <= later.c.reported_at,
                earlier.c.reported_at >= later.c.reported_at - timedelta(days=DUPLICATE_DAYS),
                earlier.c.geom.op("&&")(func.ST_Expand(later.c.geom, DUPLICATE_M / 78_000)),
            ),
        )
        .join(category, category.c.code == later.c.category)
        .where(
            later.c.area_code.like(f"{district_code}%"),
            later.c.is_open,
            later.c.reported_at >= since,
            away <= DUPLICATE_M,
        )
        .distinct(later.c.id)
        .order_by(later.c.id, away)
        .subquery()
    )  # fmt: skip
    stmt = select(pairs).order_by(pairs.c.reported_at.desc()).limit(limit)
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def feeds(conn: Connection) -> list[dict[str, Any]]:
    """Return every feed with its last sign of life and last record."""
    return [dict(row) for row in conn.execute(select(feed).order_by(feed.c.name).limit(200)).mappings()]
