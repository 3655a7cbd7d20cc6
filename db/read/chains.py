"""Response chains: counts per chain and area, the cases behind a cell, units, offers, participation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import TIMESTAMP

from db import filters
from db.read.cases import case_rows
from db.read.events import microseconds, moments
from db.tables import case_support, cases, offer, participation, unit, unit_duty
from gis.chains import COUNTS
from gis.scope import View
from gis.terms import DEADLINE_CHAINS

_FLAGS = tuple(name for name in COUNTS if name != "support")


def counts_stmt(scope: str, view: View, now: datetime, digits: int) -> Select[Any]:
    """Count per (lead chain, area cut to `digits`, location status) over three ranges, as `measures.counts_stmt` does.

    Index: ix_cases_open_area for what is open, ix_cases_area_reported or ix_cases_reported for what came in,
    ix_cases_closed for what went out.
    """
    start = view.starts_at(now)
    within = and_(filters.in_scope(scope), *filters.chosen(view, now))
    before = cases.c.reported_at < start
    still = _counted(
        digits, and_(within, cases.c.is_open),
        open=literal(True), overdue=filters.overdue(now), near_due=filters.near_due(now), open_before=before,
        oldest=func.min(cases.c.reported_at),
    )  # fmt: skip
    arrived = _counted(digits, and_(within, cases.c.reported_at >= start, cases.c.reported_at <= now),
                       new=literal(True))  # fmt: skip
    ended = _counted(digits, and_(within, cases.c.closed_at >= start, cases.c.closed_at <= now),
                     closed=literal(True), open_before=before)  # fmt: skip
    rows = union_all(still, arrived, ended).subquery()
    keys = (rows.c.chain, rows.c.area_code, rows.c.location_status)
    return (
        select(*keys, *[cast(func.sum(rows.c[name]), BigInteger).label(name) for name in _FLAGS],
               func.min(rows.c.oldest_at).label("oldest_at"))
        .group_by(*keys)
        .limit(50_000)
    )  # fmt: skip


def _counted(
    digits: int, within: ColumnElement[bool], oldest: ColumnElement[Any] | None = None, **flags: ColumnElement[bool]
) -> Select[Any]:
    place = (cases.c.lead_chain.label("chain"), func.left(cases.c.area_code, digits).label("area_code"),
             cases.c.location_status)  # fmt: skip
    counted = [
        (func.count().filter(flags[name]) if name in flags else literal(0, BigInteger)).label(name) for name in _FLAGS
    ]
    age = (cast(null(), TIMESTAMP(timezone=True)) if oldest is None else oldest).label("oldest_at")
    return select(*place, *counted, age).where(within).group_by(*place)


def supports_stmt(scope: str, view: View, now: datetime, digits: int) -> Select[Any]:
    """Count running supports of open cases per (supporting chain, area of the case, location status)."""
    place = (case_support.c.chain, func.left(cases.c.area_code, digits).label("area_code"), cases.c.location_status)
    return (
        select(*place, func.count().label("support"))
        .join(cases, cases.c.id == case_support.c.case_id)
        .where(filters.in_scope(scope), *filters.chosen(view, now), cases.c.is_open, case_support.c.ended_at.is_(None))
        .group_by(*place)
        .limit(50_000)
    )


def counts(conn: Connection, scope: str, view: View, now: datetime, digits: int) -> pd.DataFrame:
    """Return the counts of a scope as `gis.chains.board` takes them."""
    told = conn.execute(counts_stmt(scope, view, now, digits)).all()
    lead = pd.DataFrame(told, columns=["chain", "area_code", "location_status", *_FLAGS, "oldest_at"])
    helped = conn.execute(supports_stmt(scope, view, now, digits)).all()
    support = pd.DataFrame(helped, columns=["chain", "area_code", "location_status", "support"])
    both = lead.merge(support, how="outer", on=["chain", "area_code", "location_status"])
    both[list(COUNTS)] = both[list(COUNTS)].fillna(0).astype("int64")
    both["oldest_at"] = pd.to_datetime(both["oldest_at"], utc=True)
    return both


def timed(conn: Connection, scope: str, view: View, since: datetime, now: datetime, digits: int) -> pd.DataFrame:
    """Return chain, code and times of cases reported since a moment, void ones left out; index: ix_cases_reported."""
    stmt = select(
        cases.c.lead_chain.label("chain"), func.left(cases.c.area_code, digits).label("code"),
        microseconds(cases.c.reported_at).label("reported_at"), microseconds(cases.c.handled_at).label("handled_at"),
    ).where(
        filters.in_scope(scope), *filters.chosen(view, now), cases.c.reported_at >= since, cases.c.reported_at <= now,
        cases.c.stage != "void",
    ).limit(400_000)  # fmt: skip
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=["chain", "code", "reported_at", "handled_at"])
    return frame.assign(reported_at=moments(frame["reported_at"]), handled_at=moments(frame["handled_at"]))


def behind_stmt(
    scope: str, view: View, now: datetime, which: str, chain: int, bucket: str, digits: int, limit: int
) -> Select[Any]:
    """Cases that a number of the board counts, oldest report first; `bucket` narrows to what lies in no area."""
    start = view.starts_at(now)
    clauses = {
        "open": cases.c.is_open,
        "near_due": filters.near_due(now),
        "overdue": filters.overdue(now),
        "new": and_(cases.c.reported_at >= start, cases.c.reported_at <= now),
        "closed": and_(cases.c.closed_at >= start, cases.c.closed_at <= now),
        "support": and_(cases.c.is_open, cases.c.id.in_(_supported(chain))),
    }
    stmt = case_rows().where(filters.in_scope(scope), *filters.chosen(view, now), clauses[which])
    if which in ("near_due", "overdue"):
        stmt = stmt.where(cases.c.lead_chain.in_(DEADLINE_CHAINS))
    if chain and which != "support":
        stmt = stmt.where(cases.c.lead_chain == chain)
    if bucket:
        stmt = stmt.where(cases.c.location_status == bucket, func.length(cases.c.area_code) < digits)
    return stmt.order_by(cases.c.reported_at, cases.c.id).limit(limit)


def _supported(chain: int) -> Select[Any]:
    stmt = select(case_support.c.case_id).where(case_support.c.ended_at.is_(None))
    return stmt.where(case_support.c.chain == chain) if chain else stmt


def behind(
    conn: Connection, scope: str, view: View, now: datetime, which: str, chain: int, bucket: str, digits: int,
    limit: int = 200,
) -> pd.DataFrame:  # fmt: skip
    """Return the first cases behind a number of the board."""
    stmt = behind_stmt(scope, view, now, which, chain, bucket, digits, limit)
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def units(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return every unit with its first area of duty, place in degrees, people and capacity."""
    duty = select(unit_duty.c.unit_id, func.min(unit_duty.c.area_code).label("duty")).group_by(unit_duty.c.unit_id)
    first = duty.subquery()
    stmt = (
        select(
            unit.c.id, unit.c.code, unit.c.chain, unit.c.kind, unit.c.name_zh, unit.c.area_code, unit.c.people,
            unit.c.per_day, unit.c.opens, unit.c.is_schematic, first.c.duty,
            func.ST_X(unit.c.geom).label("lon"), func.ST_Y(unit.c.geom).label("lat"),
        )
        .outerjoin(first, first.c.unit_id == unit.c.id)
        .where(unit.c.district_code == district_code)
        .order_by(unit.c.chain, unit.c.area_code, unit.c.id)
        .limit(5_000)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])


