"""The rules of time and the shifts of units, as `gis.clocks` takes them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from db.tables import category, duty_shift, sla_rule, stage_clock
from gis.sla import ANY_CLASS, Rule, Rules
from gis.terms import FAMILIES
from gis.worktime import DutyCalendar, parse_shifts, with_shifts


def rules(conn: Connection, kind: str = "") -> Rules:
    """Return the rules in force: of one small class with those of every class, or all."""
    stmt = select(sla_rule.c.category, sla_rule.c.condition, sla_rule.c.stage, sla_rule.c.quantity, sla_rule.c.unit)
    if kind:
        stmt = stmt.where(sla_rule.c.category.in_((kind, ANY_CLASS)))
    ordered = stmt.order_by(sla_rule.c.category, sla_rule.c.stage, sla_rule.c.condition).limit(20_000)
    return Rules.of(Rule(*row) for row in conn.execute(ordered))


def calendars(conn: Connection, district: DutyCalendar) -> dict[str, DutyCalendar]:
    """Return the duty calendar of every unit that has shifts of its own, and the district's under ''."""
    rows = conn.execute(select(duty_shift.c.unit, duty_shift.c.shifts).limit(5_000))
    return {"": district} | {unit: with_shifts(district, parse_shifts(told)) for unit, told in rows}


def table(conn: Connection) -> pd.DataFrame:
    """Return every rule with the names of its small class, families in their order and those of every class first."""
    stmt = (
        select(
            sla_rule.c.category, sla_rule.c.condition, sla_rule.c.stage, sla_rule.c.quantity, sla_rule.c.unit,
            sla_rule.c.source, sla_rule.c.is_sample, category.c.family, category.c.minor_zh, category.c.minor_en,
        )
        .outerjoin(category, category.c.code == sla_rule.c.category)
        .limit(20_000)
    )  # fmt: skip
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=[column.name for column in stmt.selected_columns])
    frame["place"] = frame["family"].map({word: k for k, word in enumerate(FAMILIES, 1)}).fillna(0)
    return frame.sort_values(["place", "category", "stage", "condition"], ignore_index=True).drop(columns="place")


def clocks_of(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return the clocks of one case in the order in which they began."""
    stmt = select(stage_clock).where(stage_clock.c.case_id == case_id)
    return [dict(row) for row in conn.execute(stmt.order_by(stage_clock.c.start_at, stage_clock.c.turn)).mappings()]
