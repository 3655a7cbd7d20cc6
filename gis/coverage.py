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
    names, place = np.unique(areas_of(codes, level), return_inverse=True)
    minutes_to = np.where(np.isnan(times.minutes), np.inf, times.minutes)
    on = np.asarray(connected, dtype=bool)
    counts = {
        "homes": np.ones(len(place)),
        "people": counts_of(people, "people"),
        "over60": counts_of(over60, "over60"),
    }
    columns = dict(counts)
    for limit in minutes:
        near = times.within(limit)
        columns |= {f"{weight}_{limit}": counts[weight] * near for weight in WEIGHTS}
    columns["unreached_people"] = counts["people"] * (np.isinf(minutes_to) & on)
    columns["unconnected_homes"] = (~on).astype(float)
    columns["unconnected_people"] = counts["people"] * ~on
    sums = {name: np.bincount(place, weights=column, minlength=len(names)) for name, column in columns.items()}
    median, p90, worst = weighted_ranks(place, minutes_to, counts["people"], len(names), (0.5, 0.9, 1.0))
    return pd.DataFrame({"code": names, **sums, "median_min": median, "p90_min": p90, "worst_min": worst})


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


def weighted_ranks(
    place: NDArray[np.intp], minutes: NDArray[np.float64], people: NDArray[np.float64], n_areas: int,
    shares: Sequence[float],
) -> list[NDArray[np.float64]]:  # fmt: skip
    """Return, for each share, the minutes of the person at that rank of each area; NaN where nobody lives."""
    order = np.lexsort((minutes, place))
    upto = np.cumsum(people[order])
    total = np.bincount(place, weights=people, minlength=n_areas)
    before = np.cumsum(total) - total
    at = [np.searchsorted(upto, before + share * total - 1e-6) for share in shares]
    ranked = minutes[order]
    return [np.where(total > 0, ranked[np.minimum(one, len(ranked) - 1)], np.nan) for one in at]


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
    far, everyone = ~times.within(limit_min), counts_of(people, "people")
    names, place = np.unique(areas_of(codes, level), return_inverse=True)
    lacking = np.where(far, everyone, 0.0)
    older = np.where(far, counts_of(over60, "over60"), 0.0)
    minutes = np.where(np.isnan(times.minutes), np.inf, times.minutes)
    gaps = pd.DataFrame({"code": names})
    for name, column in (("people", lacking), ("over60", older), ("all", everyone)):
        gaps[name] = np.bincount(place, weights=column, minlength=len(names))
    gaps["minutes"] = weighted_ranks(place, minutes, lacking, len(names), (0.5,))[0]
    by_owner = pd.DataFrame({"place": place, "owner": times.owner, "people": lacking})[lacking > 0]
    most = by_owner.groupby(["place", "owner"])["people"].sum().reset_index()
    most = most.sort_values(["people", "owner"], ascending=[False, True]).drop_duplicates("place").set_index("place")
    gaps["nearest"] = most["owner"].reindex(gaps.index).fillna(-1).astype(int)
    gaps = gaps[gaps["people"] > 0].sort_values(["people", "code"], ascending=[False, True], ignore_index=True)
    gaps["share"] = gaps["people"] / gaps["all"]
    return gaps[["code", "people", "over60", "share", "nearest", "minutes"]]


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
