"""Setting apart the cases of fallback addresses, so that no cell is blamed for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables import cases, fallback_point, outbox

_SAME_DEG = 1e-7
"""Two positions closer than this (about a centimetre) are one."""


def is_fallback(conn: Connection, district_code: str, lon: float, lat: float) -> bool:
    """Return whether a WGS-84 point is a known fallback address of a district."""
    here = exists().where(
        fallback_point.c.district_code == district_code,
        func.abs(fallback_point.c.lon - lon) < _SAME_DEG,
        func.abs(fallback_point.c.lat - lat) < _SAME_DEG,
    )
    return bool(conn.execute(select(here)).scalar())


def set_apart(conn: Connection, district_code: str, points: pd.DataFrame, now: datetime) -> int:
    """Write down fallback addresses and move their cases into the bucket `fallback` of the district.

    A case keeps its coordinates, and the area it was in as `first_area_code`. Index: ix_cases_geom.

    Parameters
    ----------
    points
        As `gis.artefacts.fallback_points` returns them.

    Returns
    -------
    int
        Cases moved.
    """
    moved = 0
    rows: list[dict[str, Any]] = points.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        known = upsert(fallback_point).values(district_code=district_code, found_at=now, **row)
        kept = {"cases": known.excluded.cases, "categories": known.excluded.categories}
        conn.execute(known.on_conflict_do_update(index_elements=["district_code", "lon", "lat"], set_=kept))
        point = func.ST_SetSRID(func.ST_MakePoint(row["lon"], row["lat"]), 4326)
        done = conn.execute(
            update(cases)
            .where(
                cases.c.geom.op("&&")(func.ST_Expand(point, _SAME_DEG)),
                cases.c.location_status == "located",
                cases.c.area_code.like(f"{district_code}%"),
            )
            .values(
                location_status="fallback",
                first_area_code=func.coalesce(cases.c.first_area_code, cases.c.area_code),
                area_code=district_code,
            )
        )
        moved += done.rowcount
    if moved:
        conn.execute(insert(outbox).values(kind="bulk", area_code=district_code))
    return moved
