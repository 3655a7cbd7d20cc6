"""The questions of the walking engine put to other people's programs, on the same whole tenths of a second.

Each gets a graph of reversed arcs with parallel ones reduced to the quickest, and a source that leads to every
entrance. Only permissive licences: pandana and cityseer are AGPL, pgRouting and igraph are GPL, and stay out of this
environment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import networkit as nk
import networkx as nx
import numpy as np
import rustworkx as rx
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.snapping import Attachments
from gis.walkers import IMPASSABLE, walker_of
from gis.walkgraph import WalkNetwork

LIMIT_DS = 9_000
_SHIFT = 1.0  # scipy takes an explicit 0 for no arc, so every way from the source is a tenth longer


@dataclass(frozen=True)
class Arcs:
    """Arcs against the walking direction: from `tail` to `head` in `ds`; node n is the source."""

    n: int
    tail: np.ndarray
    head: np.ndarray
    ds: np.ndarray


def arcs_of(network: WalkNetwork) -> Arcs:
    """Return the arcs that can be walked, reversed, of parallel ones the quickest."""
    arc = network.cost_of("adult").arc
    walked_from = np.concatenate([network.edge_u, network.edge_v]).astype(np.int64)
    walked_to = np.concatenate([network.edge_v, network.edge_u]).astype(np.int64)
    ds = np.concatenate([arc[0::2], arc[1::2]]).astype(float)
    kept = (ds != IMPASSABLE) & (walked_from != walked_to)
    return _quickest(network.n_nodes, walked_to[kept], walked_from[kept], ds[kept])


def with_source(arcs: Arcs, network: WalkNetwork, facilities: Attachments) -> Arcs:
    """Return the arcs with those from the source to both ends of every entrance's edge."""
    arc = network.cost_of("adult").arc
    rows = np.flatnonzero(facilities.connected)
    edge, share = facilities.edge[rows], facilities.fraction[rows]
    offset = facilities.offset_ds(walker_of("adult"))[rows].astype(float)
    ends = []
    for node, part, cost in ((network.edge_u, share, arc[2 * edge]), (network.edge_v, 1 - share, arc[2 * edge + 1])):
        open_ = (cost != IMPASSABLE) | (part <= 0)
        ends.append((node[edge][open_], (np.floor(part * cost + 0.5) + offset + _SHIFT)[open_]))
    head = np.concatenate([ends[0][0], ends[1][0]]).astype(np.int64)
    ds = np.concatenate([ends[0][1], ends[1][1]])
    tail = np.full(len(head), arcs.n, dtype=np.int64)
    return _quickest(
        arcs.n, np.concatenate([arcs.tail, tail]), np.concatenate([arcs.head, head]), np.concatenate([arcs.ds, ds])
    )


def _quickest(n: int, tail: np.ndarray, head: np.ndarray, ds: np.ndarray) -> Arcs:
    order = np.lexsort((ds, head, tail))
    tail, head, ds = tail[order], head[order], ds[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return Arcs(n, tail[first], head[first], ds[first])


def as_matrix(arcs: Arcs) -> csr_array:
    """Return the arcs as scipy takes them."""
    return csr_array((arcs.ds, (arcs.tail, arcs.head)), shape=(arcs.n + 1, arcs.n + 1))


def whole(found: np.ndarray) -> np.ndarray:
    """Return a peer's answer as the engine tells it: whole tenths, 65535 beyond the limit."""
    ds = np.where(np.isfinite(found), found, 1e9) - _SHIFT
    return np.where(ds > LIMIT_DS, 65_535, np.rint(ds)).astype(int)


def ask_scipy(arcs: Arcs) -> Callable[[], np.ndarray]:
    """Dijkstra of scipy from the source with the limit."""
    graph = as_matrix(arcs)
    return lambda: dijkstra(graph, indices=arcs.n, limit=LIMIT_DS + _SHIFT)[: arcs.n]


def ask_scipy_nodes(arcs: Arcs, sources: np.ndarray) -> Callable[[], np.ndarray]:
    """Dijkstra of scipy from many nodes at once (`min_only`), which knows no offsets."""
    graph = as_matrix(arcs)
    return lambda: dijkstra(graph, indices=sources, min_only=True, limit=LIMIT_DS)


def ask_networkx(arcs: Arcs) -> Callable[[], np.ndarray]:
    """Dijkstra of networkx with a cutoff."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(arcs.n + 1))
    graph.add_weighted_edges_from(zip(arcs.tail.tolist(), arcs.head.tolist(), arcs.ds.tolist(), strict=True))

    def ask() -> np.ndarray:
        found = np.full(arcs.n + 1, np.inf)
        lengths = nx.single_source_dijkstra_path_length(graph, arcs.n, cutoff=LIMIT_DS + _SHIFT)
        found[list(lengths)] = list(lengths.values())
        return found[: arcs.n]

    return ask


def ask_rustworkx(arcs: Arcs) -> Callable[[], np.ndarray]:
    """Dijkstra of rustworkx, which has no cutoff."""
    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(arcs.n + 1))
    graph.add_edges_from(list(zip(arcs.tail.tolist(), arcs.head.tolist(), arcs.ds.tolist(), strict=True)))

    def ask() -> np.ndarray:
        found = np.full(arcs.n + 1, np.inf)
        lengths = rx.dijkstra_shortest_path_lengths(graph, arcs.n, float)
        found[list(lengths.keys())] = list(lengths.values())
        return found[: arcs.n]

    return ask


def ask_networkit(arcs: Arcs) -> Callable[[], np.ndarray]:
    """Dijkstra of networkit, which has no cutoff."""
    nk.setNumberOfThreads(1)
    graph = nk.GraphFromCoo((arcs.ds, (arcs.tail, arcs.head)), n=arcs.n + 1, weighted=True, directed=True)

    def ask() -> np.ndarray:
        search = nk.distance.Dijkstra(graph, arcs.n, storePaths=False)
        search.run()
        return np.array(search.getDistances())[: arcs.n]

    return ask


@njit(cache=True)
def one_pass(first, neighbour, cost, fields):  # type: ignore[no-untyped-def]
    """Relax every arc once for all kinds side by side: what touching the network once costs on this machine."""
    for node in range(len(first) - 1):
        for at in range(first[node], first[node + 1]):
            other, step = neighbour[at], cost[at]
            for kind in range(fields.shape[1]):
                there = fields[node, kind] + step
                if there < fields[other, kind]:
                    fields[other, kind] = there
