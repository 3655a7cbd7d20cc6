"""The diary (民情日记) and the council (议事会) of a community; what they raise becomes a case by the usual door."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select, update

from db.tables import area, cases, council_meeting, diary_entry, district, meeting_link, outbox
from db.write.cases import report_case
from db.write.handwork import Author
from gis.codes import Level
from gis.community import DIARY_CHANNELS, GROUPS, OUTCOMES, TOPICS
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.worktime import DutyCalendar

SOURCE = "diary"
"""Source of the cases that diary entries become; the entry's id is their external id, so none comes in twice."""


def known_area(conn: Connection, code: str, *levels: Level) -> str:
    """Return the code when it is that of an area in force at one of the levels.

    Raises
    ------
    InputFault
        When it is not.
    """
    found = conn.execute(select(area.c.code).where(area.c.code == code, area.c.valid_to.is_(None)).limit(1)).scalar()
    if found is None or (levels and len(code) not in [int(level) for level in levels]):
        raise InputFault(f"{code!r} is not a {' or '.join(level.word for level in levels)} in force", "unknown_area")
    return str(found)


def announce(conn: Connection, *codes: str) -> None:
    """Tell the screens of some areas that something of the desk changed."""
    for code in sorted(set(codes)):
        conn.execute(insert(outbox).values(kind="desk", area_code=code))


def one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    """Return a machine word when it is known.

    Raises
    ------
    InputFault
        When it is not.
    """
    if value not in known:
        raise InputFault(f"{name} {value!r} is not one of {', '.join(known)}")
    return value


def write_diary(conn: Connection, entry: dict[str, Any], who: Author, now: datetime) -> int:
    """Store one diary entry and return its id.

    Parameters
    ----------
    entry
        `community_code`, `channel`, `topic`, `text`; `heard_at`, `population_group` and `urgency` when told.

    Raises
    ------
    InputFault
        When the community or a word is unknown, text or author are empty, or it was heard in the future.
    """
    code = known_area(conn, entry["community_code"], Level.COMMUNITY)
    one_of("channel", entry["channel"], DIARY_CHANNELS)
    one_of("topic", entry["topic"], TOPICS)
    group = entry.get("population_group", "")
    if group:
        one_of("population_group", group, GROUPS)
    heard_at = entry.get("heard_at") or now
    if heard_at > now + timedelta(minutes=5):
        raise InputFault(f"heard_at {heard_at.isoformat()} lies in the future", "in_future")
    if not entry["text"].strip() or not who.actor.strip():
        raise InputFault("a diary entry needs words and an author", "needs_words")
    stmt = insert(diary_entry).values(
        community_code=code, heard_at=heard_at, author=who.actor, channel=entry["channel"], topic=entry["topic"],
        text=entry["text"].strip(), population_group=group, urgency=entry.get("urgency", 3),
    )  # fmt: skip
    made = conn.execute(stmt.returning(diary_entry.c.id)).scalar_one()
    announce(conn, code)
    return int(made)


def settle_diary(conn: Connection, diary_id: int, outcome: str, text: str, now: datetime) -> None:
    """Say what became of an entry that waits: solved in the community, or taken to the council.

    Raises
    ------
    InputFault
        When the entry or the outcome is unknown, or nothing is said.
    MoveRefused
        When it waits no longer.
    """
    one_of("outcome", outcome, OUTCOMES[1:])
    entry = _waiting(conn, diary_id)
    if not text.strip():
        raise InputFault("say what became of it", "needs_words")
    _settle(conn, entry, outcome, text.strip(), now)


def diary_to_case(
    conn: Connection, diary_id: int, given: dict[str, Any], who: Author, now: datetime, calendar: DutyCalendar
) -> str:
    """Make a case of an entry through the door of reports, and return its number.

    Parameters
    ----------
    given
        `category` and `title`; `place`, and `lon` and `lat` when somebody clicked where it is.

    Raises
    ------
    InputFault
        As `db.write.cases.report_case`.
    MoveRefused
        When the entry waits no longer.
    """
    entry = _waiting(conn, diary_id)
    street = entry.community_code[: int(Level.STREET)]
    report = {
        "source": SOURCE, "external_id": f"{street}-{diary_id}", "channel": "diary", "street_code": street,
        "district_code": street[: int(Level.DISTRICT)], "actor": who.actor, "urgency": entry.urgency,
        "population_group": entry.population_group, **given,
    }  # fmt: skip
    number, _ = report_case(conn, report, now, calendar)
    found = conn.execute(select(cases.c.id).where(cases.c.number == number)).scalar_one()
    _settle(conn, entry, "case", number, now, case_id=found)
    return number


