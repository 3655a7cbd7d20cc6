"""How much is usual at which hour: the same hours and weekdays of the weeks before, holidays apart.

Hours are grouped by kind of day: seven weekdays, and public holidays as an eighth. A working Saturday that makes up for
a holiday counts as a Friday. Where the weeks before hold no holiday, a Sunday stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.worktime import DutyCalendar

WEEKS = 8
HOLIDAY = 7
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


@dataclass(frozen=True)
class Usual:
    """Cases of an ordinary hour, (8 kinds of day, 24 hours), for a whole district."""

    level: NDArray[np.float64]
    calendar: DutyCalendar
    timezone: str

    def hours(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Return the usual number of cases of hours that begin at aware moments."""
        local = starts.tz_convert(self.timezone)
        return np.asarray(self.level[day_kinds(local, self.calendar), local.hour])

    def between(self, start: pd.Timestamp, end: pd.Timestamp) -> float:
        """Return the usual number of cases from one aware moment to another; parts of hours count as such."""
        first = start.floor("h")
        hours = pd.date_range(first, end, freq="h", inclusive="left" if end > first else "both")
        part = np.ones(len(hours))
        part[0] -= (start - first) / pd.Timedelta(hours=1)
        part[-1] -= (hours[-1] + pd.Timedelta(hours=1) - end) / pd.Timedelta(hours=1)
        return float((self.hours(hours) * part).sum())


def day_kinds(local: pd.DatetimeIndex, calendar: DutyCalendar) -> NDArray[np.int64]:
    """Return the kind of day of local moments: 0 Monday to 6 Sunday, 7 public holiday."""
    weekday = local.day_of_week.to_numpy()
    worked = calendar.is_worked(local.tz_localize(None).to_numpy().astype("datetime64[D]"))
    kind = np.where(~worked & (weekday < _SATURDAY), HOLIDAY, weekday)
    return np.where(worked & (weekday >= _SATURDAY), _FRIDAY, kind).astype(np.int64)


def usual_hours(hours: pd.DatetimeIndex, counts: NDArray[np.int64], calendar: DutyCalendar, timezone: str) -> Usual:
    """Learn the usual level from the hours of the weeks before.

    Parameters
    ----------
    hours : every hour of the weeks, aware, those without a case too. counts : cases of each.
    """
    local = hours.tz_convert(timezone)
    kind, hour = day_kinds(local, calendar), local.hour.to_numpy()
    total, seen = np.zeros((8, 24)), np.zeros((8, 24))
    np.add.at(total, (kind, hour), counts)
    np.add.at(seen, (kind, hour), 1)
    overall = total.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    level = np.where(seen > 0, total / np.maximum(seen, 1), overall)
    if not seen[HOLIDAY].any() and seen[_SUNDAY].any():
        level[HOLIDAY] = level[_SUNDAY]
    return Usual(np.maximum(level, 1e-6), calendar, timezone)
