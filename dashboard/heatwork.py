"""The heat of a view: cases of its window over the whole district, without those on fallback points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard.services import District, Services
from db.read import artefacts
from db.read import heat as read
from gis import heat
from gis.heat import Grid, Heat
from gis.scope import CUSTOM, View

_KEPT_S = 3600.0
_FALLBACK_DAYS = 90
_LONGEST_PLAYED = timedelta(days=7)
_LEAST_PLAYED_M, _PLAYED_PIXEL_M = 150, 50.0
_SAME_PLACE_DEG = 2e-6  # about 0.2 m: the very same coordinate, as it was typed or looked up


@dataclass(frozen=True)
class Picture:
    """A density surface with what it rests on.

    Attributes
    ----------
    cases : located cases of the window that it is made of.
    set_aside : cases of the window on fallback points, which are left out.
    points : the cases with fields `lon`, `lat`, `minute`.
    """

    grid: Grid
    heat: Heat
    cases: int
    set_aside: int
    points: np.ndarray


def heat_of(services: Services, view: View, now: datetime) -> Picture:
    """Return the heat of the cases reported in a view's window, whichever part of the district the view is in.

    A street's heat does not end at its border, so the kernel runs over the whole district and is corrected at the
    district's own boundary.
    """
    district = services.district_of(view.code)
    width = float(view.bandwidth_m)
    grid, edge = raster_of(services, district, width)
    with services.database.reading() as conn:
        points = read.points(conn, district.code, view, now)
    shared = fallback_points(services, district, now)
    aside = _at_any(points, shared)
    kept = points[~aside]
    days = (view.ends_at(now) - view.starts_at(now)).total_seconds() / 86_400
    made = heat.surface(grid, kept["lon"], kept["lat"], bandwidth_m=width, days=days, edge=edge)
    return Picture(grid, made, len(kept), int(aside.sum()), kept)


def raster_of(services: Services, district: District, bandwidth_m: float) -> tuple[Grid, np.ndarray]:
    """Return the raster of a district for a bandwidth, and each kernel's share inside; kept per geometry."""

    def make() -> tuple[Grid, np.ndarray]:
        with services.database.reading() as conn:
            outline = read.outline(conn, district.code)
        grid = heat.grid_over(outline, district.metric_srid, heat.pixel_for(bandwidth_m))
        return grid, heat.edge_share(grid, bandwidth_m)

    key = ("heat raster", district.code, district.geometry_version, bandwidth_m)
    found: tuple[Grid, np.ndarray] = services.kept.get(key, _KEPT_S, make)
    return found


def fallback_points(services: Services, district: District, now: datetime) -> pd.DataFrame:
    """Return points that implausibly many cases share (`lon`, `lat`, `cases`): an address for want of a better one."""

    def ask() -> pd.DataFrame:
        with services.database.reading(timeout_ms=20_000) as conn:
            return artefacts.fallbacks(conn, district.code, now - timedelta(days=_FALLBACK_DAYS))

    found: pd.DataFrame = services.kept.get(("fallback", district.code), _KEPT_S, ask)
    return found


def _at_any(points: np.ndarray, shared: pd.DataFrame) -> np.ndarray:
    aside = np.zeros(len(points), dtype=bool)
    for lon, lat in zip(shared["lon"], shared["lat"], strict=True):
        aside |= (np.abs(points["lon"] - lon) < _SAME_PLACE_DEG) & (np.abs(points["lat"] - lat) < _SAME_PLACE_DEG)
    return aside


def played(services: Services, view: View, now: datetime) -> dict[str, Any]:
    """Return what a browser needs to play a window: a coarse raster, and its cases as pixels, minutes and weights.

    Windows longer than a week play their last week. Times are in minutes since `start`; a frame shows the cases of the
    `width` minutes before it.
    """
    district = services.district_of(view.code)
    end = view.ends_at(now)
    start = max(view.starts_at(now), end - _LONGEST_PLAYED)
    span = replace(view, window=CUSTOM, since=start, until=end)
    width = float(max(view.bandwidth_m, _LEAST_PLAYED_M))
    pixel_m = max(heat.pixel_for(width), _PLAYED_PIXEL_M)

    def make() -> tuple[Grid, np.ndarray]:
        with services.database.reading() as conn:
            grid = heat.grid_over(read.outline(conn, district.code), district.metric_srid, pixel_m)
        return grid, heat.edge_share(grid, width)

    key = ("play raster", district.code, district.geometry_version, width)
    grid, edge = services.kept.get(key, _KEPT_S, make)
    with services.database.reading() as conn:
        points = read.points(conn, district.code, span, now)
    points = points[~_at_any(points, fallback_points(services, district, now))]
    column, row = (part.astype(np.int64) for part in heat.pixels_of(grid, points["lon"], points["lat"]))
    rows, columns = grid.inside.shape
    held = (column >= 0) & (row >= 0) & (column < columns) & (row < rows)
    order = np.flatnonzero(held)[np.argsort(points["minute"][held], kind="stable")]
    weight = 1.0 / np.maximum(edge[row[order], column[order]], 0.2)
    minutes = (end - start).total_seconds() / 60
    return {
        "rows": rows, "columns": columns, "corners": grid.corners, "pixel_m": pixel_m, "bandwidth_m": width,
        "start": start.isoformat(), "minutes": minutes, "width": max(120.0, minutes / 24),
        "at": (row[order] * columns + column[order]).tolist(), "minute": points["minute"][order].astype(int).tolist(),
        "weight": np.round(weight, 2).tolist(),
    }  # fmt: skip
