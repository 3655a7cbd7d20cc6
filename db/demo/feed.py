"""The demo's live feed: a source like any other, which speaks to the product through its HTTP interface only.

It reports the cases of the demo's story as their times come, and takes the steps of open cases as their courses say.
With `speed` above 1 both run faster by the same factor, so that the number of open cases stays where it is.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np
import pandas as pd

from db.demo.story import PER_DAY, Story
from gis.city.cases_lifecycle import NEVER, STEPS, Courses
from gis.city.cases_progress import recorded_courses, steps_left
from gis.city.cases_words import FEEDS
from gis.datum import wgs84_to_gcj02
from gis.worktime import local_seconds

BEAT_S = 15.0
LONGEST_SILENCE_S = 60.0
"""At night the next scheduled case may be far off; then one of the coming day is reported early."""
SPREAD_S = 600.0
"""Steps that were due before the feed started are spread over this time instead of coming at once."""
RELOAD_S = 1800.0
WINDOW = timedelta(hours=2)
LIVE_SEED = 50_021
"""Added to the story's seed, so that live cases are not those that a later catching-up would generate."""

_log = logging.getLogger(__name__)


class Door(Protocol):
    """What the feed needs of the product's HTTP interface; raises `DoorClosed` while it cannot be reached."""

    def report(self, case: dict[str, Any]) -> str | None:
        """Report a case; return its number, or None when it was refused."""

    def step(self, number: str, step: dict[str, Any]) -> bool:
        """Move a case on; return whether it was accepted."""

    def beat(self, name: str) -> None:
        """Give a sign of life."""

    def open_cases(self) -> list[dict[str, Any]]:
        """Return the open cases."""


class DoorClosed(Exception):
    """The product does not answer right now."""


@dataclass
class Tally:
    """What a feed has done so far."""

    reported: int = 0
    refused: int = 0
    steps: int = 0
    beats: int = 0
    outages: int = 0


@dataclass(order=True)
class _Step:
    due: datetime
    number: str
    position: int = field(compare=False)
    step: dict[str, Any] = field(compare=False)


