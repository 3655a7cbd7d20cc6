"""Points that many cases share, judged by the rule of `gis.artefacts`."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, Select, func, select

from db.tables import cases
from gis.artefacts import LEAST, fallback_points

_PLACED = ("located", "fallback")


def _sizes(district_code: str, since: datetime) -> Select[tuple[object, int]]:
    """Cases per point; those set apart already count, so that a fallback stays one."""
    return (
        select(cases.c.geom, func.count().label("cases"))
        .where(
            cases.c.area_code.like(f"{district_code}%"), cases.c.geom.is_not(None), cases.c.reported_at >= since,
            cases.c.location_status.in_(_PLACED),
        )
        .group_by(cases.c.geom)
    )  # fmt: skip


def fallbacks(conn: Connection, district_code: str, since: datetime) -> pd.DataFrame:
    """Return the fallback addresses among the points of cases reported since a moment, as `gis.artefacts` tells them.

    Index: ix_cases_area_reported; the answer is an aggregate of it, so callers keep it for a while.
    """
    sizes = _sizes(district_code, since).cte("sizes")
    histogram = conn.execute(select(sizes.c.cases, func.count()).group_by(sizes.c.cases).limit(100_000)).all()
    large = select(sizes.c.geom).where(sizes.c.cases >= LEAST).order_by(sizes.c.cases.desc()).limit(500).subquery()
    within = (cases.c.reported_at >= since, cases.c.location_status.in_(_PLACED))
    candidates = conn.execute(
        select(func.ST_X(cases.c.geom), func.ST_Y(cases.c.geom), cases.c.category, func.count())
        .join(large, large.c.geom == cases.c.geom)
        .where(cases.c.area_code.like(f"{district_code}%"), *within)
        .group_by(cases.c.geom, cases.c.category)
        .limit(100_000)
    ).all()
    mix = conn.execute(
        select(func.count())
        .where(cases.c.area_code.like(f"{district_code}%"), cases.c.geom.is_not(None), *within)
        .group_by(cases.c.category)
        .limit(10_000)
    ).all()
    return fallback_points(
        pd.DataFrame(histogram, columns=["cases", "points"]),
        pd.DataFrame(candidates, columns=["lon", "lat", "category", "cases"]),
        [n for (n,) in mix],
    )
