"""Where each unified cell came from, stored: its shares of the source cells."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, delete, select

from db.tables import lineage, source_cell
from db.write.bulk import copy_frame
from db.write.territory import in_force, people, source_cells
from gis.atoms import populate_faces
from gis.codes import Level
from gis.lineage import build_lineage
from gis.overlay import overlay_faces


def tell_lineage(conn: Connection, district_code: str, metric_srid: int) -> int:
    """Compute and store anew what every unified cell shares with every source cell; return the number of pairs."""
    areas = in_force(conn, district_code, Level.CELL)
    cells = source_cells(conn, district_code)
    if areas.empty or cells.empty:
        return 0
    layers = {"cell": areas[["code", "geometry"]].to_crs(metric_srid)}
    layers |= by_grid(cells.to_crs(metric_srid))
    residents = people(conn, district_code)
    faces, _ = populate_faces(overlay_faces(layers, "cell"), None if residents.empty else residents.to_crs(metric_srid))
    pairs = build_lineage(faces, faces["cell"].to_numpy(dtype=str), [grid for grid in layers if grid != "cell"])
    return store_lineage(conn, district_code, pairs)


def by_grid(cells: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Return source cells grid by grid: [code, geometry]."""
    names = sorted(cells["grid"].unique())
    return {str(name): cells.loc[cells["grid"] == name, ["code", "geometry"]] for name in names}


def store_lineage(conn: Connection, district_code: str, pairs: pd.DataFrame) -> int:
    """Write lineage in place of what was known; ground that a grid does not cover has no source cell and no row."""
    conn.execute(delete(lineage).where(lineage.c.cell_code.like(f"{district_code}%")))
    keys = select(source_cell.c.id, source_cell.c.grid, source_cell.c.code).where(
        source_cell.c.district_code == district_code
    )
    ids = pd.DataFrame(conn.execute(keys).all(), columns=["source_cell_id", "grid", "source_code"])
    rows = pairs[pairs["source_code"] != ""].merge(ids, on=["grid", "source_code"])
    columns = ["cell_code", "source_cell_id", "area_m2", "population", "area_share", "population_share"]
    return copy_frame(conn, "lineage", rows, columns)
