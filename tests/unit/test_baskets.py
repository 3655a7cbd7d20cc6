"""Who is covered, added up: golden values by hand, and parts that always add up to the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import baskets
from gis.circle_choice import Choice
from gis.reach import UNREACHED
from gis.scope import View

CODES = ("110102001001001", "110102001001002", "110102001002001", "110102002001001")


def homes_of(rows: list[tuple[str, float, float, bool]]) -> baskets.Homes:
    code, people, over60, connected = zip(*rows, strict=True)
    return baskets.Homes(np.array(code, dtype="U15"), np.array(people), np.array(over60), np.array(connected))


FOUR = homes_of([(CODES[0], 10, 2, True), (CODES[0], 30, 3, True), (CODES[2], 20, 20, True), (CODES[3], 40, 0, False)])
MARKET = np.array([3_000, 9_000, 9_001, UNREACHED], dtype=np.uint16)
CLINIC = np.array([3_001, 100, 100, UNREACHED], dtype=np.uint16)


def test_a_home_is_covered_when_the_last_kind_of_its_basket_is_within_the_limit() -> None:
    last = baskets.of_last([MARKET, CLINIC])
    district = baskets.shares(FOUR, last, baskets.limit_of(15), 6).loc["110102"]
    assert (district["people_in"], district["people"]) == (40, 100)
    assert district["over60_in_share"] == pytest.approx(5 / 25)
    streets = baskets.shares(FOUR, last, baskets.limit_of(15), 9)
    assert streets["people_in"].to_dict() == {"110102001": 40, "110102002": 0}


def test_a_bound_belongs_to_the_class_below_it() -> None:
    ds = np.array([0, 3_000, 3_001, 6_000, 9_000, 9_001, UNREACHED], dtype=np.uint16)
    assert baskets.class_of(ds).tolist() == [1, 1, 2, 2, 3, 4, 4]


def test_a_cell_takes_as_long_as_half_of_its_people_need() -> None:
    times = baskets.cell_times(FOUR, MARKET)
    assert times.to_dict() == {CODES[0]: 9_000, CODES[2]: 9_001, CODES[3]: UNREACHED}


def test_gaps_name_community_kind_people_and_how_far_the_nearest_is() -> None:
    found = baskets.gaps(FOUR, {"market": MARKET, "clinic": CLINIC}, baskets.limit_of(15))
    rows = found[["code", "kind", "people", "over60", "ds"]].to_dict("records")
    lost = {"code": "110102002001", "people": 40.0, "over60": 0.0, "ds": UNREACHED}
    assert rows[:2] == [lost | {"kind": "market"}, lost | {"kind": "clinic"}]
    assert rows[2] == {"code": "110102001002", "kind": "market", "people": 20.0, "over60": 20.0, "ds": 9_001}
    assert baskets.missing_kinds({"market": MARKET, "clinic": CLINIC}, 9_000).tolist() == [0, 0, 1, 2]


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(CODES), st.integers(0, 50), st.integers(0, 7_000)), min_size=1, max_size=30
    ),
    minutes=st.integers(0, 11),
)
def test_parts_add_up_and_more_minutes_never_cover_fewer(rows: list[tuple[str, int, int]], minutes: int) -> None:
    homes = homes_of([(code, float(people), people / 2, True) for code, people, _ in rows])
    ds = np.array([time for *_, time in rows], dtype=np.uint16)
    whole = baskets.shares(homes, ds, baskets.limit_of(minutes), 6)["people_in"].sum()
    for digits in (9, 12, 15):
        parts = baskets.shares(homes, ds, baskets.limit_of(minutes), digits)
        assert parts["people_in"].sum() == whole
    assert baskets.shares(homes, ds, baskets.limit_of(minutes + 1), 6)["people_in"].sum() >= whole
    if homes.people.sum():
        curve = baskets.curve(homes, ds, np.arange(0, 13))
        assert curve["people"].is_monotonic_increasing
        assert curve["people"].iat[minutes] == pytest.approx(whole / homes.people.sum())


def test_what_an_address_says_wrongly_means_its_default() -> None:
    plain = Choice.of(View.from_url("/circles", ""))
    assert (
        Choice.of(View.from_url("/circles", "?set=x&who=y&min=7&at=z&by=q&fac=-1&spot=a&plan=1e9&kinds=zoo")) == plain
    )
    own = Choice.of(View.from_url("/circles", "?kinds=clinic,market,clinic&who=frail&min=10&at=wd22"))
    assert (own.ruleset, own.kinds, own.profile, own.limit_ds) == ("own", ("clinic", "market"), "frail_night", 6_000)
