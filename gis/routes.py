"""The way from a home to its facility, step by step along the times that are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.network import WalkNetwork
from gis.reach import UNREACHED, Field
from gis.reach_kernels import along_edge, from_end, to_end
from gis.snapping import Attachments
from gis.walkers import walker_of


@dataclass(frozen=True)
class Route:
    """One way.

    Attributes
    ----------
    owner : int
        Position of the facility.
    ds : int
        Tenths of a second, offsets at both ends included.
    lon, lat : ndarray, shape (k,)
        The line on the network from home to facility, EPSG:4326.
    length_m : float
        Of that line.
    offset_m : float
        Walked besides: from the home to the network and from the network to the facility.
    edges : ndarray of int32
        Positions of the edges walked, the first and last in part.
    """

    owner: int
    ds: int
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    length_m: float
    offset_m: float
    edges: NDArray[np.int32]


def route_from(network: WalkNetwork, field: Field, home: Attachments) -> Route | None:
    """Return the quickest way from a home to the nearest facility of a field; None when none is reached.

    Parameters
    ----------
    network, field
        Walking to the facility (`field.inward`).
    home : Attachments
        All entrances of one home; the best is taken.
    """
    walker, arc = walker_of(field.profile), network.cost_of(field.profile).arc
    offsets, there = home.offset_ds(walker).astype(int), field.facilities
    entry_ds = there.offset_ds(walker).astype(int)
    # Time, facility, row of the home, end of its edge (-1: along the edge), node or row of the entrance.
    options: list[tuple[int, int, int, int, int]] = []
    for row in np.flatnonzero(home.connected).tolist():
        edge, here = int(home.edge[row]), float(home.fraction[row])
        for second, node in enumerate((int(network.edge_u[edge]), int(network.edge_v[edge]))):
            way = to_end(arc, edge, here, second == 1)
            if way >= 0 and field.dist_ds[node] != UNREACHED:
                time = int(offsets[row]) + way + int(field.dist_ds[node])
                options.append((time, int(field.owner[node]), row, second, node))
        for entry in np.flatnonzero(there.edge == edge).tolist():
            way = along_edge(arc, edge, here, float(there.fraction[entry]))
            if way >= 0:
                time = int(offsets[row]) + way + int(entry_ds[entry])
                options.append((time, int(there.owner[entry]), row, -1, entry))
    if not options or min(options)[0] > field.limit_ds:
        return None
    ds, owner, row, second, at = min(options)
    here = float(home.fraction[row])
    edges, entry, last = [int(home.edge[row])], at, -1
    nodes: list[int] = []
    if second >= 0:
        walked, nodes, entry, last = _descend(network, field, entry_ds, at)
        edges += [*walked, int(there.edge[entry])]
    goal = float(there.fraction[entry])
    x, y = (
        np.array([_on(axis, network, edges[0], here), *axis[nodes].tolist(), _on(axis, network, edges[-1], goal)])
        for axis in (network.x, network.y)
    )
    if second < 0:
        length_m = abs(goal - here) * float(network.length_m[edges[0]])
    else:
        shares = [1 - here if second else here, *[1.0] * (len(edges) - 2), 1 - goal if last else goal]
        length_m = float(network.length_m[edges] @ np.array(shares))
    lon, lat = network.unproject(x, y)
    beside = float(home.offset_m[row] + there.offset_m[entry])
    return Route(owner, ds, lon, lat, length_m, beside, np.array(edges, dtype=np.int32))


def _descend(
    network: WalkNetwork, field: Field, entry_ds: NDArray[np.int64], node: int
) -> tuple[list[int], list[int], int, int]:
    """Follow the times down from a node; return edges, nodes, the entrance, and the end it is entered from."""
    there, costs = field.facilities, network.cost_of(field.profile)
    edges: list[int] = []
    nodes = [node]
    while True:
        left, owner = int(field.dist_ds[node]), int(field.owner[node])
        for entry in np.flatnonzero((there.owner == owner) & there.connected):
            edge = int(there.edge[entry])
            for second, end in enumerate((int(network.edge_u[edge]), int(network.edge_v[edge]))):
                way = from_end(costs.arc, edge, float(there.fraction[entry]), second == 1)
                if end == node and way >= 0 and way + entry_ds[entry] == left:
                    return edges, nodes, int(entry), second
        begin, end = int(network.first[node]), int(network.first[node + 1])
        ahead = network.neighbour[begin:end]
        step = costs.out[begin:end].astype(int)
        right = (field.dist_ds[ahead].astype(int) + step == left) & (field.owner[ahead] == owner)
        at = begin + int(np.flatnonzero(right)[0])
        edges.append(int(network.arc[at]) >> 1)
        node = int(network.neighbour[at])
        nodes.append(node)


def _on(axis: NDArray[np.float64], network: WalkNetwork, edge: int, share: float) -> float:
    return float((1 - share) * axis[network.edge_u[edge]] + share * axis[network.edge_v[edge]])


def route_to_nearest(network: WalkNetwork, field: Field, homes: Attachments, home: int) -> NDArray[np.float64]:
    """Return the line (lon, lat), shape (k, 2), from a home to its nearest facility; empty when none is reached."""
    way = route_from(network, field, homes.take(homes.owner == home))
    return np.zeros((0, 2)) if way is None else np.column_stack([way.lon, way.lat])
