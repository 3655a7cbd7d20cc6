"""Reading a walking network from lines of a GeoPackage, GeoJSON or Shapefile into the record's two frames.

Every vertex is a node, and lines meet where they share a vertex: a bridge does not touch the street below it. With
`cut` lines are joined wherever they cross, for drawings that have no common vertices.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from db.intake.datum import points_to_wgs84
from db.intake.features import read_features
from db.intake.profile import Profile, fill, guess_fields, require_columns
from gis.errors import InputFault
from gis.walkers import EDGE_KINDS

NETWORK_NAMES = {
    "kind": ("kind", "class", "highway", "类别"),
    "oneway": ("oneway", "foot_oneway", "单向"),
    "gate": ("gate", "门"),
    "night": ("night", "夜间"),
}
"""What such columns are usually called."""

_KINDS = {"footway": "path", "pedestrian": "path", "stairs": "steps", "alley": "path", "lane": "inside"}
_NO = ("no", "0", "false", "否", "closed")
_GRID_DEG = 1e-7


def read_line_network(
    path: Path, profile: Profile, *, crs: str = "", layer: str = "", cut: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return nodes, edges and a report of a file of lines.

    Raises
    ------
    InputFault
        When the file is unreadable or holds no line.
    """
    frame = read_features(path, layer=layer)
    fields = guess_fields([str(name) for name in frame.columns], NETWORK_NAMES) | dict(profile.fields)
    require_columns(path.name, [str(name) for name in frame.columns], fields)
    text = {name: fill(frame, spec) for name, spec in fields.items()}
    parts, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    is_line = np.isin(shapely.get_type_id(parts), (1, 2)) & ~shapely.is_empty(parts)
    parts, row = parts[is_line], row[is_line]
    if not len(parts):
        raise InputFault(f"{path.name} has no way that can be walked: none of its {len(frame):,} features is a line")
    blank = pd.Series("", index=frame.index)
    said = {name: text.get(name, blank).fillna("").astype(str).to_numpy() for name in NETWORK_NAMES}
    if cut:
        parts, row = _cut(parts, row)
    own_crs = frame.crs.to_string() if frame.crs is not None else "EPSG:4326"
    nodes, at = _nodes(parts, crs or own_crs)
    edges = _edges(nodes, at, row, said)
    if edges.empty:
        raise InputFault(f"{path.name} has no way that can be walked: its lines have no length")
    skipped = len(frame) - len(np.unique(row))
    report = {"ways": len(parts), "skipped": skipped, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    return nodes, edges, report


def _cut(parts: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut lines where they cross; each piece keeps the row of a line that it lies on."""
    pieces = shapely.get_parts(shapely.union_all(parts))
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    nearest = shapely.STRtree(parts).query_nearest(middle, all_matches=False)[1]
    return pieces, row[nearest]


def _nodes(parts: np.ndarray, crs: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the nodes, and per vertex (line, node position)."""
    xy, line = shapely.get_coordinates(parts, return_index=True)
    lon, lat = points_to_wgs84(xy[:, 0], xy[:, 1], crs)
    grid = np.round(np.column_stack([lon, lat]) / _GRID_DEG).astype(np.int64)
    unique, at = np.unique(grid, axis=0, return_inverse=True)
    nodes = pd.DataFrame({"node": np.arange(1, len(unique) + 1), "lon": unique[:, 0] * _GRID_DEG,
                          "lat": unique[:, 1] * _GRID_DEG})  # fmt: skip
    return nodes, np.column_stack([line, at.reshape(-1)])


def _edges(nodes: pd.DataFrame, at: np.ndarray, row: np.ndarray, said: dict[str, np.ndarray]) -> pd.DataFrame:
    follows = np.flatnonzero((at[1:, 0] == at[:-1, 0]) & (at[1:, 1] != at[:-1, 1]))
    one, two, own = at[follows, 1], at[follows + 1, 1], row[at[follows, 0]]
    lon, lat = nodes["lon"].to_numpy(), nodes["lat"].to_numpy()
    length = Geod(ellps="WGS84").inv(lon[one], lat[one], lon[two], lat[two])[2]
    oneway = np.char.lower(said["oneway"].astype(str))[own]
    back_only = np.isin(oneway, ("-1", "reverse"))
    forward_only = np.isin(oneway, ("yes", "1", "true", "是"))
    kind = [_KINDS.get(word, word) for word in said["kind"].tolist()]
    kinds = np.array([word if word in EDGE_KINDS else "street" for word in kind], dtype=object)
    edges = pd.DataFrame(
        {
            "node_from": one + 1, "node_to": two + 1, "length_m": np.round(length, 3), "kind": kinds[own],
            "forward": ~back_only, "backward": ~forward_only,
            "night": ~np.isin(np.char.lower(said["night"].astype(str)), _NO)[own], "gate": said["gate"][own],
        }
    )  # fmt: skip
    edges.insert(0, "edge", np.arange(1, len(edges) + 1))
    return edges


def districts_part(
    nodes: pd.DataFrame, edges: pd.DataFrame, outline: gpd.GeoSeries, srid: int, margin_m: float
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Return what lies within `margin_m` of a district, and how far it goes on beyond the border on every side (m).

    Raises
    ------
    InputFault
        When nothing of the network lies there.
    """
    own = outline.to_crs(srid).union_all()
    points = gpd.GeoSeries(gpd.points_from_xy(nodes["lon"], nodes["lat"]), crs=4326).to_crs(srid)
    reach = own.buffer(margin_m)
    shapely.prepare(reach)
    near = set(nodes["node"].to_numpy()[shapely.intersects(reach, points.to_numpy())].tolist())
    if not near:
        raise InputFault("the network has no way in the district or near it (is its coordinate system right? --crs)")
    kept = edges[edges["node_from"].isin(near) | edges["node_to"].isin(near)].reset_index(drop=True)
    used = nodes[nodes["node"].isin(kept["node_from"]) | nodes["node"].isin(kept["node_to"])].reset_index(drop=True)
    spots = np.asarray(points.to_numpy())[nodes["node"].isin(used["node"]).to_numpy()]
    hull = shapely.MultiPoint(shapely.get_coordinates(spots)).convex_hull
    beyond = float(hull.boundary.distance(own)) if hull.contains(own) else 0.0
    return used, kept, round(min(beyond, margin_m))
