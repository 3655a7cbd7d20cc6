"""The demo's live feed: rhythm, steps in their order, open cases that neither pile up nor run dry, and outages."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pandas as pd
import pytest

from dashboard.feed import HttpDoor
from db.demo.feed import LONGEST_SILENCE_S, DoorClosed, LiveFeed
from db.demo.story import Story
from gis.errors import MoveRefused
from gis.terms import CHANNELS, CLOSED_STAGES, STAGES
from gis.workflow import CaseState, Step, after, refuse
from tests.unit.test_city_cases import GROUND, MIX, STREETS

FAMILY = MIX.set_index("code")["family"].to_dict()
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09:00 in Beijing


class Clock:
    """Time that passes only when told to."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time


class Register:
    """A door that keeps what comes in, and can be shut."""

    def __init__(self, clock: Clock, existing: list[dict[str, Any]] | None = None) -> None:
        self.clock, self.shut = clock, False
        self.cases: dict[str, dict[str, Any]] = {row["number"]: row for row in existing or []}
        self.ids = {row["external_id"]: row["number"] for row in existing or []}
        self.steps: dict[str, list[str]] = defaultdict(list)
        self.beats: list[datetime] = []
        self.refused: list[str] = []
        self.arrivals: list[datetime] = []

    def _knock(self) -> None:
        if self.shut:
            raise DoorClosed("shut")

    def report(self, case: dict[str, Any]) -> str:
        self._knock()
        json.dumps(case)
        if case["external_id"] not in self.ids:
            number = f"N{len(self.ids):06d}"
            self.ids[case["external_id"]] = number
            self.cases[number] = {**case, "number": number, "stage": "reported"}
            self.arrivals.append(self.clock())
        return self.ids[case["external_id"]]

    def step(self, number: str, step: dict[str, Any]) -> bool:
        self._knock()
        case = self.cases[number]
        state = CaseState(stage=case["stage"], hung_since=case.get("hung_since"))
        asked = Step(step["stage"], self.clock(), reason=step["reason"])
        try:
            refuse(state, asked, family=FAMILY[case["category"]], channel=case["channel"])
        except MoveRefused:
            self.refused.append(number)
            return False
        self.steps[number].append(step["stage"])
        case["stage"] = after(state, step["stage"], self.clock()).stage
        return True

    def beat(self, name: str) -> None:
        self._knock()
        self.beats.append(self.clock())

    def open_cases(self) -> list[dict[str, Any]]:
        self._knock()
        return [row for row in self.cases.values() if row["stage"] not in CLOSED_STAGES]


def story() -> Story:
    return Story(GROUND, MIX, STREETS, 7, "Asia/Shanghai")


def run(feed: LiveFeed, clock: Clock, span: timedelta) -> None:
    end = clock.time + span
    while clock.time < end:
        clock.time += timedelta(seconds=feed.tick())


def backlog(now: datetime) -> list[dict[str, Any]]:
    """The open cases that a month of the story leaves behind."""
    batch = story().cases(pd.Timestamp(now) - pd.Timedelta(days=40), pd.Timestamp(now))
    still = batch.cases[batch.cases["is_open"]].reset_index(drop=True)
    rows = still[["external_id", "channel", "category", "stage", "reported_at"]].to_dict("records")
    return [
        {**row, "number": f"B{place:06d}", "reported_at": row["reported_at"].isoformat()}
        for place, row in enumerate(rows)
    ]


def test_a_case_arrives_every_few_seconds_on_a_workday_morning():
    clock = Clock(MORNING)
    register = Register(clock)
    run(LiveFeed(story(), register, speed=1.6, now=clock), clock, timedelta(hours=1))
    assert 5 < 3600 / len(register.arrivals) < 30
    assert all(case["channel"] in CHANNELS and case["title"] for case in register.cases.values())


def test_the_night_is_quieter_but_never_silent():
    clock = Clock(MORNING - timedelta(hours=6))
    register = Register(clock)
    run(LiveFeed(story(), register, speed=1.6, now=clock), clock, timedelta(hours=1))
    gaps = [late - early for early, late in pairwise(register.arrivals)]
    assert len(register.arrivals) < 100
    assert max(gaps) <= timedelta(seconds=LONGEST_SILENCE_S + 20)


def test_every_source_gives_a_sign_of_life_four_times_a_minute():
    clock = Clock(MORNING)
    register = Register(clock)
    run(LiveFeed(story(), register, now=clock), clock, timedelta(minutes=10))
    assert len(register.beats) == pytest.approx(3 * 40, abs=6)


