"""What comes next for cases that are already on record: the steps of their courses that are still to be taken."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.city.cases_lifecycle import NEVER, STEPS, Courses, courses
from gis.worktime import DutyCalendar, local_seconds

_FIRST_POSITION = {stage: STEPS.index(stage) for stage in dict.fromkeys(STEPS)}


def recorded_courses(open_cases: pd.DataFrame, mix: pd.DataFrame, calendar: DutyCalendar, *, seed: int) -> Courses:
    """Return the courses of cases as they stand in the record.

    Parameters
    ----------
    open_cases
        `external_id`, `channel`, `category`, `family`, `lead_chain`, `reported_at` (aware), `is_duplicate`.
    mix
        As `cases_batch.case_mix`: brings the limits of each category.
    calendar, seed
        As for `courses`.
    """
    limits = mix.drop_duplicates("code").set_index("code")[["limit_quantity", "limit_unit"]]
    frame = open_cases.join(limits, on="category")
    frame["limit_unit"] = frame["limit_unit"].fillna("")
    return courses(frame, local_seconds(frame["reported_at"], calendar.timezone), calendar, seed=seed)


def steps_left(course: Courses, stage: np.ndarray, changed: np.ndarray) -> Courses:
    """Return the courses without the steps that have been taken.

    A step whose time the record has overtaken is late, not left out: it follows the case's last step at once, since no
    stage may be skipped.

    Parameters
    ----------
    course
        One row per case.
    stage
        The stage that each case is in.
    changed
        Local naive datetime64[s] of each case's last step; NaT keeps the times of the course.
    """
    position = np.array([_FIRST_POSITION[str(word)] for word in stage], dtype=int)
    since = np.where(np.isnat(changed), np.int64(-1), changed.astype("datetime64[s]").astype(np.int64))
    for word in ("handling", "checking"):
        first, again = (place for place, step in enumerate(STEPS) if step == word)
        position[(position == first) & (course.seconds[:, again] <= since)] = again
    left = (np.arange(len(STEPS))[None, :] > position[:, None]) & (course.seconds < NEVER)
    late = left & (course.seconds <= since[:, None])
    seconds = np.where(late, since[:, None] + np.cumsum(late, axis=1), course.seconds)
    seconds = np.maximum.accumulate(np.where(left, seconds, -1), axis=1)
    return Courses(np.where(left, seconds, NEVER), course.is_rework, course.void_reason, course.timezone)
