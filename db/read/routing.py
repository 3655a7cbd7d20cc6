"""Routing rules, the past cases that they are tried on, and the load of each unit."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, func, select

from db import filters
from db.read.events import microseconds, moments
from db.tables import cases, category, routing_rule
from gis.codes import Level


def rules(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return every rule, those in force first, newest version before the ones it replaced."""
    stmt = (
        select(routing_rule)
        .where(routing_rule.c.district_code == district_code)
        .order_by(routing_rule.c.is_active.desc(), routing_rule.c.id.desc())
        .limit(500)
    )
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def past(conn: Connection, scope: str, since: datetime, now: datetime, limit: int = 80_000) -> pd.DataFrame:
    """Return the cases of a time to try rules on: place, kind, time, the lead they have, and their category's."""
    stmt = (
        select(
            cases.c.area_code, cases.c.category, microseconds(cases.c.reported_at).label("reported_at"),
            category.c.lead_chain, cases.c.lead_chain.label("now_chain"),
        )
        .join(category, category.c.code == cases.c.category)
        .where(filters.in_scope(scope), cases.c.reported_at >= since, cases.c.reported_at <= now)
        .limit(limit)
    )  # fmt: skip
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=[c.name for c in stmt.selected_columns])
    return frame.assign(reported_at=moments(frame["reported_at"]))


def waiting_by_place(conn: Connection, scope: str) -> pd.DataFrame:
    """Return open cases not yet handled per lead chain and community (or shallower); index: ix_cases_open_area."""
    code = func.left(cases.c.area_code, int(Level.COMMUNITY)).label("code")
    stmt = (
        select(cases.c.lead_chain.label("chain"), code, func.count().label("n"))
        .where(filters.in_scope(scope), cases.c.is_open, cases.c.handled_at.is_(None))
        .group_by(cases.c.lead_chain, code)
        .limit(20_000)
    )
    return pd.DataFrame(conn.execute(stmt).all(), columns=["chain", "code", "n"])


def categories(conn: Connection) -> list[tuple[str, str, str]]:
    """Return code and names of every small class."""
    stmt = select(category.c.code, category.c.minor_zh, category.c.minor_en).order_by(category.c.code).limit(1_000)
    return [(row.code, row.minor_zh, row.minor_en) for row in conn.execute(stmt)]


def open_by_category(conn: Connection, scope: str) -> dict[str, int]:
    """Return open cases not yet handled per category; index: ix_cases_open_area."""
    stmt = (
        select(cases.c.category, func.count().label("n"))
        .where(filters.in_scope(scope), cases.c.is_open, cases.c.handled_at.is_(None))
        .group_by(cases.c.category)
    )
    return {row.category: int(row.n) for row in conn.execute(stmt.limit(1_000))}
