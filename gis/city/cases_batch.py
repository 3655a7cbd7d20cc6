"""The demo's cases: a window of days in, a frame of cases and a frame of steps out.

A day's cases depend on the day and the seed only. A window cut short at noon holds the morning's cases exactly
as the whole day would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis.city.cases_clusters import Cluster, clusters_between
from gis.city.cases_detours import with_detours
from gis.city.cases_draw import draw_reports
from gis.city.cases_lifecycle import Courses, courses, state_at, steps_between, words_of
from gis.city.cases_places import CaseGround
from gis.city.cases_rhythm import check_profiles
from gis.city.cases_words import SOURCE_OF_CHANNEL, handling_units, step_actors, titles
from gis.errors import ContractFault
from gis.terms import DEADLINE_CHAINS
from gis.worktime import DutyCalendar, aware, deadlines, local_seconds

CATEGORY_COLUMNS = ("code", "family", "major_zh", "minor_zh", "limit_quantity", "limit_unit", "lead_chain")
MIX_COLUMNS = ("code", "per_mille", "places", "hours", "week", "season", "channels", "phrases")


@dataclass(frozen=True)
class CaseBatch:
    """Cases as the table `cases` takes them (with lon, lat), their steps, and the truth about injected clusters.

    `cases` is in order of report; `events.case_row` counts its rows; `courses` holds every step, future ones too.
    """

    cases: pd.DataFrame
    events: pd.DataFrame
    truth: list[dict[str, Any]]
    courses: Courses


def case_mix(categories: pd.DataFrame, mix: pd.DataFrame) -> pd.DataFrame:
    """Join the category tree with the demo's weights and profiles.

    Raises
    ------
    ContractFault
        When columns are missing or a code of the mix is not in the tree.
    """
    absent = [c for c in CATEGORY_COLUMNS if c not in categories] + [c for c in MIX_COLUMNS if c not in mix]
    if absent:
        raise ContractFault(f"case mix lacks {', '.join(absent)}")
    joined = mix[list(MIX_COLUMNS)].merge(categories[list(CATEGORY_COLUMNS)], on="code", how="left", validate="1:1")
    if joined["family"].isna().any():
        raise ContractFault(f"case mix: {joined.loc[joined['family'].isna(), 'code'].iloc[0]} is not a category")
    joined["limit_unit"] = joined["limit_unit"].fillna("")
    return joined


def generate_cases(
    ground: CaseGround,
    *,
    mix: pd.DataFrame,
    names: dict[str, str],
    calendar: DutyCalendar,
    start: pd.Timestamp,
    end: pd.Timestamp,
    seed: int,
    per_day: float = 1500.0,
) -> CaseBatch:
    """Generate the cases reported in (start, end] and what has happened to them until `end`.

    Parameters
    ----------
    ground
        The places and cells of the demo city.
    mix
        As `case_mix` returns it.
    names
        Street names by 9-digit code, and short names of communities by 12-digit code.
    calendar
        Must cover the window and 200 days after it.
    start, end
        Aware instants.
    seed
        The same seed gives the same days.
    per_day
        Mean cases a day over a year, without injected clusters.
    """
    check_profiles(mix)
    zone = calendar.timezone
    first, last = local_seconds(pd.DatetimeIndex([start, end]), zone)
    days = np.arange(first.astype("datetime64[D]"), last.astype("datetime64[D]") + 1)
    clusters = clusters_between(days[0], days[-1], ground, mix, per_day=per_day, seed=seed)
    raw = draw_reports(days, ground, mix, clusters, calendar, per_day=per_day, seed=seed)
    raw = raw[(raw["local"] > first) & (raw["local"] <= last)]
    raw = raw.sort_values(["local", "external_id"], kind="stable").reset_index(drop=True)
    course = courses(raw, raw["local"].to_numpy().astype("datetime64[s]"), calendar, seed=seed)
    cases = finish(raw, course, last, ground, names, calendar)
    events = step_rows(raw, course, cases, None, last, names)
    truth = [_truth(c, raw, cases) for c in clusters]
    return CaseBatch(cases.drop(columns=["unit", "street_code"]), events, truth, course)


def finish(
    raw: pd.DataFrame,
    course: Courses,
    end: np.datetime64,
    ground: CaseGround,
    names: dict[str, str],
    calendar: DutyCalendar,
) -> pd.DataFrame:
    """Return the rows of `cases` for drawn reports, as known at local time `end`."""
    zone = calendar.timezone
    status = raw["status"].to_numpy(object).copy()
    has_point = status != "unlocated"
    lon = np.where(has_point, raw["lon"].to_numpy(float), np.nan)
    lat = np.where(has_point, raw["lat"].to_numpy(float), np.nan)
    cell = ground.cells.locate_xy(lon, lat)
    code = np.append(ground.cells.codes, "")[cell].astype(object)
    status[(status == "located") & (cell < 0)] = "outside"
    status[(status == "outside") & (cell >= 0)] = "located"
    located = status == "located"
    known = (status == "unlocated") & raw["knows_street"].to_numpy(bool)
    street = np.where(located, np.array([c[:9] for c in code], dtype=object), np.where(known, raw["street_code"], ""))
    area = np.where(located, code, np.where(known, raw["street_code"], ground.district_code))
    raw = raw.assign(street_code=street)
    community = pd.Series([word[:12] for word in code], index=raw.index).map(names).fillna(raw["community"])
    raw["community"] = np.where(located, community, "")
    raw["place"] = np.where(status == "unlocated", pd.Series(street).map(names).fillna(""), raw["place"])
    now = state_at(course, end)
    reported = aware(raw["local"].to_numpy(), zone)
    binds = np.isin(raw["lead_chain"].to_numpy(int), DEADLINE_CHAINS)
    limit = np.where(binds, raw["limit_quantity"].to_numpy(float), np.nan)
    position = pd.Series(np.arange(len(raw)), index=raw["external_id"])
    frame = pd.DataFrame(
        {
            "source": raw["channel"].map(SOURCE_OF_CHANNEL),
            "external_id": raw["external_id"],
            "channel": raw["channel"],
            "category": raw["code"],
            "family": raw["family"],
            "urgency": raw["urgency"].to_numpy(int),
            "population_group": raw["population_group"],
            "title": titles(raw, raw["phrase"].to_numpy(object)),
            "place": raw["place"],
            "received_x": lon,
            "received_y": lat,
            "received_crs": "EPSG:4326",
            "location_status": status,
            "area_code": area,
            "lead_chain": raw["lead_chain"].to_numpy(int),
            "stage": now["stage"],
            "is_open": now["is_open"],
            "is_repeat": raw["is_repeat"].to_numpy(bool),
            "duplicate_row": raw["original_id"].map(position).astype("Int64"),
            "reported_at": reported,
            "due_at": deadlines(reported, limit, raw["limit_unit"].to_numpy(object), calendar),
            "handled_at": _maybe(now["handled_s"].to_numpy(), zone),
            "closed_at": _maybe(now["closed_s"].to_numpy(), zone),
            "changed_at": _maybe(now["changed_s"].to_numpy(), zone),
            "lon": lon,
            "lat": lat,
        }
    )
    frame["street_code"] = street
    frame["unit"] = handling_units(raw, names)
    return frame


def step_rows(
    raw: pd.DataFrame, course: Courses, cases: pd.DataFrame, start: np.datetime64 | None, end: np.datetime64,
    names: dict[str, str],
) -> pd.DataFrame:  # fmt: skip
    """Return the steps in (start, end] as rows of `case_event`, with `case_row` in place of the id."""
    steps = steps_between(course, start, end)
    row, step = steps["case_row"].to_numpy(), steps["step"].to_numpy()
    word = words_of(course, step)
    street = np.where(cases["street_code"].to_numpy(object) == "", "000000000", cases["street_code"].to_numpy(object))
    source = cases["source"].to_numpy(object)
    unit = np.where(np.isin(word, ("dispatched", "handling", "checking")), cases["unit"].to_numpy(object)[row], "")
    plain = pd.DataFrame(
        {
            "case_row": row,
            "stage": word,
            "at": aware(steps["second"].to_numpy().astype("datetime64[s]"), course.timezone),
            "actor": step_actors(word.astype(str), source, street, row),
            "unit": np.where(word == "reported", source[row], unit),
            "reason": np.where(
                word == "void",
                course.void_reason[row],
                np.where(word == "rework", "核查未通过，返工", ""),
            ),
        }
    )
    return with_detours(plain, step, raw, course, cases, names)


def _truth(cluster: Cluster, raw: pd.DataFrame, cases: pd.DataFrame) -> dict[str, Any]:
    own = raw["cluster"].to_numpy() == cluster.cluster_id
    codes = sorted({code for code in cases.loc[own, "area_code"] if len(code) == 15})
    return cluster.truth(int(own.sum()), codes)


def _maybe(seconds: np.ndarray, zone: str) -> pd.DatetimeIndex:
    local = np.where(seconds >= 0, seconds, 0).astype("datetime64[s]")
    return aware(np.where(seconds >= 0, local, np.datetime64("NaT", "s")), zone)
