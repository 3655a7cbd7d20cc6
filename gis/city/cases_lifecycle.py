"""How long things take: the full course of a case, step by step, from its own number.

The course of a case depends only on its external id, category, channel and report time. So a history loaded at once, a
gap filled after a pause, and a live feed that moves cases on all tell the same story.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from gis.terms import CLOSED_STAGES, DEADLINE_CHAINS
from gis.workflow import PUBLIC_CHANNELS
from gis.worktime import DAY_S, DutyCalendar

STEPS = (
    "reported", "accepted", "verifying", "filed", "dispatched", "handling", "checking",
    "handling", "checking", "closed", "evaluated", "void",
)  # fmt: skip
"""The columns of a course; the second `handling` and `checking` are a rework after a failed check."""

_ACCEPTED, _VERIFYING, _FILED, _DISPATCHED, _HANDLING, _CHECKING, _AGAIN, _RECHECK, _CLOSED, _EVALUATED, _VOID = range(
    1, 12
)
NEVER = np.iinfo(np.int64).max

# time used as a share of the limit: median, spread of the logarithm. Parts wait for owners and spare parts.
_USE = {
    ("part", "work"): (0.42, 0.95),
    ("part", "natural"): (0.40, 0.90),
    ("event", "work"): (0.46, 0.95),
    ("event", "natural"): (0.40, 0.75),
    ("social", "work"): (0.45, 0.80),
    ("social", "natural"): (0.43, 0.64),
}
_FREE_DAYS = (2.6, 0.85)
"""Median and spread of the days that a case without a binding limit takes."""

_MOST_SHARE = 9.0
REWORK_SHARE = 0.045
VOID_SHARE = {"part": 0.015, "event": 0.022, "social": 0.04}
EVALUATED_SHARE = 0.3


@dataclass(frozen=True)
class Courses:
    """The steps of many cases: local naive seconds per step (`NEVER` where a step does not happen) and void reasons."""

    seconds: np.ndarray
    is_rework: np.ndarray
    void_reason: np.ndarray
    timezone: str


def uniforms(external_id: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return `count` uniform numbers in (0, 1) for each id, the same for the same id and seed.

    References
    ----------
    Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators: the finaliser of SplitMix64.
    """
    start = pd.util.hash_array(np.asarray(external_id, dtype=object), categorize=False)
    step = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        state = start[:, None] + step * (np.arange(1, count + 1, dtype=np.uint64)[None, :] + np.uint64(seed * 1009))
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return ((state >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53


def courses(cases: pd.DataFrame, reported: np.ndarray, calendar: DutyCalendar, *, seed: int) -> Courses:
    """Return the whole course of each case.

    Parameters
    ----------
    cases
        `external_id`, `channel`, `family`, `lead_chain`, `limit_quantity`, `limit_unit`, and `is_duplicate` (bool).
    reported
        Local naive datetime64[s].
    calendar
        Must reach about 200 days past the last report.
    """
    u = uniforms(cases["external_id"].to_numpy(), 14, seed)
    start = reported.astype(np.int64)
    day_zero = np.datetime64(0, "s")

    def work(from_s: np.ndarray, span_s: np.ndarray) -> np.ndarray:
        """Move on by working seconds."""
        elapsed = calendar.elapsed_s((day_zero + from_s.astype("timedelta64[s]")).astype("datetime64[s]"))
        return (
            calendar.instant(elapsed + np.maximum(span_s, 60).astype(np.int64)).astype("datetime64[s]").astype(np.int64)
        )

    family = cases["family"].to_numpy(str)
    public = np.isin(cases["channel"].to_numpy(str), PUBLIC_CHANNELS)
    seconds = np.full((len(cases), len(STEPS)), NEVER, dtype=np.int64)
    seconds[:, 0] = start
    accepted = start + np.clip(60 * _lognormal(u[:, 0], 5.0, 0.8), 20, 6 * 3600).astype(np.int64)
    seconds[:, _ACCEPTED] = accepted
    urgent = cases["limit_unit"].to_numpy(str) == "urgent_hour"
    verifying = accepted + np.clip(60 * _lognormal(u[:, 2], 6.0, 0.7), 30, 7200).astype(np.int64)
    seconds[:, _VERIFYING] = np.where(public, verifying, NEVER)
    look = (60 * _lognormal(u[:, 3], 18.0, 0.6)).astype(np.int64)
    looked = np.where(urgent, verifying + look, _by_day(verifying + look, u[:, 3]))
    before = np.where(public, looked, accepted)
    filed = before + np.clip(60 * _lognormal(u[:, 4], 4.0, 0.7), 20, 7200).astype(np.int64)
    dispatched = filed + np.clip(60 * _lognormal(u[:, 5], 7.0, 0.9), 20, 10_800).astype(np.int64)
    handled = _handled(cases, family, dispatched, u, work)
    pick_up = np.clip(_lognormal(u[:, 7], 0.12, 0.8), 0.01, 0.7)
    handling = dispatched + ((handled - dispatched) * pick_up).astype(np.int64)
    check = 60 * _lognormal(u[:, 8], 22.0, 0.8)
    call_back = work(handled, 3600 * _lognormal(u[:, 8], 1.8, 0.9))
    checked = np.where(family == "social", call_back, _by_day(handled + check.astype(np.int64), u[:, 8]))
    rework = u[:, 9] < REWORK_SHARE
    redone = work(checked, 3600 * _lognormal(u[:, 10], 3.5, 0.7))
    rechecked = work(redone, check)
    closed = np.where(rework, rechecked, checked)
    evaluated = closed + (DAY_S * _lognormal(u[:, 11], 2.5, 0.6)).astype(np.int64)

    refused = u[:, 12] < np.array([VOID_SHARE.get(word, 0.02) for word in family])
    duplicate = cases["is_duplicate"].to_numpy(bool)
    void = refused | duplicate
    seconds[:, _VERIFYING] = np.where(refused & ~duplicate, verifying, seconds[:, _VERIFYING])
    seconds[:, _VOID] = np.where(duplicate, verifying, np.where(refused, np.maximum(looked, verifying + 60), NEVER))
    seconds[duplicate, _VERIFYING] = NEVER
    for column, times in (
        (_FILED, filed),
        (_DISPATCHED, dispatched),
        (_HANDLING, handling),
        (_CHECKING, handled),
        (_CLOSED, closed),
    ):
        seconds[:, column] = np.where(void, NEVER, times)
    seconds[:, _AGAIN] = np.where(rework & ~void, checked, NEVER)
    seconds[:, _RECHECK] = np.where(rework & ~void, redone, NEVER)
    seconds[:, _EVALUATED] = np.where((u[:, 13] < EVALUATED_SHARE) & ~void, evaluated, NEVER)
    reason = np.where(duplicate, "重复上报", np.where(refused, "现场核实未发现问题", "")).astype(object)
    return Courses(seconds, np.isin(np.arange(len(STEPS)), (_AGAIN, _RECHECK)), reason, calendar.timezone)


def _handled(cases: pd.DataFrame, family: np.ndarray, dispatched: np.ndarray, u: np.ndarray, work) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Return when the unit says that it is done: a heavy-tailed share of the limit, or days where none binds."""
    unit = cases["limit_unit"].to_numpy(str)
    amount = cases["limit_quantity"].to_numpy(float)
    bound = np.isin(cases["lead_chain"].to_numpy(int), DEADLINE_CHAINS) & ~np.isnan(amount)
    ticking = np.char.startswith(unit, "work")
    median, spread = np.empty(len(cases)), np.empty(len(cases))
    for word in np.unique(family):
        for clock, rows in (("work", ticking), ("natural", ~ticking)):
            use = _USE.get((word, clock), (0.5, 0.7))
            median[rows & (family == word)], spread[rows & (family == word)] = use
    share = np.minimum(median * np.exp(spread * ndtri(u[:, 6])), _MOST_SHARE)
    size = np.select(
        [unit == "work_hour", unit == "work_day", unit == "urgent_hour"], [3600.0, 8 * 3600.0, 3600.0], DAY_S
    )
    limit = np.nan_to_num(amount) * size
    worked = work(dispatched, np.where(ticking & bound, limit * share, 60.0))
    natural = dispatched + np.maximum(limit * share, 300).astype(np.int64)
    natural = np.where(unit == "urgent_hour", natural, _by_day(natural, u[:, 7]))
    # streets are swept on Sundays too, although the limit's clock stands still
    ticking &= ~((family == "event") & (unit == "work_hour"))
    free = work(dispatched, 8 * 3600 * np.minimum(_lognormal(u[:, 6], *_FREE_DAYS), 45))
    return np.where(~bound, free, np.where(ticking, worked, natural))


def _by_day(seconds: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Move what would end at night to the next morning, weekends included: patrols and crews work by day."""
    hour = seconds % DAY_S
    late = hour > 20.5 * 3600
    morning = seconds - hour + np.where(late, DAY_S, 0) + (7.6 * 3600 + u * 2.5 * 3600).astype(np.int64)
    return np.where(late | (hour < 7.5 * 3600), morning, seconds)


def _lognormal(u: np.ndarray, median: float, spread: float) -> np.ndarray:
    return median * np.exp(spread * ndtri(u))


def words_of(course: Courses, step: np.ndarray) -> np.ndarray:
    """Return the word of the event by which each step (column of `STEPS`) is told: a second handling is a `rework`."""
    word = np.array(STEPS, dtype=object)[step]
    return np.where(course.is_rework[step] & (word == "handling"), "rework", word)


def state_at(course: Courses, end: np.datetime64) -> pd.DataFrame:
    """Return what is known of each case at local time `end`: stage, openness, and its times as local seconds.

    Steps later than `end` have not happened yet.
    """
    limit = np.int64(end.astype("datetime64[s]").astype(np.int64))
    seen = np.where(course.seconds <= limit, course.seconds, -1)
    last = len(STEPS) - 1 - np.argmax(seen[:, ::-1] == seen.max(axis=1, keepdims=True), axis=1)
    stage = np.array(STEPS, dtype=object)[last]
    closed = np.maximum(seen[:, _CLOSED], seen[:, _VOID])
    handled = np.where(seen[:, _RECHECK] > 0, seen[:, _RECHECK], seen[:, _CHECKING])
    handled = np.where((seen[:, _AGAIN] > 0) & (seen[:, _RECHECK] < 0), -1, handled)
    return pd.DataFrame(
        {
            "stage": stage,
            "is_open": ~np.isin(stage, CLOSED_STAGES),
            "handled_s": handled,
            "closed_s": closed,
            "changed_s": seen.max(axis=1),
        }
    )


def steps_between(course: Courses, start: np.datetime64 | None, end: np.datetime64) -> pd.DataFrame:
    """Return every step with start < time <= end: `case_row`, `step` (column of `STEPS`), `second` (local naive)."""
    limit = np.int64(end.astype("datetime64[s]").astype(np.int64))
    wanted = course.seconds <= limit
    if start is not None:
        wanted &= course.seconds > np.int64(start.astype("datetime64[s]").astype(np.int64))
    row, step = np.nonzero(wanted)
    return pd.DataFrame({"case_row": row, "step": step, "second": course.seconds[row, step]})
