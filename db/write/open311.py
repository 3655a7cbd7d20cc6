"""One report by Open311: through the door of every case, with what the case itself has no place for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from db.tables import area, cases, open311_request
from db.write.cases import beat, report_case
from db.write.keys import source_of
from gis.worktime import DutyCalendar

REPLAY_WINDOW = timedelta(minutes=5)
"""The very same words, place and sender again within this time are a repeated transmission, not a second report."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One checked report. `lon`, `lat` are WGS-84 degrees; `replay_id` is '' unless the sender gave an own id."""

    district_code: str
    service_code: str
    title: str
    lon: float | None
    lat: float | None
    address: str
    address_id: str
    street_code: str
    description: str
    media_url: str
    attributes: dict[str, list[str]]
    fingerprint: str
    replay_id: str = ""


def is_flooding(conn: Connection, key: dict[str, Any], now: datetime) -> bool:
    """Tell whether a key has sent all it may in the last minute; index: ix_open311_request_api_key_id_received_at."""
    sent = select(func.count()).where(
        open311_request.c.api_key_id == key["id"], open311_request.c.received_at > now - _MINUTE
    )
    return conn.execute(sent).scalar_one() >= key["per_minute"]


def area_name(conn: Connection, code: str, district_code: str) -> str | None:
    """Return the Chinese name of an area in force of a district at or below a street, or None."""
    stmt = select(area.c.name_zh).where(
        area.c.code == code, area.c.district_code == district_code, area.c.level >= 9, area.c.valid_to.is_(None)
    )
    return conn.execute(stmt).scalar()


def submit(
    conn: Connection, sent: Submission, key: dict[str, Any], now: datetime, calendar: DutyCalendar
) -> tuple[str, str, bool]:
    """Store one report and return its case number, its token and whether it is new.

    A replay returns what was returned before: the same `replay_id` at any time, or, without one, the same fingerprint
    within `REPLAY_WINDOW`.

    Raises
    ------
    InputFault
        What the door of cases refuses.
    """
    # two transmissions of one report at the same moment must see each other
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(sent.fingerprint, key["id"]))))
    known = _earlier(conn, sent, key, now)
    if known is not None:
        return known[0], known[1], False
    token = secrets.token_hex(16)
    report: dict[str, Any] = {
        "source": source_of(key["label"]),
        "external_id": f"id:{sent.replay_id}" if sent.replay_id else token,
        "channel": "open311",
        "category": sent.service_code,
        "title": sent.title,
        "place": sent.address,
        "lon": sent.lon,
        "lat": sent.lat,
        "reported_at": now,
        "district_code": sent.district_code,
    }
    if sent.street_code:
        report["street_code"] = sent.street_code
    number, created = report_case(conn, report, now, calendar)
    stored = select(cases.c.id, open311_request.c.token).outerjoin(
        open311_request, open311_request.c.case_id == cases.c.id
    )
    row = conn.execute(stored.where(cases.c.number == number)).one()
    if row.token is not None:
        return number, row.token, False
    conn.execute(
        insert(open311_request).values(
            case_id=row.id, token=token, api_key_id=key["id"], fingerprint=sent.fingerprint, received_at=now,
            description=sent.description, media_url=sent.media_url, address_id=sent.address_id,
            attributes=sent.attributes,
        )
    )  # fmt: skip
    beat(conn, report["source"], now, received=int(created))
    return number, token, created


def _earlier(conn: Connection, sent: Submission, key: dict[str, Any], now: datetime) -> tuple[str, str] | None:
    own = open311_request.c
    stmt = select(cases.c.number, own.token).join(cases, cases.c.id == own.case_id).where(own.api_key_id == key["id"])
    if sent.replay_id:
        stmt = stmt.where(cases.c.source == source_of(key["label"]), cases.c.external_id == f"id:{sent.replay_id}")
    else:
        stmt = stmt.where(own.received_at > now - REPLAY_WINDOW, own.fingerprint == sent.fingerprint)
    found = conn.execute(stmt.order_by(own.received_at.desc()).limit(1)).first()
    return (found.number, found.token) if found else None
