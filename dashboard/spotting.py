"""Searching for hot spots: on a schedule in the server, after bursts, and from the command line; one search at a time.

Every server process tries; the district's lock in the database lets one through, and a search that is younger than the
period makes the others pass.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from dashboard.offload import offload
from dashboard.services import District, Services
from db.engine import Database
from db.read import artefacts, hotspots, measures, spotting
from db.write.artefacts import set_apart
from db.write.hotspots import Sighting, keep_run, try_lock
from gis.cylinders import Zones, zones_around
from gis.emerging import LEAST_WEEKS, emerging
from gis.errors import QuanxiangError
from gis.hotspots import ALPHA
from gis.neighbours import Neighbours, by_shared_edge
from gis.scan import REPLICAS, WINDOWS_H
from gis.scope import View
from gis.search import ALL, LEAST_HISTORY_WEEKS, RECURRENCE_DAYS, Find, bin_hours, search
from gis.spots import common_area
from gis.usual import WEEKS, Usual, usual_hours
from gis.worktime import DutyCalendar

log = logging.getLogger(__name__)

BURST_CASES = 150
"""So many changes announced since the last search start the next one early, but not within `REST`."""
REST = timedelta(minutes=3)
WEEK = timedelta(days=7)
_FALLBACK_DAYS, _SNAP_DEG, _CLASS_WEEKS, _READ_MS = 365, 1e-7, 8, 60_000


class Ground:
    """Cells of a district with their neighbours and the bases of the scan: made once per geometry."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.codes = pd.Index(frame["code"])
        self.zones: Zones = zones_around(frame[["x_m", "y_m"]].to_numpy(dtype=float))
        self.neighbours: Neighbours = by_shared_edge(frame["geometry"].to_numpy(), tolerance=_SNAP_DEG)

    def placed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows whose area is a cell, with its position as `cell`."""
        cell = self.codes.get_indexer(frame["area_code"])
        return frame.assign(cell=cell)[cell >= 0]

    def per_cell(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the sum of `n` per cell, (cells,)."""
        own = self.placed(frame)
        return np.bincount(own["cell"], weights=own["n"].to_numpy(dtype=float), minlength=len(self.codes))


@lru_cache(maxsize=8)
def ground_of(database: Database, code: str, metric_srid: int, _version: str) -> Ground:
    """Return the ground of a district, kept per geometry version."""
    with database.reading(timeout_ms=_READ_MS) as conn:
        return Ground(spotting.cells(conn, code, metric_srid))


def usual_of(
    database: Database, district: District, calendar: DutyCalendar, view: View, end: datetime
) -> tuple[Usual, float]:
    """Return the usual level of the district's hours in the eight weeks before `end`, and how many weeks there are."""
    last = pd.Timestamp(end).floor("h")
    start = last - pd.Timedelta(weeks=WEEKS)
    with database.reading(timeout_ms=_READ_MS) as conn:
        seen = measures.by_time(conn, district.code, view, start, last, "hour", district.timezone)
    first = seen["at"].min() if len(seen) else last - pd.Timedelta(hours=1)  # a young record has fewer weeks
    hours = pd.date_range(max(start, first), last, freq="h", inclusive="left")
    counts = seen.groupby("at")["new"].sum().reindex(hours, fill_value=0)
    return usual_hours(hours, counts.to_numpy(), calendar, district.timezone), len(hours) / 168


