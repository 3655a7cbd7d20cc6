"""What the page of one case needs beside its row: its course, its matter, what lies near, and who could handle it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from db.read.cases import case_rows
from db.tables import area, caller, case_caller, case_event, cases, handover_note, photo
from gis.codes import Level
from gis.workflow import CaseState, after

_SAME_PLACE_M = 50.0
_YEAR = timedelta(days=365)


def course_of(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return every event of a case in recorded order, with what it carries; index: ix_case_event_case_id_at."""
    stmt = (
        select(
            case_event.c.id, case_event.c.stage, case_event.c.at, case_event.c.actor, case_event.c.unit,
            case_event.c.reason, case_event.c.payload,
        )
        .where(case_event.c.case_id == case_id)
        .order_by(case_event.c.id)
        .limit(500)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(stmt).mappings()]


def standing(course: list[dict[str, Any]]) -> CaseState:
    """Return where a case stands after its course."""
    state = CaseState()
    for event in course:
        state = after(state, event["stage"], event["at"], event["unit"])
    return state


def voices(conn: Connection, case_id: int, limit: int = 20) -> list[dict[str, Any]]:
    """Return the reports that were joined to a case, oldest first; index: ix_cases_duplicate_of."""
    stmt = case_rows().where(cases.c.duplicate_of == case_id).order_by(cases.c.reported_at).limit(limit)
    return [dict(row) for row in conn.execute(stmt).mappings()]


def same_place(conn: Connection, case: dict[str, Any], now: datetime, limit: int = 6) -> list[dict[str, Any]]:
    """Return earlier cases of the same small class within 50 m and a year, newest first; index: ix_cases_geom."""
    own = select(cases.c.geom).where(cases.c.id == case["id"]).scalar_subquery()
    away = func.ST_DistanceSphere(cases.c.geom, own)
    stmt = (
        case_rows()
        .add_columns(away.label("away_m"))
        .where(
            cases.c.id != case["id"], cases.c.category == case["category"],
            cases.c.geom.op("&&")(func.ST_Expand(own, _SAME_PLACE_M / 78_000)), away <= _SAME_PLACE_M,
            cases.c.reported_at.between(now - _YEAR, now),
        )
        .order_by(cases.c.reported_at.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(stmt).mappings()]


def units_known(conn: Connection, most: int = 20_000) -> list[str]:
    """Return the units that the latest `most` steps name as handling, by how often; index: the primary key."""
    latest = select(case_event.c.stage, case_event.c.unit).order_by(case_event.c.id.desc()).limit(most).subquery()
    named = and_(latest.c.stage.in_(("dispatched", "handling")), latest.c.unit != "")
    stmt = select(latest.c.unit).where(named).group_by(latest.c.unit).order_by(func.count().desc(), latest.c.unit)
    return list(conn.execute(stmt.limit(80)).scalars())


def streets_of(conn: Connection, district: str) -> list[dict[str, Any]]:
    """Return code and names of the streets of a district in official order."""
    stmt = select(area.c.code, area.c.name_zh, area.c.short_zh, area.c.name_en).where(
        area.c.level == int(Level.STREET), area.c.valid_to.is_(None), area.c.district_code == district
    )
    return [dict(row) for row in conn.execute(stmt.order_by(area.c.official_order).limit(200)).mappings()]


def hung_among(conn: Connection, ids: list[int]) -> set[int]:
    """Return which of some cases are hung now; index: ix_case_event_case_id_at."""
    if not ids:
        return set()
    last = func.max(case_event.c.id)
    hung = last.filter(case_event.c.stage == "hung")
    resumed = func.coalesce(last.filter(case_event.c.stage == "resumed"), 0)
    stmt = (
        select(case_event.c.case_id)
        .where(case_event.c.case_id.in_(ids), case_event.c.stage.in_(("hung", "resumed")))
        .group_by(case_event.c.case_id)
        .having(hung > resumed)
    )
    return set(conn.execute(stmt).scalars())


def handovers(conn: Connection, area_code: str, limit: int = 6) -> list[dict[str, Any]]:
    """Return the latest hand-over notes of one desk, newest first; index: ix_handover_note_area_code_at."""
    stmt = select(handover_note).where(handover_note.c.area_code == area_code)
    stmt = stmt.order_by(handover_note.c.at.desc(), handover_note.c.id.desc()).limit(limit)
    return [dict(row) for row in conn.execute(stmt).mappings()]


def photos_of(conn: Connection, case_id: int) -> list[str]:
    """Return the hashes of the photos of a case, oldest first."""
    stmt = select(photo.c.sha256).where(photo.c.case_id == case_id).order_by(photo.c.id).limit(50)
    return list(conn.execute(stmt).scalars())


def photo_known(conn: Connection, sha256: str) -> bool:
    """Return whether a photo belongs to any case; index: ix_photo_sha256."""
    return conn.execute(select(photo.c.id).where(photo.c.sha256 == sha256).limit(1)).first() is not None


def same_caller(conn: Connection, case_id: int, limit: int = 6) -> list[dict[str, Any]]:
    """Return other cases of the one who reported a case, newest first; index: ix_case_caller_caller_id."""
    mine = select(case_caller.c.caller_id).where(case_caller.c.case_id == case_id).scalar_subquery()
    stmt = (
        case_rows()
        .join(case_caller, case_caller.c.case_id == cases.c.id)
        .where(case_caller.c.caller_id == mine, cases.c.id != case_id)
        .order_by(cases.c.reported_at.desc())
        .limit(limit)
    )
    return [dict(row) for row in conn.execute(stmt).mappings()]


def caller_of(conn: Connection, case_id: int) -> str:
    """Return how the one who reported a case can be told apart, masked; '' when nobody left a contact."""
    stmt = select(caller.c.masked).join(case_caller, case_caller.c.caller_id == caller.c.id)
    return str(conn.execute(stmt.where(case_caller.c.case_id == case_id)).scalar() or "")
