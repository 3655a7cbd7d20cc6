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
from gis.city.cases_lifecycle import NEVER, Courses, words_of
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
LIVE_STEM = "live"
"""How the external ids of live cases begin."""
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
    step: dict[str, Any] = field(compare=False)


_Wait = tuple[float, dict[str, Any]]
"""Seconds of the story until a step, and the step."""


@dataclass(frozen=True)
class _Pending:
    due: datetime
    report: dict[str, Any]
    steps: list[_Wait]


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
        self._pending: list[_Pending] = []
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
        while self._pending and self._pending[0].due <= now:
            self._report(self._pending[0], now)
            self._pending.pop(0)
        if self._pending and now - self._last_report > timedelta(seconds=LONGEST_SILENCE_S):
            self._report(self._pending[-1], now)
            self._pending.pop()
        while self._steps and self._steps[0].due <= now:
            step = self._steps[0]
            taken = self._door.step(step.number, step.step)
            heapq.heappop(self._steps)
            self._note(step, taken)
        return max(min(self._next() - self._now(), timedelta(seconds=BEAT_S)).total_seconds(), 0.05)

    def _next(self) -> datetime:
        times = [self._beat_at, self._last_report + timedelta(seconds=LONGEST_SILENCE_S + 1)]
        times += [self._pending[0].due] if self._pending else []
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
        rows = batch.cases.to_dict("records")
        reports = [_as_report(row, f"{LIVE_STEM}{pace:g}") for row in rows]
        steps = self._steps_of(pd.DataFrame(reports), batch.cases["reported_at"], batch.cases["reported_at"])
        times = [row["reported_at"].to_pydatetime() for row in rows]
        self._pending += [_Pending(*one) for one in zip(times, reports, steps, strict=True)]
        self._planned_to = end

    def _report(self, pending: _Pending, now: datetime) -> None:
        number = self._door.report({**pending.report, "reported_at": now.isoformat()})
        self._last_report = now
        if number is None:
            self.tally.refused += 1
            return
        self.tally.reported += 1
        if number not in self._known:
            self._known.add(number)
            self._queue(number, pending.steps, now, 0.0)

    def _note(self, step: _Step, taken: bool) -> None:
        """Count a step; a case that somebody else has moved meanwhile is planned anew from its stage later on."""
        self.tally.steps += int(taken)
        if not taken:
            self._steps = [one for one in self._steps if one.number != step.number]
            heapq.heapify(self._steps)
            self._known.discard(step.number)

    def _adopt(self, rows: list[dict[str, Any]]) -> None:
        """Plan the steps of open cases that somebody else reported."""
        known = set(self._story.mix["code"])
        fresh = [row for row in rows if row["number"] not in self._known and row["category"] in known]
        if not fresh:
            return
        frame, now = pd.DataFrame(fresh), self._now()
        reported = pd.to_datetime(frame["reported_at"], utc=True, format="ISO8601")
        here = pd.Series([pd.Timestamp(now)] * len(frame))
        late = np.random.default_rng([self._story.seed, len(self._known)]).random(len(frame)) * SPREAD_S
        for row, steps, spread in zip(fresh, self._steps_of(frame, reported, here), late, strict=True):
            self._known.add(row["number"])
            self._queue(row["number"], steps, now, float(spread))

    def _steps_of(self, frame: pd.DataFrame, reported: pd.Series, since: pd.Series) -> list[list[_Wait]]:
        """Return the steps still to be taken by each case, each with the seconds of the story from `since` to it."""
        if frame.empty:
            return []
        of_mix = self._story.mix.set_index("code")
        frame = frame.assign(
            family=frame["category"].map(of_mix["family"]),
            lead_chain=frame["category"].map(of_mix["lead_chain"]).astype(int),
            is_duplicate=False,
            reported_at=pd.DatetimeIndex(reported),
        )
        calendar = self._story.calendar(reported.min(), since.max())
        course = recorded_courses(frame, self._story.mix, calendar, seed=self._story.seed)
        stage = frame["stage"] if "stage" in frame else pd.Series(["reported"] * len(frame))
        left = steps_left(course, stage.to_numpy(), np.full(len(frame), np.datetime64("NaT", "s")))
        begun = local_seconds(since, left.timezone).astype(np.int64)
        found: list[list[_Wait]] = [[] for _ in range(len(frame))]
        for row, position in zip(*np.nonzero(left.seconds < NEVER), strict=True):
            wait = float(left.seconds[row, position] - begun[row])
            found[row].append((wait, _as_step(left, int(row), int(position))))
        return found

    def _queue(self, number: str, steps: list[_Wait], now: datetime, late_s: float) -> None:
        """Put the steps on the queue: waits run `speed` times faster, steps that are late come within `late_s`."""
        before = 0.0
        for wait, step in steps:
            before = max(wait / self._speed if wait >= 0 else late_s, before + 2.0)  # never out of their order
            heapq.heappush(self._steps, _Step(now + timedelta(seconds=before), number, step))


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
    stage = str(words_of(course, np.array([position]))[0])
    reason = str(course.void_reason[row]) if stage == "void" else ""
    if stage == "rework":
        reason = "核查未通过，返工"
    return {"stage": stage, "reason": reason}
