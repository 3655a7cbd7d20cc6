"""Clocks worked by hand: several deadlines, hanging, postponing, shifts of units; and one case as many cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.clock_one import case_clocks, deadline, moved, near_after, near_of
from gis.clocks import CLOCK_COLUMNS, NEAR_SHARE, near_moments, stage_clocks
from gis.errors import InputFault
from gis.sla import Rule, Rules, checked_rules
from gis.workflow import EVENT_WORDS
from gis.worktime import build_calendar, deadlines, parse_shifts, with_shifts

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = build_calendar(2025, 2027)
NIGHT = with_shifts(CALENDAR, parse_shifts("16:00-24:00"))
RULES = Rules.of(
    [
        Rule("*", "", "verifying", 0.5, "work_hour"),
        Rule("*", "", "handling", 1, "work_hour"),
        Rule("E0101", "", "handled", 7, "work_day"),
        Rule("E0101", "停工", "handled", 4, "work_hour"),
        Rule("E0101", "处罚", "handled", 7, "work_day"),
        Rule("E0101", "拆除", "handled", 20, "work_day"),
        Rule("S0101", "", "handled", 24, "urgent_hour"),
        Rule("*", "urgent", "hotline", 2, "urgent_hour"),
        Rule("*", "", "hotline", 7, "natural_day"),
        Rule("S0101", "", "hotline", 24, "urgent_hour"),
    ]
)


def at(told: str) -> datetime:
    """A moment of May 2026 in Beijing; the 18th is a Monday."""
    return datetime.strptime(f"2026-05-{told}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def a_case(**changes: Any) -> dict[str, Any]:
    return {"id": 1, "category": "E0101", "channel": "patrol", "urgency": 3, "lead_chain": 2,
            "reported_at": at("18 09:00"), "due_at": at("27 09:00")} | changes  # fmt: skip


def clocks(case: dict[str, Any], told: str) -> dict[tuple[str, str, int], dict[str, Any]]:
    steps = []
    for one in told.split("|"):
        word, day, hour, *unit = one.split()
        steps.append((word, at(f"{day} {hour}"), unit[0] if unit else ""))
    rows = case_clocks(case, steps, RULES, {"": CALENDAR, "夜班": NIGHT})
    return {(row["stage"], row["condition"], row["turn"]): row for row in rows}


WAY = "reported 18 09:00|accepted 18 09:10|filed 18 09:20|dispatched 18 09:30 甲|handling 18 10:00 甲"


def test_one_case_holds_several_deadlines_side_by_side() -> None:
    found = clocks(a_case(), WAY + "|checking 18 15:30 甲")
    assert found["handled", "", 1]["due_at"] == at("27 09:00")
    assert found["handled", "停工", 1]["due_at"] == at("18 15:00")
    assert found["handled", "处罚", 1]["due_at"] == at("27 09:00")  # seven days of work: the weekend does not count
    assert found["handled", "拆除", 1]["due_at"] == at("15 09:00").replace(month=6)
    # 09-12 and 14-15:30 are worked, half an hour too much of 停工's four
    assert [(found["handled", c, 1]["used_min"], found["handled", c, 1]["overtime_min"]) for c in ("停工", "处罚")] == [
        (270.0, 30.0),
        (270.0, 0.0),
    ]


def test_every_stay_has_its_clock_and_a_rework_has_another() -> None:
    found = clocks(a_case(), WAY + "|checking 18 10:45 甲|rework 18 11:00|checking 18 14:30 甲|closed 18 15:00")
    chosen = {k: row for k, row in found.items() if k[0] in ("handling", "filed")}
    stays = {k[0::2]: (row["used_min"], row["overtime_min"]) for k, row in chosen.items()}
    # no rule for filed; handling may take one hour of work: 45 minutes, then 90 over noon
    assert stays == {("filed", 1): (10.0, None), ("handling", 1): (45.0, 0.0), ("handling", 2): (90.0, 30.0)}
    assert found["checking", "", 2]["end_at"] == at("18 15:00")


def test_running_clock_tells_its_deadline_and_nothing_used_yet() -> None:
    found = clocks(a_case(), WAY)["handling", "", 1]
    assert found["due_at"] == at("18 11:00")
    assert (found["end_at"], found["used_min"], found["overtime_min"]) == (None, None, None)


def test_hanging_stops_every_clock_that_has_not_run_out() -> None:
    found = clocks(a_case(), WAY + "|hung 18 10:30|resumed 19 08:30|checking 19 09:30 甲")
    # hung 10:30 to 12, 14 to 18, 8 to 8:30: six hours of work
    assert found["handling", "", 1]["due_at"] == at("19 09:00")
    assert (found["handling", "", 1]["used_min"], found["handling", "", 1]["overtime_min"]) == (90.0, 30.0)
    assert found["handled", "停工", 1]["due_at"] == at("19 14:00") - pd.Timedelta(hours=3)  # 15:00 and six hours
    # the deadline had passed before the case was hung: it stays
    late = clocks(a_case(), WAY + "|hung 18 16:00|resumed 19 10:00|checking 19 11:00 甲")
    assert late["handled", "停工", 1]["due_at"] == at("18 15:00")


def test_deadline_of_a_case_moves_by_the_time_hung_on_its_own_clock() -> None:
    due, near = at("18 15:00"), at("18 14:12")  # four hours of work from 9:00, a fifth of them before the end
    assert near_of(at("18 09:00"), due, "work_hour", CALENDAR, NEAR_SHARE) == near
    hung, until = at("18 11:00"), at("19 09:00")  # six hours of work, twenty-two hours of the clock
    assert moved(due, near, hung, until, "work_hour", CALENDAR) == (at("19 11:00") , at("19 10:12"))  # fmt: skip
    assert moved(due, near, hung, until, "natural_day", CALENDAR) == (at("19 13:00"), at("19 12:12"))
    assert moved(due, near, at("18 15:00"), until, "work_hour", CALENDAR) == (due, near)


def test_postponed_deadline_is_near_a_fifth_of_the_longer_limit_before() -> None:
    # eight hours from 9:00 on the 18th now end at 9:00 on the 19th: a fifth of eight is 96 minutes
    found = near_after(at("18 15:00"), at("18 14:12"), at("19 09:00"), "work_hour", CALENDAR, NEAR_SHARE)
    assert found == at("18 17:24")


@pytest.mark.parametrize(
    ("category", "urgency", "due"), [("E0101", 1, "18 11:00"), ("E0101", 3, "25 09:00"), ("S0101", 3, "19 09:00")]
)
def test_order_of_the_hotline_has_a_natural_clock_too(category: str, urgency: int, due: str) -> None:
    found = clocks(a_case(category=category, urgency=urgency, channel="hotline"), "reported 18 09:00")
    row = next(row for key, row in found.items() if key[0] == "hotline")
    assert row["due_at"] == at(due)


def test_units_work_in_their_own_shifts() -> None:
    found = clocks(a_case(), WAY.replace("handling 18 10:00 甲", "handling 18 10:00 夜班") + "|checking 18 18:00 夜班")
    assert found["handling", "", 1]["due_at"] == at("18 17:00")
    assert (found["handling", "", 1]["used_min"], found["handling", "", 1]["overtime_min"]) == (120.0, 60.0)


def test_chains_of_participation_hold_only_a_deadline_that_their_source_gave() -> None:
    found = clocks(a_case(lead_chain=8, due_at=None), WAY)
    spans = [row for key, row in found.items() if key[0] in ("handled", "hotline")]
    assert [(row["stage"], row["due_at"], row["limit_unit"]) for row in spans] == [("handled", None, "")]


@st.composite
def _stories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[int, str, datetime, str]]]:
    cases, events = [], []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        clock = pd.Timestamp(at("18 09:00")) + pd.Timedelta(minutes=draw(st.integers(0, 5000)))
        due = draw(st.sampled_from([None, clock + pd.Timedelta(hours=30)]))
        cases.append(
            a_case(
                id=number, category=draw(st.sampled_from(["E0101", "S0101", "P0999"])), urgency=draw(st.integers(1, 3)),
                channel=draw(st.sampled_from(["hotline", "patrol"])), lead_chain=draw(st.sampled_from([2, 8])),
                reported_at=clock, due_at=due,
            )
        )  # fmt: skip
        events.append((number, "reported", clock, ""))
        for word in draw(st.lists(st.sampled_from(EVENT_WORDS), max_size=12)):
            clock += pd.Timedelta(minutes=draw(st.integers(0, 900)))
            events.append((number, word, clock, draw(st.sampled_from(["", "甲", "夜班"]))))
    return cases, events


@settings(max_examples=40)
@given(_stories())
def test_one_case_at_a_time_gives_what_all_at_once_give(story: Any) -> None:
    cases, events = story
    calendars = {"": CALENDAR, "夜班": NIGHT}
    frame = pd.DataFrame(cases)
    frame["due_at"] = pd.to_datetime(frame["due_at"], utc=True)
    frame["reported_at"] = pd.to_datetime(frame["reported_at"], utc=True)
    steps = pd.DataFrame(events, columns=["case_id", "stage", "at", "unit"])
    steps["at"] = pd.to_datetime(steps["at"], utc=True)
    many = stage_clocks(frame, steps, RULES, calendars).sort_values(["case_id", "stage", "condition", "turn"])
    one = [row for case in cases
           for row in case_clocks(case, [e[1:] for e in events if e[0] == case["id"]], RULES, calendars)]  # fmt: skip
    other = pd.DataFrame(one, columns=list(CLOCK_COLUMNS)).sort_values(["case_id", "stage", "condition", "turn"])
    for column in CLOCK_COLUMNS:
        mine, his = many[column].to_numpy(object), other[column].to_numpy(object)
        same = [(pd.isna(a) and pd.isna(b)) or a == b for a, b in zip(mine, his, strict=True)]
        assert all(same), (column, mine, his)


def test_deadlines_and_near_moments_of_one_and_of_many_agree() -> None:
    rng = np.random.default_rng(5)
    units = np.array(["urgent_hour", "work_hour", "work_day", "natural_day"], dtype=object)[rng.integers(0, 4, 200)]
    starts = pd.DatetimeIndex(pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 10**7, 200), "s"))
    amounts = rng.integers(1, 30, 200).astype(float)
    dues = deadlines(starts, amounts, units, CALENDAR)
    nears = near_moments(starts, dues, units, CALENDAR)
    for start, amount, unit, due, near in zip(starts, amounts, units, dues, nears, strict=True):
        rule = Rule("*", "", "handled", float(amount), str(unit))
        assert deadline(start.to_pydatetime(), rule, CALENDAR) == due
        assert near_of(start.to_pydatetime(), due.to_pydatetime(), str(unit), CALENDAR, NEAR_SHARE) == near


def test_table_of_rules_is_refused_with_every_wrong_line() -> None:
    rows = pd.DataFrame(
        [
            ("E0101", "", "handled", "4", "work_hour", ""), ("X9", "", "handled", "4", "work_hour", ""),
            ("E0101", "", "handled", "5", "work_hour", ""), ("E0101", "", "later", "-1", "fortnight", ""),
        ],
        columns=["category", "condition", "stage", "quantity", "unit", "source"],
    )  # fmt: skip
    with pytest.raises(InputFault) as caught:
        checked_rules(rows, ["E0101"])
    told = str(caught.value)
    assert "line 3: category 'X9'" in told and "line 4: there are two rules" in told
    assert "line 5: stage 'later'" in told and "line 5: unit 'fortnight'" in told and "line 5: quantity -1" in told


@pytest.mark.parametrize("told", ["", "8-12", "12:00-08:00", "08:00-12:00,11:00-18:00", "08:00-25:00"])
def test_shifts_that_make_no_sense_are_refused(told: str) -> None:
    with pytest.raises(InputFault):
        parse_shifts(told)
