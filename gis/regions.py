"""A partition of a map graph while it is being improved: every step keeps regions connected and their number.

Three kinds of step, each taken only when the cost falls: a node moves to a neighbouring region; two neighbours are put
together and cut apart anew; one region is cut in two while two others become one.
"""

from __future__ import annotations

from collections.abc import Sequence

# What one unit of border price is worth against one unit of squared relative size error.
BORDER = 0.35
_ROUNDS = 60
# How many nodes of a region a cut may start to grow from; more hardly finds better cuts in large regions.
_SEEDS = 16
_GAIN = 1e-9


class Regions:
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
        return errors + BORDER * cut

    def improve(self) -> None:
        """Move nodes and shift whole regions until nothing gets cheaper."""
        for _ in range(_ROUNDS):
            if sum(self._move(node) for node in range(len(self.near))):
                continue
            if not self._cut_anew() and not self._split_and_join():
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
            saved = 2 * w * (rest - there - w) + BORDER * (shared - inside)
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

    def _cut_anew(self) -> bool:
        """Put neighbouring regions together in pairs and cut them apart where that is cheapest."""
        found = False
        for one, two in sorted(self._pairs()):
            nodes = self.members[one] | self.members[two]
            if len(nodes) < 3:
                continue
            part = self._best_part(nodes)
            if part is None:
                continue
            whole = self.weight[one] + self.weight[two]
            cut = sum(p for n in self.members[one] for o, p in self.near[n].items() if self.region[o] == two)
            now = (whole - 1) ** 2 - (self.weight[one] - 1) ** 2 - (self.weight[two] - 1) ** 2 - BORDER * cut
            if part[1] > now + _GAIN:
                self._settle(one, part[0])
                self._settle(two, nodes - part[0])
                found = True
        return found

    def _settle(self, name: int, nodes: set[int]) -> None:
        """Make these nodes the region of this name."""
        self.members[name] = nodes
        self.weight[name] = sum(self.weights[node] for node in sorted(nodes))
        for node in nodes:
            self.region[node] = name

    def _split_and_join(self) -> bool:
        """Split one large region in two and join two small ones elsewhere, when that is cheaper."""
        for large in sorted(self.weight, key=lambda r: (-self.weight[r], r))[:4]:
            part = self._best_part(self.members[large])
            if part is None:
                continue
            pair = self._best_pair(large)
            if pair is None:
                return False
            one, two, gain = pair
            if part[1] + gain > _GAIN:
                self._settle(one, self.members[one] | self.members[two])
                self._settle(large, self.members[large] - part[0])
                self._settle(two, part[0])
                return True
        return False

    def _best_part(self, nodes: set[int]) -> tuple[set[int], float] | None:
        """Return the part to cut off a region so that both stay connected and most is saved, with the saving."""
        if len(nodes) < 2:
            return None
        total = sum(self.weights[node] for node in sorted(nodes))
        ordered = sorted(nodes)
        best: tuple[set[int], float] | None = None
        for seed in ordered[:: -(-len(ordered) // _SEEDS)]:
            piece, weight, cut = set[int](), 0.0, 0.0
            # What may be added next, with the price of the border it has with the piece.
            front = {seed: 0.0}
            while front and weight <= total / 2 and len(piece) < len(nodes) - 1:
                step = max(front, key=lambda node: (front[node], -node))
                cut -= front.pop(step)
                piece.add(step)
                weight += self.weights[step]
                for other, price in self.near[step].items():
                    if other in nodes and other not in piece:
                        front[other] = front.get(other, 0.0) + price
                        cut += price
                apart = (weight - 1) ** 2 + (total - weight - 1) ** 2
                saved = (total - 1) ** 2 - apart - BORDER * cut
                # The rest may have fallen apart; that costs most to find out, so it is asked last.
                if (best is None or saved > best[1]) and _is_connected(self.near, nodes - piece):
                    best = (set(piece), saved)
        return best

    def _best_pair(self, but: int) -> tuple[int, int, float] | None:
        """Return two neighbouring regions (neither is `but`) whose joining costs least, with the saving."""
        best: tuple[int, int, float] | None = None
        for (one, two), price in sorted(self._pairs().items()):
            if but in (one, two):
                continue
            a, b = self.weight[one], self.weight[two]
            saved = ((a - 1) ** 2 + (b - 1) ** 2 - (a + b - 1) ** 2) + BORDER * price
            if best is None or saved > best[2]:
                best = (one, two, saved)
        return best

    def _pairs(self) -> dict[tuple[int, int], float]:
        """Return neighbouring regions with the price of the border between them."""
        borders: dict[tuple[int, int], float] = {}
        for node, links in enumerate(self.near):
            for other, price in links.items():
                if other > node and self.region[node] != self.region[other]:
                    one, two = sorted((self.region[node], self.region[other]))
                    borders[one, two] = borders.get((one, two), 0.0) + price
        return borders


def _is_connected(near: Sequence[dict[int, float]], nodes: set[int]) -> bool:
    first = next(iter(nodes))
    seen, stack = {first}, [first]
    while stack:
        for other in near[stack.pop()]:
            if other in nodes and other not in seen:
                seen.add(other)
                stack.append(other)
    return len(seen) == len(nodes)
