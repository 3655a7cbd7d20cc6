"""Areas in force: by code, the children of one, neighbours, search."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, case, func, literal, or_, select

from db.tables import area, district
from gis.codes import Level, level_of
from gis.errors import AreaNotFound

_BOX = (
    func.ST_XMin(func.Box2D(area.c.geom)).label("west"),
    func.ST_YMin(func.Box2D(area.c.geom)).label("south"),
    func.ST_XMax(func.Box2D(area.c.geom)).label("east"),
    func.ST_YMax(func.Box2D(area.c.geom)).label("north"),
)
_FACTS = (
    area.c.code, area.c.level, area.c.parent_code, area.c.district_code, area.c.name_zh, area.c.name_en,
    area.c.short_zh, area.c.aliases, area.c.official_order, area.c.area_m2, area.c.population, area.c.over60,
    area.c.households, area.c.population_source, area.c.population_vintage, area.c.population_is_estimate,
    area.c.land_use, area.c.is_schematic, area.c.valid_from,
    func.ST_X(area.c.label_point).label("label_lon"), func.ST_Y(area.c.label_point).label("label_lat"),
)  # fmt: skip


def districts(conn: Connection) -> pd.DataFrame:
    """Return the loaded districts, the demo last so that own data opens first."""
    stmt = (
        select(district, area.c.name_zh, area.c.name_en)
        .join(area, and_(area.c.code == district.c.code, area.c.valid_to.is_(None)))
        .order_by(district.c.is_demo, district.c.loaded_at)
        .limit(200)
    )
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def area_stmt(code: str) -> Select[Any]:
    """One area in force with its box in degrees; index: uq_area_code_in_force."""
    return select(*_FACTS, *_BOX).where(area.c.code == code, area.c.valid_to.is_(None)).limit(1)


def one_area(conn: Connection, code: str) -> dict[str, Any]:
    """Return the facts of one area.

    Raises
    ------
    AreaNotFound
        When no area in force has this code.
    """
    level_of(code)
    row = conn.execute(area_stmt(code)).mappings().first()
    if row is None:
        raise AreaNotFound(f"no area in force has the code {code}")
    return dict(row)


def inside_stmt(scope: str, level: Level) -> Select[Any]:
    """Areas of one level inside a scope (or the scope itself), in official order; index: ix_area_level_code."""
    return (
        select(*_FACTS)
        .where(area.c.level == int(level), area.c.code.like(f"{scope}%"), area.c.valid_to.is_(None))
        .order_by(area.c.official_order, area.c.code)
        .limit(20_000)
    )


def inside(conn: Connection, scope: str, level: Level) -> pd.DataFrame:
    """Return the areas of one level inside a scope, indexed by code, in official order."""
    rows = conn.execute(inside_stmt(scope, level)).mappings().all()
    return pd.DataFrame(rows, columns=[c.name for c in inside_stmt(scope, level).selected_columns]).set_index("code")


def crumbs(conn: Connection, codes: list[str]) -> list[dict[str, Any]]:
    """Return code, name and level of the given areas, from the widest to the narrowest."""
    stmt = (
        select(area.c.code, area.c.level, area.c.name_zh, area.c.short_zh, area.c.name_en)
        .where(area.c.code.in_(codes), area.c.valid_to.is_(None))
        .order_by(area.c.level)
        .limit(4)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def neighbours(conn: Connection, code: str) -> list[dict[str, Any]]:
    """Return the areas of the same level that share a border line (not only a corner) with this one, longest first."""
    own = select(area.c.geom).where(area.c.code == code, area.c.valid_to.is_(None)).scalar_subquery()
    shared = func.ST_Length(func.ST_Intersection(area.c.geom, own))
    stmt = (
        select(area.c.code, area.c.name_zh, area.c.short_zh, area.c.name_en)
        .where(
            area.c.level == len(code),
            area.c.valid_to.is_(None),
            area.c.code != code,
            func.ST_Intersects(area.c.geom, own),
            shared > 1e-7,
        )
        .order_by(shared.desc())
        .limit(12)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def search_stmt(asked: str, district_code: str) -> Select[Any]:
    """Areas whose name, short name, alias, pinyin, initials or code begins with or contains what was typed.

    Cells carry their community's name, so they are found by code only.
    """
    plain = asked.strip().lower().replace("'", "").replace(" ", "")
    safe = plain.replace("\\", "").replace("%", "").replace("_", "")
    rank = case(
        (and_(area.c.level == int(Level.CELL), area.c.code.not_like(f"{safe}%")), None),
        (or_(area.c.code == safe, area.c.short_zh == safe, area.c.name_zh == safe), 0),
        (area.c.short_zh.like(f"{safe}%"), 1),
        (or_(area.c.initials == safe, area.c.pinyin == safe), 2),
        (or_(area.c.pinyin.like(f"{safe}%"), area.c.initials.like(f"{safe}%"), area.c.code.like(f"{safe}%")), 3),
        (area.c.name_zh.like(f"%{safe}%"), 4),
        (area.c.pinyin.like(f"%{safe}%"), 5),
        (func.lower(area.c.name_en).like(f"%{asked.strip().lower().replace('%', '')}%"), 6),
        (literal(safe) == func.any(area.c.aliases), 7),
        else_=None,
    )
    return (
        select(area.c.code, area.c.level, area.c.name_zh, area.c.short_zh, area.c.name_en, area.c.parent_code)
        .where(area.c.valid_to.is_(None), area.c.district_code == district_code, rank.is_not(None))
        .order_by(rank, area.c.level, area.c.official_order, area.c.code)
        .limit(12)
    )


def search(conn: Connection, asked: str, district_code: str) -> list[dict[str, Any]]:
    """Return at most 12 areas for what was typed, best first; nothing for an empty box or for signs only."""
    if not any(sign.isalnum() for sign in asked):
        return []
    return [dict(row) for row in conn.execute(search_stmt(asked, district_code)).mappings()]
