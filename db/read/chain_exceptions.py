"""What a response chain should look at first: cases that are stuck, go to and fro, or are asked about often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, extract, func, literal, select

from db import filters
from db.read.cases import case_rows
from db.tables import case_event, cases
from gis.scope import View
from gis.terms import DEADLINE_CHAINS

KINDS = ("stuck", "to_and_fro", "threefold", "callers")
STUCK_TIMES = 2
"""A case is stuck when nothing happened for so many times the time in which its chain handles nine of ten."""

LEAST_RETURNS = 2
LEAST_VOICES = 3
_LEAST_STILL = timedelta(hours=24)


def exception_stmt(
    kind: str, scope: str, view: View, now: datetime, usual: dict[int, timedelta], limit: int
) -> Select[Any]:
    """Open cases of one kind, the longest first, each with how many there are in all; index: ix_cases_open_area."""
    waiting = [filters.in_scope(scope), *filters.chosen(view, now), cases.c.is_open, cases.c.handled_at.is_(None)]
    stmt = case_rows().add_columns(func.count().over().label("total"), cases.c.changed_at)
    match kind:
        case "stuck":
            spans = {chain: max(span * STUCK_TIMES, _LEAST_STILL) for chain, span in usual.items()}
            known = case(
                *[(cases.c.lead_chain == chain, literal(now - span)) for chain, span in spans.items()],
                else_=literal(now - timedelta(days=60)),
            )
            return stmt.where(*waiting, cases.c.changed_at < known).order_by(cases.c.changed_at).limit(limit)
        case "to_and_fro":
            back = (
                select(case_event.c.case_id)
                .join(cases, cases.c.id == case_event.c.case_id)
                .where(filters.in_scope(scope), cases.c.is_open, case_event.c.stage == "returned")
                .group_by(case_event.c.case_id)
                .having(func.count() >= LEAST_RETURNS)
            )
            open_here = [filters.in_scope(scope), *filters.chosen(view, now), cases.c.is_open]
            return stmt.where(*open_here, cases.c.id.in_(back)).order_by(cases.c.reported_at).limit(limit)
        case "threefold":
            used_s = extract("epoch", literal(now) - cases.c.reported_at)
            late = used_s > 3 * extract("epoch", cases.c.due_at - cases.c.reported_at)
            return (
                stmt.where(*waiting, cases.c.lead_chain.in_(DEADLINE_CHAINS), cases.c.due_at.is_not(None), late)
                .order_by(cases.c.due_at)
                .limit(limit)
            )
    again = cases.alias("again")
    voices = (
        select(again.c.duplicate_of)
        .where(again.c.duplicate_of.is_not(None))
        .group_by(again.c.duplicate_of)
        .having(func.count() >= LEAST_VOICES - 1)
    )
    called = and_(*waiting, cases.c.id.in_(voices))
    return stmt.where(called).order_by(cases.c.reported_at).limit(limit)


def exceptions(
    conn: Connection, scope: str, view: View, now: datetime, usual: dict[int, timedelta], limit: int = 5
) -> dict[str, tuple[int, list[dict[str, Any]]]]:
    """Return for each of `KINDS` how many there are and the first of them."""
    found = {}
    for kind in KINDS:
        rows = [dict(row) for row in conn.execute(exception_stmt(kind, scope, view, now, usual, limit)).mappings()]
        found[kind] = (int(rows[0]["total"]) if rows else 0, rows)
    return found
