"""Blocks: the faces of the drawn lines, as a coverage whose neighbours share every vertex.

Metric CRS, metres. Coordinates are whole centimetres, so that the same seed gives the same bytes.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.grouping import BlockGraph, block_graph
from gis.city.network import Network
from gis.errors import GeometryFault

GRID_M = 0.01
"""Noding precision: coordinates are multiples of a centimetre."""

SMALL_M2 = 1_000.0
THIN_M = 9.0
"""Blocks smaller or narrower (2 x area / perimeter) than this join a neighbour."""

BROAD_M = 35.0
"""Water broader than this (2 x area / perimeter) is a lake, not a river."""

BARRIER = {"arterial": 1.0, "street": 0.8, "alley": 0.45, "path": 0.2, "lane": 0.1}
"""How willingly a border of an area lies on a road of this class, 0 to 1."""


def cut_blocks(streets: gpd.GeoDataFrame, network: Network) -> gpd.GeoDataFrame:
    """Return the blocks between the lines of a network.

    Parameters
    ----------
    streets : GeoDataFrame
        code, geometry; metric CRS.
    network : Network
        Lines, plots and features inside these streets.

    Returns
    -------
    GeoDataFrame
        street_code, kind, compound_no, geometry: a valid coverage, ordered by street, north to south, west to east.

    Raises
    ------
    GeometryFault
        When the faces do not form a coverage or a street has none.
    """
    outlines = shapely.boundary(streets.geometry.to_numpy())
    shores = shapely.boundary(network.features.geometry.to_numpy())
    border = network.lines["is_border"].to_numpy(dtype=bool)
    drawn = network.lines["geometry"].to_numpy()[~border]
    noded = shapely.union_all(np.concatenate([outlines, shores, drawn]), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.point_on_surface(faces)
    street = _holder(inside, streets.geometry.to_numpy())
    keep = street >= 0
    faces, inside, street = faces[keep], inside[keep], street[keep]
    plot = _nearest(inside, network.plots.geometry.to_numpy())
    feature = _top_feature(inside, network.features)
    layer = np.array([*network.features["layer"], ""], dtype=object)[feature]
    kind = np.where(layer == "", network.plots["kind"].to_numpy()[plot], layer)
    compound = np.where(layer == "", network.plots["compound_no"].to_numpy()[plot], 0)
    middle = shapely.get_coordinates(shapely.centroid(faces))
    order = np.lexsort((np.round(middle[:, 0], 1), -np.round(middle[:, 1], 1), street))
    faces, street, kind, compound = faces[order], street[order], kind[order], compound[order]
    faces, street, kind, compound = _join_slivers(faces, street, kind, compound.astype(int))
    if not shapely.coverage_is_valid(faces):
        raise GeometryFault("the blocks of the demo city do not form a coverage")
    missing = sorted(set(range(len(streets))) - set(street.tolist()))
    if missing:
        raise GeometryFault(f"street {streets['code'].iloc[missing[0]]} has no block")
    frame = pd.DataFrame(
        {"street_code": streets["code"].to_numpy()[street], "kind": kind.astype(str), "compound_no": compound}
    )
    return gpd.GeoDataFrame(frame, geometry=faces, crs=streets.crs)


def _holder(points: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Return the position of the polygon that holds each point, -1 for none."""
    found = np.full(len(points), -1)
    at, which = shapely.STRtree(polygons).query(points, predicate="within")
    found[at] = which
    return found


