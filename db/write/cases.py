"""The door through which one case comes in, and the step by which it moves on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from geoalchemy2 import WKTElement
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.read import sla
from db.tables import area, case_event, cases, category, district, feed, outbox
from db.write.artefacts import is_fallback
from db.write.chains import keep_supports, routed
from db.write.clocks import write_clocks
from db.write.deadlines import deadline_after, deadline_of
from db.write.related import related_cases
from gis.codes import Level
from gis.datum import to_wgs84
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.sla import Rules
from gis.terms import DEADLINE_CHAINS
from gis.workflow import CaseState, Step, after, refuse
from gis.worktime import DutyCalendar, usual_calendar

_DATUMS = {"EPSG:4326": "wgs84", "GCJ-02": "gcj02", "BD-09": "bd09"}


def place_case(conn: Connection, district_code: str, lon: float | None, lat: float | None) -> tuple[str, str]:
    """Return (area_code, location_status) of a WGS-84 point.

    A point on a shared edge belongs to the smallest code that touches it, so always to the same one cell.
    """
    if lon is None or lat is None:
        return district_code, "unlocated"
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    stmt = select(func.min(area.c.code)).where(
        area.c.valid_to.is_(None), area.c.district_code == district_code, func.ST_Intersects(area.c.geom, point)
    )
    for level in sorted(Level, reverse=True):
        found = conn.execute(stmt.where(area.c.level == int(level))).scalar()
        if found is not None and level is not Level.DISTRICT:
            return (district_code, "fallback") if is_fallback(conn, district_code, lon, lat) else (found, "located")
    return district_code, "outside"


def report_case(conn: Connection, report: dict[str, Any], now: datetime, calendar: DutyCalendar) -> tuple[str, bool]:
    """Store one reported case with its first event and announce it; return its number and whether it is new.

    A replay, same `source` and `external_id`, changes nothing and returns the number given before. A report of a matter
    that is known already (`db.write.related`) names the case it repeats; it stays a case of its own, open and counted.

    Raises
    ------
    InputFault
        When the category or the street is unknown, or the report lies in the future.
    """
    replay = select(cases.c.number).where(
        cases.c.source == report["source"], cases.c.external_id == report["external_id"]
    )
    known = conn.execute(replay).scalar()
    if known is not None:
        return known, False
    row, rules, helping = _row_of(conn, report, now, calendar)
    stored = conn.execute(
        upsert(cases).values(**row).on_conflict_do_nothing().returning(cases.c.id, cases.c.number)
    ).first()
    if stored is None:  # another door stored the same report between our look and our write
        return conn.execute(replay).scalar_one(), False
    conn.execute(
        insert(case_event).values(
            case_id=stored.id,
            stage="reported",
            at=row["reported_at"],
            actor=report.get("actor", ""),
            unit=row["source"],
        )
    )
    keep_supports(conn, stored.id, helping, row["reported_at"], "")
    write_clocks(conn, row, [("reported", row["reported_at"], row["source"])], calendar, rules)
    conn.execute(insert(outbox).values(kind="case", case_id=stored.id, area_code=row["area_code"]))
    return stored.number, True


def move_case(
    conn: Connection, number: str, step: dict[str, Any], now: datetime, calendar: DutyCalendar | None = None
) -> bool:
    """Append one step to a case and carry its current row and its clocks along; False for a replay of a `key`.

    Hanging stops the clocks, and resuming moves the deadline by the time hung; a condition named at filing gives the
    case the deadline of its small class under that condition. The step keeps the new deadline and the one before.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    MoveRefused
        When the case may not take the step from where it stands (see `gis.workflow.refuse`), or the step is older than
        the one before it.
    """
    calendar = calendar or usual_calendar(now.year)
    # the row stays locked until the end of the transaction: who comes at the same time waits, and sees this step
    found = conn.execute(
        select(
            cases.c.id, cases.c.family, cases.c.channel, cases.c.area_code, cases.c.category, cases.c.reported_at,
            cases.c.due_at, cases.c.near_at, cases.c.urgency, cases.c.lead_chain,
        )
        .where(cases.c.number == number)
        .with_for_update()
    ).first()  # fmt: skip
    if found is None:
        raise CaseNotFound(f"no case has the number {number}")
    state, last, told = _state_of(conn, found.id)
    key = step.get("key", "")
    if key and _is_replay(conn, found.id, key):
        return False
    asked = Step(step["stage"], step.get("at") or now, step.get("unit", ""), step.get("reason", ""), step.get("due_at"))
    subject = f"case {number}"
    refuse(state, asked, family=found.family, channel=found.channel, due_at=found.due_at, subject=subject)
    if asked.at < last or asked.at > now + timedelta(minutes=5):
        raise MoveRefused(f"step at {asked.at.isoformat()} is not between the last step ({last.isoformat()}) and now")
    due_at, near_at = deadline_after(conn, found, state, asked, step.get("condition", ""), calendar)
    payload = {name: step[name] for name in ("condition", "key") if step.get(name)}
    if due_at != found.due_at and due_at is not None:
        payload |= {"due_at": due_at.isoformat(), "was_due_at": found.due_at.isoformat() if found.due_at else ""}
    conn.execute(
        insert(case_event).values(
            case_id=found.id, stage=asked.word, at=asked.at, actor=step.get("actor", ""), unit=asked.unit,
            reason=asked.reason, payload=payload,
        )
    )  # fmt: skip
    moved = after(state, asked.word, asked.at, asked.unit)
    conn.execute(
        update(cases)
        .where(cases.c.id == found.id)
        .values(
            stage=moved.stage, is_open=moved.is_open, handled_at=moved.handled_at, closed_at=moved.closed_at,
            changed_at=now, due_at=due_at, near_at=near_at, hung_since=moved.hung_since,
        )
    )  # fmt: skip
    whole = {**found._mapping, "due_at": due_at}
    write_clocks(conn, whole, [*told, (asked.word, asked.at, asked.unit)], calendar)
    conn.execute(insert(outbox).values(kind="case", case_id=found.id, area_code=found.area_code))
    return True


def _is_replay(conn: Connection, case_id: int, key: str) -> bool:
    used = func.jsonb_extract_path_text(case_event.c.payload, "key") == key
    return conn.execute(select(case_event.c.id).where(case_event.c.case_id == case_id, used)).first() is not None


def _state_of(conn: Connection, case_id: int) -> tuple[CaseState, datetime, list[tuple[str, datetime, str]]]:
    """Return where a case stands, the time of its latest step, and its steps; index: ix_case_event_case_id_at.

    Raises
    ------
    MoveRefused
        When the case has no steps: its record is broken and `check` says so.
    """
    stmt = select(case_event.c.stage, case_event.c.at, case_event.c.unit).where(case_event.c.case_id == case_id)
    state, last = CaseState(), None
    steps = [(told.stage, told.at, told.unit) for told in conn.execute(stmt.order_by(case_event.c.id))]
    for word, at, unit in steps:
        state = after(state, word, at, unit)
        last = at if last is None else max(last, at)
    if last is None:
        raise MoveRefused("the case has no steps on record, not even its report")
    return state, last, steps


def beat(conn: Connection, name: str, now: datetime, *, received: int = 0, rejected: int = 0) -> None:
    """Note a sign of life of a feed, with the cases it brought; an unknown feed is entered with its name as title."""
    fresh = upsert(feed).values(
        name=name, title_zh=name, title_en=name, period_s=60, beat_at=now,
        record_at=now if received else None, received=received, rejected=rejected,
    )  # fmt: skip
    conn.execute(
        fresh.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "beat_at": now,
                "record_at": func.coalesce(fresh.excluded.record_at, feed.c.record_at),
                "received": feed.c.received + received,
                "rejected": feed.c.rejected + rejected,
            },
        )
    )


def _row_of(
    conn: Connection, report: dict[str, Any], now: datetime, calendar: DutyCalendar
) -> tuple[dict[str, Any], Rules, list[int]]:
    kind = conn.execute(select(category).where(category.c.code == report["category"])).mappings().first()
    if kind is None:
        raise InputFault(f"category {report['category']!r} is not in the category tree")
    reported_at = report.get("reported_at") or now
    if reported_at > now + timedelta(minutes=5):
        raise InputFault(f"reported_at {reported_at.isoformat()} lies in the future")
    district_code, zone, metric_srid = _district_of(
        conn, report.get("district_code") or (report.get("street_code") or "")[:6]
    )
    lon, lat = _point_of(report)
    area_code, status = place_case(conn, district_code, lon, lat)
    if status == "unlocated" and report.get("street_code"):
        area_code = _known_street(conn, report["street_code"])
    if report.get("location_status") == "cross_street" and status != "outside":
        area_code, status = district_code, "cross_street"
    lead, helping = routed(conn, area_code, kind["code"], reported_at, kind["lead_chain"], calendar)
    rules = sla.rules(conn, kind["code"])
    rule = rules.one(kind["code"], "handled") if lead in DEADLINE_CHAINS else None
    due_at, near_at = deadline_of(reported_at, rule, calendar) if rule else (None, None)
    known, is_repeat = None, False
    if lon is not None and lat is not None:
        known, is_repeat = related_cases(conn, kind["code"], lon, lat, reported_at, metric_srid)
    case_id = conn.execute(select(func.nextval(func.pg_get_serial_sequence("cases", "id")))).scalar_one()
    return (
        {
            "id": case_id,
            "number": f"{reported_at.astimezone(ZoneInfo(zone)):%Y%m%d}{case_id % 10_000_000:07d}",
            "source": report["source"],
            "external_id": report["external_id"],
            "channel": report["channel"],
            "category": kind["code"],
            "family": kind["family"],
            "urgency": report.get("urgency", 3),
            "population_group": report.get("population_group", ""),
            "title": report["title"],
            "place": report.get("place", ""),
            "received_x": report.get("lon"),
            "received_y": report.get("lat"),
            "received_crs": report.get("crs", "EPSG:4326"),
            "geom": WKTElement(f"POINT({lon!r} {lat!r})", srid=4326) if lon is not None and lat is not None else None,
            "location_status": status,
            "area_code": area_code,
            "lead_chain": lead,
            "stage": "reported",
            "is_open": True,
            "is_repeat": is_repeat,
            "duplicate_of": known,
            "reported_at": reported_at,
            "due_at": due_at,
            "near_at": near_at,
        },
        rules,
        helping,
    )


def _point_of(report: dict[str, Any]) -> tuple[float | None, float | None]:
    """The WGS-84 point of a report, or two Nones; 0/0 is what devices send when they do not know."""
    lon, lat, crs = report.get("lon"), report.get("lat"), report.get("crs", "EPSG:4326")
    if lon is None or lat is None or (lon == 0 and lat == 0):
        return None, None
    if crs not in _DATUMS:
        raise InputFault(f"crs {crs!r} is not one of {', '.join(_DATUMS)}")
    x, y = to_wgs84(lon, lat, _DATUMS[crs])
    return float(x), float(y)


def _district_of(conn: Connection, asked: str) -> tuple[str, str, int]:
    stmt = select(district.c.code, district.c.timezone, district.c.metric_srid).order_by(
        district.c.is_demo, district.c.loaded_at
    )
    known = {row.code: (row.timezone, row.metric_srid) for row in conn.execute(stmt)}
    if not known:
        raise InputFault("no district is loaded yet")
    code = asked or next(iter(known))
    if code not in known:
        raise InputFault(f"district {code!r} is not loaded")
    return code, *known[code]


def _known_street(conn: Connection, code: str) -> str:
    stmt = select(area.c.code).where(area.c.code == code, area.c.level == 9, area.c.valid_to.is_(None))
    found = conn.execute(stmt).scalar()
    if found is None:
        raise InputFault(f"street_code {code!r} is not a street in force")
    return found
