"""Cutting land into blocks the way streets do: long cuts first, along the land's own edges, each a little crooked.

Coordinates are in the district's metric CRS (metres). All chance comes from the generator that is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely


@dataclass(frozen=True)
class Cut:
    """How to cut: blocks at most `wide_m` along the near east-west axis, `deep_m` across; `crook_m` = waywardness."""

    wide_m: float
    deep_m: float
    crook_m: float
    turn_deg: float = 0.0
    uneven: float = 0.12


def own_axis(polygon: shapely.Polygon) -> float:
    """Return the direction (radians, -pi/4 to pi/4 from east) that the long edges share, modulo a right angle."""
    ring = shapely.get_coordinates(polygon.exterior)
    step = np.diff(ring, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    angle = np.arctan2(step[:, 1], step[:, 0])
    total = np.sum(length**2 * np.exp(4j * angle))
    return float(np.angle(total) / 4.0)


def split(polygon: shapely.Polygon, line: shapely.LineString) -> list[shapely.Polygon]:
    """Return the pieces of a polygon cut by a line; the polygon alone when the line does not cross it."""
    parts = shapely.get_parts(shapely.polygonize([shapely.union(polygon.boundary, line)]))
    inside = shapely.contains(polygon, shapely.point_on_surface(parts))
    return list(parts[inside])


def crooked_line(
    start: np.ndarray, end: np.ndarray, crook_m: float, rng: np.random.Generator, step_m: float = 70.0
) -> shapely.LineString:
    """Return a line whose inner points wander sideways by about `crook_m`, now and then in a dog-leg."""
    along = end - start
    length = float(np.hypot(*along))
    count = max(2, int(length / step_m) + 1)
    share = np.linspace(0.0, 1.0, count)
    points = start + share[:, None] * along
    if crook_m > 0.0 and count > 2:
        side = np.array([-along[1], along[0]]) / length
        wander = rng.normal(0.0, crook_m, count)
        if crook_m > 1.5 and rng.random() < 0.35:
            turn = int(rng.integers(1, count - 1))
            wander[turn:] += rng.choice([-1.0, 1.0]) * rng.uniform(4.0, 9.0)
        points = points + wander[:, None] * side
    return shapely.LineString(points)


def subdivide(
    polygon: shapely.Polygon, cut: Cut, rng: np.random.Generator, smallest_m2: float = 900.0
) -> tuple[list[shapely.Polygon], list[shapely.LineString]]:
    """Cut a polygon until every piece fits the wanted size.

    Parameters
    ----------
    polygon : Polygon
        The land, metric CRS.
    cut : Cut
        Wanted size and waywardness.
    rng : Generator
        The only source of chance.
    smallest_m2 : float
        A cut that would leave a piece smaller than this is not made.

    Returns
    -------
    tuple
        The pieces, and the lines of the cuts clipped to the land they cut.
    """
    leaves: list[shapely.Polygon] = []
    lines: list[shapely.LineString] = []
    axis = own_axis(polygon) + np.radians(cut.turn_deg)
    east = np.array([np.cos(axis), np.sin(axis)])
    north = np.array([-east[1], east[0]])
    waiting = [polygon]
    while waiting:
        land = waiting.pop()
        ring = shapely.get_coordinates(land.exterior)
        u, v = ring @ east, ring @ north
        low_u, high_u, low_v, high_v = u.min(), u.max(), v.min(), v.max()
        ratio_u, ratio_v = (high_u - low_u) / cut.wide_m, (high_v - low_v) / cut.deep_m
        # A slanted piece has a larger box than body, so its box counts only as far as the body fills it.
        fill = shapely.area(land) / max((high_u - low_u) * (high_v - low_v), 1.0)
        if max(ratio_u, ratio_v) * np.sqrt(fill) <= 1.0 or shapely.area(land) < 2.2 * smallest_m2:
            leaves.append(land)
            continue
        pieces = [land]
        for _ in range(2):
            pieces, line = _one_cut(land, (low_u, high_u, low_v, high_v), (east, north), ratio_u, ratio_v, cut, rng)
            if len(pieces) > 1 and min(shapely.area(pieces)) >= smallest_m2:
                break
        else:
            leaves.append(land)
            continue
        kept = shapely.get_parts(shapely.intersection(line, land))
        lines.extend(part for part in kept if part.geom_type == "LineString" and part.length > 0.5)
        waiting.extend(pieces)
    return leaves, lines


def _one_cut(
    land: shapely.Polygon,
    box: tuple[float, float, float, float],
    axes: tuple[np.ndarray, np.ndarray],
    ratio_u: float,
    ratio_v: float,
    cut: Cut,
    rng: np.random.Generator,
) -> tuple[list[shapely.Polygon], shapely.LineString]:
    """Cut once across the axis that is furthest over its size, near a whole fraction of it."""
    low_u, high_u, low_v, high_v = box
    east, north = axes
    over = max(ratio_u, ratio_v)
    rows = max(2, int(np.ceil(over)))
    share = (rows // 2 + rng.uniform(-cut.uneven, cut.uneven) * (2.0 if rows == 2 else 1.0)) / rows
    if ratio_u >= ratio_v:
        at = low_u + share * (high_u - low_u)
        start, end = at * east + (low_v - 20.0) * north, at * east + (high_v + 20.0) * north
    else:
        at = low_v + share * (high_v - low_v)
        start, end = at * north + (low_u - 20.0) * east, at * north + (high_u + 20.0) * east
    line = crooked_line(start, end, cut.crook_m, rng)
    return split(land, line), line