class LiveFeed:
    """Keeps reporting and moving cases on.

    Parameters
    ----------
    story
        The demo's story.
    door
        The way in.
    rate
        Cases against the story's own volume (1 = about 1,500 a day).
    speed
        How much faster than life cases come and go.
    now
        The clock.
    """

    def __init__(
        self, story: Story, door: Door, *, rate: float = 1.0, speed: float = 1.0, now: Callable[[], datetime]
    ) -> None:
        self._story, self._door, self._now = story, door, now
        self._rate, self._speed = rate, speed
        self._pending: list[tuple[datetime, dict[str, Any]]] = []
        self._planned_to = self._started = now()
        self._steps: list[_Step] = []
        self._known: set[str] = set()
        self._beat_at = self._reload_at = self._last_report = self._started
        self.tally = Tally()

    def tick(self) -> float:
        """Do what is due and return the seconds until something is due again.

        Raises
        ------
        DoorClosed
            The product cannot be reached; call again later, nothing is lost.
        """
        now = self._now()
        if now >= self._beat_at:
            for name, *_ in FEEDS:
                self._door.beat(name)
                self.tally.beats += 1
            self._beat_at = now + timedelta(seconds=BEAT_S)
        if now >= self._reload_at:
            self._adopt(self._door.open_cases())
            self._reload_at = now + timedelta(seconds=RELOAD_S)
        self._plan(now)
        while self._pending and self._pending[0][0] <= now:
            self._report(self._pending[0][1], now)
            self._pending.pop(0)
        if self._pending and now - self._last_report > timedelta(seconds=LONGEST_SILENCE_S):
            self._report(self._pending[-1][1], now)
            self._pending.pop()
        while self._steps and self._steps[0].due <= now:
            self._take(self._steps[0])
            heapq.heappop(self._steps)
        return max(min(self._next() - self._now(), timedelta(seconds=BEAT_S)).total_seconds(), 0.05)

    def _next(self) -> datetime:
        times = [self._beat_at, self._last_report + timedelta(seconds=LONGEST_SILENCE_S + 1)]
        times += [self._pending[0][0]] if self._pending else []
        times += [self._steps[0].due] if self._steps else []
        return min(times)

    def _plan(self, now: datetime) -> None:
        """Draw the reports of the coming hours when those at hand run out."""
        if self._planned_to - now > WINDOW / 4:
            return
        start, end = max(self._planned_to, now), max(self._planned_to, now) + WINDOW
        story = replace(self._story, seed=self._story.seed + LIVE_SEED)
        pace = self._rate * self._speed  # part of the id: another pace draws other cases
        batch = story.cases(pd.Timestamp(start), pd.Timestamp(end), per_day=PER_DAY * pace)
        for row in batch.cases.to_dict("records"):
            self._pending.append((row["reported_at"].to_pydatetime(), _as_report(row, f"live{pace:g}")))
        self._planned_to = end

    def _report(self, report: dict[str, Any], now: datetime) -> None:
        number = self._door.report({**report, "reported_at": now.isoformat()})
        self._last_report = now
        if number is None:
            self.tally.refused += 1
            return
        self.tally.reported += 1
        self._adopt([{**report, "number": number, "stage": "reported", "reported_at": now}])

    def _take(self, step: _Step) -> None:
        self.tally.steps += int(self._door.step(step.number, step.step))

    def _adopt(self, rows: list[dict[str, Any]]) -> None:
        """Plan the steps of cases that are not planned yet."""
        fresh = [row for row in rows if row["number"] not in self._known]
        if not fresh:
            return
        frame = pd.DataFrame(fresh)
        frame["reported_at"] = pd.to_datetime(frame["reported_at"], utc=True)
        families = self._story.mix.set_index("code")[["family", "lead_chain"]]
        frame = frame[frame["category"].isin(families.index)].reset_index(drop=True)
        if frame.empty:
            return
        frame["family"] = frame["category"].map(families["family"])
        frame["lead_chain"] = frame["category"].map(families["lead_chain"]).astype(int)
        frame["is_duplicate"] = False
        now = self._now()
        calendar = self._story.calendar(frame["reported_at"].min(), pd.Timestamp(now))
        course = recorded_courses(frame, self._story.mix, calendar, seed=self._story.seed)
        missing = np.full(len(frame), np.datetime64("NaT", "s"))
        left = steps_left(course, frame["stage"].to_numpy(), missing)
        self._queue(frame["number"].astype(str).tolist(), left, now)

    def _queue(self, numbers: list[str], left: Courses, now: datetime) -> None:
        """Put the steps on the queue; the time left of each runs `speed` times faster from now on."""
        here = local_seconds(pd.DatetimeIndex([now]), left.timezone)[0].astype(np.int64)
        late = np.random.default_rng([self._story.seed, len(self._known)]).random(len(numbers)) * SPREAD_S
        for row, number in enumerate(numbers):
            self._known.add(number)
            before = 0.0
            for position in np.flatnonzero(left.seconds[row] < NEVER):
                wait = (left.seconds[row, position] - here) / self._speed
                before = max(wait if wait >= 0 else late[row], before + 2.0)  # never out of their order
                due = now + timedelta(seconds=before)
                heapq.heappush(self._steps, _Step(due, number, int(position), _as_step(left, row, int(position))))


def _as_report(row: dict[Any, Any], stem: str) -> dict[str, Any]:
    """Return a drawn case as a source would send it; the resident app gives coordinates in GCJ-02 as phones do."""
    report = {
        "source": row["source"],
        "external_id": f"{stem}-{row['external_id']}",
        "channel": row["channel"],
        "category": row["category"],
        "title": row["title"],
        "place": row["place"],
        "urgency": int(row["urgency"]),
        "population_group": row["population_group"],
    }
    if row["location_status"] == "unlocated":
        return report | ({"street_code": row["area_code"]} if len(row["area_code"]) == 9 else {})
    lon, lat = row["lon"], row["lat"]
    if row["channel"] == "app":
        shifted = wgs84_to_gcj02(lon, lat)
        lon, lat = (round(float(part), 6) for part in shifted)
        report["crs"] = "GCJ-02"
    report |= {"lon": float(lon), "lat": float(lat)}
    return report | ({"location_status": "cross_street"} if row["location_status"] == "cross_street" else {})


def _as_step(course: Courses, row: int, position: int) -> dict[str, Any]:
    stage = STEPS[position]
    reason = str(course.void_reason[row]) if stage == "void" else ""
    if stage == "handling" and course.is_rework[position]:
        reason = "核查未通过，返工"
    return {"stage": stage, "reason": reason}
