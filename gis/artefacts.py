"""Points that implausibly many cases share: most likely a default address of a geocoder, not a place of trouble.

A point is told as a fallback when both hold:

1. So many cases on one point are not to be expected: fewer than half a point of this size in the whole record, by the
   tail of the sizes of all points. The tail is Pareto's above the 99th percentile; its exponent comes from the median
   excess, which one huge point does not move.
2. Its classes are as mixed as the district's: a place of trouble has its own kind of trouble, a default address has a
   bit of everything. Mixedness is the effective number of classes (the exponential of Shannon's entropy).

References
----------
Newman (2005), Power laws, Pareto distributions and Zipf's law. Contemporary Physics 46(5).
Hill (1973), Diversity and evenness: a unifying notation and its consequences. Ecology 54(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gis.errors import ContractFault

LEAST = 30
"""Fewer cases on one point are never told as a fallback."""

MIXED = 0.5
"""A fallback has at least this share of the district's effective number of classes."""

_TAIL, _RARE, _STEEPEST, _FLATTEST, _FEW = 0.99, 0.5, 4.0, 2.0, 20


@dataclass(frozen=True)
class Sizes:
    """How the number of cases on one point falls off: expected points of a size or more are `at_least(size)`."""

    points: int
    threshold: float
    share_above: float
    exponent: float

    def at_least(self, size: float) -> float:
        """Return how many points with `size` cases or more the record should hold."""
        if size <= self.threshold:
            return float(self.points)
        return self.points * self.share_above * (size / self.threshold) ** -self.exponent


def fit_sizes(sizes: ArrayLike, points: ArrayLike) -> Sizes:
    """Fit the tail of the number of cases per point.

    Parameters
    ----------
    sizes : (k,) numbers of cases on one point, each once. points : (k,) how many points have each size.

    Raises
    ------
    ContractFault
        When lengths differ or there is no point.
    """
    size, count = np.asarray(sizes, dtype=np.float64), np.asarray(points, dtype=np.int64)
    if size.shape != count.shape or not count.sum():
        raise ContractFault("sizes of points need a count each, and one point at least")
    order = np.argsort(size)
    size, count = size[order], count[order]
    total = int(count.sum())
    below = np.cumsum(count) / total
    threshold = max(2.0, float(size[np.searchsorted(below, _TAIL)]))
    above = size > threshold
    many = int(count[above].sum())
    exponent = _FLATTEST
    if many >= _FEW:
        half = np.searchsorted(np.cumsum(count[above]), many / 2)
        exponent = float(np.clip(np.log(2) / np.log(size[above][half] / threshold), _FLATTEST, _STEEPEST))
    return Sizes(total, threshold, max(many, 1) / total, exponent)


def effective_classes(counts: ArrayLike) -> float:
    """Return the effective number of classes, exp(entropy), of counts per class; 0 for no case."""
    numbers = np.asarray(counts, dtype=np.float64)
    share = numbers[numbers > 0] / max(numbers.sum(), 1.0)
    return float(np.exp(-(share * np.log(share)).sum())) if len(share) else 0.0


def fallback_points(histogram: pd.DataFrame, candidates: pd.DataFrame, district: ArrayLike) -> pd.DataFrame:
    """Return the candidates that are fallback addresses, largest first.

    Parameters
    ----------
    histogram
        [cases, points]: how many points have how many cases.
    candidates
        [lon, lat, category, cases] in degrees (WGS-84): points with `LEAST` cases or more, a row per class.
    district
        (k,) cases per class in the whole record.

    Returns
    -------
    DataFrame
        [lon, lat, cases, categories, effective, usual_effective, expected_points].
    """
    columns = ["lon", "lat", "cases", "categories", "effective", "usual_effective", "expected_points"]
    if candidates.empty or histogram.empty:
        return pd.DataFrame(columns=columns)
    sizes = fit_sizes(histogram["cases"], histogram["points"])
    usual = effective_classes(district)
    grouped = candidates.groupby(["lon", "lat"])["cases"]
    found = grouped.agg(cases="sum", categories="size", effective=effective_classes).reset_index()
    found["usual_effective"] = usual
    found["expected_points"] = [sizes.at_least(n) for n in found["cases"]]
    is_one = (found["cases"] >= LEAST) & (found["expected_points"] < _RARE) & (found["effective"] >= MIXED * usual)
    return found.loc[is_one, columns].sort_values("cases", ascending=False).reset_index(drop=True)
