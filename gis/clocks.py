"""The clocks of cases: one for every stay in a stage, and one for every deadline that a case holds, with what was used.

A clock runs from `start_at` to `end_at`. Its limit comes from a rule (`gis.sla`) and gives `due_at`; time for which a
case was hung (挂账) stops every clock that has not run out yet: the deadline moves by as much of the limit's own time.

Stays are named by the stage. Two clocks span stages: `handled`, from the report to the end of handling, once without a
condition (the deadline of the case) and once per filing condition of its small class (停工, 处罚, 拆除 side by side);
and `hotline`, the natural clock of a 12345 order, which ends with the handling too.

`gis.clock_one` does the same for one case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gis.casefold import EventLines, fold, hang_periods
from gis.errors import ContractFault
from gis.sla import Rules
from gis.terms import DEADLINE_CHAINS, OPEN_STAGES, STAGES
from gis.worktime import DAY_S, DutyCalendar, aware, local_seconds

SPANS = ("handled", "hotline")
CLOCK_STAGES = OPEN_STAGES + SPANS
WORKING_UNITS = ("work_hour", "work_day")
NEAR_SHARE = 0.2
"""A deadline is near when less than this share of its limit is left."""

CLOCK_COLUMNS = (
    "case_id", "stage", "condition", "turn", "unit", "start_at", "end_at", "due_at", "limit_quantity", "limit_unit",
    "limit_min", "used_min", "overtime_min",
)  # fmt: skip
CASE_COLUMNS = ("id", "category", "channel", "urgency", "lead_chain", "reported_at", "due_at")

_OF_A_UNIT = ("dispatched", "handling")


def limit_seconds(quantity: np.ndarray, unit: np.ndarray, calendar: DutyCalendar) -> np.ndarray:
    """Return limits in seconds of their own time: working seconds for working units, plain ones otherwise."""
    size = {"urgent_hour": 3600, "work_hour": 3600, "work_day": calendar.shift_s, "natural_day": DAY_S, "": 0}
    codes, words = pd.factorize(np.asarray(unit, dtype=object))
    each = np.array([size[str(word)] for word in words], dtype=float)[codes]
    return np.round(np.nan_to_num(np.asarray(quantity, dtype=float)) * each).astype(np.int64)


class Dial:
    """Moments as positions on the clock of their limit: working seconds where it counts those, plain seconds elsewhere.

    Parameters
    ----------
    working
        Per row, whether only working time counts.
    calendar
        The duty calendar of all rows.
    """

    def __init__(self, working: np.ndarray, calendar: DutyCalendar) -> None:
        self.working = np.asarray(working, dtype=bool)
        self._calendar = calendar

    def at(self, moments: pd.DatetimeIndex | pd.Series) -> np.ndarray:
        """Return positions in seconds; meaningless where the moment is missing."""
        index = pd.DatetimeIndex(moments)
        found = index.notna()
        place = local_seconds(index, "UTC").astype(np.int64)
        rows = self.working & found
        if rows.any():
            place[rows] = self._calendar.elapsed_s(
                self._calendar.within(local_seconds(index[rows], self._calendar.timezone))
            )
        return np.where(found, place, 0)

    def moment(self, position: np.ndarray) -> pd.DatetimeIndex:
        """Return the earliest moments at these positions."""
        told = position.astype("datetime64[s]")
        rows = self.working
        if rows.any():
            ends = aware(self._calendar.instant(position[rows]), self._calendar.timezone)
            told[rows] = local_seconds(ends, "UTC")
        return pd.DatetimeIndex(told.astype("datetime64[us]")).tz_localize("UTC")


def near_moments(
    starts: pd.Series | pd.DatetimeIndex, dues: pd.Series | pd.DatetimeIndex, unit: np.ndarray, calendar: DutyCalendar
) -> pd.DatetimeIndex:
    """Return from when each deadline is near: a fifth of the limit before it, on the limit's own clock.

    Parameters
    ----------
    starts, dues
        Aware; a missing deadline gives a missing moment.
    unit
        Unit of the limit; '' counts plain time.
    calendar
        The duty calendar.
    """
    due = pd.DatetimeIndex(dues)
    dial = Dial(np.isin(np.asarray(unit, dtype=object).astype(str), WORKING_UNITS), calendar)
    end = dial.at(due)
    span = np.maximum(end - dial.at(starts), 0)
    near = dial.moment(end - np.round(span * NEAR_SHARE).astype(np.int64))
    return pd.DatetimeIndex(near.where(due.notna()))


def stage_clocks(
    cases: pd.DataFrame, events: pd.DataFrame, rules: Rules, calendars: Mapping[str, DutyCalendar]
) -> pd.DataFrame:
    """Return every clock of some cases.

    Parameters
    ----------
    cases
        `CASE_COLUMNS`; `due_at` is the deadline in force. Times are aware.
    events
        All steps of these cases: `case_id`, `stage`, `at`, `unit`, in recorded order.
    rules
        The limits in force.
    calendars
        Duty calendars by unit, '' for units that have no shifts of their own.

    Returns
    -------
    pandas.DataFrame
        `CLOCK_COLUMNS`: `turn` counts the clocks of one stage and condition from 1; `limit_min` is the limit in force
        in minutes of its own time, without what was granted for hanging; `used_min` are working minutes
        without those hung, `overtime_min` minutes past the deadline in the limit's own time (0 in time); both are
        missing while the clock runs, the latter also without a deadline.

    Raises
    ------
    ContractFault
        When a column is missing.
    """
    absent = [name for name in CASE_COLUMNS if name not in cases.columns]
    absent += [name for name in ("case_id", "stage", "at", "unit") if name not in events.columns]
    if absent:
        raise ContractFault(f"clocks of cases lack {', '.join(absent)}")
    known = cases.set_index("id")
    steps = events[events["case_id"].isin(known.index)]
    rows = pd.concat([_stays(steps, known, rules), _spans(steps, known, rules)], ignore_index=True)
    rows["turn"] = rows.groupby(["case_id", "stage", "condition"], sort=False).cumcount() + 1
    periods = hang_periods(steps)
    parts = [
        _timed(rows.loc[own], periods, known, calendar)
        for own, calendar in _by_calendar(rows["unit"].where(rows["stage"].isin(_OF_A_UNIT), ""), calendars)
    ]
    return pd.concat(parts).sort_index()[list(CLOCK_COLUMNS)]


def _by_calendar(unit: pd.Series, calendars: Mapping[str, DutyCalendar]) -> list[tuple[pd.Series, DutyCalendar]]:
    """Return which rows run on which calendar."""
    if len(calendars) == 1:
        return [(pd.Series(True, index=unit.index), calendars[""])]
    key = unit.where(unit.isin(list(calendars)), "")
    return [(key == word, calendars[str(word)]) for word in key.unique()] or [(key == "", calendars[""])]


def _stays(steps: pd.DataFrame, known: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per stay in an open stage."""
    lines = EventLines(steps)
    enters = lines.enters()
    moving = np.flatnonzero(enters < len(STAGES))
    line = lines.line[moving]
    last = np.ones(len(moving), dtype=bool)
    last[:-1] = line[1:] != line[:-1]
    following = np.append(moving[1:], -1)
    following[last] = -1
    is_open = enters[moving] < len(OPEN_STAGES)
    start, end = moving[is_open], following[is_open]
    stage = np.array(OPEN_STAGES, dtype=object)[enters[start]] if len(start) else np.empty(0, dtype=object)
    case = lines.cases[line[is_open]]
    category = known["category"].reindex(case).to_numpy(object)
    quantity, unit = rules.of_stays(category, stage)
    return pd.DataFrame(
        {
            "case_id": case, "stage": stage, "condition": "",
            "unit": steps["unit"].to_numpy(object)[lines.order][start],
            "start_at": _whole(lines.times(start)), "end_at": _whole(lines.times(end)), "due_at": _never(len(start)),
            "limit_quantity": quantity, "limit_unit": unit,
        }
    )  # fmt: skip


