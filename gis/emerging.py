"""How a hot place behaves over weeks: new, consecutive, intensifying, persistent, diminishing, sporadic, historical.

Every week of every cell has a space-time Gi*: the cell and its neighbours in this week and the week before, against all
cells of all weeks. A week is hot when it stays significant after the false-discovery rate over the whole cube. The
trend of a cell is Mann and Kendall's test of its weekly Gi* scores.

Classes, in the words of Esri's Emerging Hot Spot Analysis (ArcGIS Pro, "How Emerging Hot Spot Analysis works"):

new           hot in the last week and never before
consecutive   hot without a break in the last weeks (two or more), never before them, in less than 90 % of all weeks
intensifying  hot in at least 90 % of the weeks, the last included, and rising significantly
persistent    hot in at least 90 % of the weeks, without a trend; the last is hot
diminishing   hot in at least 90 % of the weeks, the last included, and falling significantly
sporadic      hot in the last week, on and off before, in less than 90 % of the weeks. Esri's oscillating (cold in some
              week before) is told as sporadic too
historical    hot in at least 90 % of the weeks, but not in the last

References
----------
Mann (1945), Nonparametric tests against trend. Econometrica 13(3).
Kendall, Gibbons (1990), Rank correlation methods, 5th ed.
Getis, Ord (1992), as in `gis.hotspots`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from gis.errors import ContractFault
from gis.hotspots import ALPHA, false_discovery
from gis.neighbours import Neighbours

CLASSES = ("new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "historical")
NONE = ""
MOSTLY = 0.9
LEAST_WEEKS = 4

Floats = NDArray[np.float64]


def cube_scores(counts: ArrayLike, neighbours: Neighbours) -> Floats:
    """Return the space-time Gi* score of every cell and week, (n, weeks).

    Parameters
    ----------
    counts : (n, weeks) cases, the oldest week first.

    Raises
    ------
    ContractFault
        When the number of cells differs, there are fewer than `LEAST_WEEKS` weeks, or all counts are equal.
    """
    y = np.asarray(counts, dtype=np.float64)
    if y.ndim != 2 or y.shape[0] != neighbours.n or y.shape[1] < LEAST_WEEKS:
        raise ContractFault(f"weeks of {neighbours.n} cells need ({neighbours.n}, >= {LEAST_WEEKS}) counts")
    if y.std() == 0:
        raise ContractFault("all weeks of all cells have the same count: nothing to compare")
    here = neighbours.sums(y) + y
    both = here.copy()
    both[:, 1:] += here[:, :-1]
    size = (neighbours.counts + 1.0)[:, None] * np.where(np.arange(y.shape[1]) > 0, 2.0, 1.0)[None, :]
    n = y.size
    return np.asarray((both - y.mean() * size) / (y.std() * np.sqrt(size * (n - size) / (n - 1.0))))


def hot_weeks(scores: Floats, alpha: float = ALPHA) -> NDArray[np.bool_]:
    """Return which weeks of which cells are hot: upper tail, false-discovery rate over the cube; (n, weeks)."""
    return np.asarray(false_discovery(ndtr(-scores).ravel()).reshape(scores.shape) <= alpha)


def mann_kendall(series: ArrayLike) -> tuple[Floats, Floats]:
    """Return Mann and Kendall's z and two-sided p of the trend of every row, corrected for ties.

    Parameters
    ----------
    series : (n, m) values, the oldest first.
    """
    x = np.atleast_2d(np.asarray(series, dtype=np.float64))
    m = x.shape[1]
    first, second = np.triu_indices(m, 1)
    s = np.sign(x[:, second] - x[:, first]).sum(axis=1)
    ordered = np.sort(x, axis=1)
    ties = np.array([_tie_term(row) for row in ordered])
    variance = (m * (m - 1) * (2 * m + 5) - ties) / 18.0
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), 0.0)
    return z, np.asarray(2.0 * ndtr(-np.abs(z)))


def classify_weeks(hot: NDArray[np.bool_], trend_z: Floats, trend_p: Floats, alpha: float = ALPHA) -> NDArray[Any]:
    """Return the class of every cell, `NONE` for a cell that is none.

    Parameters
    ----------
    hot : (n, weeks). trend_z, trend_p : (n,) as `mann_kendall` gives them for the scores.
    """
    weeks = hot.shape[1]
    share, last = hot.mean(axis=1), hot[:, -1]
    run = np.where(hot.all(axis=1), weeks, np.argmin(hot[:, ::-1], axis=1))
    only_run = hot.sum(axis=1) == run
    mostly = share >= MOSTLY
    rising, falling = (trend_p <= alpha) & (trend_z > 0), (trend_p <= alpha) & (trend_z < 0)
    return np.select(
        [
            last & only_run & (run == 1),
            mostly & last & rising,
            mostly & last & falling,
            mostly & last,
            mostly & ~last,
            last & only_run & (run >= 2),
            last,
        ],
        ["new", "intensifying", "diminishing", "persistent", "historical", "consecutive", "sporadic"],
        default=NONE,
    )


def emerging(counts: ArrayLike, neighbours: Neighbours, alpha: float = ALPHA) -> NDArray[Any]:
    """Return the class of every cell from its weekly counts, (n, weeks), the oldest first."""
    scores = cube_scores(counts, neighbours)
    return classify_weeks(hot_weeks(scores, alpha), *mann_kendall(scores), alpha)


def _tie_term(ordered: Floats) -> float:
    _, groups = np.unique(ordered, return_counts=True)
    return float((groups * (groups - 1) * (2 * groups + 5)).sum())
