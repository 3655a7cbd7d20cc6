"""What an area holds: the seven element kinds, and the source cells that a unified cell came from."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from db.tables import area, base_feature, building, element, facility, lineage, source_cell
from gis.codes import Level

_DEPTH = int(Level.CELL)


def element_counts(conn: Connection, scope: str) -> pd.DataFrame:
    """Return [kind, subtype, amount] of everything recorded inside a scope, people left out.

    Facilities are service resources, so they count among the `service` elements.
    """
    recorded = (
        select(element.c.kind, element.c.subtype, func.sum(element.c.amount).label("amount"))
        .where(element.c.cell_code.like(f"{scope}%"))
        .group_by(element.c.kind, element.c.subtype)
        .limit(500)
    )
    served = (
        select(facility.c.kind.label("subtype"), func.count().label("amount"))
        .where(facility.c.cell_code.like(f"{scope}%"))
        .group_by(facility.c.kind)
        .limit(200)
    )
    rows = [tuple(row) for row in conn.execute(recorded)]
    rows += [("service", row.subtype, row.amount) for row in conn.execute(served)]
    return pd.DataFrame(rows, columns=["kind", "subtype", "amount"]).astype({"amount": "int64"})


def elements_by_cell(conn: Connection, district_code: str) -> pd.Series:
    """Return the number of recorded elements (without people) per cell code of a district."""
    counted = (
        select(element.c.cell_code, func.sum(element.c.amount).label("amount"))
        .where(element.c.cell_code.like(f"{district_code}%"))
        .group_by(element.c.cell_code)
        .limit(100_000)
    )
    served = (
        select(facility.c.cell_code, func.count().label("amount"))
        .where(facility.c.cell_code.like(f"{district_code}%"))
        .group_by(facility.c.cell_code)
        .limit(100_000)
    )
    frame = pd.DataFrame([*conn.execute(counted).all(), *conn.execute(served).all()], columns=["code", "amount"])
    return frame.groupby("code")["amount"].sum().astype("int64")


def building_counts(conn: Connection, scope: str) -> dict[str, int]:
    """Return buildings and those people live in, inside a scope."""
    stmt = select(func.count().label("buildings"), func.count().filter(building.c.residents > 0).label("homes")).where(
        building.c.cell_code.like(f"{scope}%")
    )
    return dict(conn.execute(stmt).mappings().one())


def lineage_of(conn: Connection, cell_code: str) -> list[dict[str, Any]]:
    """Return the source cells that one unified cell came from, with both directions of the share of area."""
    stmt = (
        select(
            source_cell.c.grid,
            source_cell.c.code,
            lineage.c.area_m2,
            lineage.c.area_share,
            lineage.c.population,
            lineage.c.population_share,
            (lineage.c.area_m2 / source_cell.c.area_m2).label("of_source_share"),
        )
        .join(source_cell, source_cell.c.id == lineage.c.source_cell_id)
        .where(lineage.c.cell_code == cell_code)
        .order_by(source_cell.c.grid, lineage.c.area_m2.desc())
        .limit(100)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def lineage_summary(conn: Connection, scope: str) -> list[dict[str, Any]]:
    """Return, per source grid, how many of its cells touch a scope and how many lie wholly in one unified cell."""
    share = (
        select(
            source_cell.c.grid,
            source_cell.c.id,
            func.max(lineage.c.area_m2 / source_cell.c.area_m2).label("largest"),
        )
        .join(lineage, lineage.c.source_cell_id == source_cell.c.id)
        .where(lineage.c.cell_code.like(f"{scope}%"))
        .group_by(source_cell.c.grid, source_cell.c.id)
        .subquery()
    )
    stmt = (
        select(
            share.c.grid,
            func.count().label("cells"),
            func.count().filter(share.c.largest > 0.999).label("nested"),
        )
        .group_by(share.c.grid)
        .limit(10)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def without_population(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return areas in force whose population is not known."""
    stmt = (
        select(area.c.code, area.c.level, area.c.name_zh, area.c.name_en)
        .where(area.c.district_code == district_code, area.c.valid_to.is_(None), area.c.population.is_(None))
        .order_by(area.c.level, area.c.code)
        .limit(2_000)
    )
    return pd.DataFrame(conn.execute(stmt).all(), columns=["code", "level", "name_zh", "name_en"])


def street_km_by_cell(conn: Connection, district_code: str, metric_srid: int) -> pd.Series:
    """Return kilometres of roads and alleys inside each cell, in the metric CRS; index: ix_base_feature_geom."""
    inside = func.ST_Intersection(base_feature.c.geom, area.c.geom)
    length_km = func.sum(func.ST_Length(func.ST_Transform(inside, metric_srid))) / 1000.0
    stmt = (
        select(area.c.code, length_km)
        .join(base_feature, func.ST_Intersects(base_feature.c.geom, area.c.geom))
        .where(
            area.c.district_code == district_code, area.c.level == _DEPTH, area.c.valid_to.is_(None),
            base_feature.c.layer.in_(("road", "alley")),
        )
        .group_by(area.c.code)
        .limit(100_000)
    )  # fmt: skip
    rows = conn.execute(stmt).all()
    return pd.Series([float(km) for _, km in rows], index=pd.Index([code for code, _ in rows], dtype=str), dtype=float)
