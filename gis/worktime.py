"""The working-time clock: deadlines and elapsed time counted in working hours, not in hours on the wall.

A duty calendar knows which days are worked (public holidays rest, make-up Saturdays are worked) and the shifts of a
worked day (08-12 and 14-18 unless told otherwise). A limit is a quantity with one of four units:

`urgent_hour`  round the clock: 2 urgent hours from 23:00 end at 01:00
`work_hour`    hours inside shifts only
`work_day`     one full set of shifts (8 working hours), so 1 work day from Friday 10:00 ends on Monday 10:00
`natural_day`  24 hours each, whatever the calendar says

Everything is vectorised: positions on the clock are looked up in cumulated working seconds per day.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from gis.errors import InputFault

LIMIT_UNITS = ("urgent_hour", "work_hour", "work_day", "natural_day")

DAY_S = 86_400
_SHIFT = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
DEFAULT_SHIFTS = ((8 * 3600, 12 * 3600), (14 * 3600, 18 * 3600))


@dataclass(frozen=True)
class DutyCalendar:
    """Which days are worked, and when in the day.

    Parameters
    ----------
    first_day
        The first day that the calendar covers.
    worked
        One flag per day from `first_day` on.
    shifts
        Seconds after local midnight, start and end of each shift, ascending and not overlapping.
    timezone
        The zone in which the days and shifts are meant.
    known_until
        The last day whose holidays are published; later days follow the plain Monday-to-Friday week.
    """

    first_day: date
    worked: np.ndarray
    shifts: tuple[tuple[int, int], ...] = DEFAULT_SHIFTS
    timezone: str = "Asia/Shanghai"
    known_until: date | None = None
    _done: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        flat = [edge for shift in self.shifts for edge in shift]
        if not flat or flat != sorted(flat) or flat[0] < 0 or flat[-1] > DAY_S:
            raise InputFault(f"shifts {self.shifts} are not ascending seconds of one day")
        per_day = np.asarray(self.worked, dtype=bool).astype(np.int64) * self.shift_s
        object.__setattr__(self, "_done", np.concatenate([[0], np.cumsum(per_day)]))

    @property
    def shift_s(self) -> int:
        """Working seconds of one worked day."""
        return sum(end - start for start, end in self.shifts)

    @property
    def last_day(self) -> date:
        """The last day that the calendar covers."""
        return self.first_day + timedelta(days=len(self.worked) - 1)

    def is_worked(self, days: np.ndarray) -> np.ndarray:
        """Return whether each day (datetime64[D]) is worked.

        Raises
        ------
        InputFault
            When a day lies outside the calendar.
        """
        return np.asarray(self.worked, dtype=bool)[self._position(np.asarray(days, dtype="datetime64[D]"))]

    def _position(self, days: np.ndarray) -> np.ndarray:
        position = (days - np.datetime64(self.first_day, "D")).astype(np.int64)
        if position.size and (position.min() < 0 or position.max() >= len(self.worked)):
            raise InputFault(f"a time lies outside the duty calendar, which covers {self.first_day} to {self.last_day}")
        return position

    def within(self, local: np.ndarray) -> np.ndarray:
        """Return local times (datetime64[s]) moved into the calendar, for sources that do not know the year."""
        first, last = np.datetime64(self.first_day, "s"), np.datetime64(self.last_day, "s")
        return np.clip(local, first, last)

    def elapsed_s(self, local: np.ndarray) -> np.ndarray:
        """Return the working seconds from the calendar's start to each local time (datetime64[s])."""
        days = local.astype("datetime64[D]")
        position = self._position(days)
        second = (local - days).astype("timedelta64[s]").astype(np.int64)
        inside = np.zeros_like(second)
        for start, end in self.shifts:
            inside += np.clip(second, start, end) - start
        return self._done[position] + np.where(np.asarray(self.worked, dtype=bool)[position], inside, 0)

    def instant(self, elapsed_s: np.ndarray) -> np.ndarray:
        """Return the earliest local time (datetime64[s]) at which so many working seconds have passed.

        Raises
        ------
        InputFault
            When the calendar ends before.
        """
        if elapsed_s.size and elapsed_s.max() > self._done[-1]:
            raise InputFault(f"a deadline lies past the end of the duty calendar, {self.last_day}")
        position = np.maximum(np.searchsorted(self._done, elapsed_s, side="left") - 1, 0)
        rest = elapsed_s - self._done[position]
        second = np.zeros_like(rest)
        done = 0
        for start, end in self.shifts:
            within = (rest > done) | (done == 0)
            second = np.where(within, start + np.minimum(rest - done, end - start), second)
            done += end - start
        return np.datetime64(self.first_day, "s") + (position * DAY_S + second).astype("timedelta64[s]")


def build_calendar(
    first_year: int,
    last_year: int,
    *,
    shifts: tuple[tuple[int, int], ...] = DEFAULT_SHIFTS,
    timezone: str = "Asia/Shanghai",
) -> DutyCalendar:
    """Build the mainland-China duty calendar from the first day of one year to the last day of another.

    Years whose holidays are not yet published by the State Council (or unknown to the library) fall back to a plain
    Monday-to-Friday week; `known_until` says from where.

    References
    ----------
    chinesecalendar (LKI/chinese-calendar), which carries the yearly State Council notices.
    """
    import chinese_calendar as notices

    if last_year < first_year:
        raise InputFault(f"calendar years run backwards: {first_year} to {last_year}")
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    worked = np.is_busday(days)
    known = {day.year for day in notices.holidays}
    for day in notices.holidays:
        if first <= day <= last:
            worked[(day - first).days] = False
    for day in notices.workdays:
        if first <= day <= last:
            worked[(day - first).days] = True
    covered = [year for year in range(first_year, last_year + 1) if year in known]
    known_until = date(max(covered), 12, 31) if covered else None
    return DutyCalendar(first, worked, shifts=shifts, timezone=timezone, known_until=known_until)


