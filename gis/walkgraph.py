"""The walking network as arrays: nodes along a Hilbert curve, one list of neighbours, costs per profile.

Edges are straight pieces between two nodes (a bend is a node). Every edge stands twice in the neighbour list, once at
each end; a direction that may not be walked costs `IMPASSABLE`. So one list serves walking from and walking to, and
opening a gate changes numbers and not the shape. Parallel edges stay apart; a search takes the quickest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.crs import WGS84_SRID
from gis.errors import InputFault
from gis.walkers import IMPASSABLE, edge_ds, walker_of

FORWARD, BACKWARD, NIGHT_OPEN = 1, 2, 4


@dataclass(frozen=True)
class Costs:
    """Tenths of a second for one profile, uint16.

    Attributes
    ----------
    arc : ndarray, shape (2 m,)
        Edge `e` along its direction at `2 e`, against it at `2 e + 1`.
    out, into : ndarray, shape (2 m,)
        In the order of the neighbour list: from the node to its neighbour, and from the neighbour to the node.
    """

    arc: NDArray[np.uint16]
    out: NDArray[np.uint16]
    into: NDArray[np.uint16]


@dataclass(frozen=True)
class WalkNetwork:
    """A walking network of n nodes and m edges.

    Attributes
    ----------
    node_id : ndarray of int64, shape (n,)
        The record's numbers, in Hilbert order.
    lon, lat : ndarray of float64, shape (n,)
        EPSG:4326.
    x, y : ndarray of float64, shape (n,)
        Metres in `srid`.
    edge_id : ndarray of int64, shape (m,)
        The record's numbers.
    edge_u, edge_v : ndarray of int32, shape (m,)
        Positions of the end nodes.
    length_m : ndarray of float64, shape (m,)
        On the ground.
    kind : ndarray of uint8, shape (m,)
        Positions in `EDGE_KINDS`.
    flags : ndarray of uint8, shape (m,)
        FORWARD | BACKWARD | NIGHT_OPEN.
    gate : ndarray of int32, shape (m,)
        Position in `gates`, -1 without.
    gates, closed_gates : tuple of str
        Ids of all gates, and of those that are closed now.
    first : ndarray of int32, shape (n + 1,)
        Where each node's neighbours begin.
    neighbour, arc : ndarray of int32, shape (2 m,)
        The neighbour, and the arc (`2 e` or `2 e + 1`) that leads to it.
    component : ndarray of int32, shape (n,)
        Number of the connected part, 0 the largest; gates count as open.
    costs : dict of Costs
        By profile.
    """

    node_id: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    edge_id: NDArray[np.int64]
    edge_u: NDArray[np.int32]
    edge_v: NDArray[np.int32]
    length_m: NDArray[np.float64]
    kind: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    gate: NDArray[np.int32]
    gates: tuple[str, ...]
    closed_gates: tuple[str, ...]
    first: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    arc: NDArray[np.int32]
    component: NDArray[np.int32]
    srid: int
    costs: dict[str, Costs]

    @property
    def n_nodes(self) -> int:
        """How many nodes."""
        return len(self.node_id)

    @property
    def n_edges(self) -> int:
        """How many edges."""
        return len(self.edge_id)

    @cached_property
    def component_nodes(self) -> NDArray[np.int64]:
        """How many nodes each connected part has, the largest first."""
        return np.bincount(self.component)

    def cost_of(self, profile: str) -> Costs:
        """Return the costs of a profile.

        Raises
        ------
        InputFault
            When the network was built without it.
        """
        if profile not in self.costs:
            walker_of(profile)
            raise InputFault(f"the network was built without the profile {profile!r}")
        return self.costs[profile]

    def packed_arcs(self, profile: str, *, inward: bool) -> NDArray[np.uint64]:
        """Return neighbour and cost of each entry of the neighbour list in one number: neighbour * 65536 + cost.

        Made at the first call and kept: one look into memory per step instead of two.
        """
        kept: dict[tuple[str, bool], NDArray[np.uint64]] = self.__dict__.setdefault("_packed", {})
        if (profile, inward) not in kept:
            costs = self.cost_of(profile)
            cost = costs.into if inward else costs.out
            kept[profile, inward] = (self.neighbour.astype(np.uint64) << np.uint64(16)) | cost
        return kept[profile, inward]

    def project(self, lon: Any, lat: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return metres in the network's system for degrees."""
        return project_to(lon, lat, self.srid)

    def unproject(self, x: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return degrees (lon, lat) for metres in the network's system."""
        lon, lat = _transformer(self.srid, WGS84_SRID).transform(x, y)
        return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)

    def with_gates(self, *, opened: Collection[str] = (), closed: Collection[str] = ()) -> WalkNetwork:
        """Return the network with some gates opened or closed; shapes and positions stay.

        Raises
        ------
        InputFault
            When a gate is unknown.
        """
        unknown = (set(opened) | set(closed)) - set(self.gates)
        if unknown:
            raise InputFault(f"the network has no gate {', '.join(sorted(unknown))}")
        now = tuple(sorted((set(self.closed_gates) - set(opened)) | set(closed)))
        turned = set(now) ^ set(self.closed_gates)
        edges = np.flatnonzero(np.isin(self.gate, [at for at, gate in enumerate(self.gates) if gate in turned]))
        changed = replace(self, closed_gates=now)
        costs = {}
        for name, before in self.costs.items():
            arc = before.arc.copy()
            for way, cost in enumerate(arc_costs(changed, name, edges)):
                arc[2 * edges + way] = cost
            costs[name] = Costs(arc, arc[self.arc], arc[self.arc ^ 1])
        after = replace(changed, costs=costs)
        # What was found about places does not depend on gates.
        after.__dict__.update({name: kept for name, kept in self.__dict__.items() if name in _OF_PLACES})
        return after

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as plain named arrays, for files that are mapped into memory."""
        plain = {name: np.asarray(getattr(self, name)) for name in _ARRAYS}
        plain["gates"] = np.array(self.gates, dtype=str)
        plain["closed_gates"] = np.array(self.closed_gates, dtype=str)
        plain["srid"] = np.array([self.srid])
        for name, costs in self.costs.items():
            plain |= {f"cost.{name}.arc": costs.arc, f"cost.{name}.out": costs.out, f"cost.{name}.into": costs.into}
        return plain

    @classmethod
    def from_arrays(cls, plain: Mapping[str, NDArray[Any]]) -> WalkNetwork:
        """Return the network that `to_arrays` wrote; nothing is copied.

        Memory-mapped arrays are best mapped copy-on-write (mode `c`): the compiled searches tell arrays that may be
        written from those that may not, and would be compiled for both and every mixture.
        """
        plain = {key: np.asarray(values) for key, values in plain.items()}
        names = sorted({key.split(".")[1] for key in plain if key.startswith("cost.")})
        costs = {
            name: Costs(plain[f"cost.{name}.arc"], plain[f"cost.{name}.out"], plain[f"cost.{name}.into"])
            for name in names
        }
        return cls(
            **{name: plain[name] for name in _ARRAYS},
            gates=tuple(str(gate) for gate in plain["gates"]),
            closed_gates=tuple(str(gate) for gate in plain["closed_gates"]),
            srid=int(plain["srid"][0]),
            costs=costs,
        )


_OF_PLACES = ("_edge_index", "_tiles", "component_nodes")
_ARRAYS = (
    "node_id", "lon", "lat", "x", "y", "edge_id", "edge_u", "edge_v", "length_m", "kind", "flags", "gate",
    "first", "neighbour", "arc", "component",
)  # fmt: skip


def neighbours(
    n_nodes: int, u: NDArray[np.int32], v: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return the neighbour list of edges: where each node begins, the neighbour, and the arc to it."""
    edge = np.arange(len(u), dtype=np.int32)
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    arc = np.concatenate([2 * edge, 2 * edge + 1])
    order = np.argsort(tail, kind="stable")
    first = np.zeros(n_nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=n_nodes), out=first[1:])
    return first, head[order], arc[order]


