"""Classes of a measure for a coloured map: few, readable, and stable while the numbers move.

"No data" is never a class: it has its own label, apart from zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

NO_DATA = -1
"""The label of a missing number."""

_ENOUGH = 600
_CROWDED_SHARE = 0.6


@dataclass(frozen=True)
class Classes:
    """Breaks of a measure.

    Attributes
    ----------
    upper : tuple of float
        Inclusive upper bound of each class, rising; empty when there is no number at all.
    lowest : float
        The smallest number of the first class (for the legend).
    is_count : bool
        Whether the measure has whole numbers only.
    """

    upper: tuple[float, ...]
    lowest: float
    is_count: bool

    def __len__(self) -> int:
        return len(self.upper)

    def label(self, values: ArrayLike) -> NDArray[np.intp]:
        """Return the class (0 is the lowest) of each number, `NO_DATA` for a missing one.

        A number above the last bound belongs to the last class, so breaks stay usable while live numbers rise.
        """
        numbers = np.asarray(values, dtype=float)
        if not self.upper:
            return np.full(numbers.shape, NO_DATA, dtype=np.intp)
        labels = np.searchsorted(np.asarray(self.upper), numbers, side="left").astype(np.intp)
        return np.where(np.isfinite(numbers), np.minimum(labels, len(self.upper) - 1), NO_DATA)

    def ranges(self) -> list[tuple[float, float]]:
        """Return first and last number of each class; for counts the ranges do not touch (1-3, 4-9)."""
        bounds: list[tuple[float, float]] = []
        low = self.lowest
        for high in self.upper:
            bounds.append((min(low, high), high))
            low = high + 1 if self.is_count else high
        return bounds

    def counts(self, values: ArrayLike) -> dict[int, int]:
        """Return how many numbers fall in each class, with `NO_DATA`; empty classes are there with 0."""
        found = dict.fromkeys((NO_DATA, *range(len(self.upper))), 0)
        labels, sizes = np.unique(self.label(values), return_counts=True)
        found.update(zip(labels.tolist(), sizes.tolist(), strict=True))
        return found


def classify(values: ArrayLike, *, k: int = 5, is_count: bool | None = None) -> Classes:
    """Return at most `k` classes by natural breaks, with readable bounds.

    Zero is a class of its own when it occurs beside other numbers and none is negative: "nothing here" is a
    different statement from "little here".

    Parameters
    ----------
    values : array_like
        The measure; NaN is "no data".
    k : int, default 5
        The largest number of classes; fewer distinct numbers give fewer classes.
    is_count : bool, optional
        Whether the measure counts whole things; by default, whether all numbers are whole.

    Returns
    -------
    Classes
        With no class when there is no number, one class when all numbers are equal.

    References
    ----------
    Fisher (1958), On grouping for maximum homogeneity; see `natural_breaks`.
    """
    numbers = np.asarray(values, dtype=float).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size == 0:
        return Classes((), 0.0, bool(is_count))
    whole = bool(np.all(numbers == np.rint(numbers))) if is_count is None else is_count
    lowest, highest = float(numbers.min()), float(numbers.max())
    zero_apart = lowest == 0.0 and highest > 0.0
    rest = numbers[numbers > 0] if zero_apart else numbers
    room = k - 1 if zero_apart else k
    upper = _natural_bounds(rest, room, whole)
    if zero_apart:
        upper = [0.0, *(bound for bound in upper if bound > 0)]
    return Classes(tuple(upper), lowest if whole else min(lowest, _readable(lowest, whole, down=True)), whole)


def _natural_bounds(numbers: NDArray[np.float64], k: int, whole: bool) -> list[float]:
    """Return rising readable upper bounds of at most k classes, the last one covering the maximum."""
    distinct = np.unique(numbers)
    highest = float(distinct[-1])
    if len(distinct) <= k:
        raw = distinct
    else:
        raw = _jenks(numbers, k) if k > 1 else distinct[-1:]
    bounds: list[float] = []
    for bound in raw[:-1]:
        # Few distinct numbers are their own best bounds; rounding them would merge them.
        nice = float(bound) if len(distinct) <= k else _readable(float(bound), whole)
        if distinct[0] <= nice < highest and (not bounds or nice > bounds[-1]):
            bounds.append(nice)
    last = highest if whole or len(distinct) <= k else _readable(highest, whole, up=True)
    return [*bounds, last]


def _jenks(numbers: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Return natural breaks; by ratio instead of difference where a few large numbers would crowd one class."""
    if len(np.unique(numbers)) > _ENOUGH:
        # The algorithm is quadratic; evenly spaced order statistics carry the same shape.
        numbers = np.quantile(numbers, np.linspace(0.0, 1.0, _ENOUGH), method="nearest")
    bins = natural_breaks(numbers, k)
    fullest = np.bincount(np.searchsorted(bins, numbers)).max()
    if fullest > _CROWDED_SHARE * len(numbers) and numbers.min() > 0:
        bins = np.exp(natural_breaks(np.log(numbers), k))
    return bins


def natural_breaks(numbers: ArrayLike, k: int) -> NDArray[np.float64]:
    """Return the upper bounds of the k classes with the least sum of squared deviations from their class means.

    The optimum itself, by dynamic programming over the distinct numbers with their weights, so that a thousand cells
    with thirty different counts take as long as thirty numbers.

    Parameters
    ----------
    numbers : numbers with at least k distinct values.

    References
    ----------
    Fisher, W. D. (1958), On grouping for maximum homogeneity, Journal of the American Statistical Association 53(284).
    """
    value, weight = np.unique(np.asarray(numbers, dtype=float), return_counts=True)
    m = len(value)
    w = np.concatenate([[0.0], np.cumsum(weight)])
    x = np.concatenate([[0.0], np.cumsum(weight * value)])
    xx = np.concatenate([[0.0], np.cumsum(weight * value * value)])
    first, last = np.arange(m)[:, None], np.arange(1, m + 1)[None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        cost = (xx[last] - xx[first]) - (x[last] - x[first]) ** 2 / (w[last] - w[first])
    cost = np.where(last > first, cost, np.inf)  # cost[i, j]: one class of the distinct numbers i to j - 1
    best, cuts = cost[0], []
    for _ in range(1, k):
        # best[j]: the first j numbers in one class less; the last class begins at i
        total = np.concatenate([[np.inf], best[:-1]])[:, None] + cost
        cut = total.argmin(axis=0)
        best = total[cut, np.arange(m)]
        cuts.append(cut)
    ends, j = [m], m
    for cut in reversed(cuts):
        j = int(cut[j - 1])
        ends.append(j)
    return value[np.array(ends[::-1]) - 1]


def _readable(number: float, whole: bool, *, up: bool = False, down: bool = False) -> float:
    """Round to two significant digits (whole numbers below 20 stay), so that a legend can be read aloud."""
    if number == 0 or (whole and abs(number) < 20):
        return float(np.rint(number))
    decimals = 1 - int(np.floor(np.log10(abs(number))))
    scale = 10.0**decimals
    turn = np.ceil if up else np.floor if down else np.rint
    nice = float(np.round(turn(np.round(number * scale, 9)) / scale, max(decimals, 0)))
    return float(np.rint(nice)) if whole else nice