@functools.lru_cache(maxsize=4)
def usual_calendar(year: int) -> DutyCalendar:
    """Return the calendar that a server works with: usual shifts, and every time that a door takes (1990 to 2099)."""
    return build_calendar(1990, max(year + 2, 2101))


def parse_shifts(told: str) -> tuple[tuple[int, int], ...]:
    """Return shifts such as `08:00-12:00,14:00-18:00` as seconds after midnight; the last may end at 24:00.

    Raises
    ------
    InputFault
        When they are not written so, overlap, or run backwards.
    """
    found = []
    for part in told.split(","):
        match = _SHIFT.fullmatch(part.strip())
        if match is None:
            raise InputFault(f"shifts {told!r} are not written like 08:00-12:00,14:00-18:00")
        hours = [int(word) for word in match.groups()]
        found.append((hours[0] * 3600 + hours[1] * 60, hours[2] * 3600 + hours[3] * 60))
    flat = [edge for shift in found for edge in shift]
    if flat != sorted({*flat}) or flat[-1] > DAY_S:
        raise InputFault(f"shifts {told!r} overlap, run backwards, or leave the day")
    return tuple(found)


def with_shifts(calendar: DutyCalendar, shifts: tuple[tuple[int, int], ...]) -> DutyCalendar:
    """Return the same days with other shifts."""
    return replace(calendar, shifts=shifts)


def local_seconds(instants: pd.Series | pd.DatetimeIndex, timezone: str) -> np.ndarray:
    """Return aware instants as naive local datetime64[s].

    Raises
    ------
    InputFault
        When the instants carry no time zone.
    """
    index = pd.DatetimeIndex(instants)
    if index.tz is None:
        raise InputFault("times without a time zone cannot be put on the duty calendar")
    return index.tz_convert(timezone).tz_localize(None).to_numpy().astype("datetime64[s]")


def aware(local: np.ndarray, timezone: str) -> pd.DatetimeIndex:
    """Return naive local times as aware UTC instants."""
    index = pd.DatetimeIndex(local.astype("datetime64[us]"))
    summer_time = np.zeros(len(index), dtype=bool)
    return index.tz_localize(timezone, ambiguous=summer_time, nonexistent="shift_forward").tz_convert("UTC")


def deadlines(
    starts: pd.Series | pd.DatetimeIndex, quantity: np.ndarray, unit: np.ndarray, calendar: DutyCalendar
) -> pd.DatetimeIndex:
    """Return the deadline of each limit.

    Parameters
    ----------
    starts
        Aware instants from which the clock runs.
    quantity
        How many units; NaN means that no limit binds and gives NaT.
    unit
        One of `LIMIT_UNITS` for each row, or "" for no limit.
    calendar
        The duty calendar; it must reach past every deadline.

    Returns
    -------
    pandas.DatetimeIndex
        Aware UTC instants, whole seconds.

    Raises
    ------
    InputFault
        When a unit is unknown, a quantity negative, or the calendar too short.
    """
    amount = np.asarray(quantity, dtype=float)
    words = np.asarray(unit, dtype=object)
    codes, known = pd.factorize(words)
    unknown = [word for word in known if word not in (*LIMIT_UNITS, "")]
    if unknown:
        raise InputFault(f"limit unit {unknown[0]!r} is not one of {', '.join(LIMIT_UNITS)}")
    if np.any(amount < 0):
        raise InputFault(f"limit of row {int(np.argmax(amount < 0))} is negative")
    local = local_seconds(starts, calendar.timezone)
    absolute = local_seconds(starts, "UTC")
    result = np.full(len(local), np.datetime64("NaT"), dtype="datetime64[s]")
    bound = ~np.isnan(amount) & ~np.isnat(local)
    for position, word in enumerate(known):
        rows = np.flatnonzero((codes == position) & bound)
        if not len(rows) or word == "":
            continue
        if word in ("urgent_hour", "natural_day"):
            span = np.round(amount[rows] * (3600 if word == "urgent_hour" else DAY_S)).astype(np.int64)
            result[rows] = absolute[rows] + span.astype("timedelta64[s]")
        else:
            span = np.round(amount[rows] * (3600 if word == "work_hour" else calendar.shift_s)).astype(np.int64)
            ends = aware(calendar.instant(calendar.elapsed_s(local[rows]) + span), calendar.timezone)
            result[rows] = local_seconds(ends, "UTC")
    return pd.DatetimeIndex(result.astype("datetime64[us]")).tz_localize("UTC")


def working_hours(
    starts: pd.Series | pd.DatetimeIndex, ends: pd.Series | pd.DatetimeIndex, calendar: DutyCalendar
) -> np.ndarray:
    """Return the working hours between two instants, negative when the end comes first, NaN when one is missing."""
    start, end = local_seconds(starts, calendar.timezone), local_seconds(ends, calendar.timezone)
    hours = np.full(len(start), np.nan)
    rows = ~np.isnat(start) & ~np.isnat(end)
    hours[rows] = (calendar.elapsed_s(end[rows]) - calendar.elapsed_s(start[rows])) / 3600.0
    return hours
