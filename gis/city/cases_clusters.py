"""Injected clusters: known places and days on which one category piles up, kept as truth for tests of any detector.

The calendar is cut into spans of fifteen days; each span starts one cluster somewhere inside it. So about six fall
into 90 days, and a day belongs to the same clusters whatever window is asked for.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis.city.cases_places import PROFILES, CaseGround
from gis.city.cases_rhythm import SEASON

SPAN_DAYS = 15
LONGEST_DAYS = 14
PRONE = (
    "E0102",
    "E0103",
    "E0109",
    "E0110",
    "E0401",
    "E0406",
    "E0407",
    "E0502",
    "S0101",
    "S0102",
    "S0401",
    "S0202",
    "S0303",
)
"""Categories that pile up in real life: waste, debris, flyers, vendors, bicycles, sewers, heating, water, noise."""


@dataclass(frozen=True)
class Cluster:
    """One injected cluster. Rates are cases a day inside the circle; times are local days, both included.

    Attributes
    ----------
    relative_risk
        (baseline + extra) / baseline for this category inside the circle.
    """

    cluster_id: str
    category: str
    lon: float
    lat: float
    radius_m: float
    first_day: str
    last_day: str
    baseline_per_day: float
    extra_per_day: float
    relative_risk: float
    place: str
    members: tuple[int, ...]

    def truth(self, cases: int, cells: list[str]) -> dict[str, Any]:
        """Return what a detector should find, with the number of cases injected so far."""
        row = asdict(self)
        del row["members"]
        return row | {"injected_cases": cases, "cells": cells}


def clusters_between(
    first: np.datetime64, last: np.datetime64, ground: CaseGround, mix: pd.DataFrame, *, per_day: float, seed: int
) -> list[Cluster]:
    """Return the clusters with at least one day in [first, last] (datetime64[D])."""
    low = (int(first.astype("datetime64[D]").astype(int)) - LONGEST_DAYS - SPAN_DAYS) // SPAN_DAYS
    high = int(last.astype("datetime64[D]").astype(int)) // SPAN_DAYS
    made = [_cluster(span, ground, mix, per_day, seed) for span in range(low, high + 1)]
    return [c for c in made if c and np.datetime64(c.first_day) <= last and np.datetime64(c.last_day) >= first]


def _cluster(span: int, ground: CaseGround, mix: pd.DataFrame, per_day: float, seed: int) -> Cluster | None:
    rng = np.random.default_rng([seed, 202, span])
    prone = mix[mix["code"].isin(PRONE)]
    if prone.empty:
        prone = mix
    # heating piles up in November, not in September
    month = int(np.datetime64(span * SPAN_DAYS, "D").astype("datetime64[M]").astype(int)) % 12
    likely = np.array([SEASON[word][month] for word in prone["season"]])
    category = prone.iloc[int(rng.choice(len(prone), p=likely / likely.sum()))]
    kinds = PROFILES[category["places"]]
    places = ground.places
    inside = ~places["kind"].isin(("border", "outside")).to_numpy()
    share = places["kind"].map(kinds).fillna(0.0).to_numpy(float) * places["weight"].to_numpy(float) * inside
    first_day = span * SPAN_DAYS + int(rng.integers(SPAN_DAYS))
    length = int(rng.integers(5, LONGEST_DAYS + 1))
    radius = float(rng.uniform(80, 240))
    extra = float(rng.uniform(2.0, 6.0))
    pick = rng.random()
    if share.sum() <= 0:
        return None
    centre = int(np.searchsorted(np.cumsum(share) / share.sum(), pick))
    lon, lat = float(places["lon"].iloc[centre]), float(places["lat"].iloc[centre])
    mx, my = ground.metres_per_degree
    away = np.hypot((places["lon"].to_numpy() - lon) * mx, (places["lat"].to_numpy() - lat) * my)
    members = np.flatnonzero((away <= radius) & inside & (share > 0))
    base = 0.0
    for kind, part in kinds.items():
        of_kind = places["kind"].to_numpy() == kind
        total = places["weight"].to_numpy()[of_kind].sum()
        if total > 0:
            base += part * places["weight"].to_numpy()[members][of_kind[members]].sum() / total
    base *= per_day * float(category["per_mille"]) / float(mix["per_mille"].sum())
    return Cluster(
        cluster_id=f"C{span:05d}",
        category=str(category["code"]),
        lon=lon,
        lat=lat,
        radius_m=round(radius, 1),
        first_day=str(np.datetime64(first_day, "D")),
        last_day=str(np.datetime64(first_day + length - 1, "D")),
        baseline_per_day=round(base, 4),
        extra_per_day=round(extra, 3),
        relative_risk=round((base + extra) / max(base, 1e-4), 1),
        place=str(places["place"].iloc[centre]),
        members=tuple(int(m) for m in members),
    )
