"""Rules that find the chain of a case, and units that could help each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gis.balance import distance_m, load_days, suggest
from gis.routing import effect, in_duty_hours, route
from gis.worktime import build_calendar

CALENDAR = build_calendar(2025, 2027)
MONDAY_10, MONDAY_22 = pd.Timestamp("2026-05-18 02:00", tz="UTC"), pd.Timestamp("2026-05-18 14:00", tz="UTC")


def rules(*rows: tuple) -> pd.DataFrame:
    names = ["id", "area_code", "category", "time_band", "lead_chain", "support_chains"]
    return pd.DataFrame(rows, columns=names)


CASES = pd.DataFrame(
    {
        "area_code": ["110102001001001", "110102001001001", "110102003", "110102"],
        "category": ["S0301", "E0405", "S0301", "S0601"],
        "reported_at": [MONDAY_10, MONDAY_22, MONDAY_22, MONDAY_10],
        "lead_chain": [2, 3, 2, 3],
        "now_chain": [2, 3, 2, 3],
    }
)


def test_duty_hours_are_those_of_the_calendar():
    assert in_duty_hours(CASES["reported_at"], CALENDAR).tolist() == [True, False, False, True]


def test_the_most_particular_rule_wins():
    some = rules(
        (1, "110102", "", "any", 1, []), (2, "110102", "S03", "any", 4, []), (3, "110102", "S0301", "off", 5, []),
        (4, "110102001", "", "any", 6, []),
    )  # fmt: skip
    told = route(CASES, some, CALENDAR)
    assert told["rule"].tolist() == [4, 4, 3, 1]
    assert told["lead_chain"].tolist() == [6, 6, 5, 1]


def test_a_case_without_a_rule_keeps_the_chain_of_its_category():
    told = route(CASES, rules((1, "110102001", "E", "work", 8, [])), CALENDAR)
    assert told["rule"].tolist() == [-1] * 4 and told["lead_chain"].tolist() == [2, 3, 2, 3]


def test_effect_counts_every_case_once_before_and_after():
    made = effect(CASES, rules((7, "110102", "S0301", "any", 4, [2, 6])), CALENDAR)
    assert (made.matched, made.changed) == (2, 2)
    assert made.load["before"].sum() == made.load["after"].sum() == len(CASES)
    assert made.load.loc[4, "after"] == 2 and made.load.loc[6, "supports"] == 2
    assert made.moves.to_numpy().tolist() == [[2, 4, 2]]


def units(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "chain", "open", "per_day", "lon", "lat"]).set_index("id")


def test_straight_distance_is_that_of_the_sphere():
    # one degree of latitude is 111.195 km on a sphere of the mean radius
    assert distance_m(np.array([116.0]), np.array([39.0]), 116.0, 40.0)[0] == pytest.approx(111_195, abs=1)


def test_a_full_unit_is_helped_by_a_free_one_near_by_until_both_are_even():
    told = suggest(
        units((1, 2, 40, 10.0, 116.36, 39.90), (2, 2, 2, 10.0, 116.37, 39.90), (3, 2, 0, 10.0, 117.0, 39.90),
              (4, 1, 0, 10.0, 116.36, 39.90)), 4000.0,
    )  # fmt: skip
    assert told[["from_id", "to_id", "cases"]].to_numpy().tolist() == [[1, 2, 19]]
    row = told.iloc[0]
    assert row["from_after"] == pytest.approx(row["to_after"]) == pytest.approx(2.1)
    assert row["distance_m"] < 1000


def test_nobody_is_suggested_when_all_are_busy_or_far():
    assert suggest(units((1, 2, 40, 10.0, 116.36, 39.9), (2, 2, 15, 10.0, 116.37, 39.9)), 4000.0).empty
    assert load_days(units((1, 2, 0, 0.0, 0, 0), (2, 2, 3, 0.0, 0, 0))).tolist() == [0.0, float("inf")]
