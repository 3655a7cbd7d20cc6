"""What Open311 asks of the record: services with their questions, and cases as service requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, not_, or_, select

from db import filters
from db.tables import case_event, cases, category, district, open311_request, service_attribute

_STREET = 9

_PRIVATE = and_(cases.c.family == "social", cases.c.channel != "open311")
"""Someone's home and family, told to the hotline or an officer: counted here, but without words and place."""

_TOLD = not_(_PRIVATE)


@dataclass(frozen=True, kw_only=True)
class RequestFilter:
    """Which requests are asked for. `ids` overrides everything else; `until` is not included; `box` is in degrees."""

    district_code: str
    since: datetime
    until: datetime
    ids: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    box: tuple[float, float, float, float] | None = None
    updated_after: datetime | None = None
    limit: int = 1_000
    offset: int = 0


def services(conn: Connection) -> list[dict[str, Any]]:
    """Return the category tree in the order of its codes, with whether a category asks questions."""
    asked = select(service_attribute.c.category).where(service_attribute.c.category == category.c.code).exists()
    stmt = select(category, asked.label("has_attributes")).order_by(category.c.code).limit(5_000)
    return [dict(row) for row in conn.execute(stmt).mappings()]


def service(conn: Connection, code: str) -> dict[str, Any] | None:
    """Return one category, or None."""
    found = conn.execute(select(category).where(category.c.code == code)).mappings().first()
    return dict(found) if found else None


def attributes(conn: Connection, code: str) -> list[dict[str, Any]]:
    """Return the questions of a category in their order."""
    stmt = select(service_attribute).where(service_attribute.c.category == code)
    return [dict(row) for row in conn.execute(stmt.order_by(service_attribute.c.position).limit(200)).mappings()]


def changed_at(conn: Connection, district_codes: list[str]) -> datetime | None:
    """Return when services or their questions last changed: with the data loaded, or by a person."""
    loaded = select(func.max(district.c.loaded_at)).where(district.c.code.in_(district_codes)).scalar_subquery()
    asked = select(func.max(service_attribute.c.changed_at)).scalar_subquery()
    return conn.execute(select(func.greatest(loaded, asked))).scalar()


def _told(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((_TOLD, column), else_=None)


def _rows() -> Select[Any]:
    own = open311_request.c
    return (
        select(
            cases.c.id, cases.c.number, cases.c.category, category.c.minor_zh, category.c.minor_en,
            cases.c.stage, cases.c.is_open, cases.c.lead_chain, cases.c.channel, cases.c.location_status,
            cases.c.reported_at, cases.c.due_at, cases.c.closed_at, cases.c.changed_at,
            case((_TOLD, cases.c.area_code), else_=func.left(cases.c.area_code, _STREET)).label("area_code"),
            _told(case((own.case_id.is_not(None), own.description), else_=cases.c.title)).label("description"),
            _told(cases.c.place).label("place"),
            _told(func.ST_X(cases.c.geom)).label("lon"), _told(func.ST_Y(cases.c.geom)).label("lat"),
            own.media_url, own.attributes,
        )
        .join(category, category.c.code == cases.c.category)
        .outerjoin(open311_request, own.case_id == cases.c.id)
    )  # fmt: skip


def requests_stmt(asked: RequestFilter) -> Select[Any]:
    """Requests of a district, newest first; index: ix_cases_reported, or the unique one of numbers."""
    stmt = _rows().where(filters.in_scope(asked.district_code))
    if asked.ids:
        stmt = stmt.where(cases.c.number.in_(asked.ids))
    else:
        stmt = stmt.where(cases.c.reported_at >= asked.since, cases.c.reported_at < asked.until, *_chosen(asked))
    return stmt.order_by(cases.c.reported_at.desc(), cases.c.id.desc()).limit(asked.limit).offset(asked.offset)


def _chosen(asked: RequestFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if asked.service_codes:
        clauses.append(cases.c.category.in_(asked.service_codes))
    if asked.statuses:
        clauses.append(or_(*(cases.c.is_open.is_(status == "open") for status in asked.statuses)))
    if asked.box is not None:  # what is not told may not be found by its place either
        clauses += [_TOLD, cases.c.geom.op("&&")(func.ST_MakeEnvelope(*asked.box, 4326))]
    if asked.updated_after is not None:
        clauses.append(cases.c.changed_at >= asked.updated_after)
    return clauses


def requests(conn: Connection, asked: RequestFilter) -> list[dict[str, Any]]:
    """Return the requests asked for."""
    return [dict(row) for row in conn.execute(requests_stmt(asked)).mappings()]


def notes(conn: Connection, case_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the steps of cases by case; index: ix_case_event_case_id_at."""
    stmt = (
        select(case_event.c.case_id, case_event.c.stage, case_event.c.at)
        .where(case_event.c.case_id.in_(case_ids))
        .order_by(case_event.c.case_id, case_event.c.at, case_event.c.id)
        .limit(50_000)
    )
    found: dict[int, list[dict[str, Any]]] = {one: [] for one in case_ids}
    for row in conn.execute(stmt).mappings():
        found[row["case_id"]].append(dict(row))
    return found


def number_of_token(conn: Connection, token: str, district_code: str) -> str | None:
    """Return the case number behind a token, or None."""
    stmt = select(cases.c.number).join(open311_request, open311_request.c.case_id == cases.c.id)
    return conn.execute(stmt.where(open311_request.c.token == token, filters.in_scope(district_code))).scalar()
