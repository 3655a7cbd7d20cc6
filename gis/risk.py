"""Which open cases will miss their deadline: what is known of a case at a moment, as numbers, for `forecast.fit_risk`.

A case is looked at once on its way (a landmark): past cases at a share of their limit that is fixed per case and only
if they still ran then, open cases now. So the chance is that of a case which has already come so far.

References
----------
van Houwelingen (2007), Dynamic prediction by landmarking in event history analysis. Scandinavian Journal of
    Statistics 34.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.workflow import PUBLIC_CHANNELS

FEATURES = (
    "used", "used_squared", "log_limit", "street", "department", "part", "social", "public", "urgent", "at_night",
    "at_weekend",
)  # fmt: skip
LANDMARKS = (0.05, 0.2, 0.4, 0.6, 0.8)


def features(cases: pd.DataFrame, used: np.ndarray, moment: pd.DatetimeIndex, zone: str) -> np.ndarray:
    """Return one row of `FEATURES` per case.

    Parameters
    ----------
    cases
        `lead_chain`, `family`, `channel`, `urgency`, `reported_at`, `due_at` (aware).
    used
        Share of the limit that has passed at the moment of looking, natural time.
    moment
        When each case is looked at.
    zone
        IANA zone of the district.
    """
    limit_h = (cases["due_at"] - cases["reported_at"]).dt.total_seconds().to_numpy() / 3600
    local = pd.DatetimeIndex(moment).tz_convert(zone)
    chain, family = cases["lead_chain"].to_numpy(int), cases["family"].to_numpy(dtype=object)
    columns = (
        used, used**2, np.log(np.maximum(limit_h, 0.1)), chain == 2, chain == 3, family == "part", family == "social",
        np.isin(cases["channel"].to_numpy(dtype=object), PUBLIC_CHANNELS), cases["urgency"].to_numpy(int) == 1,
        (local.hour < 7) | (local.hour >= 20), local.day_of_week >= 5,
    )  # fmt: skip
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


def landmarked(past: pd.DataFrame, zone: str) -> tuple[np.ndarray, np.ndarray]:
    """Return features and misses of past cases, each looked at once on its way; those done by then are left out.

    Parameters
    ----------
    past
        As for `features`, with `handled_at` (NaT where the deadline passed without); in order of report.
    """
    share = np.array(LANDMARKS)[np.arange(len(past)) % len(LANDMARKS)]
    moment = past["reported_at"] + (past["due_at"] - past["reported_at"]) * share
    runs = (past["handled_at"].isna() | (past["handled_at"] > moment)).to_numpy()
    own = past[runs]
    missed = (own["handled_at"].isna() | (own["handled_at"] > own["due_at"])).to_numpy()
    return features(own, share[runs], pd.DatetimeIndex(moment[runs]), zone), missed


def used_share(cases: pd.DataFrame, now: pd.Timestamp) -> np.ndarray:
    """Return the share of each case's limit that has passed, 0 to 1."""
    limit = (cases["due_at"] - cases["reported_at"]).dt.total_seconds().to_numpy()
    gone = (now - cases["reported_at"]).dt.total_seconds().to_numpy()
    return np.clip(gone / np.maximum(limit, 1.0), 0, 1)
