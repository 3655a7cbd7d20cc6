"""The door through which one case comes in, and the step by which it moves on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from geoalchemy2 import WKTElement
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables import area, case_event, cases, category, district, feed, outbox
from gis.codes import Level
from gis.datum import to_wgs84
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.terms import CLOSED_STAGES, DEADLINE_CHAINS, STAGES
from gis.worktime import DutyCalendar, deadlines

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
            return found, "located"
    return district_code, "outside"


def report_case(conn: Connection, report: dict[str, Any], now: datetime, calendar: DutyCalendar) -> tuple[str, bool]:
    """Store one reported case with its first event and announce it; return its number and whether it is new.

    A replay, same `source` and `external_id`, changes nothing and returns the number given before.

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
    row = _row_of(conn, report, now, calendar)
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
    conn.execute(insert(outbox).values(kind="case", case_id=stored.id, area_code=row["area_code"]))
    return stored.number, True


def move_case(conn: Connection, number: str, step: dict[str, Any], now: datetime) -> None:
    """Append one step to a case and carry its current row along.

    Raises
    ------
    CaseNotFound
        When no case has this number.
    MoveRefused
        When the case is closed, the stage is unknown, or the step is older than the one before it.
    """
    found = conn.execute(
        select(cases.c.id, cases.c.stage, cases.c.is_open, cases.c.area_code, cases.c.handled_at)
        .where(cases.c.number == number)
        .with_for_update()
    ).first()
    if found is None:
        raise CaseNotFound(f"no case has the number {number}")
    stage, at = step["stage"], step.get("at") or now
    if stage not in STAGES:
        raise MoveRefused(f"stage {stage!r} is not one of {', '.join(STAGES)}")
    if not found.is_open and stage != "evaluated":
        raise MoveRefused(f"case {number} is {found.stage}; only an evaluation may follow")
    last = conn.execute(select(func.max(case_event.c.at)).where(case_event.c.case_id == found.id)).scalar_one()
    if at < last or at > now + timedelta(minutes=5):
        raise MoveRefused(f"step at {at.isoformat()} is not between the last step ({last.isoformat()}) and now")
    conn.execute(
        insert(case_event).values(
            case_id=found.id, stage=stage, at=at, actor=step.get("actor", ""), unit=step.get("unit", ""),
            reason=step.get("reason", ""),
        )
    )  # fmt: skip
    closing = stage in CLOSED_STAGES and found.is_open
    handled = found.handled_at or (at if stage in ("checking", "closed") else None)
    changes: dict[str, Any] = {"stage": stage, "handled_at": handled, "changed_at": now}
    if closing:
        changes |= {"is_open": False, "closed_at": at}
    conn.execute(update(cases).where(cases.c.id == found.id).values(**changes))
    conn.execute(insert(outbox).values(kind="case", case_id=found.id, area_code=found.area_code))


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


def _row_of(conn: Connection, report: dict[str, Any], now: datetime, calendar: DutyCalendar) -> dict[str, Any]:
    kind = conn.execute(select(category).where(category.c.code == report["category"])).mappings().first()
    if kind is None:
        raise InputFault(f"category {report['category']!r} is not in the category tree")
    reported_at = report.get("reported_at") or now
    if reported_at > now + timedelta(minutes=5):
        raise InputFault(f"reported_at {reported_at.isoformat()} lies in the future")
    district_code, zone = _district_of(conn, report.get("district_code") or (report.get("street_code") or "")[:6])
    lon, lat = _point_of(report)
    area_code, status = place_case(conn, district_code, lon, lat)
    if status == "unlocated" and report.get("street_code"):
        area_code = _known_street(conn, report["street_code"])
    if report.get("location_status") == "cross_street" and status != "outside":
        area_code, status = district_code, "cross_street"
    binds = kind["lead_chain"] in DEADLINE_CHAINS and kind["limit_quantity"] is not None
    due_at = _deadline(reported_at, kind["limit_quantity"], kind["limit_unit"], calendar) if binds else None
    case_id = conn.execute(select(func.nextval(func.pg_get_serial_sequence("cases", "id")))).scalar_one()
    return {
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
        "lead_chain": kind["lead_chain"],
        "stage": "reported",
        "is_open": True,
        "reported_at": reported_at,
        "due_at": due_at,
    }


def _point_of(report: dict[str, Any]) -> tuple[float | None, float | None]:
    """The WGS-84 point of a report, or two Nones; 0/0 is what devices send when they do not know."""
    lon, lat, crs = report.get("lon"), report.get("lat"), report.get("crs", "EPSG:4326")
    if lon is None or lat is None or (lon == 0 and lat == 0):
        return None, None
    if crs not in _DATUMS:
        raise InputFault(f"crs {crs!r} is not one of {', '.join(_DATUMS)}")
    x, y = to_wgs84(lon, lat, _DATUMS[crs])
    return float(x), float(y)


def _deadline(reported_at: datetime, quantity: float, unit: str, calendar: DutyCalendar) -> datetime:
    starts = pd.DatetimeIndex([reported_at])
    due = deadlines(starts, np.array([quantity]), np.array([unit], dtype=object), calendar)[0]
    return due.to_pydatetime()


def _district_of(conn: Connection, asked: str) -> tuple[str, str]:
    stmt = select(district.c.code, district.c.timezone).order_by(district.c.is_demo, district.c.loaded_at)
    known = {row.code: row.timezone for row in conn.execute(stmt)}
    if not known:
        raise InputFault("no district is loaded yet")
    code = asked or next(iter(known))
    if code not in known:
        raise InputFault(f"district {code!r} is not loaded")
    return code, known[code]


def _known_street(conn: Connection, code: str) -> str:
    stmt = select(area.c.code).where(area.c.code == code, area.c.level == 9, area.c.valid_to.is_(None))
    found = conn.execute(stmt).scalar()
    if found is None:
        raise InputFault(f"street_code {code!r} is not a street in force")
    return found
