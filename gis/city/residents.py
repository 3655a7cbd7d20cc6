"""Whole people in buildings: shares become whole numbers that add up to the given totals exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.city.model import CityFacts
from gis.errors import InputFault

HOUSEHOLD_SIZE = 2.45
"""People per household in the demo: an assumption."""


def apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Return whole numbers in proportion to the weights that add up to `total` (largest remainders).

    Raises
    ------
    InputFault
        When a total above zero meets weights that are all zero.

    References
    ----------
    Hamilton's method; ties go to the earlier row.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.sum() <= 0.0:
        if total == 0:
            return np.zeros(len(weights), dtype=int)
        raise InputFault(f"{total} cannot be shared out: every weight is zero")
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def settle_residents(buildings: pd.DataFrame, facts: CityFacts, rng: np.random.Generator) -> pd.DataFrame:
    """Give every building its residents, over-60s and households.

    Parameters
    ----------
    buildings : DataFrame
        street_code, kind, room (how much dwelling there is, any unit).
    facts : CityFacts
        Population and over60 per street.
    rng : Generator
        The only source of chance.

    Returns
    -------
    DataFrame
        residents, over60, households, aligned with `buildings`; residents and over60 add up to each street's facts,
        households to its population / 2.45.
    """
    counts = np.zeros((len(buildings), 3), dtype=int)
    older = rng.normal(1.0, 0.18, len(buildings)).clip(0.5, 1.6)
    older = older * buildings["kind"].map({"slab": 1.08, "courtyard": 1.0, "tower": 0.85}).fillna(1.0).to_numpy()
    size = rng.normal(1.0, 0.08, len(buildings)).clip(0.8, 1.2)
    room = buildings["room"].to_numpy(dtype=float)
    totals = facts.streets
    for code, population, over60 in zip(
        totals["code"], totals["population"].astype(int), totals["over60"].astype(int), strict=True
    ):
        rows = np.flatnonzero((buildings["street_code"] == code).to_numpy())
        people = apportion(room[rows], population)
        counts[rows, 0] = people
        counts[rows, 1] = apportion(people * older[rows], over60)
        counts[rows, 2] = apportion(people / size[rows], round(population / HOUSEHOLD_SIZE))
    return pd.DataFrame(counts, columns=["residents", "over60", "households"], index=buildings.index)
