"""When cases come: how many of each category a day brings, and at which hour.

Shapes are small tables of relative weights; they follow what patrol and hotline centres describe (patrols work in
shifts and pause at noon, the hotline peaks in the morning, noise is reported at night, heating in November), not
measured counts of one district. Every table is scaled so that a year's mean stays at the rate asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.errors import InputFault
from gis.worktime import DutyCalendar

WORKDAY, WEEKEND, HOLIDAY = 0, 1, 2

WEEK: dict[str, tuple[float, float, float]] = {
    "street": (1.0, 0.74, 0.58),
    "market": (1.0, 1.10, 1.05),
    "home": (1.0, 0.86, 0.66),
    "office": (1.0, 0.30, 0.12),
    "noise": (1.0, 1.25, 1.05),
}
"""Weight of a workday, a weekend and a public holiday."""

SEASON: dict[str, tuple[float, ...]] = {
    "flat": (0.96, 0.86, 1.0, 1.02, 1.03, 1.03, 1.02, 1.02, 1.02, 1.0, 1.02, 1.02),
    "summer": (0.6, 0.6, 0.8, 1.0, 1.3, 1.5, 1.6, 1.5, 1.2, 0.9, 0.6, 0.5),
    "winter": (1.6, 1.3, 1.0, 0.7, 0.6, 0.6, 0.7, 0.7, 0.7, 0.9, 1.4, 1.7),
    "heating": (1.6, 1.0, 0.8, 0.1, 0.05, 0.05, 0.05, 0.05, 0.1, 0.6, 4.8, 2.6),
    "rain": (0.5, 0.5, 0.7, 0.8, 1.0, 1.4, 2.3, 2.1, 1.0, 0.7, 0.5, 0.5),
    "leaves": (0.9, 0.8, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.9, 1.2, 2.0, 1.2),
    "green": (0.5, 0.5, 0.9, 1.4, 1.5, 1.3, 1.3, 1.2, 1.1, 1.0, 0.8, 0.5),
    "works": (0.6, 0.4, 1.0, 1.2, 1.2, 1.2, 1.1, 1.1, 1.2, 1.2, 1.0, 0.8),
    "bike": (0.7, 0.7, 1.0, 1.2, 1.2, 1.1, 1.0, 1.0, 1.2, 1.2, 1.0, 0.7),
    "power": (1.2, 0.9, 0.7, 0.7, 0.9, 1.4, 1.8, 1.6, 0.9, 0.6, 0.7, 1.0),
    "school": (0.5, 0.6, 1.0, 1.5, 2.6, 2.2, 1.0, 1.2, 0.8, 0.3, 0.3, 0.3),
}
"""Weight of each month, read in the middle of the month and interpolated."""

RAIN_CHANCE = (0.03, 0.05, 0.08, 0.12, 0.16, 0.3, 0.42, 0.36, 0.2, 0.12, 0.07, 0.03)
RAIN_LIFT = 2.6
"""Rainy days multiply the categories of the `rain` season."""

DAY_SHAPE = 70.0
"""Shape of the gamma factor that makes one day busier than another for no reason (its spread is 1 / sqrt(shape))."""

_H = np.arange(24) + 0.5


def _bump(*peaks: tuple[float, float, float]) -> np.ndarray:
    """Sum bell shapes (hour, width in hours, height) on the clock's circle."""
    total = np.zeros(24)
    for hour, width, height in peaks:
        gap = np.minimum(np.abs(_H - hour), 24 - np.abs(_H - hour))
        total += height * np.exp(-0.5 * (gap / width) ** 2)
    return total


HOURS: dict[str, np.ndarray] = {
    "flat": np.ones(24),
    "day": 0.25 + _bump((10, 2.5, 1), (15.5, 2.5, 1)),
    "morning": 0.25 + _bump((8.5, 1.8, 2.0), (15, 2.5, 0.8)),
    "office": 0.1 + _bump((10, 1.5, 1.4), (15, 1.6, 1.2)),
    "home": 0.3 + _bump((9.5, 2, 1), (15, 2.5, 0.7), (20, 1.8, 0.9)),
    "evening": 0.25 + _bump((19.5, 2.2, 1.8), (9, 2, 0.6)),
    "vendor": 0.15 + _bump((17.8, 1.8, 1.8), (7.8, 1.2, 0.9), (11.8, 1.2, 0.6)),
    "commute": 0.15 + _bump((8.3, 1.1, 1.8), (18.2, 1.3, 1.5)),
    "parking": 0.3 + _bump((20, 2.5, 1.4), (8, 1.5, 0.9)),
    "night": 0.2 + _bump((22.3, 1.8, 2.2), (6, 1.0, 0.7), (0.5, 1.5, 0.8)),
}
"""By category: when the thing happens or annoys."""

