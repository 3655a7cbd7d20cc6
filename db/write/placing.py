"""After areas changed: cases, facilities, elements and buildings are put into the areas they now lie in.

A screen counts cases on the grid in force, where a code may mean other ground than before, and its children and buckets
must add up. So a case moves with the grid, and keeps the area of its report time in `first_area_code`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, case, func, select, update

from db.tables import area, building, cases, element, facility
from gis.codes import Level


def place_anew(conn: Connection, district_code: str) -> None:
    """Update the cell of everything that carries one; a point on a shared edge belongs to the smallest code.

    What lies in no cell any more loses its cell where the table allows that (facilities), and keeps it otherwise.
    """
    _place(conn, facility, facility.c.geom, facility.c.district_code == district_code, may_be_nowhere=True)
    _place(conn, element, element.c.geom, element.c.cell_code.like(f"{district_code}%"))
    _place(conn, building, func.ST_PointOnSurface(building.c.geom), building.c.cell_code.like(f"{district_code}%"))


def place_cases(conn: Connection, district_code: str) -> int:
    """Put the cases of a district into the deepest areas in force and return how many moved.

    A case with a point goes where the point lies (the smallest code on a shared edge), outside if nowhere; one without
    goes to the deepest area in force that contains the one it was reported for.
    """
    mine, current = cases.c.area_code.like(f"{district_code}%"), area.c.valid_to.is_(None)
    below = area.c.level > int(Level.DISTRICT)
    # index: ix_area_geom
    owner = (
        select(area.c.code)
        .where(current, below, area.c.district_code == district_code, func.ST_Intersects(area.c.geom, cases.c.geom))
        .order_by(area.c.level.desc(), area.c.code)
        .limit(1)
        .correlate(cases)
        .scalar_subquery()
    )
    pointed = select(cases.c.id, func.coalesce(owner, district_code).label("code")).where(
        mine, cases.c.geom.is_not(None), cases.c.location_status.in_(["located", "outside"])
    )
    # index: uq_area_code_in_force
    ancestor = (
        select(func.max(area.c.code))
        .where(current, area.c.code.in_([func.left(cases.c.area_code, int(level)) for level in Level]))
        .correlate(cases)
        .scalar_subquery()
    )
    named = select(cases.c.id, func.coalesce(ancestor, district_code).label("code")).where(
        mine, func.length(cases.c.area_code) > int(Level.DISTRICT), cases.c.location_status == "unlocated"
    )
    moved = 0
    for found in (pointed.cte("pointed"), named.cte("named")):
        status = case(
            (cases.c.location_status == "unlocated", "unlocated"),
            (func.length(found.c.code) == int(Level.DISTRICT), "outside"),
            else_="located",
        )
        stmt = update(cases).where(cases.c.id == found.c.id, cases.c.area_code != found.c.code)
        moved += conn.execute(
            stmt.values(
                first_area_code=func.coalesce(cases.c.first_area_code, cases.c.area_code),
                area_code=found.c.code, location_status=status, changed_at=func.now(),
            )
        ).rowcount  # fmt: skip
    return moved


def _place(conn: Connection, table: Table, point: Any, mine: Any, *, may_be_nowhere: bool = False) -> None:
    # index: ix_area_geom
    cell = (
        select(func.min(area.c.code))
        .where(area.c.level == int(Level.CELL), area.c.valid_to.is_(None), func.ST_Intersects(area.c.geom, point))
        .correlate(table)
        .scalar_subquery()
    )
    known = cell if may_be_nowhere else func.coalesce(cell, table.c.cell_code)
    # found first, so that only what moved is written
    found = select(table.c.id, known.label("code")).where(mine, table.c.geom.is_not(None)).cte("found")
    moved = table.c.cell_code.is_distinct_from(found.c.code)
    conn.execute(update(table).where(table.c.id == found.c.id, moved).values(cell_code=found.c.code))
