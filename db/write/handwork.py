"""What a person does to a case beside its course: put it on the map, change its chains, join reports, leave a note.

Each is an event like any other (`gis.workflow.RECORD_WORDS`), written with the current row and the announcement in one
transaction, and refused with a reason where it would make no sense.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalchemy2 import WKTElement
from sqlalchemy import Connection, func, insert, select, update

from db.tables import area, case_event, cases, outbox
from db.write.cases import place_case
from db.write.chains import keep_supports, supports_of
from gis.codes import Level
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.terms import CHAINS


@dataclass(frozen=True)
class Author:
    """Who did it: a name and a unit as they were given; there are no accounts yet."""

    actor: str = ""
    unit: str = ""


def locked_case(conn: Connection, number: str) -> Any:
    """Return a case's row, locked until the end of the transaction.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    """
    stmt = select(
        cases.c.id, cases.c.number, cases.c.area_code, cases.c.location_status, cases.c.lead_chain, cases.c.stage,
        cases.c.duplicate_of, func.ST_X(cases.c.geom).label("lon"), func.ST_Y(cases.c.geom).label("lat"),
    ).where(cases.c.number == number)  # fmt: skip
    found = conn.execute(stmt.with_for_update(of=cases)).first()
    if found is None:
        raise CaseNotFound(f"no case has the number {number}")
    return found


def record(
    conn: Connection, case_id: int, word: str, who: Author, now: datetime, *, areas: Iterable[str], reason: str = "",
    payload: dict[str, Any] | None = None, **changes: Any,
) -> None:  # fmt: skip
    """Append one event, carry the row along with `changes`, and announce it to the screens of every area it touches."""
    # never before the step that stands last, so that the order of times is that of the record
    last = select(func.max(case_event.c.at)).where(case_event.c.case_id == case_id).scalar_subquery()
    conn.execute(
        insert(case_event).values(
            case_id=case_id, stage=word, at=func.greatest(now, last), actor=who.actor, unit=who.unit, reason=reason,
            payload=payload or {},
        )
    )  # fmt: skip
    conn.execute(update(cases).where(cases.c.id == case_id).values(changed_at=now, **changes))
    for code in sorted(set(areas)):
        conn.execute(insert(outbox).values(kind="case", case_id=case_id, area_code=code))


def place_by_hand(
    conn: Connection, number: str, who: Author, now: datetime, *,
    lon: float | None = None, lat: float | None = None, street_code: str = "", reason: str = "",
) -> str:  # fmt: skip
    """Put a case where a person says it is; return the area it now belongs to.

    With a point it goes into the cell there. With a street only, that street answers for it; a case that has a point
    keeps it. The point as received stays in the record.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    InputFault
        When neither a point nor a street is given, or the street is not in force.
    MoveRefused
        When the point lies outside the district: such a case stays outside and is made void or handed over.
    """
    row = locked_case(conn, number)
    district = row.area_code[: int(Level.DISTRICT)]
    if lon is not None and lat is not None:
        code, status = place_case(conn, district, lon, lat)
        if status != "located":
            raise MoveRefused(f"{lon:.5f}, {lat:.5f} is outside the district {district}", "outside_district")
        changes: dict[str, Any] = {"geom": WKTElement(f"POINT({lon!r} {lat!r})", srid=4326)}
    elif street_code:
        code, changes = _street_of(conn, street_code, district), {}
        status = "located" if row.lon is not None else "unlocated"
        if row.location_status == "outside":
            raise MoveRefused(f"case {number} has a point outside the district: click where it is", "needs_point")
        if row.lon is not None:  # the named street answers; the cell counts only where the point is inside it
            inside, _ = place_case(conn, district, row.lon, row.lat)
            code = inside if inside.startswith(code) else code
    else:
        raise InputFault("a place needs lon and lat, or street_code", "needs_place")
    told = {
        "lon": lon, "lat": lat, "area_code": code, "location_status": status, "was_area_code": row.area_code,
        "was_location_status": row.location_status,
    }  # fmt: skip
    record(conn, row.id, "placed", who, now, areas=(row.area_code, code), reason=reason, payload=told,
           area_code=code, location_status=status, first_area_code=None, **changes)  # fmt: skip
    return code


