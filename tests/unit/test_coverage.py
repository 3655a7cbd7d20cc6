"""Coverage by area, gaps, baskets, rule-sets, and supply against demand with PySAL's answer beside it."""

from __future__ import annotations

import itertools

import access
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.balls import TimeMatrix, time_matrix
from gis.codes import Level
from gis.coverage import add_shares, areas_of, baskets, coverage_by_area, gap_list
from gis.errors import ContractFault, InputFault
from gis.network import build_network
from gis.reach import UNREACHED, HomeTimes
from gis.standards import RULE_SETS, SURENESS, rule_set
from gis.supply import gravity, two_step
from gis.terms import FACILITY_KINDS
from tests.unit.walks import random_attachments, random_frames

CELL = "110102001001001"


def _times(minutes: list[float]) -> HomeTimes:
    ds = np.array([UNREACHED if np.isinf(one) else round(one * 600) for one in minutes], dtype=np.uint16)
    return HomeTimes(ds, np.where(ds == UNREACHED, -1, 3).astype(np.int32))


def test_golden_street() -> None:
    codes = [CELL, CELL, CELL[:-1] + "2", "110102002001001", ""]
    times = _times([4, 12, 16, float("inf"), 3])
    found = coverage_by_area(codes, times, [True, True, True, False, True], [10, 20, 5, 7, 1], [1, 2, 3, 4, 0],
                             level=Level.STREET).set_index("code")  # fmt: skip
    street = found.loc["110102001"]
    assert street[["homes", "people", "people_5", "people_10", "people_15", "over60_15"]].tolist() == [
        3,
        35,
        10,
        10,
        30,
        3,
    ]
    assert street[["median_min", "p90_min", "worst_min"]].tolist() == [12, 16, 16]
    other = found.loc["110102002"]
    assert other["people_15"] == 0 and np.isinf(other["worst_min"])
    assert other[["unconnected_homes", "unconnected_people", "unreached_people"]].tolist() == [1, 7, 0]
    assert found.loc[""]["people"] == 1
    shares = add_shares(found.reset_index()).set_index("code")
    assert shares.loc["110102001", "people_15_share"] == pytest.approx(30 / 35)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_areas_add_up_and_more_minutes_cover_no_fewer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    codes = [f"110102{s:03d}{c:03d}{k:03d}" for s, c, k in rng.integers(1, 4, (n, 3))]
    codes[0] = ""
    minutes = np.where(rng.random(n) < 0.1, np.inf, rng.uniform(0, 20, n))
    people, over60, on = rng.integers(0, 90, n), rng.integers(0, 30, n), rng.random(n) < 0.95
    levels = [
        coverage_by_area(codes, _times(minutes.tolist()), on, people, over60, level=level) for level in reversed(Level)
    ]
    for small, large in itertools.pairwise(levels):
        sums = [name for name in small.columns if name != "code" and not name.endswith("_min")]
        upwards = small.assign(code=small["code"].str[: len(large["code"].iloc[-1])]).groupby("code")[sums].sum()
        pd.testing.assert_frame_equal(upwards.reset_index(), large[["code", *sums]], check_names=False)
    assert (levels[0]["people_5"] <= levels[0]["people_10"]).all() and (
        levels[0]["people_15"] <= levels[0]["people"]
    ).all()


def test_codes_of_larger_areas_are_in_none_of_the_smaller() -> None:
    assert areas_of([CELL, "110102001", ""], Level.COMMUNITY).tolist() == [CELL[:12], "", ""]


def test_gap_list_says_who_is_missing_what() -> None:
    codes = [CELL, CELL, "110102002001001", "110102003001001"]
    gaps = gap_list(codes, _times([4, 17, float("inf"), 2]), [10, 20, 30, 5], [1, 2, 3, 4], limit_min=15)
    assert gaps["code"].tolist() == ["110102002001", CELL[:12]]
    assert gaps["people"].tolist() == [30, 20] and gaps["over60"].tolist() == [3, 2]
    assert gaps["nearest"].tolist() == [-1, 3] and gaps["minutes"].tolist() == [np.inf, 17]
    assert gaps["share"].tolist() == pytest.approx([1, 2 / 3])
    assert gap_list(codes, _times([1, 1, 1, 1]), [1] * 4, [1] * 4, limit_min=15).empty