def test_open_cases_stay_about_as_many_at_any_speed():
    clock = Clock(MORNING)
    existing = backlog(MORNING)
    register = Register(clock, existing)
    run(LiveFeed(story(), register, speed=10, now=clock), clock, timedelta(hours=8))
    still = len(register.open_cases())
    assert len(register.arrivals) > 5_000
    assert 0.6 * len(existing) < still < 1.7 * len(existing)


def test_steps_come_in_an_order_that_could_have_happened():
    clock = Clock(MORNING)
    register = Register(clock, backlog(MORNING)[:400])
    run(LiveFeed(story(), register, speed=20, now=clock), clock, timedelta(hours=3))
    rank = {stage: place for place, stage in enumerate(STAGES)} | {"rework": STAGES.index("handling")}
    assert register.refused == []
    assert sum(len(steps) for steps in register.steps.values()) > 2_000
    for steps in register.steps.values():
        back = [(a, b) for a, b in pairwise(steps) if rank[b] <= rank[a]]
        assert set(back) <= {("checking", "rework")}
        assert not set(steps[:-1]) & {"evaluated", "void"}


def test_case_that_was_hung_goes_on_from_where_it_stands_once_it_is_resumed():
    clock = Clock(MORNING)
    register = Register(clock, [row for row in backlog(MORNING) if row["stage"] == "handling"][:40])
    hung = [*register.cases.values()]
    for row in hung:
        row["hung_since"] = MORNING
    feed = LiveFeed(story(), register, speed=20, now=clock)
    run(feed, clock, timedelta(hours=1))
    before = len(register.refused)
    assert before > 5 and all(row["stage"] == "handling" for row in hung)
    for row in hung:
        row["hung_since"] = None
    run(feed, clock, timedelta(hours=3))
    assert len(register.refused) == before
    assert sum(row["stage"] in CLOSED_STAGES for row in hung) > 5


def test_an_outage_loses_nothing_and_repeats_nothing():
    clock = Clock(MORNING)
    register = Register(clock)
    feed = LiveFeed(story(), register, now=clock)
    run(feed, clock, timedelta(minutes=10))
    before = len(register.arrivals)
    register.shut = True
    with pytest.raises(DoorClosed):
        run(feed, clock, timedelta(minutes=5))
    clock.time += timedelta(minutes=5)
    register.shut = False
    run(feed, clock, timedelta(minutes=1))
    assert len(register.arrivals) - before > 5
    assert len(register.ids) == len(register.arrivals)
    assert feed.tally.reported == len(register.arrivals)


def test_the_same_seed_and_time_feed_the_same_cases():
    titles = []
    for _ in range(2):
        clock = Clock(MORNING)
        register = Register(clock)
        run(LiveFeed(story(), register, now=clock), clock, timedelta(minutes=20))
        titles.append([case["title"] for case in register.cases.values()])
    assert titles[0] == titles[1]


def test_phones_report_in_gcj02_and_cases_without_place_have_no_point():
    clock = Clock(MORNING)
    register = Register(clock)
    run(LiveFeed(story(), register, speed=10, now=clock), clock, timedelta(hours=1))
    by_app = [case for case in register.cases.values() if case["channel"] == "app" and "lon" in case]
    assert by_app
    assert all(case["crs"] == "GCJ-02" for case in by_app)
    lost = [case for case in register.cases.values() if "lon" not in case]
    assert lost
    assert {len(case.get("street_code", "")) for case in lost} <= {0, 9}


def test_a_server_fault_closes_the_door_and_a_refusal_does_not():
    answers = {
        "/api/v1/cases": httpx.Response(422, json={"error": "no"}),
        "/api/v1/feeds/hotline/beat": httpx.Response(503),
    }
    client = httpx.Client(transport=httpx.MockTransport(lambda request: answers[request.url.path]))
    door = HttpDoor("http://example.invalid", ["110102001"], client)
    assert door.report({"title": "x"}) is None
    with pytest.raises(DoorClosed, match="503"):
        door.beat("hotline")


def test_open_cases_are_asked_for_street_by_street_and_bucket_by_bucket():
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, json=[{"number": request.url.params.get("bucket", "located")}])

    door = HttpDoor("http://example.invalid/", ["110102001"], httpx.Client(transport=httpx.MockTransport(answer)))
    assert {row["number"] for row in door.open_cases()} == {"located", "unlocated", "outside", "cross_street"}
    assert asked[0]["scope"] == "110102001"
    assert all(query["which"] == "open" for query in asked)
