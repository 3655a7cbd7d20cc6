"""What a map shows besides areas: roads to look at, water, green, the railway, compound walls and their gates."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.network import Network

WALL_INSET_M = 5.0


def road_lines(network: Network, rng: np.random.Generator, blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the roads as simple lines: class (arterial, street, alley), name_zh, is_inner, geometry.

    Blind alleys are added inside courtyard blocks; they cut no block in two.
    """
    rows: list[tuple[str, str, bool, shapely.Geometry]] = []
    lines = network.lines
    for road_class, name, shape in zip(lines["class"], lines["name_zh"], lines["geometry"], strict=True):
        inner = road_class in ("lane", "path")
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and part.length > 4.0]
        rows += [("alley" if inner else road_class, name, inner, part) for part in parts]
    rows += [("alley", "", True, line) for line in _blind_alleys(blocks, rng)]
    frame = pd.DataFrame(rows, columns=["class", "name_zh", "is_inner", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=blocks.crs)


def _blind_alleys(blocks: gpd.GeoDataFrame, rng: np.random.Generator) -> list[shapely.LineString]:
    """Return short dead ends that lead from an alley into about every third courtyard block."""
    land = blocks.geometry.to_numpy()[(blocks["kind"] == "hutong").to_numpy()]
    land = land[rng.random(len(land)) < 0.35]
    edge = shapely.get_exterior_ring(land)
    doors = shapely.line_interpolate_point(edge, rng.random(len(land)), normalized=True)
    start, goal = shapely.get_coordinates(doors), shapely.get_coordinates(shapely.centroid(land))
    away = goal - start
    reach = np.minimum(rng.uniform(18.0, 34.0, len(land)), 0.8 * np.hypot(away[:, 0], away[:, 1]))
    # Straight in along whichever compass direction leads towards the middle: a slanting dead end would look drawn.
    east = np.abs(away[:, 0]) > np.abs(away[:, 1])
    step = np.where(east[:, None], np.sign(away) * [1.0, 0.0], np.sign(away) * [0.0, 1.0]) * reach[:, None]
    lines = cast(np.ndarray, shapely.linestrings(np.round(np.stack([start, start + step], axis=1), 2)))
    inside = shapely.covers(land, shapely.line_interpolate_point(lines, 1.0, normalized=True)) & (
        shapely.length(lines) > 8.0
    )
    return list(lines[inside])


def base_features(network: Network, blocks: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the base map besides roads: layer (water, green, rail, compound, gate), class, name_zh, geometry.

    Water and green are polygons, the railway lines, compounds the ground inside their walls, gates points on the walls.
    """
    rows: list[tuple[str, str, str, shapely.Geometry]] = []
    drawn = network.features
    for layer, feature_class, name, shape in zip(
        drawn["layer"], drawn["class"], drawn["name_zh"], drawn.geometry, strict=True
    ):
        if layer == "rail":
            rows += [("rail", "line", name, line) for line in _rail_axis(shape)]
        else:
            rows.append((layer, feature_class, name, shape))
    rows += _compounds(blocks, network, rng)
    frame = pd.DataFrame(rows, columns=["layer", "class", "name_zh", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=blocks.crs)


def _rail_axis(corridor: shapely.Geometry) -> list[shapely.LineString]:
    """Return two parallel tracks: the outline of the corridor's inner band."""
    band = shapely.get_parts(shapely.buffer(corridor, -4.0))
    return [shapely.LineString(polygon.exterior.coords) for polygon in band if polygon.length > 100.0]


def _compounds(
    blocks: gpd.GeoDataFrame, network: Network, rng: np.random.Generator
) -> list[tuple[str, str, str, shapely.Geometry]]:
    """Return walls round each compound and one to three gates where they face a street or an alley."""
    inside = blocks[(blocks["compound_no"] > 0) & ~blocks["kind"].isin(("water", "rail", "green"))]
    groups = inside.groupby("compound_no", sort=True).indices
    shapes = inside.geometry.to_numpy()
    public = network.lines[network.lines["class"].isin(["arterial", "street", "alley"])].geometry.to_numpy()
    tree = shapely.STRtree(public)
    rows: list[tuple[str, str, str, shapely.Geometry]] = []
    for number in groups:
        members = groups[number]
        first = inside.iloc[members[0]]
        ground = shapely.coverage_union_all(shapes[members]).buffer(-WALL_INSET_M, join_style="mitre")
        for part in shapely.get_parts(ground):
            if part.geom_type != "Polygon" or part.area < 1_500.0:
                continue
            rows.append(("compound", str(first["kind"]), str(first["compound"]), part))
            wall = part.exterior
            wanted = 1 + int(part.area > 15_000.0) + int(part.area > 40_000.0)
            tries = shapely.line_interpolate_point(wall, rng.random(8 * wanted), normalized=True)
            near = np.unique(tree.query(tries, predicate="dwithin", distance=WALL_INSET_M + 3.0)[0])
            chosen: list[shapely.Point] = []
            for spot in tries[near]:
                if len(chosen) < wanted and all(spot.distance(other) > 60.0 for other in chosen):
                    chosen.append(spot)
            rows += [
                ("gate", "main" if i == 0 else "side", str(first["compound"]), spot) for i, spot in enumerate(chosen)
            ]
    return rows
