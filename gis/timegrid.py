"""A metre grid over a network whose meshes know their place on it, so that times can be drawn as areas again and again.

Which edge a mesh belongs to does not depend on facilities: meshes are put on the network once, tile by tile as they are
needed, and kept beside the network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputFault
from gis.snapping import MAX_OFFSET_M, nearest_edges
from gis.walkgraph import WalkNetwork

TILE = 32
"""Meshes on each side of a tile."""

MOST_MESHES = 4_000_000

_Tile = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class TimeGrid:
    """Meshes on a network, rows from south to north.

    Attributes
    ----------
    x, y : ndarray of float64, shape (columns,) and (rows,)
        Centres in metres of the network's system.
    edge : ndarray of int32, shape (rows, columns)
        Nearest edge, -1 where it is further than anybody is connected.
    fraction, offset_m : ndarray of float64, shape (rows, columns)
        Place on the edge, and metres from it.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    offset_m: NDArray[np.float64]


def time_grid(network: WalkNetwork, bounds: tuple[float, float, float, float], step_m: float) -> TimeGrid:
    """Return the meshes over a place.

    Parameters
    ----------
    network : WalkNetwork
        What to walk on.
    bounds : tuple of float
        West, south, east, north in metres of the network's system.
    step_m : float
        Width of a mesh.

    Raises
    ------
    InputFault
        When the meshes would be too many.
    """
    side_m = TILE * step_m
    west, south, east, north = (int(np.floor(bound / side_m)) for bound in bounds)
    count = (east - west + 1) * (north - south + 1) * TILE * TILE
    if count > MOST_MESHES:
        raise InputFault(f"a grid of {step_m:g} m has {count:,} meshes here; take a coarser one")
    kept: dict[tuple[float, int, int], _Tile] = network.__dict__.setdefault("_tiles", {})
    wanted = [(row, column) for row in range(south, north + 1) for column in range(west, east + 1)]
    new = [(row, column) for row, column in wanted if (step_m, row, column) not in kept]
    if new:
        _fill(network, kept, new, step_m)
    rows = [[kept[step_m, row, column] for column in range(west, east + 1)] for row in range(south, north + 1)]
    edge, fraction, offset_m = (np.block([[tile[part] for tile in row] for row in rows]) for part in range(3))
    x = (west * TILE + np.arange(edge.shape[1], dtype=np.float64) + 0.5) * step_m
    y = (south * TILE + np.arange(edge.shape[0], dtype=np.float64) + 0.5) * step_m
    return TimeGrid(x, y, edge, fraction.astype(float), offset_m.astype(float))


def _fill(
    network: WalkNetwork, kept: dict[tuple[float, int, int], _Tile], new: list[tuple[int, int]], step_m: float
) -> None:
    inside = (np.arange(TILE) + 0.5) * step_m
    side_m = TILE * step_m
    corner = np.array(new, dtype=float) * side_m
    x = np.broadcast_to(corner[:, 1, None, None] + inside[None, None, :], (len(new), TILE, TILE))
    y = np.broadcast_to(corner[:, 0, None, None] + inside[None, :, None], (len(new), TILE, TILE))
    edge, fraction, offset_m = nearest_edges(network, x.ravel(), y.ravel())
    edge = np.where(offset_m > MAX_OFFSET_M, -1, edge).astype(np.int32).reshape(x.shape)
    shares, offsets = (one.astype(np.float32).reshape(x.shape) for one in (fraction, offset_m))
    for at, (row, column) in enumerate(new):
        kept[step_m, row, column] = edge[at], shares[at], offsets[at]
