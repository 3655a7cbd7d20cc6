"""The board of the chains on the demo district: its numbers are those of the map, and each opens its cases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.engine import Database
from db.read import areas, chain_exceptions, chains, measures
from db.tables import cases
from gis.chains import board
from gis.codes import Level
from gis.rollup import roll_up
from gis.scope import View
from tests.conftest import DEMO_UNTIL as NOW

STREET = "110102012"


def _board(conn, scope: str, view: View, unit: Level):
    known = areas.inside(conn, scope, unit).index
    return board(chains.counts(conn, scope, view, NOW, int(unit)), known, unit)


@pytest.mark.parametrize(
    ("scope", "unit", "view"),
    [
        ("110102", Level.STREET, View(window="24h")),
        ("110102", Level.STREET, View(window="7d", families=("event",))),
        (STREET, Level.COMMUNITY, View(window="7d", channels=("hotline", "app"))),
    ],
)
def test_chains_add_up_to_the_map_and_their_backlog_changes_by_in_less_out(demo_database: Database, scope, unit, view):
    with demo_database.reading() as conn:
        made = _board(conn, scope, view, unit)
        whole = roll_up(measures.counts(conn, scope, view, NOW, NOW), scope, unit)
    for name in ("open", "new", "closed", "overdue", "near_due"):
        assert made.totals[name].sum() == whole.total[name], name
        by_area = made.cells[name].groupby("code").sum()
        assert (by_area[by_area > 0] == whole.children[name].reindex(by_area[by_area > 0].index)).all(), name
    for frame in (made.cells, made.buckets, made.totals):
        assert (frame["open"] - frame["open_before"] == frame["new"] - frame["closed"]).all()


def test_every_number_opens_as_many_cases_as_it_says(demo_database: Database):
    view = View(window="24h", families=("social",))
    with demo_database.reading() as conn:
        made = _board(conn, "110102", view, Level.STREET)
        for which in ("open", "new", "closed", "overdue", "near_due", "support"):
            chain, code = made.cells[which].idxmax()
            rows = chains.behind(conn, code, view, NOW, which, chain, "", 9, 5_000)
            assert len(rows) == made.cells.loc[(chain, code), which] > 0, which
        chain, status = made.buckets["open"].idxmax()
        rows = chains.behind(conn, "110102", view, NOW, "open", chain, status, 9, 5_000)
        assert len(rows) == made.buckets.loc[(chain, status), "open"] > 0


def test_exceptions_are_open_cases_that_meet_their_rule(demo_database: Database):
    usual = dict.fromkeys(range(1, 9), timedelta(hours=6))
    with demo_database.reading() as conn:
        found = chain_exceptions.exceptions(conn, "110102", View(), NOW, usual)
        still = conn.execute(select(func.count()).where(cases.c.is_open)).scalar_one()
    assert set(found) == set(chain_exceptions.KINDS)
    assert 0 < found["stuck"][0] < still
    assert all(NOW - row["changed_at"] > timedelta(hours=24) for row in found["stuck"][1])
    for row in found["threefold"][1]:
        assert NOW - row["reported_at"] > 3 * (row["due_at"] - row["reported_at"])
