"""What there is to say of each case for the measures: one row per case, mostly yes or no, so that any number opens.

A measure counts rows of this frame; the cases behind it are those rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from gis.casefold import EventLines, fold, hang_periods
from gis.errors import ContractFault
from gis.worktime import DutyCalendar, working_hours

CASE_COLUMNS = (
    "id", "channel", "stage", "is_open", "is_repeat", "duplicate_of", "reported_at", "due_at", "handled_at",
    "closed_at", "near_at", "hung_since", "limit_unit",
)  # fmt: skip

STOCK_AFTER = timedelta(days=60)
PROACTIVE_CHANNELS = ("patrol", "video", "diary")


def case_facts(cases: pd.DataFrame, events: pd.DataFrame, now: datetime, calendar: DutyCalendar) -> pd.DataFrame:
    """Return the facts of each case at a moment.

    Parameters
    ----------
    cases
        `CASE_COLUMNS`; times are aware, NaT where there is none; `limit_unit` is that of the category's limit.
    events
        Their steps up to `now`: `case_id`, `stage`, `at`, `unit`, in recorded order.
    now
        Aware.
    calendar
        Covers every time up to `now`.

    Returns
    -------
    pandas.DataFrame
        Indexed by case id: yes-or-no columns as `gis.kpi.KPIS` names them; `handling_h` working hours from the first
        dispatch (the report, where a source tells of none) to the end of handling, or to `now` while `is_handled` is
        no, without the time it was hung; `overtime_multiple` of closed late cases.

    Raises
    ------
    ContractFault
        When a column is missing.
    """
    absent = [name for name in CASE_COLUMNS if name not in cases.columns]
    absent += [name for name in ("case_id", "stage", "at", "unit") if name not in events.columns]
    if absent:
        raise ContractFault(f"facts of cases lack {', '.join(absent)}")
    rows = cases.set_index("id")
    steps = events[events["case_id"].isin(rows.index)]
    facts = _told_by_steps(steps).reindex(rows.index, fill_value=False)
    moment = pd.Timestamp(now)
    ended = rows["handled_at"].notna()
    facts["reported"] = True
    facts["is_open"] = rows["is_open"].astype(bool)
    facts["void"] = rows["stage"] == "void"
    facts["closed"] = rows["stage"].isin(("closed", "evaluated"))
    facts["ever_handled"] = (facts["ever_handled"] | facts["closed"]) & ~facts["void"]
    facts["is_handled"] = ended & ~facts["void"]
    in_hand = facts["dispatched"] & facts["is_open"] & ~ended
    clock = rows["handled_at"].fillna(rows["hung_since"]).fillna(moment)  # of a hung case it stands still
    passed = (rows["due_at"] < clock).fillna(False)
    facts["due_to_close"] = ~facts["void"] & (facts["is_handled"] | (in_hand & passed))
    facts["due_with_deadline"] = facts["due_to_close"] & rows["due_at"].notna() & ~facts["hung"]
    facts["closed_on_time"] = facts["closed"] & (rows["handled_at"] <= rows["due_at"])
    facts["overdue"] = facts["is_open"] & passed
    waits = facts["is_open"] & ~ended & rows["hung_since"].isna()
    facts["near_due"] = waits & (rows["due_at"] >= moment) & (rows["near_at"] < moment)
    facts["repeat"] = rows["is_repeat"].astype(bool)
    facts["duplicate"] = rows["duplicate_of"].notna()
    facts["by_hotline"] = rows["channel"] == "hotline"
    facts["proactive"] = rows["channel"].isin(PROACTIVE_CHANNELS)
    facts["solved_first"] = facts["closed"] & facts["one_unit"]
    facts["closed_by_unit"] = facts["closed"] & facts["unit_known"]
    first_hung = pd.to_datetime(steps[steps["stage"] == "hung"].groupby("case_id")["at"].min()).reindex(rows.index)
    facts["stock"] = facts["is_open"] & (first_hung + STOCK_AFTER <= moment).fillna(False)
    return _with_times(facts, rows, steps, moment, calendar, in_hand)


def _told_by_steps(steps: pd.DataFrame) -> pd.DataFrame:
    """What only the steps know: which moves were made, how often, and by whom."""
    lines = EventLines(steps)
    told = pd.DataFrame(index=pd.Index(lines.cases, name="id"))
    for name, word in (("accepted", "accepted"), ("filed", "filed"), ("dispatched", "dispatched"),
                       ("returned", "returned"), ("postponed", "postponed"), ("ever_hung", "hung"),
                       ("ever_handled", "checking")):  # fmt: skip
        told[name] = lines.count(lines.is_word(word)) > 0
    told["hung"] = fold(steps)["hung_since"].notna().to_numpy()
    unit = steps["unit"].to_numpy(dtype=object)[lines.order]
    # two ends of handling with a check that failed in between, by the same unit as far as the source names units
    ends = lines.is_word("checking")
    place, previous = np.flatnonzero(ends), lines.before(ends)
    before = np.maximum(previous, 0)
    same = (unit[place] == unit[before]) | (unit[place] == "") | (unit[before] == "")
    told["reworked"] = np.bincount(lines.line[place[(previous >= 0) & same]], minlength=len(told)) > 0
    sent = lines.is_word("dispatched") & (unit != "")
    first, last = lines.first(sent), lines.last(sent)
    told["unit_known"] = first >= 0
    other = np.array([unit[a] != unit[b] for a, b in zip(first, last, strict=True)], dtype=bool)
    told["misdispatched"] = told["unit_known"].to_numpy() & other
    one = ~told["misdispatched"] & ~told["returned"]
    told["one_unit"] = told["unit_known"] & one
    return told


def _with_times(
    facts: pd.DataFrame, rows: pd.DataFrame, steps: pd.DataFrame, moment: pd.Timestamp, calendar: DutyCalendar,
    in_hand: pd.Series,
) -> pd.DataFrame:  # fmt: skip
    """Add `handling_h` and `overtime_multiple`."""
    sent = steps[steps["stage"] == "dispatched"].groupby("case_id")["at"].min().reindex(rows.index)
    start = sent.fillna(rows["reported_at"])
    measured = facts["is_handled"] | (in_hand & ~facts["void"])
    end = rows["handled_at"].fillna(moment).where(measured)
    periods = hang_periods(steps)
    hung = _hung_hours(periods, start, end, calendar)
    facts["handling_h"] = np.maximum(working_hours(start, end, calendar) - hung[0], 0)
    # a limit in working time is used up in working time, a natural one round the clock
    ticking = rows["limit_unit"].isin(("work_hour", "work_day")).to_numpy()
    # a deadline has been moved by what was hung before it
    waited = _hung_hours(periods, rows["reported_at"], end, calendar)
    granted = _hung_hours(periods, rows["reported_at"], rows["due_at"], calendar)
    natural = [(late - rows["reported_at"]).dt.total_seconds().to_numpy() / 3600 for late in (rows["due_at"], end)]
    working = [working_hours(rows["reported_at"], late, calendar) for late in (rows["due_at"], end)]
    limit = np.where(ticking, working[0] - granted[0], natural[0] - granted[1])
    used = np.where(ticking, working[1] - waited[0], natural[1] - waited[1])
    after_due = (rows["handled_at"] > rows["due_at"]).fillna(False)
    late = (facts["closed"] & after_due & (used > limit) & (limit > 0)).to_numpy()
    facts["overtime_multiple"] = np.where(late, (used - limit) / np.where(late, limit, 1.0), np.nan)
    return facts


def _hung_hours(
    periods: pd.DataFrame, start: pd.Series, end: pd.Series, calendar: DutyCalendar
) -> tuple[np.ndarray, np.ndarray]:
    """Return the working and the natural hours that each case was hung between its start and its end."""
    case = periods["case_id"]
    begun, over = (times.reindex(case).reset_index(drop=True) for times in (start, end))
    low = periods["start"].clip(lower=begun)
    high = periods["end"].fillna(over).clip(upper=over)
    inside = (high > low).to_numpy()
    hours = []
    for span in (working_hours(low, high, calendar), (high - low).dt.total_seconds().to_numpy() / 3600):
        own = pd.Series(np.where(inside, np.nan_to_num(span), 0.0)).groupby(case.to_numpy()).sum()
        hours.append(own.reindex(start.index).fillna(0.0).to_numpy())
    return hours[0], hours[1]