def parts(n_nodes: int, u: NDArray[np.int32], v: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the number of each node's connected part, 0 the largest."""
    joined = coo_array((np.ones(len(u), dtype=np.int8), (u, v)), shape=(n_nodes, n_nodes))
    _, label = connected_components(joined, directed=False)
    sizes = np.bincount(label)
    rank = np.empty(len(sizes), dtype=np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes), dtype=np.int32)
    return rank[label]


def costs_for(network: WalkNetwork, profile: str) -> Costs:
    """Return the costs of a profile on a network as its gates stand."""
    arc = np.empty(2 * network.n_edges, dtype=np.uint16)
    arc[0::2], arc[1::2] = arc_costs(network, profile, np.arange(network.n_edges))
    return Costs(arc, arc[network.arc], arc[network.arc ^ 1])


def arc_costs(
    network: WalkNetwork, profile: str, edges: NDArray[np.intp]
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return the costs of some edges along and against their direction, as the gates stand."""
    walker, flags = walker_of(profile), network.flags[edges]
    base = edge_ds(network.length_m[edges], network.kind[edges], walker)
    closed = [at for at, gate in enumerate(network.gates) if gate in network.closed_gates]
    shut = np.isin(network.gate[edges], closed)
    if walker.at_night:
        shut |= (flags & NIGHT_OPEN) == 0
    shut_value = np.uint16(IMPASSABLE)
    along = np.where(shut | ((flags & FORWARD) == 0), shut_value, base)
    against = np.where(shut | ((flags & BACKWARD) == 0), shut_value, base)
    return along, against


@lru_cache(maxsize=16)
def _transformer(from_srid: int, to_srid: int) -> Transformer:
    """Return a transformer, made once: making one takes longer than a whole what-if."""
    return Transformer.from_crs(from_srid, to_srid, always_xy=True)


def project_to(lon: Any, lat: Any, srid: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return metres in a system for degrees."""
    x, y = _transformer(WGS84_SRID, srid).transform(lon, lat)
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)
