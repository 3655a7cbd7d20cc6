"""The log of steps for process mining, and how open cases and finished ones lie over time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Connection, Select, and_, case, cast, func, literal, or_, select

from db import filters
from db.read.events import microseconds, moments
from db.tables import case_event, cases
from gis.scope import View
from gis.workflow import EVENT_WORDS

MOST_EVENTS = 600_000
AGES_D = (1, 3, 7, 15, 30)
"""Upper edges in days of the classes of age; the last class is open."""


def log_stmt(scope: str, view: View, since: datetime, now: datetime, chain: int) -> Select[Any]:
    """Steps of the cases reported since a moment, each case's in recorded order.

    Indexes: ix_cases_area_reported (ix_cases_reported for a district), ix_case_event_case_id_at. Words come as numbers,
    which are read several times as fast as text.
    """
    word = case({name: place for place, name in enumerate(EVENT_WORDS)}, value=case_event.c.stage, else_=-1)
    stmt = (
        select(
            case_event.c.case_id, word.label("word"), microseconds(case_event.c.at).label("at"), case_event.c.unit,
            cases.c.lead_chain, cases.c.family, cases.c.channel,
        )
        .join(cases, cases.c.id == case_event.c.case_id)
        .where(
            filters.in_scope(scope), *filters.chosen(view, now), cases.c.reported_at >= since,
            cases.c.reported_at <= now,
        )
        .order_by(case_event.c.case_id, case_event.c.id)
        .limit(MOST_EVENTS)
    )  # fmt: skip
    return stmt.where(cases.c.lead_chain == chain) if chain else stmt


def log(conn: Connection, scope: str, view: View, since: datetime, now: datetime, chain: int = 0) -> pd.DataFrame:
    """Return steps as `gis.mining` takes them: case_id, stage, at, unit, lead_chain, family, channel."""
    rows = conn.execute(log_stmt(scope, view, since, now, chain)).all()
    frame = pd.DataFrame(rows, columns=["case_id", "word", "at", "unit", "lead_chain", "family", "channel"])
    known = frame[frame["word"] >= 0]
    words = np.array(EVENT_WORDS, dtype=object)
    return known.assign(stage=words[known["word"].to_numpy(dtype=int)], at=moments(known["at"])).drop(columns="word")


def ages(conn: Connection, scope: str, view: View, now: datetime, chain: int = 0) -> pd.DataFrame:
    """Return open cases per chain, stage and class of age (0 to len(AGES_D)); index: ix_cases_open_area."""
    age_d = func.extract("epoch", literal(now) - cases.c.reported_at) / 86_400
    classes = case(*[(age_d < edge, place) for place, edge in enumerate(AGES_D)], else_=len(AGES_D)).label("age")
    stmt = (
        select(cases.c.lead_chain.label("chain"), cases.c.stage, classes, func.count().label("n"))
        .where(filters.in_scope(scope), *filters.chosen(view, now), cases.c.is_open)
        .group_by(cases.c.lead_chain, cases.c.stage, classes)
        .limit(1_000)
    )
    if chain:
        stmt = stmt.where(cases.c.lead_chain == chain)
    return pd.DataFrame(conn.execute(stmt).all(), columns=["chain", "stage", "age", "n"])


def daily(
    conn: Connection, scope: str, view: View, start: datetime, now: datetime, zone: str, chain: int = 0
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return how many cases came in, were handled and were closed per local day, and what stood at the start.

    A case that was closed without handling (void, or answered at once) counts as handled when it was closed.

    Returns
    -------
    tuple
        Frame of `day` (naive local midnight), `kind` (new, handled, closed), `n`; and `open`, `checking`: open cases at
        the start, and those of them whose handling had ended.
    """
    own = [filters.in_scope(scope), *filters.chosen(view, now)]
    if chain:
        own.append(cases.c.lead_chain == chain)
    handled = func.coalesce(cases.c.handled_at, cases.c.closed_at)
    parts = []
    for kind, moment, within in (
        ("new", cases.c.reported_at, and_(cases.c.reported_at >= start, cases.c.reported_at <= now)),
        ("handled", handled, _still(start, and_(handled >= start, handled <= now))),
        ("closed", cases.c.closed_at, and_(cases.c.closed_at >= start, cases.c.closed_at <= now)),
    ):
        day = func.date_trunc("day", func.timezone(zone, moment)).label("day")
        stmt = select(day, literal(kind).label("kind"), cast(func.count(), BigInteger).label("n"))
        parts.append(conn.execute(stmt.where(*own, within).group_by(day).limit(2_000)).all())
    before = and_(cases.c.reported_at < start, _still(start))
    standing = select(
        func.count().label("open"), func.count().filter(handled < start).label("checking")
    ).where(*own, before)  # fmt: skip
    told = dict(conn.execute(standing).mappings().one())
    frame = pd.DataFrame([row for part in parts for row in part], columns=["day", "kind", "n"])
    frame["day"] = pd.to_datetime(frame["day"])
    return frame, {name: int(value) for name, value in told.items()}


def _still(start: datetime, more: Any = None) -> Any:
    """Cases that were open at a moment or came later: open now, or closed since; two index ranges."""
    there = or_(cases.c.is_open, cases.c.closed_at >= start)
    return there if more is None else and_(there, more)
