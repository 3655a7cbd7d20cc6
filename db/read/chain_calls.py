"""Calls between levels: whistles that were not answered in time, how often they are blown, orders and their hops."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, extract, func, select

from db import filters
from db.tables import cases, supervision_order, whistle, whistle_call

RATE_OVER = timedelta(days=30)


def late_stmt(scope: str, now: datetime, limit: int) -> Select[Any]:
    """Whistles past their time with a department that has not come, the oldest first, with how many there are."""
    missing = (
        select(whistle_call.c.whistle_id, func.count().label("missing"))
        .where(whistle_call.c.arrived_at.is_(None))
        .group_by(whistle_call.c.whistle_id)
        .subquery()
    )
    return (
        select(whistle.c.number, whistle.c.kind, whistle.c.reason, whistle.c.due_at, missing.c.missing,
               func.count().over().label("total"))
        .join(missing, missing.c.whistle_id == whistle.c.id)
        .where(whistle.c.community_code.like(f"{scope}%"), whistle.c.ended_at.is_(None), whistle.c.due_at < now)
        .order_by(whistle.c.due_at)
        .limit(limit)
    )  # fmt: skip


def late_whistles(conn: Connection, scope: str, now: datetime, limit: int = 4) -> tuple[int, list[dict[str, Any]]]:
    """Return how many whistles wait for somebody beyond their time, and the first of them."""
    rows = [dict(row) for row in conn.execute(late_stmt(scope, now, limit)).mappings()]
    return (int(rows[0]["total"]) if rows else 0), rows


def whistle_rate(conn: Connection, scope: str, now: datetime) -> tuple[int, int]:
    """Return whistles blown and cases reported in the last 30 days; index: ix_cases_reported."""
    since = now - RATE_OVER
    blown = select(func.count()).where(
        whistle.c.community_code.like(f"{scope}%"), whistle.c.blown_at >= since, whistle.c.blown_at <= now
    )
    told = select(func.count()).where(filters.in_scope(scope), cases.c.reported_at >= since, cases.c.reported_at <= now)
    return conn.execute(blown).scalar_one(), conn.execute(told).scalar_one()


def order_hops(conn: Connection, scope: str, since: datetime) -> pd.DataFrame:
    """Return supervision orders by level from and to (digits of the codes): `n`, `answered`, and hours until answered.

    Hours are natural time from issue to answer, of those that were answered: `median_h`, `p90_h`.
    """
    hours = extract("epoch", supervision_order.c.answered_at - supervision_order.c.issued_at) / 3600
    keys = (func.length(supervision_order.c.from_code).label("source"),
            func.length(supervision_order.c.to_code).label("target"))  # fmt: skip
    stmt = (
        select(
            *keys, func.count().label("n"), func.count(supervision_order.c.answered_at).label("answered"),
            func.percentile_cont(0.5).within_group(hours).label("median_h"),
            func.percentile_cont(0.9).within_group(hours).label("p90_h"),
        )
        .where(supervision_order.c.community_code.like(f"{scope}%"), supervision_order.c.issued_at >= since)
        .group_by(*keys)
        .order_by(keys[0].desc())
        .limit(20)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).all(), columns=["source", "target", "n", "answered", "median_h", "p90_h"])
