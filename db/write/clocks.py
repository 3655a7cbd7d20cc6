"""The clocks of cases follow their steps, in the same transaction; and can be made anew from them at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ARRAY, BigInteger, Connection, any_, delete, func, insert, literal, select

from db.read import sla
from db.read.events import event_frame, microseconds, moments
from db.tables import case_event, case_fact, cases, stage_clock
from db.write.facts import write_facts
from gis.clock_one import Steps, case_clocks
from gis.clocks import CASE_COLUMNS, stage_clocks
from gis.sla import Rules
from gis.worktime import DutyCalendar, usual_calendar

PORTION = 20_000
"""Cases held in memory at a time, with their steps."""


def write_clocks(
    conn: Connection, case: Mapping[str, Any], steps: Steps, calendar: DutyCalendar, rules: Rules | None = None
) -> None:
    """Put the clocks of one case in place of those it has.

    Parameters
    ----------
    conn
        In the transaction that writes the step.
    case, steps
        As `gis.clock_one.case_clocks` takes them.
    calendar
        The district's duty calendar.
    rules
        Those in force, when they are at hand.
    """
    made = case_clocks(case, steps, rules or sla.rules(conn, case["category"]), sla.calendars(conn, calendar))
    if len(steps) > 1:
        conn.execute(delete(stage_clock).where(stage_clock.c.case_id == case["id"]))
    if made:
        conn.execute(insert(stage_clock), made)
    write_facts(conn, case["id"], case["id"])


def rebuild_clocks(conn: Connection, ids: Sequence[int] | np.ndarray, calendar: DutyCalendar) -> int:
    """Make the clocks of many cases anew, in the caller's transaction; return how many clocks there are."""
    from db.write.bulk import copy_frame

    rules, calendars, written = sla.rules(conn), sla.calendars(conn, calendar), 0
    listed = [int(one) for one in ids]
    for start in range(0, len(listed), PORTION):
        part = listed[start : start + PORTION]
        clocks = clocks_for(conn, part, calendar, rules=rules, calendars=calendars)
        conn.execute(delete(stage_clock).where(stage_clock.c.case_id == any_(literal(part, ARRAY(BigInteger)))))
        written += copy_frame(conn, "stage_clock", clocks)
        for low, high in _runs(part):
            write_facts(conn, low, high)
    return written


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return ids as ranges: one over all when they stand close together, else one each."""
    if not ids:
        return []
    low, high = min(ids), max(ids)
    return [(low, high)] if high - low < 4 * len(ids) + 1_000 else [(one, one) for one in ids]


def ensure_clocks(conn: Connection) -> int:
    """Make the clocks of every case in a record that has none yet; return how many clocks there are then."""
    from db.write.sla import ensure_rules

    ensure_rules(conn)
    made = conn.execute(select(case_fact.c.case_id).limit(1)).first()
    return rebuild_all(conn) if made is None else 0


def rebuild_all(conn: Connection) -> int:
    """Make the clocks of every case anew; return how many there are."""
    newest = conn.execute(select(func.max(cases.c.reported_at))).scalar()
    ids = list(conn.execute(select(cases.c.id).order_by(cases.c.id)).scalars())
    return rebuild_clocks(conn, ids, usual_calendar(newest.year + 1)) if newest is not None else 0


def clocks_for(
    conn: Connection, ids: Sequence[int], calendar: DutyCalendar, *, rules: Rules | None = None,
    calendars: Mapping[str, DutyCalendar] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return what the clocks of some cases are by their rows and steps; see `gis.clocks.stage_clocks`."""
    chosen = any_(literal([int(one) for one in ids], ARRAY(BigInteger)))
    rows = case_frame(conn, cases.c.id == chosen)
    events = event_frame(conn, case_event.c.case_id == chosen)
    if rules is None:
        kinds = {*rows["category"]}
        rules = sla.rules(conn, next(iter(kinds))) if len(kinds) == 1 else sla.rules(conn)
    return stage_clocks(rows, events, rules, calendars or sla.calendars(conn, calendar))


def case_frame(conn: Connection, chosen) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    """Return the rows of cases as `gis.clocks` takes them."""
    times = ("reported_at", "due_at")
    columns = [microseconds(cases.c[name]).label(name) if name in times else cases.c[name] for name in CASE_COLUMNS]
    stmt = select(*columns).where(chosen).order_by(cases.c.id)
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=list(CASE_COLUMNS))
    return frame.assign(**{name: moments(frame[name]) for name in times})
