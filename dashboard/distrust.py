"""What can not be trusted, kind by kind, with a count, a list and places for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from dashboard.services import District, Services
from db.read import artefacts, profile, quality

KINDS = ("topology", "unlocated", "outside", "cross_street", "duplicates", "fallback", "feeds", "population")
_DAYS = 90


@dataclass(frozen=True)
class Distrust:
    """Counts of every kind, and the rows of the one on screen."""

    kind: str
    counts: dict[str, int]
    rows: pd.DataFrame
    district: District
    now: datetime


def distrust(services: Services, district: District, kind: str, now: datetime) -> Distrust:
    """Return the counts of all kinds and the list of one; the first kind with something to see when none is asked."""
    since = now - timedelta(days=_DAYS)

    def ask() -> dict[str, pd.DataFrame | int]:
        with services.database.reading(timeout_ms=20_000) as conn:
            status = quality.by_location_status(conn, district.code, since)
            found: dict[str, pd.DataFrame | int] = {
                s: status.get(s, 0) for s in ("unlocated", "outside", "cross_street")
            }
            found["topology"] = quality.recorded(conn, district.code)
            found["duplicates"] = quality.likely_duplicates(conn, district.code, since)
            found["fallback"] = artefacts.fallbacks(conn, district.code, since)
            found["population"] = profile.without_population(conn, district.code)
        return found

    found = services.kept.get(("distrust", district.code, district.geometry_version), 20.0, ask)
    with services.database.reading() as conn:
        feeds = feed_states(quality.feeds(conn), now)
    counts = {k: (found[k] if isinstance(found[k], int) else len(found[k])) for k in KINDS if k != "feeds"}
    counts["feeds"] = int(feeds["state"].isin(("silent", "late")).sum()) if len(feeds) else 0
    if kind not in KINDS:
        kind = next((k for k in KINDS if counts[k]), KINDS[0])
    if kind == "feeds":
        rows = feeds
    elif isinstance(found[kind], int):
        with services.database.reading() as conn:
            rows = quality.placeless(conn, district.code, kind, since)
    else:
        rows = found[kind]
    return Distrust(kind, {k: counts[k] for k in KINDS}, rows, district, now)


def feed_states(feeds: list[dict[str, Any]], now: datetime) -> pd.DataFrame:
    """Return feeds with their age in seconds and state: alive, late (over 2 periods), silent (over 5), never."""
    rows = []
    for feed in feeds:
        age_s = (now - feed["beat_at"]).total_seconds() if feed["beat_at"] else None
        if age_s is None:
            state = "never"
        else:
            state = "alive" if age_s <= 2 * feed["period_s"] else "late" if age_s <= 5 * feed["period_s"] else "silent"
        rows.append(feed | {"age_s": age_s, "state": state})
    return pd.DataFrame(rows)
