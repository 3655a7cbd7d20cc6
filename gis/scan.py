"""Where something is piling up at this moment: Kulldorff's prospective space-time scan with Poisson counts.

A cylinder is a set of cells (one and its nearest, by distance) and the last so many hours. Its likelihood ratio says
how much better the counts are explained when the cylinder has a rate of its own; the largest one is compared with the
largest of replicas in which the same number of cases falls at random, as the expectation has it. One p-value answers
for all places, sizes and lengths tried, so no further correction is due inside one scan.

References
----------
Kulldorff (2001), Prospective time periodic geographical disease surveillance using a scan statistic.
    J. R. Statist. Soc. A 164(1).
Abrams, Kulldorff, Kleinman (2010), Gumbel based p-value approximations for spatial scan statistics.
    International Journal of Health Geographics 9:61.
Kleinman, Lazarus, Platt (2004), A generalized linear mixed models approach for detecting incident clusters
    (recurrence interval). American Journal of Epidemiology 159(3).
Besag, Clifford (1991), Sequential Monte Carlo p-values. Biometrika 78(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.cylinders import FLOOR, Field, Zones, cylinders
from gis.errors import ContractFault

WINDOWS_H = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168)
"""Lengths of the cylinders in hours, all ending now."""

REPLICAS = 99
LEAST_CASES = 5
LEAST_P = 1e-12
_EULER = 0.5772156649015329
_ENOUGH = 10
"""With this many replicas at least as large, the counted p-value is taken; with fewer, the fitted tail."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cylinder:
    """One place and length of time with more cases than chance gives.

    Attributes
    ----------
    cells : positions. hours : length, ending now. radius_m : from the middle cell to the farthest.
    expected : cases that the history expects, scaled to the total of the record scanned.
    llr : log likelihood ratio. p : of the whole scan. recurrence_days : a scan a day without any real cluster
        gives one like it once in so many days.
    """

    cells: tuple[int, ...]
    hours: int
    radius_m: float
    observed: int
    expected: float
    llr: float
    p: float
    recurrence_days: float

    @property
    def relative_risk(self) -> float:
        """Return observed by expected."""
        return self.observed / self.expected


def binned(cells: ArrayLike, age_h: ArrayLike, n: int, windows_h: tuple[int, ...] = WINDOWS_H) -> NDArray[np.int64]:
    """Count cases per cell and bin of age: bin b holds ages from `windows_h[b - 1]` up to `windows_h[b]` hours.

    Parameters
    ----------
    cells : (m,) positions. age_h : (m,) hours before now; older and future ones are left out.
    """
    cell, age = np.asarray(cells, dtype=np.int64), np.asarray(age_h, dtype=np.float64)
    bin_of = np.searchsorted(np.asarray(windows_h, dtype=np.float64), age, side="right")
    kept = (age >= 0) & (bin_of < len(windows_h))
    flat = np.bincount(cell[kept] * len(windows_h) + bin_of[kept], minlength=n * len(windows_h))
    return flat.reshape(n, len(windows_h)).astype(np.int64)


def scan(
    counts: NDArray[np.int64], expected: ArrayLike, zones: Zones, *, rng: np.random.Generator,
    windows_h: tuple[int, ...] = WINDOWS_H, replicas: int = REPLICAS, alpha: float = 0.05, most: int = 10,
    least_cases: int = LEAST_CASES, give_up_after: int = 5,
) -> list[Cylinder]:  # fmt: skip
    """Return cylinders with p <= `alpha`, the clearest first, no two with a common cell.

    Parameters
    ----------
    counts
        (n, b) cases per cell and bin, as `binned` makes them.
    expected
        (n, b) on any scale: only its shares count, the total is that of `counts`.
    replicas
        Random records to compare with.
    give_up_after
        When so many replicas are as large, the scan ends early: p would be far above `alpha` (sequential p-values).

    Raises
    ------
    ContractFault
        When shapes differ or nothing is expected.
    """
    share = np.asarray(expected, dtype=np.float64)
    n, bins = counts.shape
    if share.shape != counts.shape or zones.order.shape[0] != n or len(windows_h) != bins:
        raise ContractFault(f"expectation {share.shape} and zones {zones.order.shape} for counts {counts.shape}")
    if not share.sum() > 0:
        raise ContractFault("nothing is expected anywhere")
    total = int(counts.sum())
    if total < least_cases:
        return []
    share = share / share.sum()
    field = Field.of(share * total, total, zones, least_cases)
    llr = field.ratios(counts)
    peak = float(llr.max())
    if peak <= 0:
        return []
    cumulative = np.cumsum(share.ravel())
    peaks: list[float] = []
    for _ in range(replicas):
        drawn = np.searchsorted(cumulative, rng.random(total) * cumulative[-1], side="right")
        peaks.append(field.peak(np.minimum(drawn, n * bins - 1)))
        if sum(one >= peak for one in peaks) >= give_up_after:
            return []
    return _told(field, llr, counts, np.array(peaks), alpha, most, windows_h)


def tail_p(value: float, peaks: ArrayLike) -> float:
    """Return how rarely the largest ratio of a random record reaches `value`.

    The rank among the replicas while it is well inside them, else the tail of a Gumbel distribution with their mean
    and spread (Abrams, Kulldorff and Kleinman). Only the rank where many replicas have no ratio to speak of.
    """
    seen = np.asarray(peaks, dtype=np.float64)
    above = int((seen >= value).sum())
    if above >= _ENOUGH or not _is_smooth(seen) or seen.std() == 0:
        return (above + 1.0) / (len(seen) + 1.0)
    scale = seen.std(ddof=1) * np.sqrt(6.0) / np.pi
    return max(LEAST_P, float(-np.expm1(-np.exp(-(value - (seen.mean() - _EULER * scale)) / scale))))


def _is_smooth(peaks: ArrayLike) -> bool:
    """Return whether the largest ratios have a tail to fit: few of them lie at the floor."""
    seen = np.asarray(peaks, dtype=np.float64)
    return bool(not len(seen) or (seen <= FLOOR).mean() <= 0.1)


def _told(
    field: Field, llr: Floats, counts: NDArray[np.int64], peaks: Floats, alpha: float, most: int,
    windows_h: tuple[int, ...],
) -> list[Cylinder]:  # fmt: skip
    observed = cylinders(counts, field.zones)
    taken: set[int] = set()
    found: list[Cylinder] = []
    shape = llr.shape
    flat = np.argsort(-llr.ravel(), kind="stable")[:20_000]
    for place in flat:
        i, k, b = (int(part) for part in np.unravel_index(place, shape))
        value = float(llr[i, k, b])
        if value <= 0 or len(found) >= most:
            break
        cells = [int(cell) for cell in field.zones.order[i, : k + 1]]
        if taken.intersection(cells):
            continue
        p = tail_p(value, peaks)
        if not _is_smooth(peaks):  # with so few cases the chances of all cylinders together are a sharper bound
            p = min(p, max(LEAST_P, field.union_p(value)))
        if p > alpha:
            break
        taken.update(cells)
        found.append(
            Cylinder(
                tuple(cells), windows_h[b], float(field.zones.away_m[i, k]), int(observed[i, k, b]),
                float(field.expected[i, k, b]), value, p, 1.0 / p,
            )
        )  # fmt: skip
    return found
