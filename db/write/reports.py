"""What comes in by the report form: a case with a way to call back, and photos; each exactly once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables import caller, case_caller, cases, photo
from db.write.cases import report_case
from db.write.handwork import Author, locked_case, record
from gis.errors import MoveRefused
from gis.worktime import DutyCalendar

SOURCE = "report-form"
MOST_PHOTOS = 12


def take_report(
    conn: Connection, report: dict[str, Any], contact: str, now: datetime, calendar: DutyCalendar
) -> tuple[str, bool]:
    """Store a report of the form; return its number and whether it is new.

    A replay, same `external_id`, changes nothing and returns the number given before. The contact is kept apart, where
    the reading role sees its masked form only; the same contact makes the same caller.

    Raises
    ------
    InputFault
        As `db.write.cases.report_case`.
    """
    number, created = report_case(conn, {**report, "source": SOURCE, "channel": "web"}, now, calendar)
    told = "".join(contact.split())
    if created and told:
        made = upsert(caller).values(contact=told, masked=masked(told)).on_conflict_do_nothing()
        conn.execute(made)
        held = select(caller.c.id).where(caller.c.contact == told).scalar_subquery()
        case_id = select(cases.c.id).where(cases.c.number == number).scalar_subquery()
        conn.execute(upsert(case_caller).values(case_id=case_id, caller_id=held).on_conflict_do_nothing())
    return number, created


def masked(contact: str) -> str:
    """Return a phone number or address as a screen may show it: its ends."""
    if len(contact) < 7:
        return contact[:1] + "***"
    return f"{contact[:3]}****{contact[-2:]}"


def add_photo(
    conn: Connection, number: str, sha256: str, size: tuple[int, int, int], who: Author, now: datetime
) -> bool:  # fmt: skip
    """Link a kept photo to a case, with an event; return whether it is new there.

    Parameters
    ----------
    size
        Width and height in pixels, and bytes.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    MoveRefused
        When the case has as many photos as it may.
    """
    row = locked_case(conn, number)
    mine = photo.c.case_id == row.id
    if conn.execute(select(photo.c.id).where(mine, photo.c.sha256 == sha256)).first() is not None:
        return False
    if conn.execute(select(func.count()).where(mine)).scalar_one() >= MOST_PHOTOS:
        raise MoveRefused(f"case {number} has {MOST_PHOTOS} photos already", "photos_full", n=str(MOST_PHOTOS))
    width, height, size_bytes = size
    made = upsert(photo).values(case_id=row.id, sha256=sha256, width=width, height=height, size_bytes=size_bytes)
    conn.execute(made)
    record(conn, row.id, "photographed", who, now, areas=(row.area_code,), payload={"sha256": [sha256], "count": 1})
    return True
