"""The outlines above a level: made when they are missing, and kept a union of the areas below where they were one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import Connection

from db.write.territory import in_force
from db.write.versions import Changes, write_areas
from gis.codes import Level

_SAME_OUTLINE_SHARE = 1e-3
"""Two outlines that differ by less than this share of their area are the same for this purpose."""


def followers(existing: gpd.GeoDataFrame, level: Level, metric_srid: int, parents: str) -> set[str]:
    """Return the codes of areas above whose outline is the union of the areas below them, or is to become it.

    Parameters
    ----------
    existing
        Areas in force of all levels, EPSG:4326.
    level
        The level that is about to change.
    metric_srid
        Where to measure.
    parents
        `union` for all of them, `auto` for those that are such a union now, `keep` for none.
    """
    metric = existing[["code", "level", "geometry"]].to_crs(metric_srid)
    found: set[str] = set()
    for above in [item for item in Level if item < level]:
        owners = metric[metric["level"] == int(above)]
        below = metric[metric["level"] == int(above.child or above)]
        for owner, outline in zip(owners["code"], owners.geometry, strict=True):
            parts = below.loc[below["code"].str.startswith(owner), "geometry"]
            if parents == "union":
                found.add(owner)
            elif parents == "auto" and not parts.empty:
                apart = shapely.symmetric_difference(shapely.union_all(parts.to_numpy()), outline)
                if shapely.area(apart) <= _SAME_OUTLINE_SHARE * shapely.area(outline):
                    found.add(owner)
    return found


def renew_parents(
    conn: Connection,
    code: str,
    level: Level,
    redrawn: set[str],
    metric_srid: int,
    named: Mapping[str, Any],
    today: date,
) -> Changes:
    """Make the missing areas above a level and redraw the given ones, from the lowest up.

    Parameters
    ----------
    conn
        A connection in a transaction.
    code
        The district.
    level
        The level that has changed.
    redrawn
        Codes whose outline becomes the union of the areas below; see `followers`.
    metric_srid
        Where to measure.
    named
        `name_zh`, `name_en` of the district, in case that it is made now.
    today
        First day of new versions.
    """
    total = Changes()
    for above in sorted((item for item in Level if item < level), reverse=True):
        areas = in_force(conn, code)
        below = areas[areas["level"] == int(above.child or above)]
        there = set(areas.loc[areas["level"] == int(above), "code"])
        owners = sorted(below["code"].str[: int(above)].unique())
        due = [owner for owner in owners if owner not in there or owner in redrawn]
        if not due:
            continue
        outlines = [
            shapely.union_all(below.loc[below["code"].str.startswith(owner), "geometry"].to_numpy()) for owner in due
        ]
        drawn = [bool(below.loc[below["code"].str.startswith(owner), "is_schematic"].any()) for owner in due]
        facts = {"code": due, "name_zh": [None] * len(due), "is_schematic": drawn}
        frame = gpd.GeoDataFrame(facts, geometry=outlines, crs=4326)
        if above is Level.DISTRICT and code not in there:
            frame["name_zh"], frame["name_en"] = named.get("name_zh"), named.get("name_en", "")
        changed = write_areas(conn, frame, areas, metric_srid, today)
        total.opened += changed.opened
        total.reshaped += changed.reshaped
        total.corrected += changed.corrected
    return total
