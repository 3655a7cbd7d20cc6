"""What a report has to do with cases on record: the matter may be known already, or have come back."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from db.tables import cases

SAME_PLACE_M = 50.0
SAME_MATTER = timedelta(days=7)
COME_BACK = timedelta(days=30)

_LEAST_DEGREE_M = 110_500.0
"""A degree of latitude is nowhere shorter, so that the box is never too small."""


def related_cases(
    conn: Connection, category: str, lon: float, lat: float, reported_at: datetime, metric_srid: int
) -> tuple[int | None, bool]:
    """Return the case that a report repeats, and whether it tells of something that was closed and has come back.

    Parameters
    ----------
    conn
        Any role.
    category
        Code of the small class; only cases of the same one are looked at.
    lon, lat
        Degrees of WGS-84.
    reported_at
        Aware time of the report.
    metric_srid
        The district's CRS in metres, in which 50 m are measured.

    Returns
    -------
    tuple
        Id of the earliest open case within 50 m that was reported at most 7 days apart, or None; and whether a case
        within 50 m was closed (not made void) in the 30 days before.
    """
    near = _near(category, lon, lat, metric_srid)
    matter = select(cases.c.id).where(
        near, cases.c.is_open, cases.c.reported_at.between(reported_at - SAME_MATTER, reported_at + SAME_MATTER)
    )
    first = conn.execute(matter.order_by(cases.c.reported_at, cases.c.id).limit(1)).scalar()
    ended = cases.c.closed_at.between(reported_at - COME_BACK, reported_at)
    back = conn.execute(select(exists().where(near, cases.c.stage.in_(("closed", "evaluated")), ended))).scalar_one()
    return first, bool(back)


def _near(category: str, lon: float, lat: float, metric_srid: int) -> ColumnElement[bool]:
    """Cases of a small class within 50 m; the box uses ix_cases_geom, the distance decides."""
    high = SAME_PLACE_M / _LEAST_DEGREE_M
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    box = func.ST_MakeEnvelope(lon - wide, lat - high, lon + wide, lat + high, 4326)
    point = func.ST_Transform(func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326), metric_srid)
    return and_(
        cases.c.category == category,
        cases.c.geom.op("&&")(box),
        func.ST_DWithin(func.ST_Transform(cases.c.geom, metric_srid), point, SAME_PLACE_M),
    )
