"""Connected groups of blocks with balanced weights: one method for communities and for the three source grids.

Seeds spread evenly over the weight, groups grow from them (lightest first), then blocks on the borders change
sides while that evens the weights or puts a border on a stronger road, never cutting a group in two.

References
----------
Duque, Ramos and Surinach (2007), Supervised regionalization methods: a survey, Int. Regional Science Review 30.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis.errors import GeometryFault

SWEEPS = 25
"""Rounds over the borders at most; nearly all groupings settle in fewer."""


@dataclass(frozen=True)
class BlockGraph:
    """Which polygons of a coverage share an edge.

    Attributes
    ----------
    left, right : array of int
        Positions of the two polygons, left < right.
    length_m : array of float
        Metres of their common edge.
    spot : array (n, 2)
        Middle of the longest common segment.
    """

    left: np.ndarray
    right: np.ndarray
    length_m: np.ndarray
    spot: np.ndarray


def block_graph(polygons: np.ndarray) -> BlockGraph:
    """Return the shared edges of a valid coverage (equal vertices on both sides of every common edge)."""
    rings, ring_owner = shapely.get_rings(polygons, return_index=True)
    points, owner = shapely.get_coordinates(rings, return_index=True)
    same = owner[1:] == owner[:-1]
    start, end, who = points[:-1][same], points[1:][same], ring_owner[owner[:-1][same]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(swap[:, None], end, start), np.where(swap[:, None], start, end)
    order = np.lexsort((who, high[:, 1], high[:, 0], low[:, 1], low[:, 0]))
    low, high, who = low[order], high[order], who[order]
    twin = np.all(low[1:] == low[:-1], axis=1) & np.all(high[1:] == high[:-1], axis=1) & (who[1:] != who[:-1])
    at = np.flatnonzero(twin)
    one, two = np.minimum(who[at], who[at + 1]), np.maximum(who[at], who[at + 1])
    metres = np.hypot(*(high[at] - low[at]).T)
    middle = (high[at] + low[at]) / 2.0
    order = np.lexsort((-metres, two, one))
    one, two, metres, middle = one[order], two[order], metres[order], middle[order]
    fresh = np.ones(len(one), dtype=bool)
    fresh[1:] = (one[1:] != one[:-1]) | (two[1:] != two[:-1])
    first = np.flatnonzero(fresh)
    total = np.add.reduceat(metres, first) if len(first) else metres
    return BlockGraph(one[first], two[first], total, middle[first])


def count_parts(graph: BlockGraph, n_blocks: int) -> int:
    """Return how many separate pieces the blocks form."""
    links = coo_array((np.ones(len(graph.left)), (graph.left, graph.right)), shape=(n_blocks, n_blocks))
    return int(connected_components(links, directed=False)[0])


def group_blocks(
    graph: BlockGraph,
    weight: np.ndarray,
    xy: np.ndarray,
    barrier: np.ndarray,
    n_groups: int,
    rng: np.random.Generator,
    *,
    balance: float = 3.0,
    tries: int = 1,
) -> np.ndarray:
    """Divide connected blocks into exactly `n_groups` connected groups of about equal weight.

    Parameters
    ----------
    graph : BlockGraph
        Shared edges among the blocks 0..n-1.
    weight : array
        What is balanced, not negative (people, m2, or a mixture).
    xy : array (n, 2)
        A point of each block, metres.
    barrier : array
        Per shared edge 0-1: how willingly a border lies on it (1 = main road, 0 = inside a compound).
    n_groups : int
        How many groups.
    rng : Generator
        The only source of chance.
    balance : float
        How much an even weight counts against strong borders and compact shapes.
    tries : int
        How many seedings to try; the one with the evenest weights is kept.

    Returns
    -------
    array of int
        The group of each block, 0..n_groups-1, every one used and connected.

    Raises
    ------
    GeometryFault
        When there are fewer blocks than groups, or the blocks are not connected.
    """
    n_blocks = len(weight)
    if n_blocks < n_groups:
        raise GeometryFault(f"{n_blocks} blocks cannot form {n_groups} groups")
    if count_parts(graph, n_blocks) != 1:
        raise GeometryFault(f"{n_blocks} blocks to group are not one connected piece")
    load = np.asarray(weight, dtype=float)
    load = np.maximum(load / max(load.mean(), 1e-12), 0.02)
    near = _neighbours(graph, barrier, n_blocks)
    best, best_spread = np.zeros(n_blocks, dtype=int), np.inf
    for _ in range(tries):
        seeds = _spread_seeds(xy, load, n_groups, rng)
        labels = _grow(near, load, xy, seeds).tolist()
        _even_out(near, load.tolist(), xy.tolist(), labels, n_groups, balance)
        mass = np.bincount(labels, load, n_groups) * n_groups / load.sum()
        # One group far too small is worse than many a little uneven.
        spread = float(mass.std() + max(0.0, 0.7 - mass.min()))
        if spread < best_spread:
            best, best_spread = np.array(labels), spread
    return best


def _neighbours(graph: BlockGraph, barrier: np.ndarray, n_blocks: int) -> list[list[tuple[int, float]]]:
    """Return for each block its neighbours with the glue between them (metres x (1 - barrier))."""
    near: list[list[tuple[int, float]]] = [[] for _ in range(n_blocks)]
    glue = graph.length_m * (1.05 - barrier)
    for one, two, bond in zip(graph.left.tolist(), graph.right.tolist(), glue.tolist(), strict=True):
        near[one].append((two, bond))
        near[two].append((one, bond))
    return near


def _spread_seeds(xy: np.ndarray, load: np.ndarray, n_groups: int, rng: np.random.Generator) -> list[int]:
    """Return distinct blocks, one per group, spread evenly over the weight (weighted Lloyd rounds)."""
    chosen = rng.choice(len(load), n_groups, replace=False, p=load / load.sum())
    centres = xy[chosen].astype(float)
    for _ in range(15):
        nearest = cKDTree(centres).query(xy)[1]
        mass = np.bincount(nearest, load, n_groups)
        for axis in (0, 1):
            moved = np.bincount(nearest, load * xy[:, axis], n_groups)
            centres[:, axis] = np.where(mass > 0, moved / np.maximum(mass, 1e-12), centres[:, axis])
        # A group with far too little goes to where there is too much, so that seeds follow the weight.
        light, heavy = int(np.argmin(mass)), int(np.argmax(mass))
        if mass[light] < 0.35 * mass.mean() and mass[heavy] > 1.6 * mass.mean():
            inside = np.flatnonzero(nearest == heavy)
            if len(inside) > 1:
                far = inside[np.argmax(np.sum((xy[inside] - centres[heavy]) ** 2, axis=1))]
                centres[light] = xy[far]
    free = np.ones(len(load), dtype=bool)
    seeds = []
    tree = cKDTree(xy)
    for centre in centres:
        reach = 8
        while True:
            found = np.atleast_1d(tree.query(centre, k=min(reach, len(xy)))[1])
            open_ones = found[free[found]]
            if len(open_ones):
                break
            reach *= 4
        free[open_ones[0]] = False
        seeds.append(int(open_ones[0]))
    return seeds


def _grow(near: list[list[tuple[int, float]]], load: np.ndarray, xy: np.ndarray, seeds: list[int]) -> np.ndarray:
    """Grow groups from the seeds: the lightest group takes the block best glued and nearest to its seed."""
    labels = np.full(len(load), -1)
    frontier: list[list[tuple[float, int]]] = [[] for _ in seeds]
    mass = [0.0] * len(seeds)
    scale = float(np.sqrt(np.prod(np.ptp(xy, axis=0) + 1.0) / len(seeds)))
    points, home = xy.tolist(), xy[seeds].tolist()

    def take(block: int, group: int) -> None:
        labels[block] = group
        mass[group] += float(load[block])
        for other, bond in near[block]:
            if labels[other] < 0:
                away = np.hypot(points[other][0] - home[group][0], points[other][1] - home[group][1]) / scale
                heapq.heappush(frontier[group], (float(away) - min(bond, 150.0) / 400.0, other))

    for group, seed in enumerate(seeds):
        labels[seed] = group
    for group, seed in enumerate(seeds):
        take(seed, group)
    queue = [(mass[group], group) for group in range(len(seeds))]
    heapq.heapify(queue)
    while queue:
        _, group = heapq.heappop(queue)
        while frontier[group]:
            _, block = heapq.heappop(frontier[group])
            if labels[block] < 0:
                take(block, group)
                heapq.heappush(queue, (mass[group], group))
                break
    return labels


def _stays_whole(block: int, near: list[list[tuple[int, float]]], labels: list[int]) -> bool:
    """Return whether the block's group stays in one piece, and not empty, without the block."""
    group = labels[block]
    rest = {other for other, _ in near[block] if labels[other] == group}
    if len(rest) <= 1:
        return len(rest) == 1
    start = rest.pop()
    seen, stack = {block, start}, [start]
    while stack and rest:
        for other, _ in near[stack.pop()]:
            if labels[other] == group and other not in seen:
                seen.add(other)
                rest.discard(other)
                stack.append(other)
    return not rest


