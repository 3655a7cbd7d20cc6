"""Cylinders of the space-time scan: their bases, what they are expected to hold, and their likelihood ratios.

Kept apart from `gis.scan`, which says what the ratios mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree
from scipy.special import gammainc

from gis.scan_kernels import largest_ratio

FLOOR = 3.0
"""Smaller ratios are not worked out: a record without any cluster has larger ones."""

_MOST_COUNTS = 400

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Zones:
    """Bases of the cylinders: (n, k) cells by distance from each cell, itself first, and how far the last is.

    `within` is False for a cell beyond the largest radius; those are not added.
    """

    order: NDArray[np.int64]
    away_m: Floats
    within: NDArray[np.bool_]


def zones_around(points_m: ArrayLike, *, most_cells: int = 25, radius_m: float = 500.0) -> Zones:
    """Return the bases: every cell with its nearest ones, up to a number and a radius.

    Parameters
    ----------
    points_m : (n, 2) metres in the district's metric CRS.
    """
    points = np.asarray(points_m, dtype=np.float64)
    away, order = cKDTree(points).query(points, k=min(most_cells, len(points)))
    away, order = away.reshape(len(points), -1), order.reshape(len(points), -1)
    return Zones(order.astype(np.int64), away, away <= radius_m)


@dataclass(frozen=True)
class Field:
    """Expectation per cylinder, (n, k, b), and from how many cases on its ratio is worth computing.

    `least_counts` says the same as `enough` in whole cases, for the compiled step.
    """

    zones: Zones
    total: int
    least: int
    expected: Floats
    enough: Floats
    least_counts: NDArray[np.int32]

    @classmethod
    def of(cls, expected: Floats, total: int, zones: Zones, least_cases: int) -> Field:
        """Add up (n, b) expected cases, `total` in all, to every cylinder."""
        inside = cylinders(expected, zones)
        # the ratio is at most (c - e)^2 N / (2 e (N - e)), so below this count it is under the floor
        spread = np.sqrt(2.0 * FLOOR * inside * np.maximum(total - inside, 0.0) / total)
        enough = np.maximum(inside + spread, least_cases - 0.5)
        enough[~zones.within] = np.inf
        enough[inside > total / 2.0] = np.inf  # a cylinder of more than half of everything is no cluster
        whole = np.where(np.isfinite(enough), np.floor(enough) + 1.0, np.iinfo(np.int32).max).astype(np.int32)
        return cls(zones, total, least_cases, inside, enough, whole)

    def ratios(self, counts: NDArray[np.int64]) -> Floats:
        """Return the log likelihood ratio of every cylinder, (n, k, b); 0 below the floor."""
        inside = cylinders(counts.astype(np.int32), self.zones)
        worth = inside > self.enough
        made = np.zeros(inside.shape)
        made[worth] = self._llr(inside[worth].astype(np.float64), self.expected[worth])
        return made

    def peak(self, drawn: NDArray[np.int64]) -> float:
        """Return the largest ratio of a record given as flat (cell, bin) positions of its cases."""
        shape = len(self.zones.order), self.expected.shape[2]
        counts = np.bincount(drawn, minlength=shape[0] * shape[1]).reshape(shape)
        return float(
            largest_ratio(np.cumsum(counts, axis=1, dtype=np.int32), self.zones.order, self.zones.within.sum(axis=1),
                          self.least_counts, self.expected, float(self.total), self.least, FLOOR)
        )  # fmt: skip

    def union_p(self, value: float) -> float:
        """Return a bound on how rarely chance reaches a ratio anywhere: the chances of all cylinders added up.

        The bound holds for any record and is close where cases are few; ratios fall with the expectation, so every
        count has one largest expectation at which it still reaches the value.
        """
        counts = np.arange(self.least, self.total + 1, dtype=np.float64)[:_MOST_COUNTS]
        low, high = np.full(len(counts), 1e-12), counts.copy()
        for _ in range(60):
            middle = np.sqrt(low * high)
            reached = self._llr(counts, middle) >= value
            low, high = np.where(reached, middle, low), np.where(reached, high, middle)
        expected = np.sort(self.expected[np.isfinite(self.enough)])
        ends = np.searchsorted(expected, low, side="right")
        added = sum(
            gammainc(count, expected[begin:end]).sum()
            for count, begin, end in zip(counts, np.concatenate([[0], ends[:-1]]), ends, strict=True)
        )
        return float(min(1.0, added))

    def _llr(self, c: Floats, e: Floats) -> Floats:
        rest, rest_expected = self.total - c, np.maximum(self.total - e, 1e-300)
        with np.errstate(divide="ignore", invalid="ignore"):
            outside = np.where(rest > 0, rest * np.log(rest / rest_expected), 0.0)
        return np.asarray(c * np.log(c / np.maximum(e, 1e-300)) + outside)


def cylinders(per_cell: NDArray, zones: Zones) -> NDArray:  # type: ignore[type-arg]
    """Add up (n, b) over bins and over the cells of each base: (n, k, b)."""
    return np.cumsum(np.cumsum(per_cell, axis=1)[zones.order], axis=1)
