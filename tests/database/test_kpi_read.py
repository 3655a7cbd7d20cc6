"""Measures counted in the database are those of the frame of facts, as of any moment, and open to their cases."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, select

from db.engine import Database
from db.read import kpi
from db.read.events import event_frame
from db.tables import case_event, cases, category
from gis.casefold import fold
from gis.kpi import BY_KEY, KPIS, STANDING, counted, measure, spread
from gis.kpi_facts import case_facts
from gis.scope import View
from gis.worktime import usual_calendar
from tests.conftest import DEMO_UNTIL

DISTRICT, STREET = "110102", "110102012"
CALENDAR = usual_calendar(DEMO_UNTIL.year)
MOMENTS = (DEMO_UNTIL, DEMO_UNTIL - timedelta(days=3))


def _facts(conn: Connection, code: str, start, end) -> pd.DataFrame:
    """The facts of a period by the frame, as they were at its end."""
    stmt = (
        select(cases.c.id, cases.c.channel, cases.c.is_repeat, cases.c.duplicate_of, cases.c.reported_at,
               cases.c.due_at, cases.c.near_at, category.c.limit_unit, cases.c.lead_chain)
        .join(category, category.c.code == cases.c.category)
        .where(cases.c.area_code.like(f"{code}%"), cases.c.reported_at > start, cases.c.reported_at <= end)
    )  # fmt: skip
    rows = pd.DataFrame(conn.execute(stmt).all(), columns=[c.name for c in stmt.selected_columns])
    for name in ("reported_at", "due_at", "near_at"):
        rows[name] = pd.to_datetime(rows[name], utc=True)
    events = event_frame(conn, case_event.c.case_id.in_(rows["id"].tolist()))
    events = events[events["at"] <= pd.Timestamp(end)]
    folded = fold(events).reindex(rows["id"])
    for name in ("stage", "is_open", "handled_at", "closed_at", "hung_since"):
        rows[name] = folded[name].to_numpy() if name in ("stage", "is_open") else pd.DatetimeIndex(folded[name])
    return case_facts(rows, events, end, CALENDAR)


@pytest.mark.parametrize("end", MOMENTS)
@pytest.mark.parametrize("code", [DISTRICT, STREET])
def test_counts_are_those_of_the_frame(demo_database: Database, code: str, end) -> None:
    start = end - timedelta(days=30)
    with demo_database.reading(timeout_ms=60_000) as conn:
        facts = _facts(conn, code, start, end)
        period = kpi.Period(code, View(), start, end)
        told = kpi.counts(conn, period, standing=False).drop(columns=["key", "family"]).sum()
        hours = kpi.durations(conn, period, CALENDAR)
    assert len(facts) > 300
    for one in KPIS:
        if one.key in STANDING:
            continue
        whole = measure(one, facts, population=10_000)
        if one.kind == "hours":
            found = spread(one, hours["hours"].to_numpy(), hours["is_done"].to_numpy(bool))
            assert (found.hits, found.n) == (whole.hits, whole.n), one.key
            assert found.value == pytest.approx(whole.value, abs=0.02, nan_ok=True)
        elif one.kind == "multiple":
            own = hours["multiple"].dropna().to_numpy()
            assert spread(one, own, own > 0).hits == pytest.approx(whole.hits, abs=0.01 * whole.hits + 1), one.key
        else:
            n = {"count": told[f"hits_{one.key}"], "per_10k": 10_000}.get(one.kind)
            found = counted(one, int(told[f"hits_{one.key}"]), int(told[f"n_{one.key}"] if n is None else n))
            # a case sent to and fro after the moment is told by its end
            slack = 2 if end < DEMO_UNTIL and one.key in ("misdispatch_rate", "first_solved_rate") else 0
            assert found.n == whole.n and abs(found.hits - whole.hits) <= slack, one.key


def test_standing_measures_are_of_all_open_cases(demo_database: Database) -> None:
    with demo_database.reading(timeout_ms=60_000) as conn:
        facts = _facts(conn, STREET, DEMO_UNTIL - timedelta(days=400), DEMO_UNTIL)
        period = kpi.Period(STREET, View(), DEMO_UNTIL - timedelta(hours=1), DEMO_UNTIL)
        told = kpi.counts(conn, period, standing=True).drop(columns=["key", "family"]).sum()
    for key in STANDING:
        assert told[f"hits_{key}"] == measure(BY_KEY[key], facts).hits, key


@pytest.mark.parametrize("one", KPIS, ids=lambda one: one.key)
def test_cases_behind_a_number_count_to_it(demo_database: Database, one) -> None:
    period = kpi.Period(STREET, View(families=("event",)), DEMO_UNTIL - timedelta(days=7), DEMO_UNTIL)
    standing = one.key in STANDING
    with demo_database.reading(timeout_ms=60_000) as conn:
        total, page = kpi.behind(conn, period, one, "num", limit=7)
        if one.kind in ("hours", "multiple"):
            hours = kpi.durations(conn, period, CALENDAR)
            hits = int(hours["is_done"].sum()) if one.kind == "hours" else int(hours["multiple"].notna().sum())
            below = len(hours)
        else:
            told = kpi.counts(conn, period, standing=standing).drop(columns=["key", "family"]).sum()
            hits, below = int(told[f"hits_{one.key}"]), int(told.get(f"n_{one.key}", 0))
        assert total == hits and len(page) == min(7, total)
        if one.kind in ("share", "hours"):
            assert kpi.behind(conn, period, one, "den", limit=1)[0] == below


def test_areas_add_up_to_the_whole(demo_database: Database) -> None:
    period = kpi.Period(DISTRICT, View(), DEMO_UNTIL - timedelta(days=7), DEMO_UNTIL)
    with demo_database.reading(timeout_ms=60_000) as conn:
        whole = kpi.counts(conn, period, standing=False)
        parts = kpi.counts(conn, period, standing=False, length=9)
    numbers = [c for c in whole.columns if c not in ("key", "family")]
    assert whole[numbers].sum().to_dict() == parts[numbers].sum().to_dict()
    assert set(whole["family"]) == {"part", "event", "social"}
