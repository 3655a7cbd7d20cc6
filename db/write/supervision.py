"""Supervision orders (督办单) on record: issued with a deadline of the working clock, moved step by step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, insert, select, update

from db.tables import cases, diary_entry, supervision_event, supervision_order
from db.write.community import announce, known_area, local_day
from db.write.handwork import Author, record
from gis.codes import Level
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.supervision import OPEN_STATUSES, USUAL_WORK_DAYS, level_above, refuse
from gis.worktime import DutyCalendar, deadlines

_ANSWERS = ("answered", "returned")


def due_after(now: datetime, quantity: float, unit: str, calendar: DutyCalendar) -> datetime:
    """Return the moment that lies a limit of the working clock after another."""
    starts = pd.DatetimeIndex([now])
    due = deadlines(starts, np.array([quantity]), np.array([unit], dtype=object), calendar)[0]
    moment: datetime = due.to_pydatetime()
    return moment


def issue_order(conn: Connection, asked: dict[str, Any], who: Author, now: datetime, calendar: DutyCalendar) -> str:
    """Send what a level can not solve to the level above; return the number of the order.

    Parameters
    ----------
    asked
        `from_code` (a community or a street), `topic`, `reason`; `owner`, `work_days`, `case` (a number) and `diary`
        (an id) when told.

    Raises
    ------
    InputFault
        When the area or the diary entry is unknown, or topic or reason are empty.
    CaseNotFound
        When the case is unknown.
    MoveRefused
        When an order about the same case waits at that level already.
    """
    code = known_area(conn, asked["from_code"], Level.COMMUNITY, Level.STREET)
    if not asked["topic"].strip() or not asked["reason"].strip():
        raise InputFault("an order needs a topic, and why it can not be solved here", "needs_words")
    case = _case_of(conn, asked.get("case", ""))
    to_code = level_above(code)
    if case is not None:
        same = select(supervision_order.c.number).where(
            supervision_order.c.case_id == case.id, supervision_order.c.is_open, supervision_order.c.to_code == to_code
        )
        known = conn.execute(same.limit(1)).scalar()
        if known is not None:
            raise MoveRefused(
                f"order {known} about case {case.number} waits there already", "order_waits", number=known
            )
    diary_id = asked.get("diary")
    if diary_id is not None:
        _take_diary(conn, int(diary_id), code, now)
    row = {
        "community_code": code, "from_code": code, "topic": asked["topic"].strip(), "reason": asked["reason"].strip(),
        "owner": asked.get("owner", ""), "case_id": case.id if case is not None else None, "diary_id": diary_id,
    }  # fmt: skip
    number = _issue(conn, row, asked.get("work_days"), who, now, calendar)
    if case is not None:
        record(conn, case.id, "escalated", who, now, areas=(case.area_code,), reason=asked["reason"].strip(),
               payload={"kind": "order", "told": {"number": number}, "from": code, "to": to_code})  # fmt: skip
    return number


def move_order(
    conn: Connection, number: str, word: str, who: Author, now: datetime, calendar: DutyCalendar, *, reason: str = "",
    owner: str = "", work_days: float | None = None,
) -> str:  # fmt: skip
    """Take one step of an order; return the number of the next hop when it goes up, else the order's own.

    When a hop above ends, its answer comes back to the order below, which waits for it: the way back.

    Raises
    ------
    InputFault
        When there is no such order.
    MoveRefused
        See `gis.supervision.refuse`.
    """
    stmt = select(supervision_order).where(supervision_order.c.number == number).with_for_update()
    order = conn.execute(stmt).first()
    if order is None:
        raise InputFault(f"there is no order {number}")
    move = refuse(order.status, order.to_code, word, reason=reason, owner=owner or order.owner)
    status = move.enters or order.status
    _event(conn, order.id, word, who, now, reason)
    changes: dict[str, Any] = {"status": status, "is_open": status in OPEN_STATUSES}
    if owner:
        changes["owner"] = owner
    if word in _ANSWERS:
        changes |= {"answer": reason.strip(), "answered_at": now}
    if word == "reopened":
        changes |= {"answered_at": None}
    if not changes["is_open"]:
        changes["ended_at"] = now
    conn.execute(update(supervision_order).where(supervision_order.c.id == order.id).values(**changes))
    announce(conn, order.community_code, order.to_code)
    if word == "forwarded":
        row = {
            "previous_id": order.id, "community_code": order.community_code, "from_code": order.to_code,
            "topic": order.topic, "reason": reason.strip(), "owner": "", "case_id": order.case_id,
            "diary_id": order.diary_id,
        }  # fmt: skip
        return _issue(conn, row, work_days, who, now, calendar)
    if order.previous_id is not None and word in ("closed", "returned"):
        _way_back(conn, order, reason.strip() or order.answer, word, who, now)
    return number


def _way_back(conn: Connection, order: Any, answer: str, word: str, who: Author, now: datetime) -> None:
    """The hop above has ended: the order below is accepted again, with its answer at hand, and can be answered."""
    below = conn.execute(
        select(supervision_order).where(supervision_order.c.id == order.previous_id).with_for_update()
    ).one()
    if below.status != "forwarded":
        return
    changes = {"status": "accepted", "answer": answer}
    conn.execute(update(supervision_order).where(supervision_order.c.id == below.id).values(**changes))
    _event(conn, below.id, "came_back", who, now, f"{order.number} {word}: {answer}")


def _issue(
    conn: Connection, row: dict[str, Any], work_days: float | None, who: Author, now: datetime, calendar: DutyCalendar
) -> str:
    to_code = level_above(row["from_code"])
    days = work_days or USUAL_WORK_DAYS[len(to_code)]
    made = conn.execute(
        select(func.nextval(func.pg_get_serial_sequence("supervision_order", "id")))
    ).scalar_one()  # fmt: skip
    number = f"DB{local_day(conn, to_code[: int(Level.DISTRICT)], now):%Y%m%d}{made % 100_000:05d}"
    due_at = due_after(now, days, "work_day", calendar)
    conn.execute(
        insert(supervision_order).values(
            **row, id=made, number=number, to_code=to_code, issued_at=now, due_at=due_at, status="issued", is_open=True
        )
    )
    _event(conn, made, "issued", who, now, row["reason"])
    announce(conn, row["community_code"], to_code)
    return number


def _event(conn: Connection, order_id: int, word: str, who: Author, now: datetime, reason: str) -> None:
    row = {
        "order_id": order_id,
        "word": word,
        "at": now,
        "actor": who.actor,
        "unit": who.unit,
        "reason": reason.strip(),
    }
    conn.execute(insert(supervision_event).values(**row))


def _case_of(conn: Connection, number: str) -> Any:
    if not number:
        return None
    stmt = select(cases.c.id, cases.c.number, cases.c.area_code).where(cases.c.number == number)
    found = conn.execute(stmt.with_for_update()).first()
    if found is None:
        raise CaseNotFound(f"no case has the number {number}")
    return found


def _take_diary(conn: Connection, diary_id: int, code: str, now: datetime) -> None:
    stmt = update(diary_entry).where(
        diary_entry.c.id == diary_id, diary_entry.c.outcome == "waits", diary_entry.c.community_code == code
    )
    at = func.greatest(now, diary_entry.c.heard_at)
    if not conn.execute(stmt.values(outcome="order", outcome_at=at)).rowcount:
        raise MoveRefused(f"diary entry {diary_id} does not wait in {code}", "diary_settled")
