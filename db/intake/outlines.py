"""Outlines as files bring them: repaired when only one reading is possible, refused by name otherwise."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from db.intake.findings import Findings
from gis.errors import GeometryFault
from gis.topology import repair

_OTHER_SHAPE_SHARE = 0.01
"""A repair that changes the area which the outline winds around by more than this is a guess."""


def repaired(shapes: gpd.GeoSeries, codes: pd.Series, findings: Findings) -> gpd.GeoSeries:
    """Return the outlines valid, having noted every repair and every one that cannot be repaired."""
    mended: list[Any] = []
    for row, shape, code in zip(shapes.index, shapes, codes, strict=True):
        name = f"feature {row} ({code})" if isinstance(code, str) else f"feature {row}"
        try:
            good, done = repair(shape, name)
            # the area that the ring itself winds around: a bow-tie winds both ways and cancels itself out
            apart = abs(shapely.area(shape) - shapely.area(good)) / shapely.area(good)
            if apart > _OTHER_SHAPE_SHARE:
                reason = shapely.is_valid_reason(shape)
                raise GeometryFault(f"{name} crosses itself; a repair would change its area by {apart:.0%}: {reason}")
        except GeometryFault as fault:
            findings.add("refused", "invalid_geometry", str(fault), [row], code if isinstance(code, str) else "")
            mended.append(None)
            continue
        if done:
            findings.add("flagged", "invalid_geometry", done, [row], code if isinstance(code, str) else "")
        mended.append(good)
    return gpd.GeoSeries(np.array(mended, dtype=object), index=shapes.index, crs=shapes.crs)
