"""What a district looks like in the record right now, for the writers that must fit new things into it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, Row, func, insert, select, update

from db.tables import area, building, district, outbox, source_cell
from gis.codes import Level
from gis.errors import AreaNotFound, InputFault
from gis.locate import CellIndex

_STORED = 4326


def district_row(conn: Connection, code: str = "") -> Row[Any]:
    """Return the row of a district; without a code, of the only one that is not the demo.

    Raises
    ------
    AreaNotFound
        When it is not loaded.
    InputFault
        When no code is given and the choice is not obvious.
    """
    if code:
        found = conn.execute(select(district).where(district.c.code == code)).first()
        if found is None:
            raise AreaNotFound(f"district {code} is not loaded: import its areas first")
        return found
    rows = conn.execute(select(district).order_by(district.c.is_demo)).all()
    own = [row for row in rows if not row.is_demo] or rows
    if len(own) != 1:
        listed = ", ".join(row.code for row in own) or "none is loaded"
        raise InputFault(f"say which district with --district ({listed})")
    return own[0]


def district_codes(conn: Connection) -> list[str]:
    """Return the codes of all districts in the record."""
    return list(conn.execute(select(district.c.code).order_by(district.c.code)).scalars())


def in_force(conn: Connection, district_code: str, level: Level | None = None) -> gpd.GeoDataFrame:
    """Return the areas in force of a district in EPSG:4326, with all facts, by code."""
    names = [column for column in area.c if column.name not in ("geom", "label_point")]
    stmt = select(*names, func.ST_AsBinary(area.c.geom).label("geometry")).where(
        area.c.district_code == district_code, area.c.valid_to.is_(None)
    )
    if level is not None:
        stmt = stmt.where(area.c.level == int(level))
    return _frame(conn, stmt.order_by(area.c.code))


def source_cells(conn: Connection, district_code: str, grid: str = "") -> gpd.GeoDataFrame:
    """Return source cells in EPSG:4326: [id, grid, code, area_m2, population, geometry]."""
    stmt = select(
        source_cell.c.id, source_cell.c.grid, source_cell.c.code, source_cell.c.area_m2, source_cell.c.population,
        func.ST_AsBinary(source_cell.c.geom).label("geometry"),
    ).where(source_cell.c.district_code == district_code)  # fmt: skip
    if grid:
        stmt = stmt.where(source_cell.c.grid == grid)
    return _frame(conn, stmt.order_by(source_cell.c.grid, source_cell.c.code))


def people(conn: Connection, district_code: str) -> gpd.GeoDataFrame:
    """Return where people live, as buildings in EPSG:4326: [people, geometry]; empty when not known."""
    stmt = select(building.c.residents.label("people"), func.ST_AsBinary(building.c.geom).label("geometry")).where(
        building.c.cell_code.like(f"{district_code}%")
    )
    return _frame(conn, stmt.order_by(building.c.id))


def deepest_codes(areas: gpd.GeoDataFrame, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the deepest area below the district that owns each point (EPSG:4326), '' where none does."""
    found = np.full(len(lon), "", dtype=object)
    for level in sorted(Level, reverse=True):
        chosen = areas[areas["level"] == int(level)]
        open_points = np.flatnonzero((found == "") & np.isfinite(lon) & np.isfinite(lat))
        if level is Level.DISTRICT or chosen.empty or not open_points.size:
            continue
        index = CellIndex(chosen["code"].to_numpy(dtype=str), chosen.geometry.to_numpy())
        codes = np.append(index.codes, "").astype(object)
        found[open_points] = codes[index.locate_xy(lon[open_points], lat[open_points])]
    return found


def touch_geography(conn: Connection, district_code: str, version: str, attribution: str = "") -> None:
    """Note that the geography of a district changed: a new version for caches, a word to live screens."""
    changes: dict[str, Any] = {"geometry_version": version, "loaded_at": func.now()}
    said = conn.execute(select(district.c.attribution).where(district.c.code == district_code)).scalar() or ""
    if attribution and attribution not in said:
        changes["attribution"] = "; ".join(part for part in (said, attribution) if part)
    conn.execute(update(district).where(district.c.code == district_code).values(**changes))
    conn.execute(insert(outbox).values(kind="geography", area_code=district_code))


def _frame(conn: Connection, stmt: Any) -> gpd.GeoDataFrame:
    rows = pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[column.name for column in stmt.selected_columns])
    shapes = shapely.from_wkb(np.array([bytes(item) for item in rows["geometry"]], dtype=object))
    return gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=shapes, crs=_STORED)
