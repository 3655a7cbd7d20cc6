"""The handling deadline of a case, and what a step makes of it: postponing, time on hold, a condition."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from db.read import sla
from db.tables import stage_clock
from gis import clock_one
from gis.clocks import NEAR_SHARE
from gis.errors import InputFault
from gis.sla import Rule
from gis.workflow import CaseState, Step
from gis.worktime import DutyCalendar


def deadline_of(reported_at: datetime, rule: Rule, calendar: DutyCalendar) -> tuple[datetime, datetime]:
    """Return a deadline and from when it is near."""
    due = clock_one.deadline(reported_at, rule, calendar)
    return due, clock_one.near_of(reported_at, due, rule.unit, calendar, NEAR_SHARE)


def deadline_after(
    conn: Connection, found: Any, state: CaseState, asked: Step, condition: str, calendar: DutyCalendar
) -> tuple[datetime | None, datetime | None]:
    """Return the deadline of a case after a step, and from when it is near.

    Raises
    ------
    InputFault
        When a condition is named that the case's small class does not have, or at another step than filing.
    """
    if condition:
        return _filed_under(conn, found, asked, condition, calendar)
    if found.due_at is None or asked.word not in ("postponed", "resumed"):
        return found.due_at, found.near_at
    clock = select(stage_clock.c.limit_unit).where(
        stage_clock.c.case_id == found.id, stage_clock.c.stage == "handled", stage_clock.c.condition == ""
    )
    unit = conn.execute(clock).scalar() or ""
    near = found.near_at or found.due_at
    if asked.word == "postponed" and asked.due_at is not None:
        return asked.due_at, clock_one.near_after(found.due_at, near, asked.due_at, unit, calendar, NEAR_SHARE)
    return clock_one.moved(found.due_at, near, state.hung_since or asked.at, asked.at, unit, calendar)


def _filed_under(
    conn: Connection, found: Any, asked: Step, condition: str, calendar: DutyCalendar
) -> tuple[datetime, datetime]:
    if asked.word != "filed":
        raise InputFault("a condition is named when a case is filed, and at no other step")
    known = sla.rules(conn, found.category).conditions(found.category)
    rule = next((one for one in known if one.condition == condition), None)
    if rule is None or found.due_at is None:
        listed = ", ".join(one.condition for one in known) or "none"
        raise InputFault(f"class {found.category} has no filing condition {condition!r}; it has {listed}")
    return deadline_of(found.reported_at, rule, calendar)
