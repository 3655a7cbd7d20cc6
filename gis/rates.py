"""Rates that do not mislead: small numbers told apart, shrunk towards the whole, and compared with what is usual."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST_CASES = 5
"""A rate or a change that rests on fewer cases is not coloured."""

CHANGE_BREAKS = (-2.0, -1.0, 1.0, 2.0)
"""Deviates that separate the five classes of a change: beyond 2 is rarer than one in twenty by chance."""

Floats = NDArray[np.float64]


def smoothed(cases: ArrayLike, base: ArrayLike) -> Floats:
    """Return empirical-Bayes rates: each is drawn towards the rate of all, the more the smaller its base.

    With r the rate of an area of base n and m that of all, the variance between areas beyond chance is
    A = sum n (r - m)^2 / sum n - m / mean n (not below zero), and the rate is m + A / (A + m / n) (r - m).

    Parameters
    ----------
    cases : (k,) numbers of cases. base : (k,) residents; areas without any have no rate (NaN).

    References
    ----------
    Marshall, R. J. (1991), Mapping disease and mortality rates using empirical Bayes estimators, Applied Statistics
    40(2), 283-294.
    """
    y, n = np.asarray(cases, dtype=np.float64), np.asarray(base, dtype=np.float64)
    known = np.isfinite(n) & (n > 0)
    found = np.full(y.shape, np.nan)
    if not known.any() or y[known].sum() == 0:
        found[known] = 0.0
        return found
    y, n = y[known], n[known]
    rate, mean = y / n, y.sum() / n.sum()
    between = max(float((n * (rate - mean) ** 2).sum() / n.sum() - mean / n.mean()), 0.0)
    found[known] = mean + between / (between + mean / n) * (rate - mean)
    return found


def deviates(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Return how far counts are from what is usual, in standard deviations of chance (about -2 to 2 is chance alone).

    Freeman and Tukey's deviate of a Poisson count: sqrt(o) + sqrt(o + 1) - sqrt(4 e + 1).

    References
    ----------
    Freeman, M. F. and Tukey, J. W. (1950), Transformations related to the angular and the square root, Annals of
    Mathematical Statistics 21(4).
    """
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return np.asarray(np.sqrt(o) + np.sqrt(o + 1.0) - np.sqrt(4.0 * e + 1.0))


def unless_small(values: ArrayLike, cases: ArrayLike, least: float = LEAST_CASES) -> Floats:
    """Return values with NaN where they rest on fewer than `least` cases."""
    return np.where(np.asarray(cases, dtype=np.float64) < least, np.nan, np.asarray(values, dtype=np.float64))
