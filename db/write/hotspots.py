"""Keeping what a search found: hot spots with their numbers, sightings, cases, alerts; and decisions about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables import hotspot, hotspot_alert, hotspot_case, hotspot_decision, hotspot_run, hotspot_sighting, outbox
from gis.errors import InputFault
from gis.spots import ENDED_AFTER_H, follow

GROWN = 2.0
"""An alert is raised again when the count is so many times that of the alert before."""

_LONGEST = 2_000


@dataclass(frozen=True)
class Sighting:
    """One find as it is kept. `cells` are codes, `case_ids` the cases inside, `mix` [category, cases] largest first."""

    category: str
    cells: tuple[str, ...]
    area_code: str
    window_start: datetime
    window_end: datetime
    observed: int
    expected: float
    p: float
    q: float
    recurrence_days: float
    weeks_class: str
    mix: list[list[Any]]
    case_ids: tuple[int, ...]

    @property
    def facts(self) -> dict[str, Any]:
        """Columns that a hot spot shows of its last sighting."""
        kept = vars(self) | {"cells": list(self.cells)}
        return {key: value for key, value in kept.items() if key not in ("category", "case_ids")}


def try_lock(conn: Connection, district_code: str) -> bool:
    """Take the district's lock for one search, held to the end of the transaction; False when another has it."""
    key = func.hashtextextended(f"quanxiang hotspots {district_code}", 0)
    return bool(conn.execute(select(func.pg_try_advisory_xact_lock(key))).scalar())


def keep_run(
    conn: Connection, district_code: str, now: datetime, found: list[Sighting], *, cases: int, classes: int,
    method: dict[str, Any],
) -> list[int]:  # fmt: skip
    """Write one search: every find continues a hot spot known or becomes a new one (`gis.spots`); return their ids.

    Raised alerts: a hot spot never seen before, and one with twice as many cases as when it was last told.
    """
    run = insert(hotspot_run).values(
        district_code=district_code, at=now, cases=cases, classes=classes, found=len(found), method=method
    )
    run_id = conn.execute(run.returning(hotspot_run.c.id)).scalar_one()
    stmt = select(hotspot).where(hotspot.c.district_code == district_code, hotspot.c.status == "open")
    known = [dict(row) for row in conn.execute(stmt.order_by(hotspot.c.id).limit(2_000)).mappings()]
    step = follow(
        [(row["category"], set(row["cells"])) for row in known], [(one.category, set(one.cells)) for one in found]
    )
    ids: list[int] = []
    for f, one in enumerate(found):
        if f in step.continues:
            number = known[step.continues[f]]["id"]
            conn.execute(update(hotspot).where(hotspot.c.id == number).values(last_seen_at=now, **one.facts))
        else:
            origin = known[step.split_from[f]]["id"] if f in step.split_from else None
            made = insert(hotspot).values(
                district_code=district_code, category=one.category, first_seen_at=now, last_seen_at=now,
                split_from=origin, **one.facts,
            )  # fmt: skip
            number = conn.execute(made.returning(hotspot.c.id)).scalar_one()
        ids.append(number)
        _see(conn, number, run_id, one, now)
        _alert(conn, number, one, now)
    for k, f in step.merged.items():
        gone = update(hotspot).where(hotspot.c.id == known[k]["id"])
        conn.execute(gone.values(status="merged", merged_into=ids[f], last_seen_at=now))
    for k in step.unseen:
        if now - known[k]["last_seen_at"] >= timedelta(hours=ENDED_AFTER_H):
            conn.execute(update(hotspot).where(hotspot.c.id == known[k]["id"]).values(status="ended"))
    if found or step.merged or step.unseen:
        conn.execute(insert(outbox).values(kind="hotspots", area_code=district_code))
    return ids


def _see(conn: Connection, number: int, run_id: int, one: Sighting, now: datetime) -> None:
    seen = {key: one.facts[key] for key in ("cells", "window_start", "observed", "expected", "p", "q")}
    conn.execute(insert(hotspot_sighting).values(hotspot_id=number, run_id=run_id, at=now, **seen))
    if one.case_ids:
        rows = [{"hotspot_id": number, "case_id": case_id} for case_id in one.case_ids]
        conn.execute(upsert(hotspot_case).on_conflict_do_nothing(), rows)


def _alert(conn: Connection, number: int, one: Sighting, now: datetime) -> None:
    last = conn.execute(
        select(hotspot_alert.c.observed, hotspot_alert.c.answered_at)
        .where(hotspot_alert.c.hotspot_id == number)
        .order_by(hotspot_alert.c.raised_at.desc())
        .limit(1)
    ).first()
    if last is not None and one.observed < GROWN * last.observed:
        return
    told = {key: one.facts[key] for key in ("area_code", "window_start", "window_end", "observed", "expected")}
    cause = "new" if last is None else "grown"
    conn.execute(insert(hotspot_alert).values(hotspot_id=number, raised_at=now, cause=cause, **told))


def decide(
    conn: Connection, hotspot_id: int, now: datetime, *, owner: str, decision: str, due_on: date | None = None,
    follow_up_on: date | None = None, outcome: str = "", actor: str = "",
) -> int:  # fmt: skip
    """Append a decision about a hot spot, answer its alerts and announce it; return the decision's id.

    Raises
    ------
    InputFault
        When the hot spot is not there, owner or decision are empty, a text is too long, or the day of follow-up lies
        before the due date.
    """
    texts = {"owner": owner.strip(), "decision": decision.strip(), "outcome": outcome.strip(), "actor": actor.strip()}
    if not texts["owner"] or not texts["decision"]:
        raise InputFault("a decision needs an owner and what is decided")
    if any(len(text) > _LONGEST for text in texts.values()):
        raise InputFault(f"a text of a decision is longer than {_LONGEST} characters")
    if due_on and follow_up_on and follow_up_on < due_on:
        raise InputFault("the follow-up lies before the due date")
    found = conn.execute(select(hotspot.c.area_code, hotspot.c.district_code).where(hotspot.c.id == hotspot_id)).first()
    if found is None:
        raise InputFault(f"there is no hot spot {hotspot_id}")
    made = insert(hotspot_decision).values(
        hotspot_id=hotspot_id, at=now, due_on=due_on, follow_up_on=follow_up_on, **texts
    )
    number: int = conn.execute(made.returning(hotspot_decision.c.id)).scalar_one()
    open_alerts = (hotspot_alert.c.hotspot_id == hotspot_id, hotspot_alert.c.answered_at.is_(None))
    conn.execute(update(hotspot_alert).where(*open_alerts).values(answered_at=now))
    conn.execute(insert(outbox).values(kind="hotspots", area_code=found.area_code))
    return number
