"""Small walking networks for tests, and the same question answered by other people's programs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.network import WalkNetwork, build_network
from gis.reach import UNREACHED, Field
from gis.snapping import Attachments
from gis.walkers import IMPASSABLE, walker_of

LON, LAT = 116.36, 39.91
M_PER_LON, M_PER_LAT = 85_340.0, 111_040.0


def degrees(x_m: float, y_m: float) -> tuple[float, float]:
    """Degrees of a place so many metres east and north of the corner."""
    return LON + x_m / M_PER_LON, LAT + y_m / M_PER_LAT


def frames(
    places: Sequence[tuple[float, float]], edges: Sequence[dict[str, object] | tuple[int, int]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two frames of a record; an edge is (from, to) or a dict that says what differs from a plain street."""
    lonlat = np.array([degrees(*place) for place in places])
    nodes = pd.DataFrame({"node": np.arange(len(places)), "lon": lonlat[:, 0], "lat": lonlat[:, 1]})
    rows = []
    for number, edge in enumerate(edges):
        told = edge if isinstance(edge, dict) else {"node_from": edge[0], "node_to": edge[1]}
        (ax, ay), (bx, by) = places[told["node_from"]], places[told["node_to"]]  # type: ignore[index]
        plain = {"edge": number, "length_m": float(np.hypot(ax - bx, ay - by)), "kind": "street", "forward": True,
                 "backward": True, "night": True, "gate": ""}  # fmt: skip
        rows.append(plain | told)
    return nodes, pd.DataFrame(rows)


def network_of(
    places: Sequence[tuple[float, float]], edges: Sequence[dict[str, object] | tuple[int, int]], **options: object
) -> WalkNetwork:
    """A network of places in metres and edges."""
    return build_network(*frames(places, edges), **options)  # type: ignore[arg-type]


def random_frames(rng: np.random.Generator, n_nodes: int, n_edges: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A random multigraph with one-way edges, stairs, parallel edges, gates, loops and islands."""
    places = [tuple(place) for place in rng.uniform(0, 900, (n_nodes, 2))]
    edges: list[dict[str, object] | tuple[int, int]] = []
    for _ in range(n_edges):
        way = int(rng.integers(0, 8))
        edges.append(
            {
                "node_from": int(rng.integers(0, n_nodes)),
                "node_to": int(rng.integers(0, n_nodes)),
                "length_m": float(rng.uniform(0, 260)),
                "kind": str(rng.choice(["street", "street", "path", "steps", "ramp", "inside", "gate"])),
                "forward": way != 0,
                "backward": way not in (1, 2),
                "night": bool(rng.random() < 0.8),
                "gate": str(rng.choice(["", "", "", "g1", "g2"])),
            }
        )
    edges.append((0, n_nodes - 1))
    return frames(places, edges)  # type: ignore[arg-type]


def random_attachments(rng: np.random.Generator, network: WalkNetwork, n_owners: int, n_rows: int) -> Attachments:
    """Entrances anywhere on the network, some of them exactly at an end of their edge, some not connected."""
    edge = rng.integers(0, network.n_edges, n_rows).astype(np.int32)
    fraction = np.where(rng.random(n_rows) < 0.2, rng.integers(0, 2, n_rows), rng.random(n_rows))
    lost = rng.random(n_rows) < 0.05
    return Attachments(
        rng.integers(0, n_owners, n_rows).astype(np.int32),
        np.where(lost, -1, edge).astype(np.int32),
        fraction.astype(float),
        rng.uniform(0, 60, n_rows),
        np.where(lost, "too_far", ""),
        n_owners,
    )


def arcs_of(network: WalkNetwork, profile: str) -> list[tuple[int, int, int]]:
    """Every arc that may be walked: tail, head, tenths of a second; parallel ones too."""
    arc = network.cost_of(profile).arc.astype(int)
    u, v = network.edge_u.tolist(), network.edge_v.tolist()
    both = [(u[e], v[e], arc[2 * e]) for e in range(network.n_edges)]
    both += [(v[e], u[e], arc[2 * e + 1]) for e in range(network.n_edges)]
    return [one for one in both if one[2] != IMPASSABLE]


def with_points(
    network: WalkNetwork, points: Attachments, profile: str, *, arriving: bool
) -> list[tuple[int, int, int]]:
    """Arcs between each entrance (numbered from n_nodes on) and the ends of its edge, in one direction."""
    arc, n = network.cost_of(profile).arc.astype(int), network.n_nodes
    offset = points.offset_ds(walker_of(profile)).astype(int)
    joined = []
    for row in np.flatnonzero(points.connected):
        e, f = int(points.edge[row]), float(points.fraction[row])
        forth, back = arc[2 * e], arc[2 * e + 1]
        ends = (
            (int(network.edge_u[e]), f, forth if arriving else back),
            (int(network.edge_v[e]), 1 - f, back if arriving else forth),
        )
        for node, share, cost in ends:
            if share > 0 and cost == IMPASSABLE:
                continue
            ds = (int(share * cost + 0.5) if share > 0 else 0) + offset[row]
            joined.append((node, n + row, ds) if arriving else (n + row, node, ds))
    return joined


def scipy_times(network: WalkNetwork, facilities: Attachments, profile: str, limit_ds: int) -> np.ndarray:
    """Time of every node to the nearest entrance by scipy, parallel edges reduced to the quickest first."""
    n = network.n_nodes + len(facilities)
    arcs = arcs_of(network, profile) + with_points(network, facilities, profile, arriving=True)
    quickest: dict[tuple[int, int], int] = {}
    for tail, head, cost in arcs:
        if tail != head:
            quickest[tail, head] = min(cost, quickest.get((tail, head), IMPASSABLE))
    # scipy takes an explicit 0 for no edge: an entrance at a node is a thousandth away instead.
    tails, heads = np.array(list(quickest), dtype=int).reshape(-1, 2).T
    costs = np.array([cost if cost else 1e-3 for cost in quickest.values()], dtype=float)
    graph = csr_array((costs, (heads, tails)), shape=(n, n))
    sources = network.n_nodes + np.flatnonzero(facilities.connected)
    if not len(sources):
        return np.full(network.n_nodes, UNREACHED)
    found = dijkstra(graph, indices=sources, min_only=True)[: network.n_nodes]
    whole = np.where(np.isfinite(found), np.rint(np.where(np.isfinite(found), found, 0)), UNREACHED)
    return np.where(whole > limit_ds, UNREACHED, whole).astype(int)


def same_labels(one: Field, other: Field) -> bool:
    """Whether two fields agree in every time and every owner."""
    return np.array_equal(one.dist_ds, other.dist_ds) and np.array_equal(one.owner, other.owner)
