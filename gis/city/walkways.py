"""The demo's walking network: streets and alleys, park paths, and the ways inside walled compounds through their gates.

Schematic like everything of the city. Roads are walked along their middle line; every vertex is a node, so that an edge
is one straight piece. A compound can be entered at its gates only: a path runs round inside its wall, the lanes of the
compound end on it, and each gate joins it to the nearest road outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod, Transformer

from gis.city.model import METRIC_SRID, City

RING_INSET_M = 6.0
"""How far inside its wall a compound's round path runs: nearer to every home inside than the street outside is."""

GATE_REACH_M = 90.0
"""A gate further than this from any road outside leads nowhere and is left out."""

GAP_M = 9.0
"""Ends of roads that stop this near to another road are joined to it."""

SHUT_SHARE, NIGHT_SHARE = 0.3, 0.4
"""Shares of side gates that are never open, and of the others that close at night; main gates stay open."""

_GRID_M = 0.01
_SHORT_M = 0.02
_LOOSE_M = 0.05
_FLOAT_M = 1e-5


@dataclass(frozen=True)
class Walkways:
    """A walking network in EPSG:4326.

    Attributes
    ----------
    nodes : DataFrame
        node (int64), lon, lat (degrees).
    edges : DataFrame
        edge (int64), node_from, node_to, length_m (geodesic), kind, forward, backward, night (bool), gate (text).
    gates : DataFrame
        gate (text), name_zh (the compound), class (main, side), is_open (by day), night (open then too), lon, lat.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    gates: pd.DataFrame


def build_walkways(city: City, *, rng: np.random.Generator) -> Walkways:
    """Return the walking network of a demo city.

    Parameters
    ----------
    city : City
        Roads and base features in its metric CRS.
    rng : Generator
        Decides which side gates are shut, and which close at night.

    Returns
    -------
    Walkways
        Nodes are numbered from west to east, edges in order of their nodes.
    """
    compounds = city.base[city.base["layer"] == "compound"].reset_index(drop=True)
    public, inner = _sorted_roads(city.roads, compounds)
    public = np.append(public, _loose_ends(public, compounds.geometry.to_numpy()))
    rings = shapely.get_exterior_ring(_inset(compounds.geometry.to_numpy()))
    gates = _gates(city.base, compounds, rings, public, rng)
    outside, inside = _noded(np.append(public, gates["outside"])), _noded(np.concatenate([rings, inner, gates["ring"]]))
    parts = pd.DataFrame(
        {
            "geometry": np.concatenate([outside, inside, gates["line"].to_numpy()]),
            "kind": ["street"] * len(outside) + ["inside"] * len(inside) + ["gate"] * len(gates),
            "gate": [""] * (len(outside) + len(inside)) + list(gates["gate"]),
            "night": [True] * (len(outside) + len(inside)) + list(gates["night"]),
        }
    )
    parts["kind"] = _walked(parts, city)
    nodes, edges = _graph(parts, METRIC_SRID)
    to_degrees = Transformer.from_crs(METRIC_SRID, 4326, always_xy=True)
    spots = shapely.get_coordinates(gates["spot"].to_numpy())
    lon, lat = to_degrees.transform(spots[:, 0], spots[:, 1])
    told = gates[["gate", "name_zh", "class", "is_open", "night"]].assign(lon=lon, lat=lat)
    return Walkways(nodes, edges, told.reset_index(drop=True))


def _sorted_roads(roads: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the public roads, and what lies inside walls of those that run there (the stub at the wall is dropped)."""
    lines, walled = roads.geometry.to_numpy(), compounds.geometry.to_numpy()
    at, which = shapely.STRtree(walled).query(lines, predicate="intersects")
    public = np.delete(lines, np.unique(at))
    inner = shapely.get_parts(shapely.intersection(lines[at], walled[which]))
    inner = inner[(shapely.get_type_id(inner) == 1) & (shapely.length(inner) > _SHORT_M)]
    return public, inner


def _loose_ends(lines: np.ndarray, walled: np.ndarray) -> np.ndarray:
    """Return what joins the ends of lines that stop shortly before another one: the drawing leaves such gaps.

    Where walls stand in between nothing is joined.
    """
    ends = np.append(shapely.get_point(lines, 0), shapely.get_point(lines, -1))
    owner = np.tile(np.arange(len(lines)), 2)
    at, which = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=GAP_M)
    away = np.where(owner[at] == which, np.inf, shapely.distance(ends[at], lines[which]))
    order = np.lexsort((away, at))
    nearest = order[np.unique(at[order], return_index=True)[1]]
    # what was cut where lines cross meets to within a float's rounding already
    loose = nearest[(away[nearest] > _FLOAT_M) & np.isfinite(away[nearest])]
    bridge = shapely.shortest_line(ends[at[loose]], lines[which[loose]])
    crossed = np.unique(shapely.STRtree(walled).query(bridge, predicate="intersects")[0])
    loose, bridge = np.delete(loose, crossed), np.delete(bridge, crossed)
    touch = _touch(shapely.get_coordinates(shapely.get_point(bridge, 1)), lines[which[loose]])
    return np.append(bridge[shapely.length(bridge) > _LOOSE_M], touch)


