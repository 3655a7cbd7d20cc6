"""After the cells changed: facilities, elements and buildings are put into the cells they now lie in.

Cases are not: a case keeps the cell that it had at the time of its report.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from db.tables import area, building, element, facility
from gis.codes import Level


def place_anew(conn: Connection, district_code: str) -> None:
    """Update the cell of everything that carries one; a point on a shared edge belongs to the smallest code.

    What lies in no cell any more loses its cell where the table allows that (facilities), and keeps it otherwise.
    """
    _place(conn, facility, facility.c.geom, facility.c.district_code == district_code, may_be_nowhere=True)
    _place(conn, element, element.c.geom, element.c.cell_code.like(f"{district_code}%"))
    _place(conn, building, func.ST_PointOnSurface(building.c.geom), building.c.cell_code.like(f"{district_code}%"))


def _place(conn: Connection, table: Table, point: Any, mine: Any, *, may_be_nowhere: bool = False) -> None:
    # index: ix_area_geom
    cell = (
        select(func.min(area.c.code))
        .where(area.c.level == int(Level.CELL), area.c.valid_to.is_(None), func.ST_Intersects(area.c.geom, point))
        .correlate(table)
        .scalar_subquery()
    )
    known = cell if may_be_nowhere else func.coalesce(cell, table.c.cell_code)
    conn.execute(update(table).where(mine, table.c.geom.is_not(None)).values(cell_code=known))
