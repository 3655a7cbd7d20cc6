"""Straight cuts through an area that is too large to stay in one piece."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

# Cuts run on past the edge by this much, so that noding surely meets the edge; the stub is dropped with the dangles.
_OVERRUN_M = 0.001
_HALVINGS = 40


def cut_lines(polygon: Any, pieces: int) -> list[Any]:
    """Return straight lines that cut a polygon into at least `pieces` parts of about equal area.

    Each cut runs across the longer side of what it cuts, which keeps the parts compact.

    Parameters
    ----------
    polygon : Polygon
        In metres.
    pieces : int
        How many parts are wanted; an area with bays may fall into more.
    """
    if pieces < 2 or shapely.area(polygon) == 0:
        return []
    less = pieces // 2
    line, sides = _cut(polygon, less / pieces)
    lines = [_overrun(part) for part in shapely.get_parts(shapely.intersection(line, polygon)) if part.length > 0]
    for side, wanted in zip(sides, (less, pieces - less), strict=True):
        parts = [part for part in shapely.get_parts(side) if part.geom_type == "Polygon"]
        if wanted > len(parts):
            largest = max(parts, key=lambda part: part.area)
            lines += cut_lines(largest, wanted - len(parts) + 1)
    return lines


def _cut(polygon: Any, share: float) -> tuple[Any, tuple[Any, Any]]:
    """Return a line across the longer axis with `share` of the area on its first side, and both sides."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(polygon))
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    along, across = (first, second) if np.hypot(*first) >= np.hypot(*second) else (second, first)
    origin = corners[0] if along is first else corners[1]
    # `across` may point away from the box when the second side leads; both signs reach far enough.
    reach = across / np.hypot(*across) * (np.hypot(*across) + np.hypot(*along))
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        half = _side(origin, along, reach, middle)
        if shapely.area(shapely.intersection(polygon, half)) < share * polygon.area:
            low = middle
        else:
            high = middle
        if high - low < 1e-6:
            break
    half = _side(origin, along, reach, high)
    at = origin + along * high
    line = shapely.linestrings([at - reach, at + reach])
    return line, (shapely.intersection(polygon, half), shapely.difference(polygon, half))


def _side(origin: Any, along: Any, reach: Any, share: float) -> Any:
    start, end = origin - along * 0.5, origin + along * share
    return shapely.polygons([start - reach, start + reach, end + reach, end - reach])


def _overrun(line: Any) -> Any:
    """Return the line a millimetre longer at both ends."""
    ends = shapely.get_coordinates(line)[[0, -1]]
    step = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0])) * _OVERRUN_M
    return shapely.linestrings([ends[0] - step, ends[1] + step])
