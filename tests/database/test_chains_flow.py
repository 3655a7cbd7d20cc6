"""The flow of the chains on the demo district: lines that meet the board, paths out of the very steps on record."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from db.engine import Database
from db.read import chain_log
from db.tables import case_event, cases
from gis.mining import discover, handovers, path_events
from gis.scope import View
from tests.conftest import DEMO_UNTIL as NOW

STREET = "110102012"


def test_the_gaps_between_the_lines_are_what_is_open_and_what_is_in_check(demo_database: Database):
    with demo_database.reading() as conn:
        rows, standing = chain_log.daily(conn, STREET, View(), NOW - timedelta(days=3), NOW, "Asia/Shanghai")
        within = cases.c.area_code.startswith(STREET)
        still = conn.execute(select(func.count()).where(within, cases.c.is_open)).scalar_one()
        unhandled = cases.c.handled_at.is_(None)
        waits = conn.execute(select(func.count()).where(within, cases.c.is_open, unhandled)).scalar_one()
        ages = chain_log.ages(conn, STREET, View(), NOW)
    total = rows.groupby("kind")["n"].sum()
    assert standing["open"] + total["new"] - total["closed"] == still == ages["n"].sum() > 0
    assert (standing["open"] + total["new"]) - (standing["checking"] + total["handled"]) == waits


def test_the_log_holds_every_step_of_the_cases_asked_for(demo_database: Database):
    since = NOW - timedelta(days=2)
    with demo_database.reading() as conn:
        log = chain_log.log(conn, STREET, View(families=("event",)), since, NOW, 2)
        within = (
            cases.c.area_code.startswith(STREET), cases.c.family == "event", cases.c.lead_chain == 2,
            cases.c.reported_at >= since,
        )  # fmt: skip
        steps = select(func.count()).select_from(case_event.join(cases, cases.c.id == case_event.c.case_id))
        assert len(log) == conn.execute(steps.where(*within)).scalar_one() > 200
        made = discover(log)
        assert made.case_count == conn.execute(select(func.count()).where(*within)).scalar_one()
    assert made.event_count == len(path_events(log))
    moved = handovers(log)
    assert (moved["source"] != moved["target"]).all() and (moved["hours"] >= 0).all()