def taken_part(conn: Connection, scope: str, since: date) -> pd.DataFrame:
    """Return what units inside a scope took part in since a day: chain, area, kind, amount; ix_participation_on_day."""
    stmt = (
        select(participation.c.chain, participation.c.area_code, participation.c.kind,
               func.sum(participation.c.amount).label("amount"))
        .where(participation.c.on_day >= since, participation.c.area_code.like(f"{scope}%"))
        .group_by(participation.c.chain, participation.c.area_code, participation.c.kind)
        .limit(20_000)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).all(), columns=["chain", "area_code", "kind", "amount"])


def offers(conn: Connection, scope: str) -> pd.DataFrame:
    """Return offers inside a scope with the chain and name of who makes them; index: ix_offer_area_code."""
    stmt = (
        select(
            offer.c.id, offer.c.kind, offer.c.title_zh, offer.c.area_code, offer.c.opens, offer.c.capacity,
            offer.c.needs, offer.c.is_schematic, unit.c.chain, unit.c.name_zh.label("unit_zh"),
            func.ST_X(offer.c.geom).label("lon"), func.ST_Y(offer.c.geom).label("lat"),
        )
        .join(unit, unit.c.id == offer.c.unit_id)
        .where(offer.c.area_code.like(f"{scope}%"))
        .order_by(offer.c.id)
        .limit(2_000)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).mappings().all(), columns=[c.name for c in stmt.selected_columns])
