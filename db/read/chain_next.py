"""What forecasts are made of: arrivals and closings by day, hours of the day, and how deadlines were kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, Connection, and_, cast, extract, func, literal, select

from db import filters
from db.read.cases import case_rows
from db.read.events import microseconds, moments
from db.tables import cases
from gis.scope import View
from gis.terms import DEADLINE_CHAINS

_OUTCOME = ("lead_chain", "family", "channel", "urgency", "reported_at", "due_at", "handled_at")


def by_day(
    conn: Connection, scope: str, view: View, start: datetime, end: datetime, zone: str, digits: int
) -> pd.DataFrame:
    """Return cases per chain, area, local day and kind (`new`, `closed`) in [start, end); naive local days.

    Indexes: ix_cases_area_reported or ix_cases_reported, ix_cases_closed.
    """
    parts: list[Any] = []
    for kind, moment in (("new", cases.c.reported_at), ("closed", cases.c.closed_at)):
        day = func.date_trunc("day", func.timezone(zone, moment)).label("day")
        keys = (cases.c.lead_chain.label("chain"), func.left(cases.c.area_code, digits).label("code"), day)
        stmt = (
            select(*keys, literal(kind).label("kind"), cast(func.count(), BigInteger).label("n"))
            .where(filters.in_scope(scope), *filters.chosen(view, end), moment >= start, moment < end)
            .group_by(*keys)
            .limit(100_000)
        )
        parts += conn.execute(stmt).all()
    frame = pd.DataFrame(parts, columns=["chain", "code", "day", "kind", "n"])
    return frame.assign(day=pd.to_datetime(frame["day"]))


def by_hour(conn: Connection, scope: str, view: View, start: datetime, end: datetime, zone: str) -> pd.DataFrame:
    """Return cases per chain and local hour of the day (0 to 23) in [start, end)."""
    hour = extract("hour", func.timezone(zone, cases.c.reported_at)).label("hour")
    stmt = (
        select(cases.c.lead_chain.label("chain"), hour, func.count().label("n"))
        .where(filters.in_scope(scope), *filters.chosen(view, end), cases.c.reported_at >= start,
               cases.c.reported_at < end)
        .group_by(cases.c.lead_chain, hour)
        .limit(500)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).all(), columns=["chain", "hour", "n"]).astype({"hour": int})


def outcomes(conn: Connection, scope: str, view: View, since: datetime, now: datetime, limit: int = 60_000) -> (
    pd.DataFrame
):  # fmt: skip
    """Return cases of the deadline chains whose deadline has passed, in order of report; void ones are left out."""
    stmt = (
        select(
            cases.c.lead_chain, cases.c.family, cases.c.channel, cases.c.urgency,
            microseconds(cases.c.reported_at).label("reported_at"), microseconds(cases.c.due_at).label("due_at"),
            microseconds(cases.c.handled_at).label("handled_at"),
        )
        .where(
            filters.in_scope(scope), *filters.chosen(view, now), cases.c.reported_at >= since, cases.c.due_at < now,
            cases.c.lead_chain.in_(DEADLINE_CHAINS), cases.c.stage != "void",
        )
        .order_by(cases.c.reported_at)
        .limit(limit)
    )  # fmt: skip
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=list(_OUTCOME))
    times = {name: moments(frame[name]) for name in ("reported_at", "due_at", "handled_at")}
    return frame.assign(**times)


def running(conn: Connection, scope: str, view: View, now: datetime, limit: int = 20_000) -> pd.DataFrame:
    """Return open cases of the deadline chains that are neither handled nor late; index: ix_cases_open_area."""
    stmt = (
        case_rows()
        .where(
            filters.in_scope(scope), *filters.chosen(view, now),
            and_(cases.c.is_open, cases.c.handled_at.is_(None), cases.c.due_at > now),
            cases.c.lead_chain.in_(DEADLINE_CHAINS), cases.c.reported_at <= now,
        )
        .order_by(cases.c.due_at)
        .limit(limit)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])
