"""The way itself: from a home to the facility that a field of times says is nearest, node by node."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.reach import UNREACHED, Field
from gis.snapping import Attachments
from gis.walkers import IMPASSABLE, walker_of
from gis.walkgraph import WalkNetwork

_MOST_STEPS = 20_000


def route_to_nearest(network: WalkNetwork, field: Field, homes: Attachments, home: int) -> NDArray[np.float64]:
    """Return the line from a home to its nearest facility.

    Parameters
    ----------
    network : WalkNetwork
        The field's.
    field : Field
        Times of walking to (`inward`) one kind.
    homes : Attachments
        Entrances of homes.
    home : int
        Owner number of the home.

    Returns
    -------
    ndarray of float64, shape (k, 2)
        lon, lat in EPSG:4326; empty when nothing is reached. Each step leads to a node that is nearer by exactly what
        the step takes, so the line is as long in time as the field says.
    """
    rows = np.flatnonzero((homes.owner == home) & homes.connected)
    if not len(rows):
        return np.zeros((0, 2))
    arc = network.cost_of(field.profile).arc
    offset = homes.offset_ds(walker_of(field.profile))
    best: tuple[int, int, int] | None = None
    for row in rows:
        edge, share = int(homes.edge[row]), float(homes.fraction[row])
        for node, cost, part in (
            (int(network.edge_u[edge]), int(arc[2 * edge + 1]), share),
            (int(network.edge_v[edge]), int(arc[2 * edge]), 1.0 - share),
        ):
            if field.dist_ds[node] == UNREACHED or (cost == IMPASSABLE and part > 0):
                continue
            whole = int(offset[row]) + int(part * cost + 0.5) + int(field.dist_ds[node])
            if best is None or whole < best[0]:
                best = (whole, node, int(row))
    if best is None:
        return np.zeros((0, 2))
    nodes, owner = _descend(network, field, best[1])
    start, end = _point(network, homes, best[2]), _door(network, field, owner, nodes[-1])
    line = [start, *[(network.lon[node], network.lat[node]) for node in nodes], *end]
    return np.array(line, dtype=float)


def _descend(network: WalkNetwork, field: Field, node: int) -> tuple[list[int], int]:
    """Follow falling times from a node to where the facility is entered."""
    out, dist = network.cost_of(field.profile).out, field.dist_ds
    owner = int(field.owner[node])
    nodes = [node]
    for _ in range(_MOST_STEPS):
        first, last = int(network.first[node]), int(network.first[node + 1])
        ahead = network.neighbour[first:last]
        cost = out[first:last].astype(np.int64)
        nearer = dist[ahead].astype(np.int64) + cost == int(dist[node])
        fits = (cost != IMPASSABLE) & nearer & (field.owner[ahead] == owner)
        if not fits.any():
            return nodes, owner
        node = int(ahead[np.flatnonzero(fits)[0]])
        nodes.append(node)
    return nodes, owner


def _point(network: WalkNetwork, places: Attachments, row: int) -> tuple[float, float]:
    edge, share = int(places.edge[row]), float(places.fraction[row])
    u, v = int(network.edge_u[edge]), int(network.edge_v[edge])
    return (
        float(network.lon[u] + share * (network.lon[v] - network.lon[u])),
        float(network.lat[u] + share * (network.lat[v] - network.lat[u])),
    )


def _door(network: WalkNetwork, field: Field, owner: int, node: int) -> list[tuple[float, float]]:
    """Return where the facility is entered from the last node."""
    there = field.facilities
    for row in np.flatnonzero((there.owner == owner) & there.connected):
        edge = int(there.edge[row])
        if node in (int(network.edge_u[edge]), int(network.edge_v[edge])):
            return [_point(network, there, int(row))]
    return []
