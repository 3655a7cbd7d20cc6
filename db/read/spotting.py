"""What a search for hot spots reads: cells with their neighbours' outlines, cases by age, history, usual hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Connection, Select, extract, func, select

from db import filters
from db.tables import area, cases
from gis.codes import Level
from gis.scope import View

_CELL = int(Level.CELL)


def cells(conn: Connection, district_code: str, metric_srid: int) -> pd.DataFrame:
    """Return the smallest areas of a district: [code, x_m, y_m, residents, geometry] in code order.

    Positions are label points in metres of the metric CRS; geometries are EPSG:4326. Cells, or streets where own data
    has no cells.
    """
    for level in sorted(Level, reverse=True):
        point = func.ST_Transform(area.c.label_point, int(metric_srid))
        stmt = (
            select(
                area.c.code, func.ST_X(point).label("x_m"), func.ST_Y(point).label("y_m"),
                area.c.population.label("residents"), func.ST_AsBinary(area.c.geom).label("geometry"),
            )
            .where(area.c.level == int(level), area.c.district_code == district_code, area.c.valid_to.is_(None))
            .order_by(area.c.code)
            .limit(20_000)
        )  # fmt: skip
        frame = pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])
        if not frame.empty or level is Level.DISTRICT:
            break
    frame["geometry"] = shapely.from_wkb([bytes(one) for one in frame["geometry"]])
    return frame


def counted_stmt(view: View, district_code: str, start: datetime, end: datetime, *by: Any) -> Select[Any]:
    """Located matters per deepest area and more, first reports only: several voices of one matter are one case.

    Index: ix_cases_reported or ix_cases_area_reported.
    """
    return (
        select(cases.c.area_code, *by, func.count().label("n"))
        .where(
            filters.in_scope(district_code),
            *filters.chosen(view, end),
            cases.c.location_status == "located",
            cases.c.duplicate_of.is_(None),
            cases.c.reported_at >= start,
            cases.c.reported_at < end,
        )
        .group_by(cases.c.area_code, *by)
        .limit(1_000_000)
    )


def counted(
    conn: Connection, view: View, district_code: str, start: datetime, end: datetime, *, by_class: bool = False
) -> pd.DataFrame:
    """Return [area_code, n] of matters reported in [start, end), with [category] between them when `by_class`."""
    by = (cases.c.category,) if by_class else ()
    rows = conn.execute(counted_stmt(view, district_code, start, end, *by)).all()
    return pd.DataFrame(rows, columns=["area_code", *(["category"] if by_class else []), "n"])


def recent(conn: Connection, district_code: str, start: datetime, end: datetime) -> pd.DataFrame:
    """Return [id, area_code, category, reported_at] of located matters reported in [start, end); first reports only."""
    stmt = (
        select(cases.c.id, cases.c.area_code, cases.c.category, cases.c.reported_at)
        .where(
            filters.in_scope(district_code),
            cases.c.location_status == "located",
            cases.c.duplicate_of.is_(None),
            cases.c.reported_at >= start,
            cases.c.reported_at < end,
        )
        .limit(200_000)
    )
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=["id", "area_code", "category", "reported_at"])
    frame["reported_at"] = pd.to_datetime(frame["reported_at"], utc=True)
    return frame


def weekly(
    conn: Connection, view: View, district_code: str, end: datetime, weeks: int, area_codes: list[str] | None = None
) -> pd.DataFrame:
    """Return [area_code, week, n]: matters per area and week; week 0 is the oldest, the last one ends at `end`.

    With `area_codes`, only of these, and a [category] between area and week.
    """
    start = end - timedelta(weeks=weeks)
    week = func.floor(extract("epoch", cases.c.reported_at - start) / (7 * 86_400)).label("week")
    by = (week,) if area_codes is None else (cases.c.category, week)
    stmt = counted_stmt(view, district_code, start, end, *by)
    if area_codes is not None:
        stmt = stmt.where(cases.c.area_code.in_(area_codes))
    columns = ["area_code", *(["category"] if area_codes is not None else []), "week", "n"]
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=columns)
    return frame.astype({"week": "int64", "n": "int64"})


def voices(
    conn: Connection, district_code: str, start: datetime, end: datetime, channels: tuple[str, ...]
) -> pd.DataFrame:
    """Return [area_code, reports, repeats, others]: of residents' channels, how many repeat a matter, and the rest."""
    resident = cases.c.channel.in_(channels)
    stmt = (
        select(
            cases.c.area_code,
            func.count().filter(resident).label("reports"),
            func.count().filter(resident, cases.c.duplicate_of.is_not(None)).label("repeats"),
            func.count().filter(~resident).label("others"),
        )
        .where(
            filters.in_scope(district_code), cases.c.location_status == "located",
            cases.c.reported_at >= start, cases.c.reported_at < end,
        )
        .group_by(cases.c.area_code)
        .limit(50_000)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).all(), columns=["area_code", "reports", "repeats", "others"])


def monthly(
    conn: Connection, view: View, district_code: str, start: datetime, end: datetime, zone: str
) -> pd.DataFrame:
    """Return [place, category, month, cases, repeats]: reports per community, small class and local month."""
    place = func.left(cases.c.area_code, int(Level.COMMUNITY)).label("place")
    month = func.to_char(func.timezone(zone, cases.c.reported_at), "YYYY-MM").label("month")
    repeats = func.count().filter(cases.c.duplicate_of.is_not(None) | cases.c.is_repeat)
    stmt = (
        select(place, cases.c.category, month, func.count().label("cases"), repeats.label("repeats"))
        .where(
            filters.in_scope(district_code), *filters.chosen(view, end), cases.c.location_status == "located",
            func.length(cases.c.area_code) >= int(Level.COMMUNITY),
            cases.c.reported_at >= start, cases.c.reported_at < end,
        )
        .group_by(place, cases.c.category, month)
        .limit(500_000)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).all(), columns=["place", "category", "month", "cases", "repeats"])
