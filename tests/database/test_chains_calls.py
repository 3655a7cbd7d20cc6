"""Calls between the levels: whistles past their time, how often they are blown, and supervision orders by hop."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from db.engine import Database
from db.read import chain_calls
from db.tables import supervision_order, whistle, whistle_call
from tests.conftest import DEMO_UNTIL as NOW


def test_late_whistles_are_those_past_their_time_with_somebody_missing(demo_database: Database):
    with demo_database.reading() as conn:
        total, rows = chain_calls.late_whistles(conn, "110102", NOW, 500)
        waiting = select(whistle_call.c.whistle_id).where(whistle_call.c.arrived_at.is_(None))
        late = select(func.count()).where(
            whistle.c.ended_at.is_(None), whistle.c.due_at < NOW, whistle.c.id.in_(waiting)
        )
        assert total == len(rows) == conn.execute(late).scalar_one()
        blown, told = chain_calls.whistle_rate(conn, "110102", NOW)
        assert 0 <= blown < told


def test_orders_are_counted_once_by_the_levels_they_go_between(demo_database: Database):
    with demo_database.reading() as conn:
        hops = chain_calls.order_hops(conn, "110102", NOW - timedelta(days=90))
        issued = select(func.count()).where(supervision_order.c.issued_at >= NOW - timedelta(days=90))
        assert hops["n"].sum() == conn.execute(issued).scalar_one()
    assert (hops["source"] >= hops["target"]).all() and (hops["answered"] <= hops["n"]).all()
