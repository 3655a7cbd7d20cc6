"""The demo's cases: rhythm, shares, determinism, and a course of steps that could have happened."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from gis.casefold import fold
from gis.city.cases_batch import CaseBatch, case_mix, generate_cases
from gis.city.cases_places import PLACE_KINDS, CaseGround
from gis.city.cases_rhythm import HOLIDAY, WEEKEND, WORKDAY, day_kinds
from gis.errors import ContractFault, InputFault
from gis.locate import CellIndex
from gis.terms import CHANNELS, CLOSED_STAGES, STAGES
from gis.workflow import CaseState, Step, after, refuse
from gis.worktime import build_calendar

ROOT = Path(__file__).parents[2]
CALENDAR = build_calendar(2025, 2028)
ZONE = "Asia/Shanghai"
STREETS = {"110102001": "甲街道", "110102002": "乙街道"}
NOW = pd.Timestamp("2026-11-22 15:00", tz=ZONE)
MIX = case_mix(pd.read_csv(ROOT / "db/reference/categories.csv"), pd.read_csv(ROOT / "db/demo/facts/case_mix.csv"))


def chequerboard(side: int = 20, count: int = 12_000) -> CaseGround:
    """Two streets of square cells with places of every kind, some on the line between them and some outside."""
    rng = np.random.default_rng(3)
    west, south, step = 116.35, 39.90, 0.002
    middle = west + side // 2 * step
    codes = [
        f"110102{1 + (i >= side // 2):03d}{1 + i % 5:03d}{j + 1 + side * (i // 5):03d}"
        for i in range(side)
        for j in range(side)
    ]
    cells = [
        shapely.box(west + i * step, south + j * step, west + (i + 1) * step, south + (j + 1) * step)
        for i in range(side)
        for j in range(side)
    ]
    lon, lat = west + rng.random(count) * side * step, south + rng.random(count) * side * step
    kind = rng.choice(PLACE_KINDS[:9], count).astype(object)
    kind[:300], lon[:300] = "border", middle
    kind[300:600], lon[300:600] = "outside", west - 0.004
    places = pd.DataFrame({"kind": kind, "lon": lon, "lat": lat, "weight": rng.gamma(1.0, 1.0, count)})
    places["place"], places["community"] = "长巷9号院", "试点"
    places["street_code"] = np.where(lon >= middle, "110102002", "110102001")
    return CaseGround(places, CellIndex(codes, cells), "110102", (85_300.0, 111_000.0))


GROUND = chequerboard()


def generate(start: str | pd.Timestamp, end: str | pd.Timestamp = NOW, seed: int = 7) -> CaseBatch:
    window = [pd.Timestamp(t) if isinstance(t, pd.Timestamp) else pd.Timestamp(t, tz=ZONE) for t in (start, end)]
    return generate_cases(
        GROUND, mix=MIX, names=STREETS, calendar=CALENDAR, start=window[0], end=window[1], seed=seed, per_day=1500
    )


@pytest.fixture(scope="module")
def quarter() -> CaseBatch:
    return generate("2026-08-24")


def local(times: pd.Series) -> pd.Series:
    return times.dt.tz_convert(ZONE)


def test_a_quarter_has_about_fifteen_hundred_cases_a_day(quarter):
    assert len(quarter.cases) / 90.6 == pytest.approx(1500, rel=0.06)


def test_families_and_channels_have_the_shares_of_a_real_district(quarter):
    family = quarter.cases["family"].value_counts(normalize=True)
    assert 0.018 < family["part"] < 0.032
    assert family["event"] == pytest.approx(0.485, abs=0.03)
    events = quarter.cases[quarter.cases["family"] == "event"]
    assert events["channel"].isin(("patrol", "pda", "video")).mean() > 0.6
    assert quarter.cases["channel"].isin(("hotline", "web")).mean() == pytest.approx(742 / 1512, abs=0.06)
    assert set(quarter.cases["channel"]) <= set(CHANNELS)


def test_a_few_cases_lie_in_no_cell_and_each_kind_of_them_has_its_bucket(quarter):
    status = quarter.cases["location_status"].value_counts(normalize=True)
    assert status["unlocated"] == pytest.approx(0.03, abs=0.01)
    assert status["outside"] == pytest.approx(0.012, abs=0.006)
    assert status["cross_street"] == pytest.approx(0.011, abs=0.004)
    digits = quarter.cases["area_code"].str.len().groupby(quarter.cases["location_status"]).unique()
    assert digits["located"].tolist() == [15]
    assert sorted(digits["unlocated"]) == [6, 9]
    assert digits["outside"].tolist() == digits["cross_street"].tolist() == [6]
    assert quarter.cases.loc[quarter.cases["location_status"] == "unlocated", ["lon", "lat"]].isna().all(axis=None)


def test_located_cases_carry_the_cell_that_the_index_finds(quarter):
    located = quarter.cases[quarter.cases["location_status"] == "located"]
    assert (GROUND.cells.locate(located[["lon", "lat"]].to_numpy()) == located["area_code"].to_numpy(str)).all()


def test_days_follow_the_clock_the_week_and_the_holidays(quarter):
    at = local(quarter.cases["reported_at"])
    by_hour = at.dt.hour.value_counts()
    assert by_hour[9] > 2 * by_hour[12] > 10 * by_hour[3]
    days = np.arange(np.datetime64("2026-08-24"), np.datetime64("2026-11-22"))
    kinds = day_kinds(days, CALENDAR)
    counts = at.dt.date.value_counts()
    mean = {
        kind: np.mean([counts[day] for day in days[kinds == kind].astype(object)])
        for kind in (WORKDAY, WEEKEND, HOLIDAY)
    }
    assert mean[WORKDAY] > 1.15 * mean[WEEKEND] > 1.3 * mean[HOLIDAY]
    noise = quarter.cases["category"] == "S0401"
    assert at[noise].dt.hour.isin((20, 21, 22, 23)).mean() > 0.3


def test_make_up_saturdays_are_workdays_and_the_october_week_is_a_holiday():
    days = np.array(["2026-10-10", "2026-10-03", "2026-10-17", "2026-10-05"], dtype="datetime64[D]")
    assert [int(day_kinds(days[i : i + 1], CALENDAR)[0]) for i in range(4)] == [WORKDAY, HOLIDAY, WEEKEND, HOLIDAY]


def test_heating_complaints_come_in_november_and_not_in_september(quarter):
    heating = local(quarter.cases.loc[quarter.cases["category"] == "S0101", "reported_at"]).dt.month.value_counts()
    assert heating[11] > 10 * heating.get(9, 0)


def test_open_cases_stay_at_a_believable_number_with_a_tenth_overdue(quarter):
    still = quarter.cases[quarter.cases["is_open"]]
    assert 3_500 < len(still) < 6_500
    late = still["due_at"] < still["handled_at"].fillna(NOW)
    assert 0.05 < late.mean() < 0.15


def test_only_the_first_three_chains_have_deadlines(quarter):
    due = quarter.cases["due_at"].notna()
    assert due.equals(quarter.cases["lead_chain"] <= 3)
    assert (quarter.cases.loc[due, "due_at"] > quarter.cases.loc[due, "reported_at"]).all()


def test_steps_of_a_case_go_forward_in_time_and_end_where_the_case_stands(quarter):
    events = quarter.events
    assert (events["at"] <= NOW).all()
    detour = events["stage"].isin(("returned", "hung", "resumed"))
    again = (events["stage"] == "dispatched") & events.duplicated(["case_row", "stage"])
    ordered = events[~detour & ~again].sort_values(["case_row", "at"], kind="stable")
    rank = {stage: place for place, stage in enumerate(STAGES)} | {"rework": STAGES.index("handling")}
    step = ordered["stage"].map(rank).diff()
    same = ordered["case_row"].diff() == 0
    rework = ordered["stage"] == "rework"
    assert rework.equals(ordered["reason"].str.contains("返工"))
    assert (step[same & ~rework] > 0).all()
    assert (step[rework] < 0).all()
    last = ordered.groupby("case_row").last()
    assert (last["at"].to_numpy() == quarter.cases["changed_at"].to_numpy()).all()
    assert ordered.groupby("case_row").first()["stage"].eq("reported").all()


def test_case_that_went_astray_comes_back_and_is_handled_by_the_unit_that_it_was_sent_to_last(quarter):
    events = quarter.events
    assert (events.groupby("case_row")["at"].diff().dropna() >= pd.Timedelta(0)).all()
    astray = events[events["case_row"].isin(events.loc[events["stage"] == "returned", "case_row"])]
    assert 0.03 < astray["case_row"].nunique() / len(quarter.cases) < 0.09
    sent = astray[astray["stage"] == "dispatched"].groupby("case_row")["unit"].agg(["first", "last", "size"])
    handled = astray[astray["stage"] == "handling"].groupby("case_row")["unit"].first()
    assert (sent["first"] != sent["last"]).all() and handled.eq(sent["last"]).all()
    assert (sent["size"] > 2).sum() > 100


def test_rows_of_the_story_are_what_its_steps_add_up_to(quarter):
    folded = fold(quarter.events.rename(columns={"case_row": "case_id"}))
    assert len(folded) == len(quarter.cases) and folded["rework_count"].sum() > 1_000
    for column in ("stage", "is_open", "handled_at", "closed_at"):
        same = (folded[column] == quarter.cases[column]) | (folded[column].isna() & quarter.cases[column].isna())
        assert same.all(), column


def test_every_step_of_the_story_is_one_that_the_door_lets_in(quarter):
    few = quarter.events[quarter.events["case_row"] < 6_000]
    assert {"rework", "void", "verifying", "evaluated"} <= set(few["stage"])
    facts = quarter.cases[["family", "channel"]].to_dict("records")
    for row, steps in few.groupby("case_row"):
        state = CaseState()
        for step in steps.itertuples():
            if state.stage:
                refuse(state, Step(step.stage, step.at, step.unit, step.reason), **facts[row])
            state = after(state, step.stage, step.at, step.unit)


def test_open_means_no_closing_time(quarter):
    cases = quarter.cases
    assert cases["is_open"].equals(cases["closed_at"].isna())
    assert (cases["is_open"] == ~cases["stage"].isin(CLOSED_STAGES)).all()


def test_the_same_seed_tells_the_same_story_and_another_seed_another():
    one, two, other = generate("2026-11-20"), generate("2026-11-20"), generate("2026-11-20", seed=8)
    pd.testing.assert_frame_equal(one.cases, two.cases)
    pd.testing.assert_frame_equal(one.events, two.events)
    assert one.cases["title"].tolist() != other.cases["title"].tolist()


def test_a_day_has_the_same_cases_whatever_the_window():
    long, short = generate("2026-10-30"), generate("2026-11-17 09:30")
    after = pd.Timestamp("2026-11-17 09:30", tz=ZONE)
    tail = long.cases[long.cases["reported_at"] > after].reset_index(drop=True)
    columns = [c for c in tail if c != "duplicate_row"]
    pd.testing.assert_frame_equal(tail[columns], short.cases[columns])


def test_a_window_cut_at_noon_goes_on_as_if_it_had_not_been_cut():
    noon = pd.Timestamp("2026-11-18 12:00", tz=ZONE)
    whole, morning, rest = generate("2026-11-18"), generate("2026-11-18", noon), generate(noon)
    ids = [*morning.cases["external_id"], *rest.cases["external_id"]]
    assert ids == whole.cases["external_id"].tolist()


def test_clusters_are_where_their_truth_says(quarter):
    assert 5 <= len(quarter.truth) <= 8
    for cluster in quarter.truth:
        own = quarter.cases[quarter.cases["external_id"].str.contains(f"-{cluster['cluster_id']}-")]
        assert len(own) == cluster["injected_cases"]
        mx, my = GROUND.metres_per_degree
        away = np.hypot((own["lon"] - cluster["lon"]) * mx, (own["lat"] - cluster["lat"]) * my)
        assert (away <= cluster["radius_m"] + 45).all()
        assert set(own["category"]) <= {cluster["category"]}
        days = local(own["reported_at"]).dt.strftime("%Y-%m-%d")
        assert days.between(cluster["first_day"], cluster["last_day"]).all()
        assert cluster["relative_risk"] > 2


def test_duplicates_point_at_an_earlier_case_of_the_same_category_nearby(quarter):
    cases = quarter.cases
    copies = cases[cases["duplicate_row"].notna()]
    first = cases.iloc[copies["duplicate_row"].astype(int)]
    assert 0.005 < len(copies) / len(cases) < 0.02
    assert (first["reported_at"].to_numpy() <= copies["reported_at"].to_numpy()).all()
    assert (first["category"].to_numpy() == copies["category"].to_numpy()).all()


def test_problem_places_repeat(quarter):
    assert 0.1 < quarter.cases["is_repeat"].mean() < 0.25


def test_titles_are_places_and_things(quarter):
    located = quarter.cases[quarter.cases["location_status"] == "located"]
    assert located["title"].str.startswith("试点社区长巷9号院").all()
    nowhere = quarter.cases[
        (quarter.cases["location_status"] == "unlocated") & (quarter.cases["area_code"].str.len() == 6)
    ]
    assert nowhere["title"].str.startswith("（地点不详）").all()


def test_a_mix_with_an_unknown_category_or_profile_is_refused():
    categories = pd.read_csv(ROOT / "db/reference/categories.csv")
    mix = pd.read_csv(ROOT / "db/demo/facts/case_mix.csv")
    with pytest.raises(ContractFault, match="X9999"):
        case_mix(categories, mix.assign(code=["X9999", *mix["code"][1:]]))
    wrong = MIX.assign(season="monsoon")
    with pytest.raises(InputFault, match="monsoon"):
        generate_cases(
            GROUND, mix=wrong, names=STREETS, calendar=CALENDAR, start=NOW - pd.Timedelta(days=1), end=NOW, seed=1
        )
