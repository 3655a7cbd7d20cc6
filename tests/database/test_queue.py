"""The operator's queue: every open case that waits to be handled stands in exactly one band, in the right order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db import filters
from db.engine import Database
from db.read import queue
from db.tables import cases
from gis.scope import View
from tests.conftest import DEMO_UNTIL

MIDNIGHT = DEMO_UNTIL.replace(hour=0, minute=0) - timedelta(hours=8)


@pytest.mark.parametrize("scope", ["110102", "110102007"])
def test_bands_hold_every_case_that_waits_exactly_once(demo_database: Database, scope: str) -> None:
    with demo_database.reading() as conn:
        counts = queue.band_counts(conn, scope, View(), DEMO_UNTIL, MIDNIGHT)
        waits = select(func.count()).where(filters.in_scope(scope), cases.c.is_open, cases.c.handled_at.is_(None))
        assert sum(counts.values()) == conn.execute(waits).scalar_one() > 0
        for band, n in counts.items():
            rows = queue.waiting(conn, scope, View(), band, DEMO_UNTIL, MIDNIGHT, limit=10_000)
            assert len(rows) == n
            due = [row["due_at"] for row in rows if row["due_at"] is not None]
            assert due == sorted(due)
