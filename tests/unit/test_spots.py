"""Identity of hot spots over runs, and the usual level that they are compared with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gis.spots import common_area, follow, jaccard, overlap
from gis.usual import HOLIDAY, day_kinds, usual_hours
from gis.worktime import build_calendar

CALENDAR = build_calendar(2026, 2026)
ZONE = "Asia/Shanghai"


def test_moved_by_a_cell_it_is_the_same() -> None:
    step = follow([("E0102", {"a", "b", "c"})], [("E0102", {"b", "c", "d"})])
    assert (step.continues, step.split_from, step.merged, step.unseen) == ({0: 0}, {}, {}, ())


def test_another_class_or_another_place_is_new() -> None:
    step = follow([("E0102", {"a", "b"})], [("S0401", {"a", "b"}), ("E0102", {"x", "y"})])
    assert step.continues == {}
    assert step.unseen == (0,)


def test_two_grow_together_and_the_closer_keeps_its_number() -> None:
    step = follow([("x", {"a"}), ("x", {"c", "d", "e"})], [("x", {"a", "b", "c", "d", "e"})])
    assert step.continues == {0: 1}
    assert step.merged == {0: 0}
    assert step.unseen == ()


def test_one_falls_apart_and_the_rest_is_split_from_it() -> None:
    step = follow([("x", {"a", "b", "c", "d", "e"})], [("x", {"a"}), ("x", {"c", "d", "e"})])
    assert step.continues == {1: 0}
    assert step.split_from == {0: 0}


def test_every_find_and_every_known_one_has_one_fate() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        known, found = (
            [(str(rng.integers(2)), set(rng.choice(list("abcdefgh"), rng.integers(1, 5)))) for _ in range(4)]
            for _ in range(2)
        )
        step = follow(known, found)
        assert len(set(step.continues.values())) == len(step.continues)
        fates = [*step.continues.values(), *step.merged, *step.unseen]
        assert sorted(fates) == [0, 1, 2, 3]
        assert not set(step.continues) & set(step.split_from)


def test_shares_of_common_cells() -> None:
    assert overlap({"a", "b"}, {"b", "c", "d"}) == 0.5
    assert jaccard({"a", "b"}, {"b", "c", "d"}) == 0.25
    assert overlap(set(), {"a"}) == 0.0


def test_smallest_area_that_holds_all() -> None:
    assert common_area(["110102001001001", "110102001001002"]) == "110102001001"
    assert common_area(["110102001001001", "110102001002001"]) == "110102001"
    assert common_area(["110102001001001", "110102002001001"]) == "110102"
    assert common_area(["110102001001001"]) == "110102001001001"


def test_holidays_are_apart_and_a_made_up_saturday_is_a_friday() -> None:
    days = pd.DatetimeIndex(["2026-10-01 09:00", "2026-10-10 09:00", "2026-10-14 09:00"]).tz_localize(ZONE)
    assert day_kinds(days, CALENDAR).tolist() == [HOLIDAY, 4, 2]


def test_usual_hours_come_back_as_they_went_in() -> None:
    hours = pd.date_range("2026-03-02", "2026-04-27", freq="h", inclusive="left", tz=ZONE)
    counts = np.where(hours.hour == 9, 40, 10) + 5 * (hours.day_of_week == 0)
    usual = usual_hours(hours, counts, CALENDAR, ZONE)
    week = pd.Timestamp("2026-05-11", tz=ZONE), pd.Timestamp("2026-05-18", tz=ZONE)
    assert usual.between(*week) == pytest.approx(7 * (23 * 10 + 40) + 24 * 5)
    half = usual.between(pd.Timestamp("2026-05-12 09:00", tz=ZONE), pd.Timestamp("2026-05-12 09:30", tz=ZONE))
    assert half == pytest.approx(20)
    inside = usual.between(pd.Timestamp("2026-05-12 09:15", tz=ZONE), pd.Timestamp("2026-05-12 09:45", tz=ZONE))
    assert inside == pytest.approx(20)