def test_baskets_count_what_is_missing() -> None:
    times = {"market": _times([4, 20]), "repair": _times([14, 16])}
    found = baskets(times, {"market": 15, "repair": 15, "laundry": 15})
    assert found["reached"].tolist() == [2, 0] and found["missing"].tolist() == [1, 3]
    with pytest.raises(InputFault, match="at least one kind"):
        baskets(times, {})


def test_rule_sets_name_their_source_and_only_known_kinds() -> None:
    assert rule_set("beijing_eight").kinds == FACILITY_KINDS[:8]
    for rule in RULE_SETS.values():
        assert rule.source and set(rule.kinds) <= set(FACILITY_KINDS)
        assert {item.sure for basket in rule.baskets for item in basket.items} <= set(SURENESS)
    levels = rule_set("gb_50180_2018")
    assert levels.levels_apart and len(levels.baskets) == 3
    used = [kind for basket in levels.baskets for item in basket.items for kind in item.kinds]
    assert len(used) == len(set(used))  # no kind stands in at two levels
    assert rule_set("commerce_2021").baskets[0].missing == ("supermarket", "photo_print", "recycling", "forward_store")
    with pytest.raises(InputFault, match="no rule-set 'none'"):
        rule_set("none")


def _matrix(seed: int) -> tuple[TimeMatrix, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 40, 90), profiles=("adult",))
    shops, homes = random_attachments(rng, network, 7, 9), random_attachments(rng, network, 30, 30)
    return time_matrix(network, shops, homes), rng.integers(0, 50, 7), rng.integers(0, 90, 30)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_two_step_equals_pysal_access_and_shares_out_all_supply() -> None:
    matrix, supply, demand = _matrix(3)
    ours = two_step(matrix, supply, demand, limit_s=500)
    ids = np.arange(30)
    costs = pd.DataFrame({"origin": matrix.column, "dest": matrix.row, "cost": matrix.ds / 10})
    theirs = access.Access(
        demand_df=pd.DataFrame({"id": ids, "people": demand}), demand_index="id", demand_value="people",
        supply_df=pd.DataFrame({"id": np.arange(7), "places": supply}), supply_index="id", supply_value="places",
        cost_df=costs, cost_origin="origin", cost_dest="dest", cost_name="cost",
        neighbor_cost_df=None,
    )  # fmt: skip
    expected = theirs.two_stage_fca(name="fca", max_cost=500)["fca_places"].reindex(ids).fillna(0)
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)
    reached = np.asarray(matrix.within(500) @ demand) > 0
    assert (ours * demand).sum() == pytest.approx(supply[reached].sum(), rel=1e-12)
    soft = two_step(matrix, supply, demand, limit_s=500, sigma_s=200)
    assert (soft * demand).sum() == pytest.approx(supply[reached].sum(), rel=1e-12)


def test_gravity_halves_with_every_half_time() -> None:
    row = TimeMatrix(np.array([0, 2]), np.array([0, 1], np.int32), np.array([3000, 6000], np.uint16), 3, 9000)
    assert gravity(row, [8], limit_s=900, half_s=300).tolist() == [4, 2, 0]


def test_bad_numbers_are_refused_in_one_line() -> None:
    matrix, supply, demand = _matrix(4)
    with pytest.raises(InputFault, match="capacity is negative or not a number in 1 rows, first in row 2"):
        two_step(matrix, [1, -3, 1, 1, 1, 1, 1], demand, limit_s=500)
    with pytest.raises(ContractFault, match="6 capacities and 30 demands for 7 facilities"):
        two_step(matrix, supply[:6], demand, limit_s=500)
    with pytest.raises(InputFault, match="people is negative or not a number"):
        coverage_by_area([CELL], _times([1]), [True], [np.nan], [0], level=Level.CELL)
