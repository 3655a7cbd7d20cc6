"""The community's instruments: how many of each stand where, their lists, and one order with its whole way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from db.tables import (
    area,
    cases,
    council_meeting,
    diary_entry,
    meeting_link,
    supervision_event,
    supervision_order,
    whistle,
    whistle_call,
)
from gis.codes import Level
from gis.supervision import WAITS_FOR_RECEIVER

MONTH = timedelta(days=30)
COUNTS = (
    "diary_waits", "diary_month", "meetings_month", "orders_street", "orders_district", "orders_overdue",
    "orders_answered", "whistles_open", "whistles_late",
)  # fmt: skip
KINDS = ("orders", "diary", "meetings", "whistles")
STATES = {
    "orders": ("open", "street", "district", "overdue", "answered", "forwarded", "difficult", "ended"),
    "diary": ("waits", "solved", "case", "meeting", "order", "all"),
    "meetings": ("all", "due", "kept", "broken", "unknown"),
    "whistles": ("open", "late", "daily", "enforcement", "emergency", "ended"),
}

_order = supervision_order.c
_absent = exists().where(whistle_call.c.whistle_id == whistle.c.id, whistle_call.c.arrived_at.is_(None))


def _late_call(now: datetime) -> ColumnElement[bool]:
    """A whistle not ended whose called ones are not all there although the time is up."""
    return and_(whistle.c.ended_at.is_(None), whistle.c.due_at < now, _absent)


def _overdue(now: datetime) -> ColumnElement[bool]:
    """An order whose level asked has not answered although the time is up."""
    return and_(_order.status.in_(WAITS_FOR_RECEIVER), _order.due_at < now)


def counts_by_area(conn: Connection, scope: str, digits: int, now: datetime) -> dict[str, dict[str, int]]:
    """Return the counts of every child area of a scope; what belongs to the scope itself stands under its own code.

    Children and the scope's own add up to the scope, because every row has exactly one place.
    """
    to_street = func.length(_order.to_code) == int(Level.STREET)
    waits = _order.status.in_(WAITS_FOR_RECEIVER)
    asked: list[tuple[Any, Any, dict[str, ColumnElement[bool]]]] = [
        (diary_entry, diary_entry.c.community_code, {
            "diary_waits": diary_entry.c.outcome == "waits", "diary_month": diary_entry.c.heard_at >= now - MONTH}),
        (council_meeting, council_meeting.c.community_code, {
            "meetings_month": council_meeting.c.held_at.between(now - MONTH, now)}),
        (supervision_order, _order.community_code, {
            "orders_street": and_(waits, to_street), "orders_district": and_(waits, ~to_street),
            "orders_overdue": _overdue(now), "orders_answered": _order.status == "answered"}),
        (whistle, whistle.c.community_code, {
            "whistles_open": whistle.c.ended_at.is_(None), "whistles_late": _late_call(now)}),
    ]  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    for table, code, clauses in asked:
        place = func.left(code, digits)
        columns = [func.count().filter(clause).label(name) for name, clause in clauses.items()]
        stmt = select(place.label("code"), *columns).select_from(table).where(code.like(f"{scope}%")).group_by(place)
        for row in conn.execute(stmt.limit(5_000)).mappings():
            mine = found.setdefault(row["code"], dict.fromkeys(COUNTS, 0))
            mine.update({name: row[name] for name in clauses})
    return found


def _orders(scope: str, state: str, now: datetime) -> Select[Any]:
    to_street = func.length(_order.to_code) == int(Level.STREET)
    waits = _order.status.in_(WAITS_FOR_RECEIVER)
    clause = {
        "open": or_(waits, _order.status == "answered"), "forwarded": _order.status == "forwarded",
        "street": and_(waits, to_street), "district": and_(waits, ~to_street),
        "overdue": _overdue(now), "answered": _order.status == "answered", "difficult": _order.status == "difficult",
        "ended": ~_order.is_open,
    }[state]  # fmt: skip
    return (
        select(supervision_order, cases.c.number.label("case_number"))
        .outerjoin(cases, cases.c.id == _order.case_id)
        .where(_order.community_code.like(f"{scope}%"), clause)
        .order_by(_order.is_open.desc(), _order.due_at)
    )


def _diary(scope: str, state: str, _now: datetime) -> Select[Any]:
    clauses: list[ColumnElement[bool]] = [diary_entry.c.community_code.like(f"{scope}%")]
    if state != "all":
        clauses.append(diary_entry.c.outcome == state)
    stmt = select(diary_entry, cases.c.number.label("case_number"), cases.c.stage.label("case_stage"))
    stmt = stmt.outerjoin(cases, cases.c.id == diary_entry.c.case_id).where(*clauses)
    waits = diary_entry.c.outcome == "waits"
    return stmt.order_by(
        waits.desc(), case((waits, diary_entry.c.urgency)), case((waits, diary_entry.c.heard_at)),
        diary_entry.c.heard_at.desc(),
    )  # fmt: skip


def _meetings(scope: str, state: str, now: datetime) -> Select[Any]:
    kept = council_meeting.c.is_kept
    due = and_(kept.is_(None), council_meeting.c.follow_up_on <= now.date())
    clause = {"kept": kept.is_(True), "broken": kept.is_(False), "unknown": kept.is_(None), "due": due}.get(state)
    links = select(func.count()).where(meeting_link.c.meeting_id == council_meeting.c.id).scalar_subquery()
    stmt = select(council_meeting, links.label("links")).where(council_meeting.c.community_code.like(f"{scope}%"))
    stmt = stmt if clause is None else stmt.where(clause)
    return stmt.order_by(council_meeting.c.held_at.desc())


def _whistles(scope: str, state: str, now: datetime) -> Select[Any]:
    clause = {
        "open": whistle.c.ended_at.is_(None), "late": _late_call(now), "ended": whistle.c.ended_at.is_not(None),
    }.get(state, whistle.c.kind == state)  # fmt: skip
    calls = (
        select(func.json_agg(func.json_build_array(whistle_call.c.department, whistle_call.c.arrived_at)))
        .where(whistle_call.c.whistle_id == whistle.c.id)
        .scalar_subquery()
    )
    return (
        select(whistle, calls.label("calls"), cases.c.number.label("case_number"))
        .outerjoin(cases, cases.c.id == whistle.c.case_id)
        .where(whistle.c.community_code.like(f"{scope}%"), clause)
        .order_by(whistle.c.ended_at.desc().nulls_first(), whistle.c.due_at)
    )


def listed(
    conn: Connection, kind: str, scope: str, state: str, now: datetime, limit: int = 100
) -> tuple[list[dict[str, Any]], int]:
    """Return the rows of one list, most pressing first, with the names of their community, and how many there are."""
    stmt = {"orders": _orders, "diary": _diary, "meetings": _meetings, "whistles": _whistles}[kind](scope, state, now)
    total = conn.execute(select(func.count()).select_from(stmt.order_by(None).subquery())).scalar_one()
    rows = [dict(row) for row in conn.execute(stmt.limit(limit)).mappings()]
    return rows, int(total)


def order_way(conn: Connection, number: str) -> list[dict[str, Any]]:
    """Return every hop of the matter of an order, lowest first, each with its events; nothing when it is unknown."""
    start = conn.execute(select(_order.id, _order.previous_id).where(_order.number == number)).first()
    if start is None:
        return []
    first = start.previous_id or start.id
    stmt = select(supervision_order).where(or_(_order.id == first, _order.previous_id == first)).order_by(_order.id)
    hops = [dict(row) for row in conn.execute(stmt.limit(20)).mappings()]
    ids = [hop["id"] for hop in hops]
    told = select(supervision_event).where(supervision_event.c.order_id.in_(ids)).order_by(supervision_event.c.id)
    events = [dict(row) for row in conn.execute(told.limit(500)).mappings()]
    for hop in hops:
        hop["events"] = [event for event in events if event["order_id"] == hop["id"]]
    return hops


def meeting_links(conn: Connection, meeting_ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Return what each meeting talked about: (kind, case number or first words of a diary entry)."""
    if not meeting_ids:
        return {}
    stmt = (
        select(meeting_link.c.meeting_id, cases.c.number, diary_entry.c.text)
        .outerjoin(cases, cases.c.id == meeting_link.c.case_id)
        .outerjoin(diary_entry, diary_entry.c.id == meeting_link.c.diary_id)
        .where(meeting_link.c.meeting_id.in_(meeting_ids))
        .limit(1_000)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for meeting_id, number, text in conn.execute(stmt):
        found.setdefault(meeting_id, []).append(("case", number) if number else ("diary", text))
    return found


def of_case(conn: Connection, case_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return the orders, whistles, diary entries and meetings that belong to a case."""
    orders = select(supervision_order).where(_order.case_id == case_id).order_by(_order.id).limit(20)
    blown = select(whistle).where(whistle.c.case_id == case_id).order_by(whistle.c.id).limit(20)
    diary = select(diary_entry).where(diary_entry.c.case_id == case_id).limit(5)
    met = (
        select(council_meeting)
        .join(meeting_link, meeting_link.c.meeting_id == council_meeting.c.id)
        .where(meeting_link.c.case_id == case_id)
        .limit(5)
    )
    kinds = {"orders": orders, "whistles": blown, "diary": diary, "meetings": met}
    return {kind: [dict(row) for row in conn.execute(stmt).mappings()] for kind, stmt in kinds.items()}


def communities_in(conn: Connection, scope: str) -> list[dict[str, Any]]:
    """Return code and names of the communities of a scope, in official order; index: ix_area_level_code."""
    stmt = select(area.c.code, area.c.name_zh, area.c.short_zh, area.c.name_en).where(
        area.c.level == int(Level.COMMUNITY), area.c.valid_to.is_(None),
        area.c.code.like(f"{scope[: int(Level.COMMUNITY)]}%"),
    ).order_by(area.c.official_order, area.c.code)  # fmt: skip
    return [dict(row) for row in conn.execute(stmt.limit(2_000)).mappings()]
