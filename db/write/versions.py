"""Areas change in time: a new outline closes the version in force and opens the next, a new name does not.

An outline that is imported twice on one day is a correction of that day's version: a version that was in force for no
day is not history. Names are kept: the one that an area loses stays as an alias.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, bindparam, update

from db.tables import area
from db.write.bulk import copy_frame
from gis.codes import parent_code
from gis.pinyin import initials, short_name, spellings

SAME_OUTLINE_DEG = 1e-9
"""Outlines that agree vertex by vertex to a tenth of a millimetre are the same outline."""

_KEPT = (
    "name_zh", "name_en", "short_zh", "official_order", "population", "over60", "households", "population_source",
    "population_vintage", "population_is_estimate", "land_use", "is_schematic",
)  # fmt: skip
_DEFAULTS = {
    "name_en": "", "short_zh": "", "official_order": 0, "population_source": "", "population_vintage": "",
    "population_is_estimate": True, "land_use": "", "is_schematic": False,
}  # fmt: skip
_LABEL_TOLERANCE_M = 2.0


@dataclass
class Changes:
    """Codes by what happened to them."""

    opened: list[str] = field(default_factory=list)
    reshaped: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    @property
    def any_geometry(self) -> bool:
        """Whether any outline changed."""
        return bool(self.opened or self.reshaped or self.corrected or self.closed)


def write_areas(
    conn: Connection, areas: gpd.GeoDataFrame, existing: gpd.GeoDataFrame, metric_srid: int, today: date
) -> Changes:
    """Bring areas into force.

    Parameters
    ----------
    conn
        A connection in a transaction.
    areas
        `code`, `name_zh` and geometry in EPSG:4326, and any other fact; a missing value keeps what is known.
    existing
        The areas in force among which their predecessors are.
    metric_srid
        CRS in which areas in m2 and label points are computed.
    today
        First day of the new versions.
    """
    changes = Changes()
    before = {str(row["code"]): row for row in existing.to_dict("records")}
    outlines = as_multipolygons(areas.geometry.to_numpy())
    metric = gpd.GeoSeries(outlines, crs=4326).to_crs(metric_srid)
    facts = areas.drop(columns="geometry").to_dict("records")
    fresh: list[dict[str, Any]] = []
    for row, outline, ground in zip(facts, outlines, metric, strict=True):
        old = before.get(row["code"])
        new = _merged(row, old)
        new |= {"geom": outline, "area_m2": float(ground.area), "label_point": _label_point(ground, metric_srid)}
        code = str(row["code"])
        if old is not None and not _same(old["geometry"], outline) and _blank(row.get("is_schematic")):
            new["is_schematic"] = False  # a drawing gives way to an outline that does not say it is one
        if old is None:
            changes.opened.append(code)
            fresh.append(new | {"valid_from": today})
        elif not _same(old["geometry"], outline):
            if old["valid_from"] >= today:
                changes.corrected.append(code)
                _overwrite(conn, old["id"], new)
            else:
                changes.reshaped.append(code)
                close_areas(conn, [old["id"]], today)
                fresh.append(new | {"valid_from": today})
        elif any(_differs(new[name], old[name]) for name in (*_KEPT, "aliases")):
            changes.renamed.append(code)
            _overwrite(conn, old["id"], {k: v for k, v in new.items() if k not in ("geom", "area_m2", "label_point")})
        else:
            changes.unchanged.append(code)
    if fresh:
        copy_frame(conn, "area", pd.DataFrame(fresh))
    return changes


def close_areas(conn: Connection, ids: list[int], today: date) -> None:
    """End the versions with these ids."""
    if ids:
        stmt = update(area).where(area.c.id == bindparam("row_id")).values(valid_to=today)
        conn.execute(stmt, [{"row_id": row_id} for row_id in ids])


def rename_areas(conn: Connection, names: pd.DataFrame, existing: gpd.GeoDataFrame) -> Changes:
    """Give names and facts to areas in force, by code, without touching their outlines."""
    changes = Changes()
    before = {str(row["code"]): row for row in existing.to_dict("records")}
    for row in names.to_dict("records"):
        old = before[row["code"]]
        new = _merged(row, old)
        if any(_differs(new[name], old[name]) for name in (*_KEPT, "aliases")):
            changes.renamed.append(row["code"])
            _overwrite(conn, old["id"], new)
        else:
            changes.unchanged.append(row["code"])
    return changes


def _merged(row: dict[Any, Any], old: dict[Any, Any] | None) -> dict[str, Any]:
    """Return the facts of an area: what the file says, else what is known, else the default."""
    code = str(row["code"])
    facts: dict[str, Any] = {}
    for name in _KEPT:
        said = row.get(name)
        known = old[name] if old is not None else _DEFAULTS.get(name)
        facts[name] = known if _blank(said) else said
        facts[name] = None if _blank(facts[name]) and name not in _DEFAULTS else facts[name]
    for name in ("official_order", "population", "over60", "households"):
        facts[name] = None if facts[name] is None else int(facts[name])
    facts["name_zh"] = facts["name_zh"] or code
    if old is None or (facts["name_zh"] != old["name_zh"] and _blank(row.get("short_zh"))):
        facts["short_zh"] = row["short_zh"] if not _blank(row.get("short_zh")) else short_name(facts["name_zh"])
    aliases = list(old["aliases"]) if old is not None else []
    lost = [old["name_zh"], old["name_en"]] if old is not None else []
    current = (facts["name_zh"], facts["name_en"], facts["short_zh"])
    for name in [*lost, row.get("alias")]:
        if not _blank(name) and name not in aliases and name not in current and name != code:
            aliases.append(str(name))
    return facts | {
        "code": code, "level": len(code), "parent_code": parent_code(code), "district_code": code[:6],
        "pinyin": spellings(facts["name_zh"]), "initials": initials(facts["short_zh"] or facts["name_zh"]),
        "aliases": aliases,
    }  # fmt: skip


def _overwrite(conn: Connection, row_id: int, facts: dict[str, Any]) -> None:
    stored = dict(facts)
    for name in ("geom", "label_point"):
        if name in stored:
            stored[name] = f"SRID=4326;{shapely.to_wkt(stored[name], rounding_precision=-1)}"
    conn.execute(update(area).where(area.c.id == row_id).values(**stored))


def _blank(value: Any) -> bool:
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float) and np.isnan(value))
        or value == ""
    )


def _differs(one: Any, two: Any) -> bool:
    return not (_blank(one) and _blank(two)) and one != two


def _same(one: Any, two: Any) -> bool:
    if shapely.equals_exact(shapely.normalize(one), shapely.normalize(two), tolerance=SAME_OUTLINE_DEG):
        return True
    return bool(shapely.equals(one, two))  # the same ground, told with other vertices along straight lines


def as_multipolygons(shapes: np.ndarray) -> np.ndarray:
    """Return every area as a multipolygon, as the table keeps it."""
    return np.array(
        [shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]) for shape in shapes],
        dtype=object,
    )


def _label_point(ground: Any, metric_srid: int) -> Any:
    """Return the middle of the widest place of an area (metric) in EPSG:4326."""
    widest = max(shapely.get_parts(ground), key=shapely.area)
    middle = shapely.get_point(shapely.maximum_inscribed_circle(widest, tolerance=_LABEL_TOLERANCE_M), 0)
    return gpd.GeoSeries([middle], crs=metric_srid).to_crs(4326).iloc[0]
