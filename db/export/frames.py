"""The rows of an export: areas or cases of one scope, and the words that must go with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, Select, func, select

from db.tables import area, cases, category, district
from gis.codes import Level, level_of
from gis.errors import AreaNotFound

SCHEMATIC = "示意 / schematic: the outlines are not surveyed"


@dataclass(frozen=True)
class Provenance:
    """What an export says about itself.

    Attributes
    ----------
    what
        `areas` or `cases`.
    scope, scope_name
        Code and name of the area that was asked for.
    filters
        Everything else that was asked for, in words; empty for none.
    data_at
        When the record was read (aware, local time of the district).
    attribution
        Whose data it is.
    schematic
        Whether outlines are drawn and not surveyed.
    """

    what: str
    scope: str
    scope_name: str
    data_at: datetime
    filters: str = ""
    attribution: str = ""
    schematic: bool = False

    @property
    def lines(self) -> dict[str, str]:
        """Label and value of everything that must be said, in order."""
        said = {
            "title": f"全响 Quanxiang {self.what}",
            "scope": f"{self.scope} {self.scope_name}",
            "filters": self.filters or "none / 无",
            "data_time": self.data_at.isoformat(timespec="seconds"),
            "crs": "EPSG:4326 (WGS-84)",
            "attribution": self.attribution or "not stated / 未注明",
        }
        return said | ({"notice": SCHEMATIC} if self.schematic else {})


@dataclass(frozen=True)
class Export:
    """Rows with geometry in EPSG:4326 and their provenance."""

    frame: gpd.GeoDataFrame
    provenance: Provenance = field(repr=False)


def areas_stmt(scope: str, level: Level | None) -> Select[Any]:
    """Areas in force in a scope, itself included; index: uq_area_code_in_force."""
    stmt = (
        select(
            area.c.code, area.c.level, area.c.parent_code, area.c.name_zh, area.c.name_en, area.c.short_zh,
            func.array_to_string(area.c.aliases, "; ").label("aliases"), area.c.official_order, area.c.area_m2,
            area.c.population, area.c.over60, area.c.households, area.c.population_source, area.c.population_vintage,
            area.c.population_is_estimate, area.c.is_schematic, area.c.valid_from,
            func.ST_X(area.c.label_point).label("label_lon"), func.ST_Y(area.c.label_point).label("label_lat"),
            func.ST_AsBinary(area.c.geom).label("geometry"),
        )
        .where(area.c.code.like(f"{scope}%"), area.c.valid_to.is_(None))
        .order_by(area.c.level, area.c.code)
    )  # fmt: skip
    return stmt if level is None else stmt.where(area.c.level == int(level))


def cases_stmt(scope: str, since: datetime | None, until: datetime | None) -> Select[Any]:
    """Cases of a scope and half-open span of report times; index: ix_cases_area_reported."""
    stmt = (
        select(
            cases.c.number, cases.c.source, cases.c.external_id, cases.c.channel, cases.c.category, cases.c.family,
            category.c.major_zh, category.c.minor_zh, category.c.minor_en, cases.c.urgency, cases.c.population_group,
            cases.c.title, cases.c.place, cases.c.area_code, cases.c.location_status, cases.c.lead_chain, cases.c.stage,
            cases.c.is_open, cases.c.is_repeat, cases.c.reported_at, cases.c.due_at, cases.c.handled_at,
            cases.c.closed_at, func.ST_X(cases.c.geom).label("lon"), func.ST_Y(cases.c.geom).label("lat"),
        )
        .join(category, category.c.code == cases.c.category)
        .where(cases.c.area_code.like(f"{scope}%"))
        .order_by(cases.c.reported_at, cases.c.number)
    )  # fmt: skip
    if since is not None:
        stmt = stmt.where(cases.c.reported_at >= since)
    return stmt if until is None else stmt.where(cases.c.reported_at < until)


def export_areas(conn: Connection, scope: str, *, now: datetime, level: Level | None = None) -> Export:
    """Return the areas of a scope, itself included.

    Raises
    ------
    AreaNotFound
        When no area in force has the code.
    """
    facts = _scope_facts(conn, scope)
    stmt = areas_stmt(scope, level)
    rows = _rows(conn, stmt)
    shapes = shapely.from_wkb(np.array([bytes(item) for item in rows["geometry"]], dtype=object))
    rows["valid_from"] = rows["valid_from"].astype(str)
    for name in ("population", "over60", "households"):
        rows[name] = rows[name].astype("Int64")
    frame = gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=shapes, crs=4326)
    filters = f"level {level.word}" if level is not None else ""
    return Export(frame, _provenance("areas", scope, facts, filters, now, bool(frame["is_schematic"].any())))


def export_cases(
    conn: Connection, scope: str, *, now: datetime, since: date | None = None, until: date | None = None
) -> Export:
    """Return the cases of a scope, those in its buckets included (not located, outside, cross-street).

    Parameters
    ----------
    conn
        Any connection that may read.
    scope
        Code of an area in force.
    now
        Aware; written into the file as the time of the data.
    since, until
        First and last local day of the report.

    Raises
    ------
    AreaNotFound
        When no area in force has the code.
    """
    facts = _scope_facts(conn, scope)
    zone = ZoneInfo(facts["timezone"])
    first = datetime.combine(since, time.min, zone) if since else None
    last = datetime.combine(date.fromordinal(until.toordinal() + 1), time.min, zone) if until else None
    rows = _rows(conn, cases_stmt(scope, first, last))
    for name in ("reported_at", "due_at", "handled_at", "closed_at"):
        rows[name] = pd.to_datetime(rows[name], utc=True).dt.tz_convert(zone)
    frame = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326)
    frame.loc[rows["lon"].isna(), "geometry"] = None
    spans = [f"reported from {since}" if since else "", f"reported to {until}" if until else ""]
    filters = ", ".join(part for part in spans if part)
    return Export(frame, _provenance("cases", scope, facts, filters, now, bool(facts["is_schematic"])))


def _rows(conn: Connection, stmt: Select[Any]) -> pd.DataFrame:
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[column.name for column in stmt.selected_columns])


def _scope_facts(conn: Connection, scope: str) -> dict[str, Any]:
    level_of(scope)
    stmt = (
        select(area.c.name_zh, area.c.is_schematic, district.c.timezone, district.c.attribution)
        .join(district, district.c.code == area.c.district_code)
        .where(area.c.code == scope, area.c.valid_to.is_(None))
    )
    found = conn.execute(stmt).mappings().first()
    if found is None:
        raise AreaNotFound(f"no area in force has the code {scope}")
    return dict(found)


def _provenance(
    what: str, scope: str, facts: dict[str, Any], filters: str, now: datetime, schematic: bool
) -> Provenance:
    return Provenance(
        what=what, scope=scope, scope_name=facts["name_zh"], filters=filters, schematic=schematic,
        data_at=now.astimezone(ZoneInfo(facts["timezone"])), attribution=facts["attribution"],
    )  # fmt: skip
