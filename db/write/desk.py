"""Many cases moved at once, each by the rules of one: what may go goes, what may not is named with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from db.tables import cases
from db.write.cases import move_case
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.worktime import DutyCalendar, deadlines

MOST = 200
"""Cases in one go: as many as a list shows."""


@dataclass(frozen=True)
class Moved:
    """Numbers that moved, and those that did not with the fault of each."""

    moved: list[str] = field(default_factory=list)
    refused: list[tuple[str, MoveRefused | CaseNotFound]] = field(default_factory=list)


def move_many(
    conn: Connection, numbers: Sequence[str], step: dict[str, Any], now: datetime, calendar: DutyCalendar | None = None
) -> Moved:
    """Move each case by itself inside one transaction; a refusal undoes that case only.

    Cases are taken in the order of their numbers, so that two desks that pick the same ones never wait for each other.

    Raises
    ------
    InputFault
        When no number is given, or more than `MOST`.
    """
    chosen = sorted(set(numbers))
    if not chosen or len(chosen) > MOST:
        raise InputFault(f"1 to {MOST} cases can be moved at once, not {len(chosen)}")
    done = Moved()
    for number in chosen:
        try:
            with conn.begin_nested():
                move_case(conn, number, step, now, calendar)
            done.moved.append(number)
        except (MoveRefused, CaseNotFound) as fault:
            done.refused.append((number, fault))
    return done


def later_deadline(conn: Connection, number: str, work_days: int, calendar: DutyCalendar) -> datetime:
    """Return the deadline of a case some working days after the one it has.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    MoveRefused
        When no deadline binds it.
    """
    found = conn.execute(select(cases.c.due_at).where(cases.c.number == number)).first()
    if found is None:
        raise CaseNotFound(f"no case has the number {number}")
    if found.due_at is None:
        raise MoveRefused(f"case {number} has no deadline that could be postponed", "no_deadline")
    starts = pd.DatetimeIndex([found.due_at])
    due = deadlines(starts, np.array([float(work_days)]), np.array(["work_day"], dtype=object), calendar)[0]
    moment: datetime = due.to_pydatetime()
    return moment
