"""Whistles (吹哨) on record: who blew which, who was called, when each was there, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from db.tables import cases, whistle, whistle_call
from db.write.community import announce, known_area, local_day, one_of
from db.write.handwork import Author, record
from db.write.supervision import due_after
from gis.codes import Level
from gis.community import WHISTLE_KINDS, WHISTLE_LIMITS
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.worktime import DutyCalendar

MOST_CALLED = 12


def blow(
    conn: Connection, asked: dict[str, Any], departments: Sequence[str], who: Author, now: datetime,
    calendar: DutyCalendar,
) -> str:  # fmt: skip
    """Call departments to the spot and return the number of the whistle.

    Parameters
    ----------
    asked
        `kind`, `area_code` (a street or a community), `reason`; `place` and `case` (a number) when told.
    departments
        Who is called; each once.

    Raises
    ------
    InputFault
        When the kind or area is unknown, nobody is called, or no reason is given.
    CaseNotFound
        When the case is unknown.
    """
    kind = one_of("kind", asked["kind"], WHISTLE_KINDS)
    code = known_area(conn, asked["area_code"], Level.STREET, Level.COMMUNITY)
    called = list(dict.fromkeys(name.strip() for name in departments if name.strip()))
    if not called or len(called) > MOST_CALLED:
        raise InputFault(f"1 to {MOST_CALLED} departments are called, not {len(called)}", "needs_departments")
    if not asked["reason"].strip():
        raise InputFault("a whistle needs a reason", "needs_words")
    case = None
    if asked.get("case"):
        stmt = select(cases.c.id, cases.c.area_code).where(cases.c.number == asked["case"])
        case = conn.execute(stmt).first()
        if case is None:
            raise CaseNotFound(f"no case has the number {asked['case']}")
    made = conn.execute(select(func.nextval(func.pg_get_serial_sequence("whistle", "id")))).scalar_one()
    number = f"CS{local_day(conn, code[: int(Level.DISTRICT)], now):%Y%m%d}{made % 100_000:05d}"
    conn.execute(
        insert(whistle).values(
            id=made, number=number, kind=kind, street_code=code[: int(Level.STREET)], community_code=code,
            reason=asked["reason"].strip(), place=asked.get("place", ""), actor=who.actor, blown_at=now,
            due_at=due_after(now, *WHISTLE_LIMITS[kind], calendar), case_id=case.id if case is not None else None,
        )
    )  # fmt: skip
    conn.execute(insert(whistle_call), [{"whistle_id": made, "department": name} for name in called])
    announce(conn, code)
    if case is not None:
        told = {"number": number, "departments": " ".join(called)}
        record(conn, case.id, "escalated", who, now, areas=(case.area_code,), reason=asked["reason"].strip(),
               payload={"kind": "whistle", "told": told})  # fmt: skip
    return number


def arrive(conn: Connection, number: str, department: str, who: Author, now: datetime) -> None:
    """Note that a called department is there.

    Raises
    ------
    InputFault
        When there is no such whistle, or the department was not called.
    MoveRefused
        When it was there before, or the whistle has ended.
    """
    row = _locked(conn, number)
    if row.ended_at is not None:
        raise MoveRefused(f"whistle {number} has ended", "whistle_ended")
    mine = (whistle_call.c.whistle_id == row.id, whistle_call.c.department == department)
    known = conn.execute(select(whistle_call.c.arrived_at).where(*mine)).first()
    if known is None:
        raise InputFault(f"{department!r} was not called by whistle {number}")
    if known.arrived_at is not None:
        raise MoveRefused(f"{department} has been there since {known.arrived_at.isoformat()}", "arrived_already")
    conn.execute(update(whistle_call).where(*mine).values(arrived_at=now, arrived_told=who.actor))
    announce(conn, row.community_code)


def end(conn: Connection, number: str, result: str, now: datetime) -> None:
    """End a whistle: nobody leaves before the matter is done (事不完，人不撤), so its result has to be told.

    Raises
    ------
    InputFault
        When there is no such whistle, or no result is told.
    MoveRefused
        When it has ended before, or nobody ever arrived.
    """
    row = _locked(conn, number)
    if row.ended_at is not None:
        raise MoveRefused(f"whistle {number} has ended", "whistle_ended")
    if not result.strip():
        raise InputFault("say how it ended", "needs_words")
    there = select(func.count()).where(whistle_call.c.whistle_id == row.id, whistle_call.c.arrived_at.is_not(None))
    if not conn.execute(there).scalar_one():
        raise MoveRefused("nobody has arrived yet", "nobody_there")
    conn.execute(update(whistle).where(whistle.c.id == row.id).values(ended_at=now, result=result.strip()))
    announce(conn, row.community_code)


def _locked(conn: Connection, number: str) -> Any:
    stmt = select(whistle.c.id, whistle.c.ended_at, whistle.c.community_code).where(whistle.c.number == number)
    found = conn.execute(stmt.with_for_update()).first()
    if found is None:
        raise InputFault(f"there is no whistle {number}")
    return found
