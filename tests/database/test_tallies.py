"""Kept counts equal a recount of every case, whatever was done to the cases, and screens read the same from both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from db.audit.tallies import tally_faults
from db.engine import WRITER, Database
from db.read import measures
from db.tables import area_tally, cases, street_tally
from db.write.tallies import settle
from gis.scope import View
from tests.conftest import DEMO_UNTIL, acting_as

ZONE = "Asia/Shanghai"
MIDNIGHT = DEMO_UNTIL.astimezone(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
VIEWS = {
    "district, 7 days": View(code="110102", window="7d"),
    "district, 90 days": View(code="110102", window="90d"),
    "street, 24 hours of events": View(code="110102007", families=("event",)),
    "street, 30 days of what is urgent": View(code="110102007", window="30d", urgent_only=True),
    "by hotline, which no kept count knows": View(code="110102", window="30d", channels=("hotline",)),
}


def faults(conn: Connection) -> list[str]:
    return [found.sentence for found in tally_faults(conn, "110102")]


def rows(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(area_tally)).scalar_one()


def test_counts_of_a_loaded_demo_are_those_of_a_recount(demo_database: Database) -> None:
    with demo_database.reading(timeout_ms=60_000) as conn:
        assert rows(conn) > 1_000
        assert conn.execute(select(func.sum(street_tally.c.reported))).scalar_one() > 1_000
        assert faults(conn) == []


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_screen_reads_the_same_from_kept_counts_as_from_cases(demo_database: Database, view: View) -> None:
    keys = ["area_code", "location_status"]
    with demo_database.reading(timeout_ms=60_000) as conn:
        fast = measures.counts(conn, view.code, view, DEMO_UNTIL, MIDNIGHT, ZONE)
        slow = measures.counts(conn, view.code, view, DEMO_UNTIL, MIDNIGHT)
    told, counted = (f[f.drop(columns=keys).any(axis=1)].sort_values(keys, ignore_index=True) for f in (fast, slow))
    pd.testing.assert_frame_equal(told, counted)


def test_days_of_the_timeline_are_those_of_the_cases(demo_database: Database) -> None:
    start = MIDNIGHT - timedelta(days=5)
    whole = View(code="110102")
    with demo_database.reading(timeout_ms=60_000) as conn:
        fast = measures.by_time(conn, "110102", whole, start, DEMO_UNTIL, "day", ZONE)
        closed = measures.closed_by_time(conn, "110102", whole, start, DEMO_UNTIL, "day", ZONE)
        slow = pd.DataFrame(conn.execute(measures.by_time_stmt("110102", whole, start, DEMO_UNTIL, "day", ZONE)).all())
        ended = select(func.count()).where(cases.c.closed_at >= start, cases.c.closed_at < DEMO_UNTIL)
        assert closed["closed"].sum() == conn.execute(ended).scalar_one()
    assert dict(fast.groupby("at")["new"].sum()) == {
        pd.Timestamp(at).tz_convert("UTC"): n for at, n in slow.groupby("at")["new"].sum().items()
    }


def test_every_way_to_change_a_case_changes_the_counts_with_it(demo_clone: Database) -> None:
    with demo_clone.owner() as conn, acting_as(conn, WRITER):
        some = select(cases.c.id).where(cases.c.is_open).order_by(cases.c.id).limit(40)
        ids = list(conn.execute(some).scalars())
        now = datetime(2026, 5, 20, 7, 0, tzinfo=UTC)
        conn.execute(update(cases).where(cases.c.id.in_(ids[:10])).values(closed_at=now, is_open=False))
        conn.execute(update(cases).where(cases.c.id.in_(ids[10:20])).values(urgency=1, lead_chain=4))
        moved = {"area_code": "110102007", "location_status": "located"}
        conn.execute(update(cases).where(cases.c.id.in_(ids[20:30]), cases.c.geom.is_not(None)).values(**moved))
        before = rows(conn)
        conn.execute(update(cases).where(cases.c.id.in_(ids[30:])).values(stage="handling", changed_at=now))
        assert rows(conn) == before, "a step that changes no count adds no row"
    with demo_clone.owner() as conn:
        assert faults(conn) == []
        last = conn.execute(select(cases).order_by(cases.c.id.desc()).limit(1)).mappings().one()
        again = {k: v for k, v in last.items() if k != "id"} | {"number": "1", "external_id": "again"}
        conn.execute(insert(cases).values(**again))
        assert faults(conn) == []
        conn.execute(delete(cases).where(cases.c.number == "1"))
        assert faults(conn) == []


def test_settling_puts_rows_together_and_changes_no_sum(demo_clone: Database) -> None:
    with demo_clone.owner() as conn, acting_as(conn, WRITER):
        settle(conn)
        whole = rows(conn)
        one = select(cases.c.id).where(cases.c.is_open).limit(1).scalar_subquery()
        conn.execute(update(cases).where(cases.c.id == one).values(urgency=1))
        conn.execute(update(cases).where(cases.c.urgency == 1, cases.c.is_open).values(urgency=2))
        conn.execute(update(cases).where(cases.c.urgency == 2, cases.c.is_open).values(urgency=3))
        assert rows(conn) > whole
        assert settle(conn) > 0
        assert rows(conn) <= whole
        assert settle(conn) == 0
    with demo_clone.owner() as conn:
        assert faults(conn) == []


def test_the_check_tells_when_kept_counts_are_wrong(demo_clone: Database) -> None:
    with demo_clone.owner() as conn:
        street = select(street_tally.c.area_code).limit(1).scalar_subquery()
        conn.execute(update(street_tally).where(street_tally.c.area_code == street).values(reported=9))
        assert any("street" in what for what in faults(conn))
