"""Where homes and facilities sit on the walking network: on an edge, at a fraction, with an offset; never at a node.

What is too far from any edge, or beside an island of the network, is not connected, and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.errors import ContractFault
from gis.network import WalkNetwork
from gis.walkers import EDGE_KINDS, Walker, walk_ds

MAX_OFFSET_M = 150.0
ISLAND_NODES = 100

TOO_FAR, ISLAND, NO_POSITION = "too_far", "island", "no_position"
REASONS = ("", TOO_FAR, ISLAND, NO_POSITION)
"""Why a point is not connected; '' where it is."""


@dataclass(frozen=True)
class Attachments:
    """k entrances of things on a network; one thing (owner) may have several.

    Attributes
    ----------
    owner : ndarray of int32, shape (k,)
        Position of the thing that the entrance belongs to.
    edge : ndarray of int32, shape (k,)
        Position of the edge in the network, -1 when not connected.
    fraction : ndarray of float64, shape (k,)
        0 at the edge's first node, 1 at its second.
    offset_m : ndarray of float64, shape (k,)
        From the point to the edge, in metres; also where it was too far, NaN without a position.
    reason : ndarray of str, shape (k,)
        One of `REASONS`.
    n_owners : int
        How many things there are, connected or not.
    """

    owner: NDArray[np.int32]
    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    offset_m: NDArray[np.float64]
    reason: NDArray[np.str_]
    n_owners: int

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def connected(self) -> NDArray[np.bool_]:
        """Which entrances are on the network."""
        return self.edge >= 0

    @property
    def owner_connected(self) -> NDArray[np.bool_]:
        """Which things have at least one entrance on the network."""
        found = np.zeros(self.n_owners, dtype=bool)
        found[self.owner[self.connected]] = True
        return found

    def offset_ds(self, walker: Walker) -> NDArray[np.uint16]:
        """Return the time between point and edge in tenths of a second."""
        return walk_ds(self.offset_m, walker)

    def take(self, rows: Any) -> Attachments:
        """Return some entrances; owners keep their numbers."""
        return Attachments(
            self.owner[rows],
            self.edge[rows],
            self.fraction[rows],
            self.offset_m[rows],
            self.reason[rows],
            self.n_owners,
        )

    def of_owners(self, wanted: ArrayLike) -> Attachments:
        """Return the entrances of the things in a mask over owners; owners keep their numbers."""
        return self.take(np.asarray(wanted, dtype=bool)[self.owner])


def attach_points(
    network: WalkNetwork,
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    owner: ArrayLike | None = None,
    max_m: float = MAX_OFFSET_M,
    island_nodes: int = ISLAND_NODES,
) -> Attachments:
    """Put points on their nearest edge.

    Parameters
    ----------
    network : WalkNetwork
        What to walk on. Gates themselves are no address; everything else that may be walked is.
    lon, lat : array_like, shape (k,)
        EPSG:4326; NaN is a point without a position.
    owner : array_like of int, optional
        Which thing each point is an entrance of; each its own when omitted.
    max_m : float
        A point further than this from every edge is not connected.
    island_nodes : int
        A connected part with fewer nodes, other than the largest, is an island.

    Returns
    -------
    Attachments
        One row per point, in the given order. Of edges equally near, the first of the network.

    Raises
    ------
    ContractFault
        When lengths differ.
    """
    lons, lats = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
    owners = np.arange(len(lons)) if owner is None else np.atleast_1d(np.asarray(owner))
    if not len(lons) == len(lats) == len(owners):
        raise ContractFault(f"{len(lons)} longitudes, {len(lats)} latitudes and {len(owners)} owners")
    n_owners = int(owners.max()) + 1 if len(owners) else 0
    edge = np.full(len(lons), -1, dtype=np.int32)
    fraction, offset_m = np.zeros(len(lons)), np.full(len(lons), np.nan)
    reason = np.full(len(lons), NO_POSITION, dtype="U12")
    known = np.flatnonzero(np.isfinite(lons) & np.isfinite(lats))
    if len(known):
        x, y = network.project(lons[known], lats[known])
        edge[known], fraction[known], offset_m[known] = nearest_edges(network, x, y)
        sizes = network.component_nodes
        size = sizes[network.component[network.edge_u[edge[known]]]]
        lost = (size < island_nodes) & (network.component[network.edge_u[edge[known]]] != 0)
        reason[known] = np.where(offset_m[known] > max_m, TOO_FAR, np.where(lost, ISLAND, ""))
        edge[known[reason[known] != ""]] = -1
    return Attachments(owners.astype(np.int32), edge, fraction, offset_m, reason, n_owners)


def nearest_edges(
    network: WalkNetwork, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Return the nearest edge of each point in metres, the fraction along it, and the distance in metres."""
    look_up, usable = edge_index(network)
    points = shapely.points(x, y)
    pairs = look_up(points)
    at, edge = pairs[0], usable[pairs[1]]
    # Several edges meet at the nearest corner: the one that comes first in the network is taken.
    order = np.lexsort((edge, at))
    first = order[np.unique(at[order], return_index=True)[1]]
    chosen = edge[first].astype(np.int32)
    fraction, offset = foot_points(network, chosen, x, y)
    return chosen, fraction, offset


def foot_points(
    network: WalkNetwork, edge: NDArray[np.int32], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the perpendiculars of points (metres) meet given edges: fraction and distance in metres."""
    u, v = network.edge_u[edge], network.edge_v[edge]
    ax, ay = network.x[u], network.y[u]
    dx, dy = network.x[v] - ax, network.y[v] - ay
    square = dx * dx + dy * dy
    along = (x - ax) * dx + (y - ay) * dy
    fraction = np.clip(np.divide(along, square, out=np.zeros_like(along), where=square > 0), 0.0, 1.0)
    return fraction, np.hypot(ax + fraction * dx - x, ay + fraction * dy - y)


def edge_index(network: WalkNetwork) -> tuple[Callable[..., NDArray[np.intp]], NDArray[np.intp]]:
    """Return a look-up of nearest edges (point, edge pairs) over the edges that can be an address, and which those are.

    The tree is built once per network and kept beside it.
    """
    kept = network.__dict__.get("_edge_index")
    if kept is None:
        usable = np.flatnonzero((network.kind != EDGE_KINDS.index("gate")) & ((network.flags & 3) > 0))
        u, v = network.edge_u[usable], network.edge_v[usable]
        ends = np.stack([network.x[u], network.y[u], network.x[v], network.y[v]], axis=1).reshape(-1, 2, 2)
        kept = (shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object)).query_nearest, usable)
        network.__dict__["_edge_index"] = kept
    return kept
