"""A seeded generator of walking networks of any size, with what makes real ones hard.

A bent grid of streets with gaps, superblocks of which half are walled with a few gates, a river with few bridges, parks
without streets, one-way pieces, stairs and parallel pieces. The same bytes for the same seed and size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.network import build_network
from gis.snapping import Attachments, attach_points
from gis.walkgraph import WalkNetwork

SEED = 1
SIDES = {"district": 178, "city": 1030}
"""Nodes along each side: about 30 thousand and one million nodes in all."""

BLOCK_M = 41.0
SUPERBLOCK = 10
KINDS = 12

_LON, _LAT = 116.30, 39.85
_M_PER_LON, _M_PER_LAT = 85_300.0, 111_040.0


@dataclass(frozen=True)
class Town:
    """A network, facilities of twelve kinds, homes and people on it."""

    network: WalkNetwork
    kinds: tuple[Attachments, ...]
    homes: Attachments
    people: np.ndarray
    home_lonlat: np.ndarray


def make_frames(side: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `walk_nodes` and `walk_edges` of a town of side x side corners."""
    row, column = np.divmod(np.arange(side * side), side)
    x = (column + rng.normal(0, 0.16, side * side)) * BLOCK_M
    y = (row + rng.normal(0, 0.16, side * side)) * BLOCK_M
    corner = np.arange(side * side).reshape(side, side)
    u = np.concatenate([corner[:, :-1].ravel(), corner[:-1].ravel()])
    v = np.concatenate([corner[:, 1:].ravel(), corner[1:].ravel()])
    kept = rng.random(len(u)) > 0.16
    kind = np.full(len(u), "street", dtype="U8")
    gate = np.full(len(u), "", dtype="U12")
    block_u, block_v = _superblock(u, side), _superblock(v, side)
    walled = rng.random(block_u.max() + 1) < 0.5
    across = block_u != block_v
    wall = across & (walled[block_u] | walled[block_v])
    door = wall & (rng.random(len(u)) < 0.12)
    kept[wall & ~door] = False
    kind[door] = "gate"
    gate[door] = np.char.add("g", np.flatnonzero(door).astype(str))
    middle = side // 2
    river = (row[u] == middle) & (row[v] == middle + 1)
    bridge = river & (column[u] % 25 == 7)
    kept[river & ~bridge], kept[bridge] = False, True
    park = rng.random(block_u.max() + 1) < 0.04
    kept[(park[block_u] | park[block_v]) & (rng.random(len(u)) < 0.6)] = False
    steps = (kind == "street") & (rng.random(len(u)) < 0.01)
    kind[steps] = "steps"
    one_way = rng.random(len(u)) < 0.01
    u, v, kind, gate, one_way = u[kept], v[kept], kind[kept], gate[kept], one_way[kept]
    again = rng.integers(0, len(u), len(u) // 500)
    detour = np.concatenate([np.ones(len(u)), rng.uniform(0.9, 2.0, len(again))])
    u, v = np.append(u, u[again]), np.append(v, v[again])
    kind, gate = np.append(kind, np.full(len(again), "path")), np.append(gate, np.full(len(again), ""))
    used = np.unique(np.concatenate([u, v]))
    nodes = pd.DataFrame({"node": used, "lon": _LON + x[used] / _M_PER_LON, "lat": _LAT + y[used] / _M_PER_LAT})
    edges = pd.DataFrame(
        {
            "edge": np.arange(len(u)), "node_from": u, "node_to": v,
            "length_m": np.hypot(x[u] - x[v], y[u] - y[v]) * detour, "kind": kind,
            "forward": True, "backward": ~np.append(one_way, np.zeros(len(again), bool)), "night": True, "gate": gate,
        }
    )  # fmt: skip
    return nodes, edges


def make_town(size: str, *, n_homes: int = 5_000, seed: int = SEED) -> Town:
    """Return a town of a size of `SIDES` with facilities in the density of a district: 20 to 200 per 30,000 nodes."""
    rng, side = np.random.default_rng(seed), SIDES[size]
    network = build_network(*make_frames(side, rng), profiles=("adult",))
    more = (side / SIDES["district"]) ** 2
    kinds = []
    for count in np.geomspace(20, 200, KINDS):
        lonlat = _anywhere(side, int(count * more), rng)
        kinds.append(attach_points(network, lonlat[:, 0], lonlat[:, 1]))
    homes = _anywhere(side, n_homes, rng)
    attached = attach_points(network, homes[:, 0], homes[:, 1])
    return Town(network, tuple(kinds), attached, rng.integers(20, 400, n_homes), homes)


def sites_of(town: Town, count: int, rng: np.random.Generator) -> Attachments:
    """Return candidate sites anywhere on the network."""
    edge = rng.integers(0, town.network.n_edges, count).astype(np.int32)
    return Attachments(
        np.arange(count, dtype=np.int32), edge, rng.random(count), np.zeros(count), np.full(count, ""), count
    )


def _superblock(node: np.ndarray, side: int) -> np.ndarray:
    row, column = np.divmod(node, side)
    return (row // SUPERBLOCK) * (side // SUPERBLOCK + 1) + column // SUPERBLOCK


def _anywhere(side: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Places in degrees, from the first corner to the last."""
    metres = rng.uniform(0, (side - 1) * BLOCK_M, (count, 2))
    return np.column_stack([_LON + metres[:, 0] / _M_PER_LON, _LAT + metres[:, 1] / _M_PER_LAT])