def _inset(walled: np.ndarray) -> np.ndarray:
    """Return the ground inside each round path; in ground too narrow for one the path runs nearer to its wall."""
    ground = walled.copy()
    for inset_m in (1.0, 3.0, RING_INSET_M):
        inner = shapely.buffer(walled, -inset_m, join_style="mitre")
        whole = ~shapely.is_empty(inner) & (shapely.get_type_id(inner) == 3)
        ground[whole] = inner[whole]
    return ground


def _gates(
    base: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, rings: np.ndarray, public: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Return a line through each gate, from the road outside to the round path, with its ends as tiny lines to node.

    A compound that no drawn gate serves gets one where its wall is nearest to a road.
    """
    drawn = base[base["layer"] == "gate"]
    walled = compounds.geometry.to_numpy()
    spots = drawn.geometry.to_numpy()
    near = shapely.STRtree(walled).query_nearest(spots, all_matches=False)[1]
    tree = shapely.STRtree(public)
    bare = np.setdiff1d(np.arange(len(walled)), near)
    if len(bare):
        road = public[tree.query_nearest(walled[bare], all_matches=False)[1]]
        spots = np.append(
            spots, shapely.get_point(shapely.shortest_line(shapely.get_exterior_ring(walled[bare]), road), 0)
        )
        near = np.append(near, bare)
    classes = [*drawn["class"], *["main"] * len(bare)]
    road = public[tree.query_nearest(spots, all_matches=False)[1]]
    out = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(spots, road), 1)).round(2)
    ring = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(spots, rings[near]), 1)).round(2)
    frame = pd.DataFrame(
        {
            "spot": spots,
            "name_zh": compounds["name_zh"].to_numpy()[near],
            "class": classes,
            "line": shapely.linestrings(np.stack([out, ring], axis=1)),
            "outside": _touch(out, road),
            "ring": _touch(ring, rings[near]),
            "away_m": shapely.distance(spots, road),
        }
    )
    frame = frame[frame["away_m"] <= GATE_REACH_M].reset_index(drop=True)
    frame["gate"] = [f"G{number:05d}" for number in range(1, len(frame) + 1)]
    shut, dark = rng.random((2, len(frame)))
    frame["is_open"] = (frame["class"] == "main") | (shut >= SHUT_SHARE)
    frame["night"] = (frame["class"] == "main") | (dark >= NIGHT_SHARE)
    return frame


def _touch(ends: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Return a hair across each line at its end point, so that noding puts a node exactly there.

    A rounded point lies up to half a centimetre beside its line, where noding would not see it.
    """
    along = shapely.line_locate_point(lines, shapely.points(ends))
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(along - 0.5, 0.0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines, along + 0.5))
    return cast(np.ndarray, shapely.linestrings(np.stack([before, ends, after], axis=1)))


def _noded(lines: np.ndarray) -> np.ndarray:
    """Return the pieces of lines cut wherever two meet, on a grid of centimetres."""
    return cast(np.ndarray, shapely.get_parts(shapely.union_all(lines, grid_size=_GRID_M)))


def _walked(parts: pd.DataFrame, city: City) -> pd.Series:
    """Tell streets from paths: a piece is a street when it runs on an arterial or a street."""
    wide = city.roads[city.roads["class"].isin(["arterial", "street"])].geometry.to_numpy()
    rows = np.flatnonzero((parts["kind"] == "street").to_numpy())
    middle = shapely.line_interpolate_point(parts["geometry"].to_numpy()[rows], 0.5, normalized=True)
    on = np.unique(shapely.STRtree(wide).query(middle, predicate="dwithin", distance=0.1)[0])
    kind = parts["kind"].to_numpy(dtype=object)
    kind[np.setdiff1d(rows, rows[on])] = "path"
    return pd.Series(kind, index=parts.index)


def _graph(parts: pd.DataFrame, srid: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nodes and edges of lines that meet only at their ends; every vertex becomes a node."""
    xy, row = shapely.get_coordinates(parts["geometry"].to_numpy(), return_index=True)
    cents = np.round(xy * 100).astype(np.int64)
    unique, at = np.unique(cents, axis=0, return_inverse=True)
    at = at.reshape(-1)
    follows = np.flatnonzero((row[1:] == row[:-1]) & (at[1:] != at[:-1]))
    own = parts.iloc[row[follows]]
    lon, lat = Transformer.from_crs(srid, 4326, always_xy=True).transform(unique[:, 0] / 100, unique[:, 1] / 100)
    lon, lat = np.round(lon, 8), np.round(lat, 8)
    one, two = at[follows], at[follows + 1]
    length = Geod(ellps="WGS84").inv(lon[one], lat[one], lon[two], lat[two])[2]
    edges = pd.DataFrame(
        {
            "node_from": one + 1, "node_to": two + 1, "length_m": np.round(length, 3),
            "kind": own["kind"].to_numpy(), "forward": True, "backward": True,
            "night": own["night"].to_numpy(dtype=bool), "gate": own["gate"].to_numpy(),
        }
    )  # fmt: skip
    edges = edges.sort_values(["node_from", "node_to", "kind", "gate"], kind="stable")
    edges = edges.drop_duplicates(["node_from", "node_to", "gate"]).reset_index(drop=True)
    edges.insert(0, "edge", np.arange(1, len(edges) + 1, dtype=np.int64))
    nodes = pd.DataFrame({"node": np.arange(1, len(unique) + 1, dtype=np.int64), "lon": lon, "lat": lat})
    return nodes, edges