SHIFTS: dict[str, np.ndarray] = {
    "patrol": 0.02 + _bump((9.3, 1.4, 1.5), (15.2, 1.6, 1.4), (19.5, 1.6, 0.45), (12.5, 1.0, 0.2)),
    "public": 0.10 + _bump((9.8, 1.6, 1.3), (14.8, 2.0, 1.0), (19.8, 1.8, 0.7)),
    "office": 0.01 + _bump((10, 1.4, 1.4), (15.3, 1.5, 1.2)),
    "camera": 0.35 + _bump((8.5, 2, 1), (17.5, 2.5, 1)),
}
"""By channel: when somebody is there to report it."""

CHANNEL_SHIFT = {
    "patrol": "patrol",
    "pda": "patrol",
    "video": "camera",
    "building_head": "office",
    "diary": "office",
    "hotline": "public",
    "app": "public",
    "web": "public",
    "open311": "public",
}


@dataclass(frozen=True)
class DayPlan:
    """Expected cases of each category (columns) on each day (rows), and what was drawn for the day itself."""

    days: np.ndarray
    expected: np.ndarray
    rainy: np.ndarray
    draws: list[np.random.Generator]


def day_kinds(days: np.ndarray, calendar: DutyCalendar) -> np.ndarray:
    """Return `WORKDAY`, `WEEKEND` or `HOLIDAY` for each day (datetime64[D]).

    A run of three or more rest days counts as a public holiday, so the weekend inside National Day week is one too.
    """
    around = np.arange(days.min() - 9, days.max() + 10)
    inside = (around >= np.datetime64(calendar.first_day)) & (around <= np.datetime64(calendar.last_day))
    rest = ~np.is_busday(around)
    rest[inside] = ~calendar.is_worked(around[inside])
    run = np.cumsum(np.concatenate([[True], rest[1:] != rest[:-1]]))
    length = np.bincount(run)[run]
    kind = np.where(rest, np.where(length >= 3, HOLIDAY, WEEKEND), WORKDAY)
    return kind[(days - around[0]).astype(int)]


def check_profiles(mix: pd.DataFrame) -> None:
    """Raise when a mix asks for a rhythm that is not there.

    Raises
    ------
    InputFault
        When the mix names a profile that is not there.
    """
    for column, table in (("week", WEEK), ("season", SEASON), ("hours", HOURS)):
        unknown = sorted(set(mix[column]) - set(table))
        if unknown:
            raise InputFault(f"case mix: {column} profile {unknown[0]!r} is not one of {', '.join(table)}")


def plan_days(days: np.ndarray, mix: pd.DataFrame, calendar: DutyCalendar, *, per_day: float, seed: int) -> DayPlan:
    """Return how many cases of each category each day should bring.

    Parameters
    ----------
    days
        datetime64[D], one per day. A day's plan depends on the day, the mix and the seed only, never on its neighbours
        in `days`.
    mix
        `per_mille`, `week`, `season` for each category.
    per_day
        Mean number of cases a day over a whole year.

    Raises
    ------
    InputFault
        As `check_profiles`.
    """
    check_profiles(mix)
    share = mix["per_mille"].to_numpy(float) / mix["per_mille"].sum()
    week = np.array([WEEK[word] for word in mix["week"]])
    week /= ((week[:, 0] * 249 + week[:, 1] * 90 + week[:, 2] * 26) / 365)[:, None]
    of_day = _season_of_day()
    season = np.array([of_day[word] for word in mix["season"]])
    months = days.astype("datetime64[M]")
    day_of_year = np.minimum((days - days.astype("datetime64[Y]")).astype(int), 364)
    ordinals = days.astype("datetime64[D]").astype(int)
    draws = [np.random.default_rng([seed, 101, int(day)]) for day in ordinals]
    busy = np.array([rng.gamma(DAY_SHAPE, 1 / DAY_SHAPE) for rng in draws])
    wet = np.array([rng.random() for rng in draws]) < np.array(RAIN_CHANCE)[months.astype(int) % 12]
    expected = per_day * share * week.T[day_kinds(days, calendar)] * season.T[day_of_year] * busy[:, None]
    expected *= np.where(wet[:, None] & (mix["season"] == "rain").to_numpy()[None, :], RAIN_LIFT, 1.0)
    return DayPlan(days, expected, wet, draws)


def hour_table() -> tuple[dict[tuple[str, str], int], np.ndarray]:
    """Return the row of each (category profile, channel) and the table of hour weights behind it."""
    rows: dict[tuple[str, str], int] = {}
    table: list[np.ndarray] = []
    for profile, shape in HOURS.items():
        for shift, presence in SHIFTS.items():
            row = len(table)
            table.append(shape * presence)
            rows.update({(profile, channel): row for channel, word in CHANNEL_SHIFT.items() if word == shift})
    return rows, np.array(table)


def _season_of_day() -> dict[str, np.ndarray]:
    """Return each season's weight for the 365 days of the year, with mean 1."""
    middle = (np.arange(12) + 0.5) * 365 / 12
    day = np.arange(365) + 0.5
    result = {}
    for word, months in SEASON.items():
        curve = np.interp(day, middle, months, period=365)
        result[word] = curve / curve.mean()
    return result
