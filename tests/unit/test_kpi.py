"""The dictionary of measures on cases worked by hand, and relations that hold for any cases."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from gis.casefold import fold
from gis.errors import ContractFault
from gis.kpi import BY_KEY, KPIS, Measure, behind, measure, measure_by
from gis.kpi_facts import case_facts
from gis.worktime import build_calendar
from layouts.text import words_for
from layouts.text.kpi import PARTS

ZONE = "Asia/Shanghai"
CALENDAR = build_calendar(2025, 2027)


def at(told: str) -> pd.Timestamp:
    """A moment of May 2026 in Beijing: day, hour and minute. The 18th is a Monday."""
    return pd.Timestamp(f"2026-05-{told}", tz=ZONE).tz_convert("UTC")


NOW = at("29 18:00")  # a Friday evening

FILED = "reported 18 09 00|accepted 18 09 00|filed 18 09 00|"
VERIFIED = "reported 18 09 00|accepted 18 09 00|verifying 18 09 00|filed 18 09 00|"

# id, channel, limit unit, due, flags, and the steps with their times and units
STORY: list[tuple[int, str, str, str, str, str]] = [
    # handled after 2 of 4 working hours, closed
    (1, "patrol", "work_hour", "18 15:00", "", FILED + "dispatched 18 09 00 甲|"
     "handling 18 09 30 甲|checking 18 11 00 甲|closed 18 14 30"),
    # handled after 8 working hours over a night, twice the limit of 4
    (2, "hotline", "work_hour", "18 15:00", "", VERIFIED + "dispatched 18 09 00 甲|"
     "handling 18 10 00 甲|checking 19 09 00 甲|closed 19 10 00"),
    # a check failed and the same unit did it again: handled in the end after 3 working hours, in time
    (3, "patrol", "work_day", "19 09:00", "", FILED + "dispatched 18 09 00 乙|"
     "handling 18 09 10 乙|checking 18 10 00 乙|rework 18 10 30|checking 18 12 00 乙|"
     "closed 18 14 00|evaluated 20 09 00"),
    # sent to the wrong unit, returned, handled by another
    (4, "web", "natural_day", "20 09:00", "", VERIFIED + "dispatched 18 09 00 甲|"
     "returned 18 10 00 甲|dispatched 18 11 00 乙|handling 18 11 10 乙|checking 18 15 00 乙|"
     "closed 18 16 00"),
    # made void on the spot
    (5, "app", "work_hour", "18 15:00", "", "reported 18 09 00|accepted 18 09 00|verifying 18 10 00|void 18 11 00"),
    # in handling, the deadline passed
    (6, "hotline", "work_hour", "18 15:00", "duplicate", VERIFIED + "dispatched 29 14 00 甲|handling 29 14 30 甲"),
    # in handling, the deadline far off
    (7, "diary", "work_day", "31 18:00", "", "reported 29 09 00|accepted 29 09 00|"
     "filed 29 09 00|dispatched 29 10 00 乙|"
     "handling 29 11 00 乙"),
    # hung before its deadline came
    (8, "patrol", "work_hour", "18 15:00", "", FILED + "dispatched 18 09 00 甲|"
     "hung 18 10 00"),
    # hung for 2 working hours of the 4 from dispatch to the end; the matter had come back
    (9, "hotline", "work_hour", "18 15:00", "repeat", VERIFIED + "dispatched 18 09 00 乙|"
     "hung 18 10 00|resumed 18 12 00|handling 18 14 00 乙|checking 18 15 00 乙|closed 18 16 00"),
    # handed over and not checked yet, postponed before
    (10, "patrol", "work_hour", "19 15:00", "", FILED + "dispatched 18 09 00 甲|"
     "postponed 18 10 00|handling 18 10 00 甲|checking 18 11 00 甲"),
    # not accepted yet, and the deadline passed: nobody has it in hand
    (11, "video", "work_hour", "18 15:00", "", "reported 18 09 00"),
    # no deadline binds: a chain of participation
    (12, "building_head", "", "", "", FILED + "dispatched 18 09 00|"
     "handling 18 09 00|checking 18 10 00|closed 18 11 00"),
]  # fmt: skip


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    steps = []
    for case, *_, told in STORY:
        for one in told.split("|"):
            word, day, hour, minute, *unit = one.split()
            steps.append((case, word, at(f"{day} {hour}:{minute}"), unit[0] if unit else ""))
    events = pd.DataFrame(steps, columns=["case_id", "stage", "at", "unit"])
    rows = fold(events)
    cases = pd.DataFrame(
        {
            "id": [one[0] for one in STORY],
            "channel": [one[1] for one in STORY],
            "limit_unit": [one[2] for one in STORY],
            "due_at": pd.to_datetime(pd.Series([at(one[3]) if one[3] else pd.NaT for one in STORY]), utc=True),
            "is_repeat": [one[4] == "repeat" for one in STORY],
            "duplicate_of": [1 if one[4] == "duplicate" else None for one in STORY],
            "reported_at": events.groupby("case_id")["at"].first().to_numpy(),
        }
    )
    cases["reported_at"] = pd.to_datetime(cases["reported_at"], utc=True)
    cases["near_at"] = cases["due_at"] - (cases["due_at"] - cases["reported_at"]) / 5
    for column in ("stage", "is_open", "handled_at", "closed_at", "hung_since"):
        cases[column] = (
            rows[column].to_numpy() if column in ("stage", "is_open") else rows[column].reset_index(drop=True)
        )
    return cases, events


@pytest.fixture(scope="module")
def facts() -> pd.DataFrame:
    return case_facts(*frames(), NOW, CALENDAR)


GOLDEN: dict[str, tuple[int, int]] = {
    "filing_rate": (10, 11),  # all accepted but the void one; 11 is not accepted
    "due_to_close": (8, 8),  # 1 2 3 4 9 10 12 are handled; 6 is late in hand; 7 has time, 8 is hung, 11 nobody has
    "closing_rate": (6, 8),
    "on_time_rate": (4, 7),  # 12 has no deadline, 8 is hung; 1 3 4 9 of 1 2 3 4 6 9 10
    "rework_rate": (1, 7),
    "return_rate": (1, 10),
    "misdispatch_rate": (1, 9),
    "first_solved_rate": (4, 5),
    "hung": (1, 1),
    "hang_rate": (2, 10),
    "postpone_rate": (1, 10),
    "stock": (0, 0),
    "open": (5, 5),
    "overdue": (2, 2),  # 6 and 11; 10 was handed over in time, the clock of 8 stands still
    "near_due": (0, 0),
    "repeat_rate": (1, 6),
    "duplicate_rate": (1, 12),
    "proactive_share": (6, 12),
    "overtime_multiple": (1, 1),
    "appeals_per_10k": (3, 10_000),
    "handling_median": (7, 10),
    "handling_p90": (7, 10),
}


@pytest.mark.parametrize("key", BY_KEY)
def test_measure_counts_what_was_counted_by_hand(facts, key):
    told = measure(BY_KEY[key], facts, population=10_000)
    assert (told.hits, told.n) == GOLDEN[key]
    if BY_KEY[key].kind == "share":
        assert told.value == pytest.approx(told.hits / told.n)


@pytest.mark.parametrize("key", BY_KEY)
def test_cases_behind_a_number_count_to_it(facts, key):
    assert len(behind(BY_KEY[key], facts)) == measure(BY_KEY[key], facts).hits


def test_cases_behind_the_on_time_rate_are_those_by_name(facts):
    assert behind(BY_KEY["on_time_rate"], facts).tolist() == [1, 3, 4, 9]


def test_handling_hours_are_working_hours_without_the_time_on_hold(facts):
    # noon is 12 to 14; case 9 was on hold for 2 of its 4 hours, case 8 is since its second hour
    told = facts["handling_h"]
    assert told.loc[[1, 2, 3, 4, 9, 10, 12]].tolist() == pytest.approx([2, 8, 3, 4, 2, 2, 1])
    assert told.loc[[6, 7, 8]].tolist() == pytest.approx([4, 6, 1])
    assert told.loc[[5, 11]].isna().all()


def test_half_are_handled_within_the_median_that_knows_of_open_cases(facts):
    # 1 1+ 2 2 2 3 4 4+ 6+ 8, where + still runs: .9 are left after 1, .9 * 5/8 = .56 after 2, .56 * 4/5 = .45 after 3
    assert measure(BY_KEY["handling_median"], facts).value == pytest.approx(3.0)
    assert measure(BY_KEY["handling_p90"], facts).value == pytest.approx(8.0)


def test_late_case_used_its_limit_twice(facts):
    # 4 working hours from 9 on Monday to 15, 8 used: once more than the limit
    assert facts.loc[2, "overtime_multiple"] == pytest.approx(1.0)
    assert facts["overtime_multiple"].notna().sum() == 1


def test_time_on_hold_does_not_make_a_case_late():
    cases, events = frames()
    own = cases["id"] == 9
    cases.loc[own, "due_at"] = at("18 17:00")  # four hours of work and two on hold: handled at 15:00, in time
    assert math.isnan(case_facts(cases, events, NOW, CALENDAR).loc[9, "overtime_multiple"])
    cases.loc[own, "due_at"] = at("18 14:30")  # an hour and a half, moved by two: two used, a third too much
    assert case_facts(cases, events, NOW, CALENDAR).loc[9, "overtime_multiple"] == pytest.approx(1 / 3)


def test_case_on_hold_for_sixty_days_is_stock():
    cases, events = frames()
    for days, told in ((59, 0), (60, 1)):
        moment = at("18 10:00") + pd.Timedelta(days=days)
        assert measure(BY_KEY["stock"], case_facts(cases, events, moment, CALENDAR)).hits == told


def test_case_is_near_due_in_the_last_fifth_of_its_limit():
    cases, events = frames()
    own = cases["id"] == 7
    cases.loc[own, "due_at"] = at("29 19:00")  # ten hours from the report, one left at 18:00
    cases.loc[own, "near_at"] = at("29 17:00")
    near = BY_KEY["near_due"]
    assert behind(near, case_facts(cases, events, NOW, CALENDAR)).tolist() == [7]
    cases.loc[own, ["due_at", "near_at"]] = [at("29 20:15"), at("29 18:00")]  # 2.25 of 11.25 hours: exactly a fifth
    assert measure(near, case_facts(cases, events, NOW, CALENDAR)).hits == 0


def test_rework_by_another_unit_is_none_of_the_first():
    cases, events = frames()
    again = events.index[(events["case_id"] == 3) & (events["stage"] == "checking")][1]
    events.loc[again, "unit"] = "丙"
    assert measure(BY_KEY["rework_rate"], case_facts(cases, events, NOW, CALENDAR)).hits == 0


def test_groups_add_up_and_small_ones_are_not_ranked(facts):
    groups = pd.Series(["a"] * 8 + ["b"] * 4)
    for kpi in KPIS:
        table = measure_by(kpi, facts, groups)
        whole = measure(kpi, facts)
        assert table["hits"].sum() == whole.hits
        if kpi.kind != "per_10k":
            assert table["n"].sum() == whole.n
    rates = measure_by(BY_KEY["on_time_rate"], facts, groups)
    assert rates["n"].to_dict() == {"a": 5, "b": 2}
    assert rates["is_ranked"].to_dict() == {"a": True, "b": False}
    assert rates.loc["a", "rank"] == 1 and pd.isna(rates.loc["b", "rank"])


def test_rank_one_is_the_best_and_equals_share_it():
    story = pd.DataFrame({"closed": [True] * 18, "due_to_close": [True] * 18})
    story.loc[[0, 6, 7, 12, 13], "closed"] = False
    told = measure_by(BY_KEY["closing_rate"], story, pd.Series(list("aaaaaabbbbbbcccccc")))
    assert told["rank"].tolist() == [1, 2, 2]
    assert (
        measure_by(BY_KEY["proactive_share"], story.assign(proactive=True, reported=True), pd.Series(["a"] * 18))[
            "rank"
        ]
        .isna()
        .all()
    )


def test_appeals_per_ten_thousand_residents_name_groups_without_appeals(facts):
    people = pd.Series({"a": 20_000, "b": 5_000, "c": 1_000})
    told = measure_by(BY_KEY["appeals_per_10k"], facts, pd.Series(["a"] * 8 + ["b"] * 4), people)
    assert told["value"].tolist() == pytest.approx([1.0, 2.0, 0.0])
    assert math.isnan(measure(BY_KEY["appeals_per_10k"], facts).value)


def test_nothing_to_measure_is_not_a_number(facts):
    for kpi in KPIS:
        nothing = measure(kpi, facts.iloc[:0], 10_000)
        assert nothing.hits == 0
        assert math.isnan(nothing.value) or nothing.value == 0
    with pytest.raises(ContractFault, match="3 groups for 12 cases"):
        measure_by(KPIS[0], facts, pd.Series([1, 2, 3]))
    with pytest.raises(ContractFault, match="lack limit_unit"):
        case_facts(frames()[0].drop(columns="limit_unit"), frames()[1], NOW, CALENDAR)


def test_no_cases_at_all_have_facts_too():
    cases, events = frames()
    assert case_facts(cases.iloc[:0], events, NOW, CALENDAR).empty


@pytest.mark.parametrize("key", BY_KEY)
def test_interval_holds_the_value(facts, key):
    told: Measure = measure(BY_KEY[key], facts, population=10_000)
    for end, sign in ((told.low, 1), (told.high, -1)):
        assert math.isnan(end) or math.isnan(told.value) or sign * (told.value - end) >= 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_measure_has_its_entry_in_the_dictionary(lang):
    words: Any = words_for(lang)
    for kpi in KPIS:
        told = {part: words(f"indicator.{kpi.key}.{part}") for part in PARTS}
        assert told["name"] and told["formula"] and told["numerator"] and told["source"]
        assert bool(told["denominator"]) == (kpi.kind != "count")