def _even_out(
    near: list[list[tuple[int, float]]],
    load: list[float],
    xy: list[list[float]],
    labels: list[int],
    n_groups: int,
    balance: float,
) -> None:
    """Let blocks change sides while that lowers imbalance + glued borders + spread; changes `labels` in place."""
    mass, sum_x, sum_y = [0.0] * n_groups, [0.0] * n_groups, [0.0] * n_groups
    count = [0] * n_groups
    for block, group in enumerate(labels):
        mass[group] += load[block]
        sum_x[group] += xy[block][0]
        sum_y[group] += xy[block][1]
        count[group] += 1
    target = sum(mass) / n_groups
    glue_unit = sum(bond for links in near for _, bond in links) / max(len(near), 1)
    spread_unit = float(np.prod(np.ptp(np.array(xy), axis=0) + 1.0)) / n_groups

    def spread(block: int, group: int) -> float:
        x, y = xy[block]
        return ((x - sum_x[group] / count[group]) ** 2 + (y - sum_y[group] / count[group]) ** 2) / spread_unit

    for _ in range(SWEEPS):
        moves = 0
        for block, group in enumerate(labels):
            bonds: dict[int, float] = {}
            for other, bond in near[block]:
                bonds[labels[other]] = bonds.get(labels[other], 0.0) + bond
            if len(bonds) == (1 if group in bonds else 0) or count[group] == 1:
                continue
            own, heavy, best, best_gain = bonds.get(group, 0.0), load[block] / target, -1, -1e-6
            for other_group, bond in bonds.items():
                if other_group == group:
                    continue
                even = 2.0 * heavy * (heavy + (mass[other_group] - mass[group]) / target)
                gain = balance * even + 0.5 * (own - bond) / glue_unit
                gain += 0.25 * (spread(block, other_group) - spread(block, group))
                if gain < best_gain:
                    best, best_gain = other_group, gain
            if best < 0 or not _stays_whole(block, near, labels):
                continue
            for side, sign in ((group, -1.0), (best, 1.0)):
                mass[side] += sign * load[block]
                sum_x[side] += sign * xy[block][0]
                sum_y[side] += sign * xy[block][1]
                count[side] += int(sign)
            labels[block] = best
            moves += 1
        if moves == 0:
            break
