"""Where cases of a window lie, as packed coordinates: a heat picture needs every one of them, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Float, LargeBinary, Select, cast, extract, func, literal, select

from db import filters
from db.tables import area, cases
from gis.scope import View

_MOST = 1_000_000
_PACKED = np.dtype([("order", "u1"), ("type", "<u4"), ("lon", "<f8"), ("lat", "<f8"), ("minute", ">f8")])


def points_stmt(district: str, view: View, now: datetime) -> Select[Any]:
    """Pack the points of cases reported in the window, with minutes since its start: 29 bytes a case.

    Index: ix_cases_reported, which holds the point too. One value instead of a row per case, because fetching a hundred
    thousand rows takes most of a second.
    """
    start = view.starts_at(now)
    minute = cast(extract("epoch", cases.c.reported_at - start) / 60.0, Float(53))
    packed = func.ST_AsBinary(cases.c.geom, "NDR", type_=LargeBinary).op("||")(func.float8send(minute))
    listed = (
        select(packed.label("one"))
        .where(
            filters.in_scope(district),
            *filters.chosen(view, now),
            cases.c.location_status.in_(("located", "fallback")),
            cases.c.geom.is_not(None),
            cases.c.reported_at >= start,
            cases.c.reported_at <= view.ends_at(now),
        )
        .limit(_MOST)
        .subquery()
    )
    return select(func.string_agg(listed.c.one, literal(b"", LargeBinary)))


def points(conn: Connection, district: str, view: View, now: datetime) -> NDArray[np.void]:
    """Return the cases of a window as an array with fields `lon`, `lat` (degrees) and `minute` (since its start)."""
    packed = conn.execute(points_stmt(district, view, now)).scalar_one()
    return np.frombuffer(bytes(packed or b""), dtype=_PACKED)


def outline(conn: Connection, code: str) -> shapely.Geometry:
    """Return the outline of an area in force in degrees; index: ix_area_code."""
    stmt = select(func.ST_AsBinary(area.c.geom)).where(area.c.code == code, area.c.valid_to.is_(None))
    return shapely.from_wkb(bytes(conn.execute(stmt).scalar_one()))