def run(database: Database, district: District, calendar: DutyCalendar, now: datetime) -> dict[str, Any] | None:
    """Search a district once and keep what is found; None when another process is at it.

    Fallback addresses are recognised first and set apart. Returns counts: cases, found, set_apart, seconds.
    """
    ground = ground_of(database, district.code, district.metric_srid, district.geometry_version)
    with database.reading(timeout_ms=_READ_MS) as conn:
        points = artefacts.fallbacks(conn, district.code, now - timedelta(days=_FALLBACK_DAYS))
    with database.writing(timeout_ms=_READ_MS) as conn:
        if not try_lock(conn, district.code):
            return None
        moved = set_apart(conn, district.code, points, now) if len(points) else 0
    view, start = View(), now - WEEK
    with database.reading(timeout_ms=_READ_MS) as conn:
        recent = ground.placed(spotting.recent(conn, district.code, start, now))
        before = start - timedelta(weeks=WEEKS)
        history = ground.placed(spotting.counted(conn, view, district.code, before, start, by_class=True))
        weekly = ground.placed(spotting.weekly(conn, view, district.code, now, _CLASS_WEEKS))
    usual, weeks = usual_of(database, district, calendar, view, start)
    recent["age_h"] = (pd.Timestamp(now) - recent["reported_at"]).dt.total_seconds() / 3600
    rng = np.random.default_rng(int(now.timestamp()))
    found = []
    if weeks >= LEAST_HISTORY_WEEKS:  # else there is nothing to compare with, and everything would be told
        found = search(recent, history, len(ground.codes), ground.zones, bin_hours(usual, pd.Timestamp(now)), rng=rng)
    classes = _weeks_classes(weekly, ground)
    seen = [_sighting(one, recent, ground, classes, now) for one in found]
    with database.writing(timeout_ms=_READ_MS) as conn:
        if not try_lock(conn, district.code):
            return None
        keep_run(conn, district.code, now, seen, cases=len(recent), classes=recent["category"].nunique() + 1,
                 method={"windows_h": WINDOWS_H, "replicas": REPLICAS, "alpha": ALPHA,
                         "weeks": round(weeks, 2),
                         "recurrence_days": RECURRENCE_DAYS})  # fmt: skip
    return {"cases": len(recent), "found": len(seen), "set_apart": moved}


def _weeks_classes(weekly: pd.DataFrame, ground: Ground) -> np.ndarray:
    """Return the class of every cell over the weeks; no class while the record is too young."""
    counts = np.zeros((len(ground.codes), _CLASS_WEEKS))
    np.add.at(counts, (weekly["cell"].to_numpy(), weekly["week"].to_numpy()), weekly["n"].to_numpy())
    filled = counts[:, np.argmax(counts.any(axis=0)) :] if counts.any() else counts[:, :0]
    if filled.shape[1] < LEAST_WEEKS or filled.std() == 0:
        return np.full(len(ground.codes), "")
    return emerging(filled, ground.neighbours)


def _sighting(one: Find, recent: pd.DataFrame, ground: Ground, classes: np.ndarray, now: datetime) -> Sighting:
    cylinder = one.cylinder
    cells = tuple(str(ground.codes[i]) for i in cylinder.cells)
    inside = recent[recent["cell"].isin(cylinder.cells) & (recent["age_h"] < cylinder.hours)]
    own = inside if one.category == ALL else inside[inside["category"] == one.category]
    told = [str(word) for word in classes[list(cylinder.cells)] if word]
    return Sighting(
        category=one.category, cells=cells, area_code=common_area(cells),
        window_start=now - timedelta(hours=cylinder.hours),
        window_end=now, observed=cylinder.observed, expected=cylinder.expected, p=cylinder.p, q=one.q,
        recurrence_days=cylinder.recurrence_days,
        weeks_class=Counter(told).most_common(1)[0][0] if told else "",
        mix=[[str(code), int(n)] for code, n in inside["category"].value_counts().head(6).items()],
        case_ids=tuple(int(i) for i in own["id"]),
    )  # fmt: skip


async def watch(services: Services) -> None:
    """Search every district again and again for as long as the server runs."""
    period = timedelta(minutes=services.settings.hotspot_minutes)
    seen = services.hub.version
    await asyncio.sleep(max(20.0, period.total_seconds() / 45))  # the first screens come first
    while True:
        for district in await offload(_districts, services):
            try:
                await offload(_search_if_due, services, district, services.hub.version - seen, period)
            except QuanxiangError as fault:
                log.warning("the search for hot spots in %s failed: %s", district.code, fault)
        seen = services.hub.version
        for _ in range(int(period / timedelta(seconds=30))):
            await asyncio.sleep(30)
            if services.hub.version - seen >= BURST_CASES:
                break


def _districts(services: Services) -> list[District]:
    try:
        return services.districts()
    except QuanxiangError:
        return []


def _search_if_due(services: Services, district: District, changed: int, period: timedelta) -> None:
    now = services.moment(district)
    with services.database.reading() as conn:
        last = hotspots.last_run(conn, district.code)
    age = now - last["at"] if last else period
    if age >= period or (changed >= BURST_CASES and age >= REST):
        run(services.database, district, services.calendar, now)
