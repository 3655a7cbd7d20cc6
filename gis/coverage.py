"""Who is covered: people, older people and homes by area, minutes to the nearest, baskets and gaps.

People are counted at their homes, never from a polygon. Counts add up: an area is the sum of its cells. Homes that are
not on the network are counted as such and never as covered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from gis.codes import Level
from gis.errors import InputFault
from gis.reach import HomeTimes

MINUTES = (5, 10, 15)
WEIGHTS = ("people", "over60", "homes")


def coverage_by_area(
    codes: Sequence[str] | NDArray[np.str_],
    times: HomeTimes,
    connected: ArrayLike,
    people: ArrayLike,
    over60: ArrayLike,
    *,
    level: Level,
    minutes: Sequence[int] = MINUTES,
) -> pd.DataFrame:
    """Return one row per area: who is within so many minutes of the nearest facility, and how far it is.

    Parameters
    ----------
    codes : sequence of str, shape (h,)
        Cell code of each home (or the code of any smaller area than `level`); '' lies in no area and has its own row.
    times : HomeTimes
        Of the homes.
    connected : array_like of bool, shape (h,)
        Whether the home is on the network.
    people, over60 : array_like, shape (h,)
        At each home, not negative.
    level : Level
        Of the areas to report.
    minutes : sequence of int
        Thresholds.

    Returns
    -------
    DataFrame
        code, homes, people, over60; for each threshold m: homes_m, people_m, over60_m (counts within m minutes);
        median_min, p90_min, worst_min (minutes to the nearest, weighted by people, infinite where the person at that
        rank reaches none within the search); unreached_people, unconnected_homes, unconnected_people.

    Raises
    ------
    InputFault
        When a count of people is negative or not a number.
    """
    frame = pd.DataFrame(
        {
            "code": areas_of(codes, level),
            "homes": 1.0,
            "people": counts_of(people, "people"),
            "over60": counts_of(over60, "over60"),
            "min": np.where(np.isnan(times.minutes), np.inf, times.minutes),
            "on": np.asarray(connected, dtype=bool),
        }
    )
    names: list[str] = []
    for limit in minutes:
        near = times.within(limit)
        for weight in WEIGHTS:
            frame[f"{weight}_{limit}"] = np.where(near, frame[weight], 0.0)
            names.append(f"{weight}_{limit}")
    frame["unreached_people"] = frame["people"].where(np.isinf(frame["min"]) & frame["on"], 0.0)
    frame["unconnected_homes"] = (~frame["on"]).astype(float)
    frame["unconnected_people"] = frame["people"].where(~frame["on"], 0.0)
    sums = [*WEIGHTS, *names, "unreached_people", "unconnected_homes", "unconnected_people"]
    by_area = frame.groupby("code", sort=True)[sums].sum()
    ranks = frame.groupby("code", sort=True)[["min", "people"]].apply(_ranks)
    return by_area.join(ranks).reset_index()


def add_shares(areas: pd.DataFrame, minutes: Sequence[int] = MINUTES) -> pd.DataFrame:
    """Return the counts with shares `<weight>_<minutes>_share`, 0 to 1, NaN where there is nobody."""
    shares = {
        f"{weight}_{limit}_share": np.divide(
            areas[f"{weight}_{limit}"].to_numpy(float),
            areas[weight].to_numpy(float),
            out=np.full(len(areas), np.nan),
            where=areas[weight].to_numpy(float) > 0,
        )
        for limit in minutes
        for weight in WEIGHTS
    }
    return areas.assign(**shares)


def areas_of(codes: Sequence[str] | NDArray[np.str_], level: Level) -> NDArray[np.str_]:
    """Return the code of the area of a level that each code lies in; '' for codes of larger areas and for ''."""
    given = np.asarray(codes, dtype="U15")
    return np.where(np.char.str_len(given) >= int(level), given.astype(f"U{int(level)}"), "")


def _ranks(area: pd.DataFrame) -> pd.Series:
    """Minutes of the middle person, of the one at nine tenths, and of the last."""
    order = np.argsort(area["min"].to_numpy())
    minutes, people = area["min"].to_numpy()[order], area["people"].to_numpy()[order]
    total = people.sum()
    if total <= 0:
        return pd.Series({"median_min": np.nan, "p90_min": np.nan, "worst_min": np.nan})
    upto = np.cumsum(people)
    at = [int(np.searchsorted(upto, share * total - 1e-9)) for share in (0.5, 0.9)]
    return pd.Series(
        {"median_min": minutes[at[0]], "p90_min": minutes[at[1]], "worst_min": minutes[np.flatnonzero(people > 0)[-1]]}
    )


def baskets(times: Mapping[str, HomeTimes], limits_min: Mapping[str, float]) -> pd.DataFrame:
    """Return which kinds of a basket each home reaches, each within its own minutes.

    Parameters
    ----------
    times : mapping of HomeTimes
        By kind; a kind of the basket that is not in it is reached by nobody.
    limits_min : mapping of float
        Minutes by kind of the basket.

    Returns
    -------
    DataFrame, one row per home
        A bool column per kind, `reached` (how many kinds) and `missing` (how many not).

    Raises
    ------
    InputFault
        When the basket is empty or no times are given.
    """
    if not limits_min or not times:
        raise InputFault("a basket needs at least one kind, and times to at least one")
    n = len(next(iter(times.values())).ds)
    has = {
        kind: times[kind].within(limit) if kind in times else np.zeros(n, dtype=bool)
        for kind, limit in limits_min.items()
    }
    frame = pd.DataFrame(has)
    reached = frame.sum(axis=1).astype(int)
    return frame.assign(reached=reached, missing=len(limits_min) - reached)


def gap_list(
    codes: Sequence[str] | NDArray[np.str_],
    times: HomeTimes,
    people: ArrayLike,
    over60: ArrayLike,
    *,
    limit_min: float,
    level: Level = Level.COMMUNITY,
) -> pd.DataFrame:
    """Return who is missing a kind, the largest gap first.

    Returns
    -------
    DataFrame
        code, people and over60 further than the limit, share of the area's people (0-1), nearest (position of the
        facility that most of them have nearest, -1 where none is reached), minutes (median of those people, infinite
        where most reach none). Areas without a gap are left out.
    """
    far = ~times.within(limit_min)
    frame = pd.DataFrame(
        {
            "code": areas_of(codes, level),
            "all": counts_of(people, "people"),
            "over60": np.where(far, counts_of(over60, "over60"), 0.0),
            "min": np.where(np.isnan(times.minutes), np.inf, times.minutes),
            "owner": times.owner,
        }
    )
    frame["people"] = np.where(far, frame["all"], 0.0)
    sums = frame.groupby("code")[["all", "people", "over60"]].sum()
    missing = frame[far & (frame["people"] > 0)]
    medians = missing.groupby("code")[["min", "people"]].apply(_ranks)
    nearest = missing.groupby(["code", "owner"])["people"].sum().reset_index()
    nearest = nearest.sort_values(["code", "people", "owner"], ascending=[True, False, True]).drop_duplicates("code")
    gaps = sums[sums["people"] > 0].assign(share=lambda area: area["people"] / area["all"])
    gaps["nearest"] = nearest.set_index("code")["owner"].reindex(gaps.index).astype(int)
    gaps["minutes"] = medians["median_min"].reindex(gaps.index) if len(missing) else []
    columns = ["code", "people", "over60", "share", "nearest", "minutes"]
    return gaps.reset_index().sort_values(["people", "code"], ascending=[False, True], ignore_index=True)[columns]


def counts_of(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Return counts as numbers.

    Raises
    ------
    InputFault
        When one is negative or not a number; the message tells the first row.
    """
    numbers = np.asarray(values, dtype=float)
    wrong = ~(numbers >= 0) | np.isinf(numbers)
    if wrong.any():
        first = int(np.argmax(wrong)) + 1
        raise InputFault(f"{what} is negative or not a number in {int(wrong.sum())} rows, first in row {first}")
    return numbers