def set_chains(
    conn: Connection, number: str, who: Author, now: datetime, *, lead: int, supporting: Iterable[int], reason: str
) -> None:
    """Give a case another lead chain and the chains that support it; its deadline stays as it was promised.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    InputFault
        When a chain is not one of the eight, or the lead supports itself.
    MoveRefused
        When nothing would change, or no reason is given.
    """
    row = locked_case(conn, number)
    helping = sorted(set(supporting))
    if lead not in CHAINS or not set(helping) <= set(CHAINS):
        raise InputFault(f"chains are {CHAINS[0]} to {CHAINS[-1]}")
    if lead in helping:
        raise InputFault("the lead chain does not support itself", "lead_supports")
    was = supporting_chains(conn, row.id)
    if lead == row.lead_chain and helping == was:
        raise MoveRefused(f"case {number} has these chains already", "no_change")
    if not reason.strip():
        raise MoveRefused(f"case {number} gets other chains with a reason only", "needs_reason", word="chained")
    told = {"lead": lead, "supporting": helping, "was_lead": row.lead_chain, "was_supporting": was}
    record(conn, row.id, "chained", who, now, areas=(row.area_code,), reason=reason, payload=told, lead_chain=lead)
    keep_supports(conn, row.id, helping, now, reason)


def supporting_chains(conn: Connection, case_id: int) -> list[int]:
    """Return the chains that support a case now."""
    return supports_of(conn, case_id)


def link_case(conn: Connection, number: str, other: str, who: Author, now: datetime, *, reason: str = "") -> str:
    """Join a report to the case it repeats; return the number of the first report, which counts the voices.

    Reports that had been joined to it come along, so that a matter always has one first report.

    Raises
    ------
    CaseNotFound
        When one of the numbers is unknown.
    MoveRefused
        When a case would be joined to itself or to one of its own voices, or both are one matter already.
    """
    held = {one: locked_case(conn, one) for one in sorted({number, other})}  # in one order, whoever joins which way
    row, target = held[number], held[other]
    root = target if target.duplicate_of is None else _by_id(conn, target.duplicate_of)
    if root.id == row.id:
        raise MoveRefused(f"case {other} is {number} itself or one of its voices", "own_voice", other=other)
    if row.duplicate_of == root.id:
        raise MoveRefused(f"case {number} repeats {root.number} already", "joined_already", other=root.number)
    told = {"to": root.number, "was": _number_of(conn, row.duplicate_of)}
    areas = (row.area_code, root.area_code)
    record(conn, row.id, "linked", who, now, areas=areas, reason=reason, payload=told, duplicate_of=root.id)
    voices = select(cases.c.id).where(cases.c.duplicate_of == row.id).limit(500)
    for voice in list(conn.execute(voices).scalars()):
        along = told | {"via": number}
        record(conn, voice, "linked", who, now, areas=areas, reason=reason, payload=along, duplicate_of=root.id)
    return str(root.number)


def unlink_case(conn: Connection, number: str, who: Author, now: datetime, *, reason: str) -> None:
    """Take a report out of the matter it was joined to.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    MoveRefused
        When it repeats no other case, or no reason is given.
    """
    row = locked_case(conn, number)
    if row.duplicate_of is None:
        raise MoveRefused(f"case {number} repeats no other case", "not_joined")
    if not reason.strip():
        raise MoveRefused(f"case {number} is taken apart with a reason only", "needs_reason", word="unlinked")
    root = _by_id(conn, row.duplicate_of)
    record(conn, row.id, "unlinked", who, now, areas=(row.area_code, root.area_code), reason=reason,
           payload={"from": root.number}, duplicate_of=None)  # fmt: skip


def note_case(conn: Connection, number: str, who: Author, now: datetime, *, text: str) -> None:
    """Leave a note in the course of a case; it changes nothing else.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    MoveRefused
        When the note is empty.
    """
    row = locked_case(conn, number)
    if not text.strip():
        raise MoveRefused("a note needs words", "needs_reason", word="noted")
    record(conn, row.id, "noted", who, now, areas=(row.area_code,), reason=text.strip())


def _by_id(conn: Connection, case_id: int) -> Any:
    return conn.execute(select(cases.c.id, cases.c.number, cases.c.area_code).where(cases.c.id == case_id)).one()


def _number_of(conn: Connection, case_id: int | None) -> str:
    return "" if case_id is None else str(_by_id(conn, case_id).number)


def _street_of(conn: Connection, code: str, district: str) -> str:
    stmt = select(area.c.code).where(
        area.c.code == code, area.c.level == int(Level.STREET), area.c.valid_to.is_(None),
        area.c.district_code == district,
    )  # fmt: skip
    found = conn.execute(stmt).scalar()
    if found is None:
        raise InputFault(f"street_code {code!r} is not a street in force of district {district}")
    return str(found)
