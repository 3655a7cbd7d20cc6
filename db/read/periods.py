"""Counts of a span of days per street and per place that belongs to none, for reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, case, cast, func, literal, select, union_all

from db import filters
from db.read.cases import case_rows
from db.tables import cases, category
from gis.brief import PERIOD_COUNTS


def _open_at(end: datetime) -> ColumnElement[bool]:
    return and_(cases.c.reported_at < end, case((cases.c.closed_at.is_(None), True), else_=cases.c.closed_at >= end))


def _overdue_at(end: datetime) -> ColumnElement[bool]:
    return cases.c.due_at < func.least(func.coalesce(cases.c.handled_at, literal(end)), literal(end))


def counts_stmt(scope: str, start: datetime, end: datetime, digits: int) -> Select[Any]:
    """Count per area of `digits` digits and location status; a case known less deeply keeps its shorter code.

    Three ranges as for the screens: reported in it (ix_cases_area_reported), closed in it (ix_cases_closed), open at
    its end (ix_cases_open_area, and ix_cases_closed for what was closed since).
    """
    place = func.left(cases.c.area_code, digits).label("code")
    status = cases.c.location_status
    inside = filters.in_scope(scope)

    def counted(within: ColumnElement[bool], **flags: ColumnElement[bool]) -> Select[Any]:
        columns = [
            (func.count().filter(flags[name]) if name in flags else literal(0, BigInteger)).label(name)
            for name in PERIOD_COUNTS
        ]
        return select(place, status.label("location_status"), *columns).where(inside, within).group_by(place, status)

    arrived = counted(
        and_(cases.c.reported_at >= start, cases.c.reported_at < end), new=literal(True), urgent=cases.c.urgency == 1
    )
    bound = cases.c.due_at.is_not(None)
    ended = counted(
        and_(cases.c.closed_at >= start, cases.c.closed_at < end, cases.c.stage != "void"),
        closed=literal(True), with_deadline=bound, on_time=and_(bound, cases.c.handled_at <= cases.c.due_at),
    )  # fmt: skip
    still = counted(
        and_(cases.c.is_open, cases.c.reported_at < end), open=literal(True), overdue=_overdue_at(end)
    )  # fmt: skip
    since = counted(
        and_(cases.c.closed_at >= end, cases.c.reported_at < end), open=literal(True), overdue=_overdue_at(end)
    )
    rows = union_all(arrived, ended, still, since).subquery()
    sums = [cast(func.sum(rows.c[name]), BigInteger).label(name) for name in PERIOD_COUNTS]
    return (
        select(rows.c.code, rows.c.location_status, *sums).group_by(rows.c.code, rows.c.location_status).limit(50_000)
    )


def period_counts(conn: Connection, scope: str, start: datetime, end: datetime, digits: int) -> pd.DataFrame:
    """Return [code, location_status, *PERIOD_COUNTS]."""
    rows = conn.execute(counts_stmt(scope, start, end, digits)).all()
    frame = pd.DataFrame(rows, columns=["code", "location_status", *PERIOD_COUNTS])
    return frame.astype(dict.fromkeys(PERIOD_COUNTS, "int64"))


def by_class(conn: Connection, scope: str, start: datetime, end: datetime) -> pd.DataFrame:
    """Return [category, family, minor_zh, minor_en, new] of what was reported; index: ix_cases_area_reported."""
    stmt = (
        select(cases.c.category, cases.c.family, category.c.minor_zh, category.c.minor_en, func.count().label("new"))
        .join(category, category.c.code == cases.c.category)
        .where(filters.in_scope(scope), cases.c.reported_at >= start, cases.c.reported_at < end)
        .group_by(cases.c.category, cases.c.family, category.c.minor_zh, category.c.minor_en)
        .order_by(func.count().desc(), cases.c.category)
        .limit(1_000)
    )
    return pd.DataFrame(conn.execute(stmt).all(), columns=["category", "family", "minor_zh", "minor_en", "new"])


def late_at(conn: Connection, scope: str, end: datetime, limit: int) -> list[dict[str, Any]]:
    """Return the cases that were open, not handled and late longest at a moment; index: ix_cases_open_area."""
    waited = case((cases.c.handled_at.is_(None), True), else_=cases.c.handled_at >= end)
    stmt = (
        case_rows()
        .where(filters.in_scope(scope), cases.c.is_open, cases.c.reported_at < end, cases.c.due_at < end, waited)
        .order_by(cases.c.due_at)
        .limit(limit)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]
