"""The clocks of one case: the same as `gis.clocks.stage_clocks`, step by step, for a door that moves one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gis.clocks import WORKING_UNITS
from gis.sla import Rule, Rules
from gis.terms import CLOSED_STAGES, DEADLINE_CHAINS, OPEN_STAGES
from gis.workflow import ENTERS, CaseState, after
from gis.worktime import DAY_S, DutyCalendar

Steps = Sequence[tuple[str, datetime, str]]
"""Word, time and unit of each step, in recorded order."""

_OF_A_UNIT = ("dispatched", "handling")


class Hand:
    """Moments as seconds on one clock: working seconds of a calendar, or plain ones."""

    def __init__(self, unit: str, calendar: DutyCalendar) -> None:
        self._calendar = calendar if unit in WORKING_UNITS else None
        self._zone = ZoneInfo(calendar.timezone)

    def at(self, moment: datetime) -> int:
        """Return the position of a moment."""
        if self._calendar is None:
            return int(moment.timestamp() // 1)
        local = moment.astimezone(self._zone).replace(tzinfo=None, microsecond=0)
        return int(self._calendar.elapsed_s(self._calendar.within(np.array([local], dtype="datetime64[s]")))[0])

    def moment(self, position: int) -> datetime:
        """Return the earliest moment at a position."""
        if self._calendar is None:
            return datetime.fromtimestamp(position, UTC)
        local = self._calendar.instant(np.array([position]))[0].astype("datetime64[s]").item()
        return local.replace(tzinfo=self._zone).astimezone(UTC)  # type: ignore[no-any-return]


def limit_s(rule: Rule, calendar: DutyCalendar) -> int:
    """Return a limit in seconds of its own time."""
    size = {"urgent_hour": 3600, "work_hour": 3600, "work_day": calendar.shift_s, "natural_day": DAY_S}
    return round(rule.quantity * size[rule.unit])


def deadline(start: datetime, rule: Rule, calendar: DutyCalendar) -> datetime:
    """Return the deadline of a limit that begins at a moment."""
    hand = Hand(rule.unit, calendar)
    return hand.moment(hand.at(start) + limit_s(rule, calendar))


def case_clocks(case: Mapping[str, Any], steps: Steps, rules: Rules, calendars: Mapping[str, DutyCalendar]) -> list[
    dict[str, Any]
]:  # fmt: skip
    """Return every clock of one case as rows of `gis.clocks.CLOCK_COLUMNS`.

    Parameters
    ----------
    case
        `gis.clocks.CASE_COLUMNS`; `due_at` is the deadline in force or None.
    steps
        All of its steps.
    rules, calendars
        As for `gis.clocks.stage_clocks`.
    """
    state, pauses = CaseState(), _pauses(steps)
    stays: list[dict[str, Any]] = []
    end: datetime | None = None
    for word, at, unit in steps:
        enters = ENTERS.get(word)
        if enters is not None:
            if end is not None:
                stays[-1]["end_at"] = at
            end = at if enters in OPEN_STAGES else None
            if enters in OPEN_STAGES:
                stays.append({"stage": enters, "unit": unit, "start_at": at, "end_at": None})
        state = after(state, word, at, unit)
    rows = []
    for stay in stays:
        rule = rules.one(case["category"], stay["stage"])
        own = stay["unit"] if stay["stage"] in _OF_A_UNIT else ""
        rows.append(_clock(stay | {"condition": ""}, rule, None, pauses, calendars.get(own, calendars[""])))
    for stage, condition, rule, due in _spans(case, rules):
        span = {"stage": stage, "condition": condition, "unit": "", "start_at": case["reported_at"],
                "end_at": state.handled_at}  # fmt: skip
        rows.append(_clock(span, rule, due, pauses, calendars[""]))
    turns: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["stage"], row["condition"])
        turns[key] = turns.get(key, 0) + 1
        row |= {"case_id": case["id"], "turn": turns[key]}
    return rows


def _spans(case: Mapping[str, Any], rules: Rules) -> list[tuple[str, str, Rule | None, datetime | None]]:
    kind = case["category"]
    own = rules.one(kind, "handled")
    due = case["due_at"]
    told: list[tuple[str, str, Rule | None, datetime | None]] = [("handled", "", own if due is not None else None, due)]
    if case["lead_chain"] in DEADLINE_CHAINS:
        told += [("handled", rule.condition, rule, None) for rule in rules.conditions(kind)]
        hotline = rules.hotline(kind, case["urgency"]) if case["channel"] == "hotline" else None
        if hotline is not None:
            told.append(("hotline", hotline.condition, hotline, None))
    return told


def _clock(
    span: dict[str, Any], rule: Rule | None, given: datetime | None, pauses: list[tuple[datetime, datetime | None]],
    calendar: DutyCalendar,
) -> dict[str, Any]:  # fmt: skip
    """Add deadline, working minutes used and minutes past the deadline to a stay or a span."""
    start, end = span["start_at"], span["end_at"]
    hand, duty = Hand(rule.unit if rule else "", calendar), Hand("work_hour", calendar)
    place = hand.at(given) if given is not None else hand.at(start) + limit_s(rule, calendar) if rule else None
    paused = granted = 0
    for hung, resumed in pauses:
        begun, over = max(hung, start), end if resumed is None else resumed if end is None else min(resumed, end)
        if over is None or over <= begun:
            continue
        paused += duty.at(over) - duty.at(begun)
        if place is not None and resumed is not None and hand.at(begun) < place:
            granted += hand.at(over) - hand.at(begun)
            place += hand.at(over) - hand.at(begun) if given is None else 0
    used = overtime = None
    if end is not None:
        used = round(max(duty.at(end) - duty.at(start) - paused, 0) / 60, 2)
        overtime = None if place is None else round(max(hand.at(end) - place, 0) / 60, 2)
    limit_min = None if place is None else round((place - hand.at(start) - granted) / 60, 2)
    return span | {
        "due_at": given or (hand.moment(place) if place is not None else None),
        "limit_quantity": rule.quantity if rule else None, "limit_unit": rule.unit if rule else "",
        "limit_min": limit_min, "used_min": used, "overtime_min": overtime,
    }  # fmt: skip


def _pauses(steps: Steps) -> list[tuple[datetime, datetime | None]]:
    """Return from when to when the case was hung; None while it lasts."""
    found: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for word, at, _unit in steps:
        if word == "hung" and since is None:
            since = at
        elif since is not None and (word == "resumed" or ENTERS.get(word) in CLOSED_STAGES):
            found.append((since, at))
            since = None
    return [*found, *([(since, None)] if since is not None else [])]


def moved(
    due: datetime, near: datetime, hung_from: datetime, until: datetime, unit: str, calendar: DutyCalendar
) -> tuple[datetime, datetime]:
    """Return the deadline of a case that was hung, and from when it is near: later by the time hung, on its own clock.

    A deadline that had passed before the case was hung stays.
    """
    if hung_from >= due:
        return due, near
    hand = Hand(unit, calendar)
    place = hand.at(due) + hand.at(until) - hand.at(hung_from)
    return hand.moment(place), hand.moment(place - (hand.at(due) - hand.at(near)))


def near_after(due: datetime, near: datetime, later: datetime, unit: str, calendar: DutyCalendar, share: float
               ) -> datetime:  # fmt: skip
    """Return from when a postponed deadline is near: the limit has grown by the time between the two deadlines."""
    hand = Hand(unit, calendar)
    gap = hand.at(due) - hand.at(near) + round((hand.at(later) - hand.at(due)) * share)
    return hand.moment(hand.at(later) - gap)


def near_of(start: datetime, due: datetime, unit: str, calendar: DutyCalendar, share: float) -> datetime:
    """Return from when a deadline is near: a share of its limit before it, on its own clock."""
    hand = Hand(unit, calendar)
    return hand.moment(hand.at(due) - round(max(hand.at(due) - hand.at(start), 0) * share))


__all__ = ["Hand", "case_clocks", "deadline", "limit_s", "moved", "near_after", "near_of"]