def _nearest(points: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Return the position of the polygon that holds each point, or else of the nearest."""
    found = _holder(points, polygons)
    lost = np.flatnonzero(found < 0)
    if len(lost):
        found[lost] = shapely.STRtree(polygons).nearest(points[lost])
    return found


def _top_feature(points: np.ndarray, features: gpd.GeoDataFrame) -> np.ndarray:
    """Return the feature at each point, -1 for none; water lies over railway land, that over parks."""
    rank = {"green": 0, "rail": 1, "water": 2}
    found = np.full(len(points), -1)
    best = np.full(len(points), -1)
    if len(features) == 0:
        return found
    at, which = shapely.STRtree(features.geometry.to_numpy()).query(points, predicate="within")
    level = features["layer"].map(rank).to_numpy()[which]
    for one, feature, height in zip(at, which, level, strict=True):
        if height > best[one]:
            best[one], found[one] = height, feature
    return found


def _join_slivers(
    faces: np.ndarray, street: np.ndarray, kind: np.ndarray, compound: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Join faces too small or too thin to a neighbour in the same street, the one with the longest common edge."""
    for _ in range(6):
        area, thin = shapely.area(faces), 2.0 * shapely.area(faces) / shapely.length(faces)
        ribbon = np.isin(kind, ("water", "rail"))
        layer = np.where(np.isin(kind, ("water", "rail", "green")), kind, "land")
        weak = (area < np.where(ribbon, 250.0, SMALL_M2)) | (thin < np.where(ribbon, 4.0, THIN_M))
        if not weak.any():
            break
        graph = block_graph(faces)
        one, two = np.concatenate([graph.left, graph.right]), np.concatenate([graph.right, graph.left])
        # Land joins land, water water and park park where they can; a street's border is never crossed.
        pull = np.concatenate([graph.length_m, graph.length_m])
        pull = pull * np.where(layer[one] == layer[two], 1.0, 0.05) * np.where(compound[one] == compound[two], 1.5, 1.0)
        usable = weak[one] & (street[one] == street[two])
        one, two, pull = one[usable], two[usable], pull[usable]
        order = np.lexsort((two, -pull, one))
        first = np.unique(one[order], return_index=True)[1]
        into = np.arange(len(faces))
        into[one[order][first]] = two[order][first]
        into = _roots(into, area)
        if np.array_equal(into, np.arange(len(faces))):
            break
        kept = np.unique(into)
        faces = _unions(faces, into, kept)
        street, kind, compound = street[kept], kind[kept], compound[kept]
    return faces, street, kind, compound


def _roots(into: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Return for each face the largest face of the chain that it joins."""
    parent = list(range(len(into)))

    def root(face: int) -> int:
        while parent[face] != face:
            parent[face] = parent[parent[face]]
            face = parent[face]
        return face

    for face, target in enumerate(into.tolist()):
        one, two = root(face), root(target)
        if one != two:
            small, large = (one, two) if area[one] < area[two] else (two, one)
            parent[small] = large
    return np.array([root(face) for face in range(len(into))])


def _unions(faces: np.ndarray, into: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the union of the faces behind each kept one."""
    merged = faces.copy()
    size = np.bincount(into, minlength=len(faces))
    order = np.argsort(into, kind="stable")
    start = np.searchsorted(into[order], kept)
    for face, at in zip(kept, start, strict=True):
        if size[face] > 1:
            merged[face] = shapely.coverage_union_all(faces[order[at : at + size[face]]])
    return merged[kept]


def edge_barriers(graph: BlockGraph, network: Network, kind: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Return for each shared edge how willingly a border lies on it (0-1): the class of the road that it is."""
    lines = network.lines["geometry"].to_numpy()
    rank = network.lines["class"].map(BARRIER).to_numpy()
    found = np.zeros(len(graph.left))
    spots = shapely.points(graph.spot)
    at, which = shapely.STRtree(lines).query(spots, predicate="dwithin", distance=0.06)
    np.maximum.at(found, at, rank[which])
    water = np.isin(kind, ("water", "rail"))
    shore = (water[graph.left] != water[graph.right]) & (found == 0.0)
    # A river or the railway divides; a lake belongs to those who live round it.
    broad = 2.0 * shapely.area(shapes) / shapely.length(shapes) > BROAD_M
    lake = broad[graph.left] & water[graph.left] | broad[graph.right] & water[graph.right]
    return np.where(shore, np.where(lake, 0.2, 0.6), found)