def write_meeting(conn: Connection, meeting: dict[str, Any], who: Author, now: datetime) -> int:
    """Store a council meeting with what it talked about, and return its id.

    Parameters
    ----------
    meeting
        `community_code`, `topic`, `present`; `held_at`, `participants`, `decision`, `follow_up`, `follow_up_on`, and
        `cases` (numbers) and `diary` (ids) when told. Entries that wait are taken to this meeting.

    Raises
    ------
    InputFault
        When the community, a case or an entry is unknown, or it was held in the future.
    """
    code = known_area(conn, meeting["community_code"], Level.COMMUNITY)
    held_at = meeting.get("held_at") or now
    if held_at > now + timedelta(minutes=5):
        raise InputFault(f"held_at {held_at.isoformat()} lies in the future", "in_future")
    told = {name: meeting.get(name, "") for name in ("participants", "decision", "follow_up")}
    stmt = insert(council_meeting).values(
        community_code=code, held_at=held_at, topic=meeting["topic"], present=meeting["present"], author=who.actor,
        follow_up_on=meeting.get("follow_up_on"), **told,
    )  # fmt: skip
    made = conn.execute(stmt.returning(council_meeting.c.id)).scalar_one()
    for number in dict.fromkeys(meeting.get("cases", ())):
        case_id = conn.execute(select(cases.c.id).where(cases.c.number == number)).scalar()
        if case_id is None:
            raise CaseNotFound(f"no case has the number {number}")
        conn.execute(insert(meeting_link).values(meeting_id=made, case_id=case_id))
    for diary_id in dict.fromkeys(meeting.get("diary", ())):
        entry = _entry(conn, diary_id)
        if entry.community_code != code:
            raise InputFault(f"diary entry {diary_id} is of another community", "other_community")
        conn.execute(insert(meeting_link).values(meeting_id=made, diary_id=diary_id))
        if entry.outcome == "waits":
            _settle(conn, entry, "meeting", meeting["topic"], now)
    announce(conn, code)
    return int(made)


def keep_meeting(conn: Connection, meeting_id: int, *, is_kept: bool) -> None:
    """Note whether what a meeting decided was kept.

    Raises
    ------
    InputFault
        When there is no such meeting.
    """
    stmt = update(council_meeting).where(council_meeting.c.id == meeting_id).values(is_kept=is_kept)
    code = conn.execute(stmt.returning(council_meeting.c.community_code)).scalar()
    if code is None:
        raise InputFault(f"there is no council meeting {meeting_id}")
    announce(conn, code)


def local_day(conn: Connection, district_code: str, at: datetime) -> date:
    """Return the day of a moment on the clocks of a district."""
    zone = conn.execute(select(district.c.timezone).where(district.c.code == district_code)).scalar()
    return at.astimezone(ZoneInfo(zone or "UTC")).date()


def _entry(conn: Connection, diary_id: int) -> Any:
    found = conn.execute(select(diary_entry).where(diary_entry.c.id == diary_id).with_for_update()).first()
    if found is None:
        raise InputFault(f"there is no diary entry {diary_id}")
    return found


def _waiting(conn: Connection, diary_id: int) -> Any:
    entry = _entry(conn, diary_id)
    if entry.outcome != "waits":
        raise MoveRefused(f"diary entry {diary_id} is settled: {entry.outcome}", "diary_settled")
    return entry


def _settle(conn: Connection, entry: Any, outcome: str, text: str, now: datetime, **more: Any) -> None:
    at = func.greatest(now, diary_entry.c.heard_at)
    changes = {"outcome": outcome, "outcome_at": at, "outcome_text": text, **more}
    conn.execute(update(diary_entry).where(diary_entry.c.id == entry.id).values(**changes))
    announce(conn, entry.community_code)
