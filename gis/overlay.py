"""Laying several sets of areas over each other: the faces between all their edges, and who borders whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.locate import CellIndex
from gis.topology import mean_width_m

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Borders:
    """Pairs of polygons that share edges, each pair once with `left < right`.

    Attributes
    ----------
    left, right : ndarray of int
        Positions of the two polygons.
    length_m : ndarray of float
        Length of what they share.
    """

    left: Places
    right: Places
    length_m: Floats

    def grouped(self, group: Places) -> Borders:
        """Return the borders between groups of polygons."""
        one, two = group[self.left], group[self.right]
        low, high = np.minimum(one, two), np.maximum(one, two)
        keep = low != high
        frame = pd.DataFrame({"left": low[keep], "right": high[keep], "length_m": self.length_m[keep]})
        total = frame.groupby(["left", "right"], sort=True)["length_m"].sum().reset_index()
        return Borders(*(total[name].to_numpy() for name in ("left", "right", "length_m")))


def overlay_faces(layers: Mapping[str, gpd.GeoDataFrame], within: str, lines: Sequence[Any] = ()) -> gpd.GeoDataFrame:
    """Return the faces that the edges of all layers cut the ground into.

    Faces share their vertices exactly: they are built from one set of noded lines, not by clipping pair by pair.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Each with `code` and polygons, all in one metric CRS.
    within : str
        The layer that owns the ground; faces outside it are dropped.
    lines : sequence of LineString
        Further lines to cut by.

    Returns
    -------
    GeoDataFrame
        One row per face: per layer the code that owns it ('' where none does, the smallest where several do),
        `area_m2`, geometry; in reading order inside each owner.
    """
    edges = np.concatenate([_segments(np.asarray(layer.geometry.array))[0] for layer in layers.values()])
    cuts = shapely.linestrings(np.unique(edges, axis=0).reshape(-1, 2, 2))
    noded = shapely.union_all(np.concatenate([cuts, np.asarray(lines, dtype=object)]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inner = shapely.point_on_surface(faces)
    columns = {name: CellIndex.from_frame(layer).locate(inner) for name, layer in layers.items()}
    frame = gpd.GeoDataFrame(columns, geometry=faces, crs=layers[within].crs)
    frame["area_m2"] = shapely.area(faces)
    order = np.lexsort((shapely.get_x(inner), -shapely.get_y(inner), frame[within]))
    frame = frame.iloc[order]
    return frame[frame[within] != ""].reset_index(drop=True)


def shared_borders(polygons: NDArray[Any]) -> Borders:
    """Return who borders whom in a coverage whose neighbours share vertices."""
    edges, owner = _segments(polygons)
    order = np.lexsort((owner, *edges.T[::-1]))
    edges, owner = edges[order], owner[order]
    same = np.flatnonzero((edges[1:] == edges[:-1]).all(axis=1) & (owner[1:] != owner[:-1]))
    length = np.hypot(edges[same, 2] - edges[same, 0], edges[same, 3] - edges[same, 1])
    pairs = Borders(owner[same], owner[same + 1], length)
    return pairs.grouped(np.arange(len(polygons), dtype=np.intp))


def absorb_slivers(
    polygons: NDArray[Any], borders: Borders, owner: NDArray[Any], *, width_m: float, area_m2: float
) -> Places:
    """Return a group number per polygon, in which slivers have joined a neighbour of the same owner.

    A sliver goes to the neighbour that it shares most edge with, so that the border between two nearly equal lines
    moves as little as possible. One without neighbour in its owner stays alone.

    Parameters
    ----------
    polygons : ndarray of polygons
        A coverage in metres.
    borders : Borders
        Who borders whom among them.
    owner : ndarray
        Slivers never cross from one owner to another.
    width_m, area_m2 : float
        Narrower or smaller than this is a sliver.
    """
    size, width = shapely.area(polygons), mean_width_m(polygons)
    inside = owner[borders.left] == owner[borders.right]
    near: dict[int, dict[int, float]] = {place: {} for place in range(len(polygons))}
    triples = zip(borders.left[inside], borders.right[inside], borders.length_m[inside], strict=True)
    for one, two, length in triples:
        near[int(one)][int(two)] = near[int(two)][int(one)] = float(length)
    group = np.arange(len(polygons), dtype=np.intp)
    slivers = np.flatnonzero((width < width_m) | (size < area_m2))
    for place in slivers[np.argsort(size[slivers], kind="stable")].tolist():
        if not near[place]:
            continue
        host = max(near[place], key=lambda other: (near[place][other], -other))
        group[place] = host
        for other, length in near.pop(place).items():
            del near[other][place]
            if other != host:
                near[host][other] = near[other][host] = near[host].get(other, 0.0) + length
    # A sliver may have joined one that joined another later: follow to the end.
    while not np.array_equal(group, group[group]):
        group = group[group]
    return np.unique(group, return_inverse=True)[1].astype(np.intp)


def _segments(polygons: NDArray[Any]) -> tuple[Floats, Places]:
    """Return all edges as (x1, y1, x2, y2) with the smaller end first, and the polygon each belongs to."""
    parts, of_polygon = shapely.get_parts(polygons, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    inside = of_ring[1:] == of_ring[:-1]
    start, end = xy[:-1][inside], xy[1:][inside]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap]
    return np.hstack([start, end]), of_polygon[of_part[of_ring[:-1][inside]]].astype(np.intp)
