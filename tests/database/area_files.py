"""Small files of areas for tests, and their import with the default profile."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import Connection, select

from db.intake.profile import Profile
from db.tables import area
from db.write.areas import AreaImport, AreaOptions, import_areas
from gis.codes import Level

DAY = date(2026, 3, 1)
LATER = date(2026, 6, 1)


def write(path: Path, features: list[tuple[dict[str, Any], Any]], crs: str | None = "EPSG:4326") -> Path:
    """Write features with their properties as GeoJSON (or what the suffix says)."""
    frame = gpd.GeoDataFrame([row for row, _ in features], geometry=[shape for _, shape in features], crs=crs)
    frame.to_file(path)
    return path


def square(column: int, row: int = 0, size: float = 0.01) -> shapely.Polygon:
    """Return a square of about a kilometre in Xicheng, counted from its south-west corner."""
    west, south = 116.34 + column * size, 39.88 + row * size
    return shapely.box(west, south, west + size, south + size)


def run(conn: Connection, path: Path, level: Level = Level.STREET, day: date = DAY, **options: Any) -> AreaImport:
    """Import with default profile."""
    return import_areas(conn, path, Profile(), level, today=day, options=AreaOptions(**options))


def in_force_codes(conn: Connection, level: Level) -> list[str]:
    stmt = select(area.c.code).where(area.c.level == int(level), area.c.valid_to.is_(None)).order_by(area.c.code)
    return list(conn.execute(stmt).scalars())
