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

# What one unit of squared relative size error is worth against one unit of border price.
_BALANCE = 1.0
_BORDER = 0.35
_ROUNDS = 60
_STARTS = 4


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
    best: _Regions | None = None
    for start in range(_STARTS):
        # The first start is the plain one; the others blur sizes a little so that ties and near-ties fall differently.
        blur = np.ones(len(near)) if start == 0 else rng.uniform(0.6, 1.4, len(near))
        regions = _Regions(near, weights, _join_smallest(near, (np.asarray(weights) * blur).tolist(), n_regions))
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
            borders[small], key=lambda r: (weight[r] + weight[small] - _BORDER * 2 * borders[small][r], weight[r], r)
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


class _Regions:
    """A partition under improvement; sizes are in units of the target size."""

    def __init__(self, near: list[dict[int, float]], weights: list[float], region: list[int]) -> None:
        self.near, self.weights, self.region = near, weights, region
        self.members: dict[int, set[int]] = {}
        for node, name in enumerate(region):
            self.members.setdefault(name, set()).add(node)
        self.weight = {name: sum(weights[n] for n in nodes) for name, nodes in self.members.items()}

    def cost(self) -> float:
        """Return size errors plus the price of all borders."""
        errors = sum((w - 1.0) ** 2 for w in self.weight.values())
        cut = sum(
            price
            for node, links in enumerate(self.near)
            for other, price in links.items()
            if other > node and self.region[other] != self.region[node]
        )
        return _BALANCE * errors + _BORDER * cut

    def improve(self) -> None:
        """Move nodes and shift whole regions until nothing gets cheaper."""
        for _ in range(_ROUNDS):
            moved = sum(self._move(node) for node in range(len(self.near)))
            if not moved and not self._split_and_join():
                return

    def _move(self, node: int) -> bool:
        """Give one node to the neighbouring region where that saves most."""
        home = self.region[node]
        if len(self.members[home]) == 1:
            return False
        border: dict[int, float] = {}
        for other, price in self.near[node].items():
            border[self.region[other]] = border.get(self.region[other], 0.0) + price
        if len(border) == 1 and home in border:
            return False
        w, inside = self.weights[node], border.get(home, 0.0)
        rest = self.weight[home]
        best, gain = -1, 1e-9
        for name, shared in border.items():
            if name == home:
                continue
            there = self.weight[name]
            # (rest-1)^2 + (there-1)^2 before, (rest-w-1)^2 + (there+w-1)^2 after.
            saved = _BALANCE * 2 * w * (rest - there - w) + _BORDER * (shared - inside)
            if saved > gain or (saved == gain and name < best):
                best, gain = name, saved
        if best < 0 or not self._stays_connected(home, node):
            return False
        self.members[home].discard(node)
        self.members[best].add(node)
        self.weight[home] -= w
        self.weight[best] += w
        self.region[node] = best
        return True

    def _stays_connected(self, name: int, without: int) -> bool:
        """Whether a region keeps together when one node leaves it."""
        nodes = self.members[name]
        ends = [other for other in self.near[without] if other in nodes]
        if len(ends) < 2:
            # No neighbour in its own region: then the node hangs on nothing there and may go only if nothing is left.
            return len(ends) == 1
        seen, stack = {without, ends[0]}, [ends[0]]
        missing = set(ends[1:])
        while stack and missing:
            for other in self.near[stack.pop()]:
                if other in nodes and other not in seen:
                    seen.add(other)
                    missing.discard(other)
                    stack.append(other)
        return not missing

    def _split_and_join(self) -> bool:
        """Split one large region in two and join two small ones elsewhere, when that is cheaper."""
        for large in sorted(self.weight, key=lambda r: (-self.weight[r], r))[:4]:
            part = self._best_part(large)
            if part is None:
                continue
            piece, split_gain = part
            pair = self._best_pair(large)
            if pair is None:
                return False
            one, two, join_gain = pair
            if split_gain + join_gain > 1e-9:
                for node in self.members[two]:
                    self.region[node] = one
                self.members[one] |= self.members.pop(two)
                self.weight[one] += self.weight.pop(two)
                self.members[two] = piece
                self.members[large] -= piece
                for node in piece:
                    self.region[node] = two
                self.weight[two] = sum(self.weights[n] for n in piece)
                self.weight[large] -= self.weight[two]
                return True
        return False

    def _best_part(self, name: int) -> tuple[set[int], float] | None:
        """Return the connected part whose leaving a region (that stays connected) saves most, with the saving."""
        nodes = self.members[name]
        if len(nodes) < 2:
            return None
        total = self.weight[name]
        best: tuple[set[int], float] | None = None
        for seed in sorted(nodes):
            piece, weight = {seed}, self.weights[seed]
            while True:
                rest = nodes - piece
                if not rest:
                    break
                if _is_connected(self.near, rest):
                    cut = sum(p for n in piece for o, p in self.near[n].items() if o in rest)
                    apart = (weight - 1) ** 2 + (total - weight - 1) ** 2
                    saved = _BALANCE * ((total - 1) ** 2 - apart) - _BORDER * cut
                    if best is None or saved > best[1]:
                        best = (set(piece), saved)
                front = {o: p for n in piece for o, p in self.near[n].items() if o in rest}
                if weight > total / 2 or not front:
                    break
                step = max(front, key=lambda n: (sum(p for o, p in self.near[n].items() if o in piece), -n))
                piece.add(step)
                weight += self.weights[step]
        return best

    def _best_pair(self, but: int) -> tuple[int, int, float] | None:
        """Return two neighbouring regions (neither is `but`) whose joining costs least, with the saving."""
        borders: dict[tuple[int, int], float] = {}
        for node, links in enumerate(self.near):
            for other, price in links.items():
                if other > node and self.region[node] != self.region[other]:
                    one, two = sorted((self.region[node], self.region[other]))
                    if but not in (one, two):
                        borders[one, two] = borders.get((one, two), 0.0) + price
        best: tuple[int, int, float] | None = None
        for (one, two), price in sorted(borders.items()):
            a, b = self.weight[one], self.weight[two]
            saved = _BALANCE * ((a - 1) ** 2 + (b - 1) ** 2 - (a + b - 1) ** 2) + _BORDER * price
            if best is None or saved > best[2]:
                best = (one, two, saved)
        return best


def _is_connected(near: Sequence[dict[int, float]], nodes: set[int]) -> bool:
    first = next(iter(nodes))
    seen, stack = {first}, [first]
    while stack:
        for other in near[stack.pop()]:
            if other in nodes and other not in seen:
                seen.add(other)
                stack.append(other)
    return len(seen) == len(nodes)
