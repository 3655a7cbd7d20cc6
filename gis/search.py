"""One search for hot spots: the scan of every small class and of all cases together, with the false-discovery rate.

The expectation of a class in a cell is its own history there, drawn towards the history of all cases as far as its own
is thin; over the hours it follows the usual level of the district. So a class that rises everywhere is no hot spot, and
a place that always has much of it is none either: what is told is what is new at a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.cylinders import Zones
from gis.hotspots import ALPHA, false_discovery
from gis.scan import WINDOWS_H, Cylinder, binned, scan
from gis.usual import Usual

ALL = ""
"""The class of all cases together."""

RECURRENCE_DAYS = 90.0
"""A find is told when chance alone gives one like it at most once in so many days of daily searches."""

LEAST_HISTORY_WEEKS = 2.0
"""With a shorter record before the week searched there is no expectation, and nothing is searched for."""

_WEIGHT = 20.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Find:
    """One hot spot of a search: its class, its cylinder, and q over the classes searched."""

    category: str
    cylinder: Cylinder
    q: float


def expectation(own: Floats, every: Floats, hours: Floats) -> Floats:
    """Return shares per cell and bin: own history drawn towards that of all cases, times the usual level of the hours.

    Parameters
    ----------
    own, every : (n,) cases of the class, and of all classes, in the weeks before.
    hours : (b,) usual number of cases per bin of the scan.

    Notes
    -----
    A gamma prior whose mean is the share of all cases; it weighs as much as 20 cases or a third of the own history,
    whichever is more, so that a cell without history keeps an expectation.
    """
    base = (every + 1.0) / (every.sum() + len(every))
    weight = max(_WEIGHT, own.sum() / 3.0)
    return np.outer(own + weight * base, np.maximum(hours, 1e-9))


def bin_hours(usual: Usual, now: pd.Timestamp, windows_h: tuple[int, ...] = WINDOWS_H) -> Floats:
    """Return the usual number of cases of the district in each bin before `now` (aware)."""
    edges = [now - pd.Timedelta(hours=h) for h in (0, *windows_h)]
    return np.array([usual.between(older, newer) for newer, older in pairwise(edges)])


def search(
    recent: pd.DataFrame, history: pd.DataFrame, n: int, zones: Zones, hours: Floats, *,
    rng: np.random.Generator, alpha: float = ALPHA, recurrence_days: float = RECURRENCE_DAYS,
) -> list[Find]:  # fmt: skip
    """Return the hot spots of this moment, the clearest first.

    Parameters
    ----------
    recent
        [cell, category, age_h] matters of the last week; `cell` is a position.
    history
        [cell, category, n] matters of the weeks before.
    n
        Number of cells.
    hours
        (b,) as `bin_hours` gives them.
    """
    every = _per_cell(history, n)
    found: list[Find] = []
    best: list[float] = []
    for category in (ALL, *sorted(recent["category"].unique())):
        part = recent if category == ALL else recent[recent["category"] == category]
        own = every if category == ALL else _per_cell(history[history["category"] == category], n)
        counts = binned(part["cell"], part["age_h"], n)
        cylinders = scan(counts, expectation(own, every, hours), zones, rng=rng, alpha=alpha)
        best.append(cylinders[0].p if cylinders else 1.0)
        found += [Find(category, cylinder, float(len(best) - 1)) for cylinder in cylinders]
    q = false_discovery(best)
    told = [Find(one.category, one.cylinder, max(float(q[int(one.q)]), one.cylinder.p)) for one in found]
    clear = [one for one in told if one.q <= alpha and one.cylinder.recurrence_days >= recurrence_days]
    return sorted(_without_echoes(clear), key=lambda one: (one.cylinder.p, -one.cylinder.llr))


def _without_echoes(found: list[Find]) -> list[Find]:
    """Drop what all cases together show where one class by itself explains half of it or more."""
    own = [one for one in found if one.category != ALL]

    def explained(whole: Find) -> bool:
        cells = set(whole.cylinder.cells)
        return any(
            len(cells.intersection(one.cylinder.cells)) * 2 >= min(len(cells), len(one.cylinder.cells))
            and one.cylinder.observed * 2 >= whole.cylinder.observed
            for one in own
        )

    return own + [one for one in found if one.category == ALL and not explained(one)]


def _per_cell(frame: pd.DataFrame, n: int) -> Floats:
    cell, cases = frame["cell"].to_numpy(dtype=np.int64), frame["n"].to_numpy(dtype=np.float64)
    return np.asarray(np.bincount(cell, weights=cases, minlength=n), dtype=np.float64)