def _spans(steps: pd.DataFrame, known: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per deadline that runs from the report to the end of handling."""
    handled = fold(steps)["handled_at"].reindex(known.index)
    binds = known["lead_chain"].isin(DEADLINE_CHAINS).to_numpy()
    found = rules.of_spans(
        known["category"].to_numpy(object), known["channel"].to_numpy(object), known["urgency"].to_numpy()
    )
    rows = pd.DataFrame(found, columns=["place", "stage", "condition", "limit_quantity", "limit_unit"])
    own = (rows["stage"] == "handled") & (rows["condition"] == "")
    due = pd.DatetimeIndex(known["due_at"])
    # the deadline of the case stands in its row: it may have been given by its source, or postponed
    given = pd.DataFrame({"place": np.arange(len(known)), "stage": "handled", "condition": ""})
    given = given.merge(rows[own][["place", "limit_quantity", "limit_unit"]], on="place", how="left")
    none = np.asarray(due.isna())
    given.loc[none, "limit_quantity"] = np.nan
    given["limit_unit"] = np.where(none, "", given["limit_unit"].fillna("").to_numpy(object))
    others = rows[~own & binds[rows["place"].to_numpy(int)]]
    rows = pd.concat([given, others], ignore_index=True) if len(others) else given
    place = rows["place"].to_numpy(int)
    is_own = ((rows["stage"] == "handled") & (rows["condition"] == "")).to_numpy()
    return pd.DataFrame(
        {
            "case_id": known.index.to_numpy()[place],
            "stage": rows["stage"].to_numpy(object),
            "condition": rows["condition"].to_numpy(object),
            "unit": "",
            "start_at": _whole(pd.DatetimeIndex(known["reported_at"])[place]),
            "end_at": _whole(pd.DatetimeIndex(handled)[place]),
            "due_at": _whole(due[place].where(is_own)),
            "limit_quantity": rows["limit_quantity"].to_numpy(float),
            "limit_unit": rows["limit_unit"].to_numpy(object),
        }
    )


def _whole(moments: Any) -> pd.DatetimeIndex:
    """Return moments in the one resolution in which frames are put together."""
    return pd.DatetimeIndex(moments).tz_convert("UTC").as_unit("us")


def _never(count: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.full(count, np.datetime64("NaT"), dtype="datetime64[us]"), tz="UTC")


def _plain(moments: pd.Series) -> np.ndarray:
    """Return moments without their zone, UTC."""
    return pd.DatetimeIndex(moments).as_unit("us").tz_convert("UTC").tz_localize(None).to_numpy()


def _timed(rows: pd.DataFrame, periods: pd.DataFrame, known: pd.DataFrame, calendar: DutyCalendar) -> pd.DataFrame:
    """Add deadlines, working minutes used and minutes past the deadline."""
    working = rows["limit_unit"].isin(WORKING_UNITS).to_numpy()
    limit = rows["limit_quantity"].to_numpy(float)
    dial, duty = Dial(working, calendar), Dial(np.ones(len(rows), dtype=bool), calendar)
    start, end = rows["start_at"], rows["end_at"]
    span = limit_seconds(limit, rows["limit_unit"].to_numpy(object), calendar)
    given = rows["due_at"].notna().to_numpy()
    place = np.where(given, dial.at(rows["due_at"]), dial.at(start) + span)
    has_due = given | ~np.isnan(limit)
    paused_work, granted = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    if len(periods):
        begins, ends = _plain(start), _plain(end)
        turn = periods.groupby("case_id").cumcount()
        for k in range(int(turn.max()) + 1):
            own = periods[turn == k].set_index("case_id").reindex(rows["case_id"])
            begun, resumed = np.maximum(_plain(own["start"]), begins), _plain(own["end"])
            over = np.fmin(np.where(np.isnat(resumed), ends, resumed), ends)
            inside = over > begun
            low, high = pd.DatetimeIndex(begun, tz="UTC"), pd.DatetimeIndex(over, tz="UTC")
            counts = inside & ~np.isnat(resumed) & (dial.at(low) < place)
            own_time = np.where(counts, dial.at(high) - dial.at(low), 0)
            granted += own_time
            place = np.where(given, place, place + own_time)
            paused_work += np.where(inside, duty.at(high) - duty.at(low), 0)
    due = pd.DatetimeIndex(rows["due_at"]).tz_localize(None).to_numpy(copy=True)
    made = has_due & ~given
    if made.any():
        due[made] = Dial(working[made], calendar).moment(place[made]).tz_localize(None).to_numpy()
    ended = end.notna().to_numpy()
    used = np.maximum(duty.at(end) - duty.at(start) - paused_work, 0) / 60
    over_min = np.maximum(dial.at(end) - place, 0) / 60
    return rows.assign(
        due_at=pd.DatetimeIndex(due, tz="UTC"),
        limit_min=np.where(has_due, np.round((place - dial.at(start) - granted) / 60, 2), np.nan),
        used_min=np.where(ended, np.round(used, 2), np.nan),
        overtime_min=np.where(ended & has_due, np.round(over_min, 2), np.nan),
    )
