"""Who could help: units with free hands near one that has too much, and what a share of its cases would change.

A unit's load is in working days: open cases it leads, over the cases it can handle in a day. Two units are even when
both have the same days before them; a suggestion moves at most so many cases.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

FULL_DAYS = 2.0
"""From so many working days of load on, a unit needs help."""

FREE_DAYS = 1.0
LEAST_CASES = 3
_EARTH_M = 6_371_008.8


def load_days(units: pd.DataFrame) -> pd.Series:
    """Return the working days of load of each unit: `open` over `per_day`; infinite where nothing can be done."""
    per_day = units["per_day"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.where(units["open"] == 0, 0.0, units["open"].to_numpy(dtype=float) / per_day)
    return pd.Series(days, index=units.index)


def distance_m(lon: np.ndarray, lat: np.ndarray, to_lon: float, to_lat: float) -> np.ndarray:
    """Return straight distances on the sphere, in metres, between points in degrees."""
    phi, to_phi = np.radians(lat), np.radians(to_lat)
    half = np.sin((phi - to_phi) / 2) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin(np.radians(lon - to_lon) / 2) ** 2
    return 2 * _EARTH_M * np.arcsin(np.sqrt(half))


def suggest(units: pd.DataFrame, reach_m: float, *, most: int = 12) -> pd.DataFrame:
    """Return which unit could help which.

    Parameters
    ----------
    units
        Indexed by id: `chain`, `open`, `per_day`, `lon`, `lat` (degrees).
    reach_m
        Greatest straight distance between the two, metres.

    Returns
    -------
    pandas.DataFrame
        `from_id`, `to_id`, `cases` to share, `distance_m`, and the days of load of both: `from_before`, `from_after`,
        `to_before`, `to_after`; the fullest unit first. A unit helps one other at most.
    """
    days = load_days(units)
    rows, taken = [], set[object]()
    full = days[(days >= FULL_DAYS) & np.isfinite(days) & (units["per_day"] > 0)].sort_values(ascending=False)
    for unit_id in full.index:
        own = units.loc[unit_id]
        near = units[(units["chain"] == own["chain"]) & (units.index != unit_id) & (units["per_day"] > 0)]
        away = pd.Series(
            distance_m(near["lon"].to_numpy(), near["lat"].to_numpy(), own["lon"], own["lat"]), index=near.index
        )
        free = near[(days[near.index] <= FREE_DAYS) & (away <= reach_m) & ~near.index.isin(list(taken))]
        if free.empty:
            continue
        even = (own["open"] + free["open"]) / (own["per_day"] + free["per_day"])
        shares = np.floor(np.minimum(own["open"] - even * own["per_day"], even * free["per_day"] - free["open"]))
        best = shares.idxmax()
        cases = int(shares[best])
        if cases < LEAST_CASES:
            continue
        taken.add(best)
        other = units.loc[best]
        rows.append((unit_id, best, cases, float(away[best]), float(days[unit_id]),
                     float((own["open"] - cases) / own["per_day"]), float(days[best]),
                     float((other["open"] + cases) / other["per_day"])))  # fmt: skip
        if len(rows) == most:
            break
    names = ["from_id", "to_id", "cases", "distance_m", "from_before", "from_after", "to_before", "to_after"]
    return pd.DataFrame(rows, columns=names)
