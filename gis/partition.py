"""Cutting a map graph into an exact number of connected, balanced, compact regions.

Nodes are pieces of ground with a size; links are shared borders with a price for cutting there. Regions start by
joining smallest pieces first and are then improved by moving single nodes and by splitting one region where two
others join, always towards a lower cost, never losing connection or count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputFault
from gis.regions import BORDER, Regions

_STARTS = 3


@dataclass(frozen=True)
class Graph:
    """A map graph.

    Attributes
    ----------
    sizes : ndarray of float
        Size of each node, zero or more, in any unit.
    left, right : ndarray of int
        The two nodes of each link; each pair at most once.
    prices : ndarray of float
        What it costs to let a regional border run along the link, zero or more; one is the side of a square region.
    """

    sizes: NDArray[np.float64]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    prices: NDArray[np.float64]

    def neighbours(self) -> list[dict[int, float]]:
        """Return, for each node, its neighbours with the price of the border between them."""
        near: list[dict[int, float]] = [{} for _ in range(len(self.sizes))]
        for one, two, price in zip(self.left.tolist(), self.right.tolist(), self.prices.tolist(), strict=True):
            near[one][two] = near[one].get(two, 0.0) + price
            near[two][one] = near[two].get(one, 0.0) + price
        return near


def partition(graph: Graph, n_regions: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the region (0 to n_regions - 1) of each node.

    Every region is connected and has at least one node; there are exactly `n_regions`.

    Parameters
    ----------
    graph : Graph
        Need not be connected as a whole.
    n_regions : int
        At least the number of connected components, at most the number of nodes.
    rng : numpy Generator
        Varies the starts that are tried; the same state gives the same answer.

    Raises
    ------
    InputFault
        When that many connected regions cannot exist.

    References
    ----------
    Duque, Ramos, Surinach (2007), Supervised regionalization methods: a survey. The local search is that of Openshaw's
    automatic zoning procedure (1977) with an exact count, and splits and joins added to leave poor local optima.
    """
    near = graph.neighbours()
    pieces = len(components(near))
    if not pieces <= n_regions <= len(near):
        raise InputFault(f"{len(near)} pieces in {pieces} connected parts cannot make {n_regions} connected regions")
    if n_regions == len(near):
        return np.arange(len(near))
    target = float(graph.sizes.sum()) / n_regions
    weights = (graph.sizes / target if target > 0 else np.ones(len(near)) * n_regions / len(near)).tolist()
    best: Regions | None = None
    for start in range(_STARTS):
        # The first start is the plain one; the others blur sizes a little so that ties and near-ties fall differently.
        blur = np.ones(len(near)) if start == 0 else rng.uniform(0.6, 1.4, len(near))
        regions = Regions(near, weights, _join_smallest(near, (np.asarray(weights) * blur).tolist(), n_regions))
        regions.improve()
        if best is None or regions.cost() < best.cost() - 1e-12:
            best = regions
    assert best is not None
    _, labels = np.unique(np.asarray(best.region), return_inverse=True)
    return labels.astype(np.intp)


def components(near: Sequence[dict[int, float]]) -> list[list[int]]:
    """Return the nodes of each connected component, in order of their first node."""
    seen = [False] * len(near)
    found = []
    for start in range(len(near)):
        if seen[start]:
            continue
        seen[start] = True
        group, stack = [], [start]
        while stack:
            node = stack.pop()
            group.append(node)
            for other in near[node]:
                if not seen[other]:
                    seen[other] = True
                    stack.append(other)
        found.append(sorted(group))
    return found


def _join_smallest(near: Sequence[dict[int, float]], weights: Sequence[float], n_regions: int) -> list[int]:
    """Join the smallest region with the neighbour that suits best until the count is reached."""
    region = list(range(len(near)))
    members = {node: [node] for node in region}
    weight = dict(enumerate(weights))
    borders = {node: dict(near[node]) for node in region}
    alive = set(region)
    while len(members) > n_regions:
        # A region without neighbours is a whole component and stays.
        small = min((r for r in alive if borders[r]), key=lambda r: (weight[r], r))
        joined = min(
            borders[small], key=lambda r: (weight[r] + weight[small] - BORDER * 2 * borders[small][r], weight[r], r)
        )
        for other, price in borders.pop(small).items():
            del borders[other][small]
            if other != joined:
                borders[joined][other] = borders[joined].get(other, 0.0) + price
                borders[other][joined] = borders[joined][other]
        members[joined] += members.pop(small)
        weight[joined] += weight.pop(small)
        alive.discard(small)
    for name, nodes in members.items():
        for node in nodes:
            region[node] = name
    return region
