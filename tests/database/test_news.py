"""What is new in an area: newest first, untouched by their last step, and changes since the last look as a recount."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from db.engine import Database
from db.read import news
from db.tables import case_event, cases
from gis.scope import View
from tests.conftest import DEMO_UNTIL

STREET = "110102007"


def test_newest_are_the_last_reported_of_the_area(demo_database: Database) -> None:
    with demo_database.reading() as conn:
        rows = news.newest(conn, STREET, View(), DEMO_UNTIL)
        latest = select(func.max(cases.c.reported_at)).where(cases.c.area_code.like(f"{STREET}%"))
        assert rows[0]["reported_at"] == conn.execute(latest).scalar_one()
    assert len(rows) == 5 and all(row["area_code"].startswith(STREET) for row in rows)
    assert [row["reported_at"] for row in rows] == sorted((row["reported_at"] for row in rows), reverse=True)


def test_untouched_are_those_whose_last_step_is_longest_ago(demo_database: Database) -> None:
    with demo_database.reading() as conn:
        rows = news.untouched(conn, STREET, View(), DEMO_UNTIL)
        for row in rows[:3]:
            last = select(func.max(case_event.c.at)).where(case_event.c.case_id == row["id"])
            assert row["touched_at"] == conn.execute(last).scalar_one()
    assert len(rows) == 10 and all(row["is_open"] and row["handled_at"] is None for row in rows)
    assert [row["touched_at"] for row in rows] == sorted(row["touched_at"] for row in rows)


def test_changes_since_a_look_are_a_recount_and_obey_filters(demo_database: Database) -> None:
    seen = DEMO_UNTIL - timedelta(hours=9)
    with demo_database.reading() as conn:
        told = news.since(conn, STREET, View(), seen, DEMO_UNTIL)
        own = cases.c.area_code.like(f"{STREET}%")
        for name, column in (("reported", cases.c.reported_at), ("closed", cases.c.closed_at)):
            plain = select(func.count()).where(own, column >= seen, column <= DEMO_UNTIL)
            assert told[name] == conn.execute(plain).scalar_one()
        part = news.since(conn, STREET, View(families=("event",)), seen, DEMO_UNTIL)
    assert 0 < part["reported"] < told["reported"]
