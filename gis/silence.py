"""Cells from which implausibly little is heard, given who lives there and what goes on there.

An empty cell on a heat map may be a calm one or one whose people do not report. The expectation is a non-negative sum
of residents, activity and an equal share per cell, fitted to all cells; the spread around it is wider than Poisson's
(quasi-Poisson, as a negative binomial with the same variance). A cell is silent when so few or fewer reports would be
rare, after the false-discovery rate. How often one matter is reported twice is the second source: where many matters
are open and nobody repeats one, the silence is more likely one of reporting.

References
----------
Liu, Bhandaram, Garg (2024), Quantifying spatial under-reporting disparities in resident crowdsourcing.
    Nature Computational Science 4; arXiv 2204.08620.
McCullagh, Nelder (1989), Generalized linear models, 2nd ed. (quasi-likelihood).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import nnls
from scipy.stats import nbinom

from gis.errors import ContractFault
from gis.hotspots import ALPHA, false_discovery

LEAST_EXPECTED = 5.0
"""Where fewer reports are expected, silence can not be told."""

_ROUNDS = 6


def silent_cells(
    reports: ArrayLike, residents: ArrayLike, activity: ArrayLike, repeats: ArrayLike | None = None,
    alpha: float = ALPHA,
) -> pd.DataFrame:  # fmt: skip
    """Return expectation, p, q and the verdict for every cell.

    Parameters
    ----------
    reports
        (n,) reports of residents in a period: hotline, app, web, building heads, diaries; patrols are not among them.
    residents
        (n,) people; NaN where unknown, such a cell is not judged.
    activity
        (n,) any measure of what goes on there besides living: patrol finds, facilities, shops.
    repeats
        (n,) how many of the reports tell of a matter known already.

    Returns
    -------
    DataFrame
        [expected, p, q, is_silent, repeat_share], one row per cell.

    Raises
    ------
    ContractFault
        When lengths differ.
    """
    y, people = np.asarray(reports, dtype=np.float64), np.asarray(residents, dtype=np.float64)
    busy = np.asarray(activity, dtype=np.float64)
    if not y.shape == people.shape == busy.shape or y.ndim != 1:
        raise ContractFault("reports, residents and activity need one number per cell")
    known = np.isfinite(people) & np.isfinite(busy)
    made = pd.DataFrame({"expected": np.full(len(y), np.nan), "p": np.nan, "q": np.nan, "is_silent": False})
    again = np.full(len(y), np.nan) if repeats is None else np.asarray(repeats, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        made["repeat_share"] = np.where(y > 0, again / y, np.nan)
    if known.sum() < 10:
        return made
    expected, spread = _expectation(y[known], np.column_stack([people[known], busy[known], np.ones(known.sum())]))
    low = nbinom.cdf(y[known], expected / (spread - 1.0), 1.0 / spread)
    p = np.where(expected >= LEAST_EXPECTED, low, np.nan)
    made.loc[known, "expected"] = expected
    made.loc[known, "p"] = p
    made.loc[known, "q"] = false_discovery(p)
    made["is_silent"] = made["q"] <= alpha
    return made


def _expectation(y: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, float]:
    """Fit non-negative rates by reweighted least squares; return expectations and variance / mean (over 1)."""
    scale = np.maximum(parts.mean(axis=0), 1e-12)
    parts = parts / scale
    weight = 1.0 / np.sqrt(np.maximum(y.mean(), 0.5)) * np.ones(len(y))
    fitted = np.full(len(y), max(y.mean(), 1e-9))
    for _ in range(_ROUNDS):
        rates, _ = nnls(parts * weight[:, None], y * weight)
        fitted = np.maximum(parts @ rates, 1e-6)
        weight = 1.0 / np.sqrt(np.maximum(fitted, 0.5))
    spread = float(((y - fitted) ** 2 / np.maximum(fitted, 0.5)).sum() / max(len(y) - parts.shape[1], 1))
    return fitted, max(spread, 1.0 + 1e-6)
