"""A path that does not exist yet: the network with it, and where things on split edges are now."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputFault
from gis.snapping import MAX_OFFSET_M, Attachments, nearest_edges
from gis.walkers import EDGE_KINDS, IMPASSABLE, edge_ds, walker_of
from gis.walkgraph import BACKWARD, FORWARD, NIGHT_OPEN, Costs, WalkNetwork, neighbours, parts


@dataclass(frozen=True)
class PathEdit:
    """A network with one path more.

    Attributes
    ----------
    network : WalkNetwork
        Nodes and edges keep their positions, new ones follow; a split edge keeps its first part.
    ends : ndarray of int32
        Nodes whose edges changed.
    split : list of (int, float, int)
        Edge, fraction it was split at, and the edge that is its second part now; in the order of splitting.
    """

    network: WalkNetwork
    ends: NDArray[np.int32]
    split: tuple[tuple[int, float, int], ...]

    def carry(self, points: Attachments) -> Attachments:
        """Return points of the network before on the network with the path."""
        edge, fraction = points.edge.copy(), points.fraction.copy()
        for old, at, second in self.split:
            beyond = (edge == old) & (fraction >= at)
            before = (edge == old) & ~beyond
            fraction[before] = fraction[before] / at
            fraction[beyond] = (fraction[beyond] - at) / (1.0 - at)
            edge[beyond] = second
        return replace(points, edge=edge, fraction=fraction)


def with_path(
    network: WalkNetwork, lon: ArrayLike, lat: ArrayLike, *, kind: str = "path", both_ways: bool = True
) -> PathEdit:
    """Add a path along a line; its ends join the nearest edges where the perpendicular meets them.

    Parameters
    ----------
    network : WalkNetwork
        Stays as it is.
    lon, lat : array_like, shape (k,)
        At least two points, EPSG:4326.
    kind : str
        One of `EDGE_KINDS`.
    both_ways : bool
        False: walked along the line only.

    Raises
    ------
    InputFault
        When there is no line, the kind is unknown, or an end is more than 150 m from every edge.
    """
    x, y = network.project(np.atleast_1d(lon), np.atleast_1d(lat))
    if len(x) < 2 or kind not in EDGE_KINDS or not np.isfinite(x + y).all():
        raise InputFault("a path needs at least two points and a known kind")
    draft = _Draft(network)
    last = len(x) - 1
    for end in (0, last):
        draft.join(float(x[end]), float(y[end]))
    inner = [draft.node(float(x[at]), float(y[at])) for at in range(1, last)]
    chain = [draft.joined[0], *inner, draft.joined[1]]
    flags = FORWARD | NIGHT_OPEN | (BACKWARD if both_ways else 0)
    for tail, head in itertools.pairwise(chain):
        if tail != head:
            length_m = float(np.hypot(draft.x[tail] - draft.x[head], draft.y[tail] - draft.y[head]))
            draft.edge(tail, head, max(length_m, 0.1), EDGE_KINDS.index(kind), flags)
    return draft.finish()


class _Draft:
    """Arrays of a network as lists that grow."""

    def __init__(self, network: WalkNetwork) -> None:
        self.before = network
        self.x, self.y = list(network.x), list(network.y)
        self.u, self.v = list(network.edge_u), list(network.edge_v)
        self.length_m, self.kind = list(network.length_m), list(network.kind)
        self.flags, self.gate = list(network.flags), list(network.gate)
        self.arc = {name: list(costs.arc) for name, costs in network.costs.items()}
        self.joined: list[int] = []
        self.ends: list[int] = []
        self.split: list[tuple[int, float, int]] = []

    def node(self, x: float, y: float) -> int:
        self.x.append(x)
        self.y.append(y)
        return len(self.x) - 1

    def edge(self, tail: int, head: int, length_m: float, kind: int, flags: int) -> None:
        self._append(tail, head, length_m, kind, flags, -1)
        for name in self.arc:
            cost = int(edge_ds(np.array([length_m]), np.array([kind]), walker_of(name))[0])
            self.arc[name] += [cost if flags & FORWARD else IMPASSABLE, cost if flags & BACKWARD else IMPASSABLE]
        self.ends += [tail, head]

    def join(self, x: float, y: float) -> None:
        """Make a node on the nearest edge, or take the edge's end where it is no more than half a metre away."""
        edges, fractions, offsets = nearest_edges(self.before, np.array([x]), np.array([y]))
        edge, at = int(edges[0]), float(fractions[0])
        if offsets[0] > MAX_OFFSET_M:
            raise InputFault(
                f"the path ends {offsets[0]:.0f} m from the nearest street; {MAX_OFFSET_M:.0f} m are allowed"
            )
        for old, share, second in self.split:
            if old == edge:
                beyond = at >= share
                edge, at = (second, (at - share) / (1 - share)) if beyond else (edge, at / share)
        long_m = self.length_m[edge]
        if at * long_m < 0.5:
            self.joined.append(int(self.u[edge]))
        elif (1 - at) * long_m < 0.5:
            self.joined.append(int(self.v[edge]))
        else:
            self.joined.append(self._cut(edge, at))

    def _cut(self, edge: int, at: float) -> int:
        u, v = int(self.u[edge]), int(self.v[edge])
        new = self.node(self.x[u] + at * (self.x[v] - self.x[u]), self.y[u] + at * (self.y[v] - self.y[u]))
        self._append(new, v, (1 - at) * self.length_m[edge], self.kind[edge], self.flags[edge], self.gate[edge])
        self.v[edge], self.length_m[edge] = new, at * self.length_m[edge]
        for arc in self.arc.values():
            # Both parts together take what the whole took, so that nothing but the path changes times.
            for way in (2 * edge, 2 * edge + 1):
                whole = int(arc[way])
                first = whole if whole == IMPASSABLE else min(max(int(at * whole + 0.5), 1), max(whole - 1, 1))
                arc[way] = np.uint16(first)
                arc.append(np.uint16(whole if whole == IMPASSABLE else max(whole - first, 1)))
        self.ends += [u, v, new]
        self.split.append((edge, at, len(self.u) - 1))
        return new

    def _append(self, tail: int, head: int, length_m: float, kind: int, flags: int, gate: int) -> None:
        self.u.append(tail)
        self.v.append(head)
        self.length_m.append(length_m)
        self.kind.append(kind)
        self.flags.append(flags)
        self.gate.append(gate)

    def finish(self) -> PathEdit:
        before, n, m = self.before, len(self.x), len(self.u)
        u, v = np.array(self.u, dtype=np.int32), np.array(self.v, dtype=np.int32)
        first, neighbour, arc = neighbours(n, u, v)
        x, y = np.array(self.x), np.array(self.y)
        lon, lat = before.unproject(x[before.n_nodes :], y[before.n_nodes :])
        costs = {}
        for name, kept in self.arc.items():
            by_arc = np.array(kept, dtype=np.uint16)
            costs[name] = Costs(by_arc, by_arc[arc], by_arc[arc ^ 1])
        network = replace(
            before,
            node_id=_numbered(before.node_id, n),
            lon=np.concatenate([before.lon, lon]),
            lat=np.concatenate([before.lat, lat]),
            x=x,
            y=y,
            edge_id=_numbered(before.edge_id, m),
            edge_u=u,
            edge_v=v,
            length_m=np.array(self.length_m),
            kind=np.array(self.kind, dtype=np.uint8),
            flags=np.array(self.flags, dtype=np.uint8),
            gate=np.array(self.gate, dtype=np.int32),
            first=first,
            neighbour=neighbour,
            arc=arc,
            component=parts(n, u, v),
            costs=costs,
        )
        return PathEdit(network, np.unique(np.array(self.ends, dtype=np.int32)), tuple(self.split))


def _numbered(known: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Record numbers, and negative ones for what no record knows yet."""
    return np.concatenate([known, -1 - np.arange(n - len(known), dtype=np.int64)])
