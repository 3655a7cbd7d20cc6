"""How far a measured share, count or time can be trusted: intervals at 95 %.

References
----------
Wilson (1927), Probable inference, the law of succession, and statistical inference. JASA 22.
Newcombe (1998), Two-sided confidence intervals for the single proportion. Statistics in Medicine 17 (its method 3).
Garwood (1936), Fiducial limits for the Poisson distribution. Biometrika 28.
Kaplan, Meier (1958), Nonparametric estimation from incomplete observations. JASA 53.
Brookmeyer, Crowley (1982), A confidence interval for the median survival time. Biometrics 38.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaincinv, ndtri

from gis.errors import InputFault

Z = float(ndtri(0.975))
_TINY = 1e-12


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return Wilson's score interval of a share; NaN when n is 0.

    Raises
    ------
    InputFault
        When there are more hits than n, or fewer than none.
    """
    if not 0 <= hits <= n:
        raise InputFault(f"{hits} of {n} is not a share")
    if n == 0:
        return math.nan, math.nan
    share, square = hits / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return (0.0 if hits == 0 else middle - reach), (1.0 if hits == n else middle + reach)


def poisson(count: int) -> tuple[float, float]:
    """Return Garwood's exact interval of the mean behind a count."""
    low = 0.0 if count == 0 else float(gammaincinv(count, 0.025))
    return low, float(gammaincinv(count + 1, 0.975))


def ratio(above: int, below: int) -> tuple[float, float]:
    """Return the interval of a ratio of two counts of different things.

    Both are taken as Poisson, so that one given their sum is binomial.

    NaN when there is nothing below; the upper end is infinite when the counts allow it.
    """
    if below == 0:
        return math.nan, math.nan
    low, high = wilson(above, above + below)
    return low / (1 - low), (math.inf if high >= 1 else high / (1 - high))


def survival_quantile(durations: np.ndarray, is_done: np.ndarray, share: float) -> tuple[float, float, float]:
    """Return the time by which a share of things is done, with its interval; those not done yet count as still running.

    Kaplan and Meier's estimate; the interval inverts the band of the curve on the log-minus-log scale.

    Parameters
    ----------
    durations
        How long each has taken, or has been running; any unit, no NaN.
    is_done
        Whether each is done.
    share
        Between 0 and 1: 0.5 for the median, 0.9 for P90.

    Returns
    -------
    tuple of float
        Value, low, high; NaN where the curve does not fall so far yet.
    """
    done = np.asarray(is_done, dtype=bool)
    spans = np.asarray(durations, dtype=float)
    times, ended = np.unique(spans[done], return_counts=True)
    if not len(times):
        return math.nan, math.nan, math.nan
    at_risk = len(spans) - np.searchsorted(np.sort(spans), times, side="left")
    left = np.cumprod(1 - ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(ended / (at_risk * (at_risk - ended)))
        spread = Z * np.sqrt(variance) / np.abs(np.log(left))
        lower, upper = left ** np.exp(spread), left ** np.exp(-spread)
    lower[left <= _TINY] = 0.0  # all are done; how late the last could have been is not known, so no upper end

    def crossing(curve: np.ndarray) -> float:
        below = np.flatnonzero(curve <= 1 - share + _TINY)
        return float(times[below[0]]) if len(below) else math.nan

    return crossing(left), crossing(lower), crossing(upper)
