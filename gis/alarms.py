"""When an alarm begins, ends, and may take the screens: with a gap between both, and with long pauses.

An alarm is raised well above the level at which it is cleared, so that a value that trembles around a limit does not
ring again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SHOWN_FOR = timedelta(seconds=60)
PAUSE = timedelta(minutes=5)
"""From one alarm on the screens to the next, at least."""

ANSWER_WITHIN = timedelta(minutes=30)

LATE_BEFORE_ALARM = timedelta(minutes=5)
"""How long an urgent case is overdue before it rings; the alarm ends when none is overdue any more."""

SILENT_PERIODS, ALIVE_PERIODS = 5, 2
"""A feed rings after the first, and is well again within the second."""

ORDER = ("urgent", "feed")
"""Whose alarm comes first when several wait."""


@dataclass(frozen=True)
class Condition:
    """How one thing that can ring stands now: `raises` above the upper limit, `clears` below the lower one."""

    kind: str
    key: str
    area_code: str
    raises: bool
    clears: bool
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Alarm:
    """An alarm that has been raised and not yet cleared."""

    kind: str
    key: str
    raised_at: datetime
    shown_at: datetime | None = None


@dataclass(frozen=True)
class Changes:
    """What to write down: new alarms, new facts of known ones, and the keys of those that are over."""

    raised: list[Condition]
    updated: list[Condition]
    cleared: list[str]


def urgent_condition(
    street: str, late: int, longest_due: datetime | None, now: datetime, facts: dict[str, Any]
) -> Condition:
    """Return how the urgent cases of one street stand; `longest_due` is the deadline that passed first."""
    rings = late > 0 and longest_due is not None and now - longest_due >= LATE_BEFORE_ALARM
    return Condition("urgent", f"urgent:{street}", street, rings, late == 0, facts)


def feed_condition(name: str, area_code: str, age_s: float, period_s: float, facts: dict[str, Any]) -> Condition:
    """Return how one feed stands, `age_s` seconds after its last sign of life."""
    return Condition("feed", f"feed:{name}", area_code, age_s > SILENT_PERIODS * period_s,
                     age_s <= ALIVE_PERIODS * period_s, facts)  # fmt: skip


def changes(known: list[Alarm], found: list[Condition]) -> Changes:
    """Return what changes; a known alarm whose condition is not found any more is over."""
    ringing = {alarm.key for alarm in known}
    by_key = {one.key: one for one in found}
    return Changes(
        raised=[one for one in found if one.key not in ringing and one.raises],
        updated=[one for one in found if one.key in ringing and not one.clears],
        cleared=sorted(key for key in ringing if key not in by_key or by_key[key].clears),
    )


def next_to_show(known: list[Alarm], last_shown: datetime | None, now: datetime) -> str | None:
    """Return the key of the alarm that takes the screens now, or None: each once, and never soon after another."""
    if last_shown is not None and now - last_shown < PAUSE:
        return None
    waiting = [alarm for alarm in known if alarm.shown_at is None]
    first = min(waiting, key=lambda alarm: (ORDER.index(alarm.kind), alarm.raised_at, alarm.key), default=None)
    return first.key if first else None
