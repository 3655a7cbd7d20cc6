"""The brief: its figures are those of the screen and of the cases, in every form, and they add up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dashboard.reports.figures import brief
from dashboard.services import Services
from dashboard.settings import Settings
from db.tables import cases
from gis.brief import PERIOD_COUNTS
from gis.periods import parse_period
from layouts import brief as told
from layouts.text import words_for

DISTRICT, STREET = "110102", "110102012"
WORDS = words_for("zh")


@pytest.fixture(scope="module")
def services(demo_database, tmp_path_factory) -> Services:
    url = demo_database.url.render_as_string(hide_password=False)
    return Services(Settings(database_url=url, var_dir=Path(tmp_path_factory.mktemp("brief"))), demo_database)


@pytest.mark.parametrize("code", [DISTRICT, STREET])
@pytest.mark.parametrize("kind", ["daily", "weekly"])
def test_areas_and_cases_without_one_add_up_to_the_total(services, code, kind):
    made = brief(services, code, kind)
    assert made.total["new"] > 0
    for name in PERIOD_COUNTS:
        assert made.rows[name].sum() + made.buckets[name].sum() == made.total[name], name
    listed = told.areas(made, "zh", WORDS)
    assert listed.rows[-1]["new"] == made.total["new"] and listed.marks[-1] == "total"


def test_figures_are_what_one_counts_by_hand(services, demo_database):
    period = parse_period("2026-05-18")
    made = brief(services, STREET, "daily", period)
    start, end = period.moments("Asia/Shanghai")
    here = cases.c.area_code.like(f"{STREET}%")
    with demo_database.reading() as conn:
        new = conn.execute(select(func.count()).where(here, cases.c.reported_at >= start, cases.c.reported_at < end))
        closed = conn.execute(select(func.count()).where(here, cases.c.closed_at >= start, cases.c.closed_at < end,
                                                         cases.c.stage != "void"))  # fmt: skip
        still = conn.execute(
            select(func.count()).where(
                here, cases.c.reported_at < end, (cases.c.closed_at.is_(None)) | (cases.c.closed_at >= end)
            )
        )
        assert made.total["new"] == new.scalar_one()
        assert made.total["closed"] == closed.scalar_one()
        assert made.total["open"] == still.scalar_one()


def test_days_of_a_week_add_up_to_the_week(services):
    week = parse_period("2026-05-14..2026-05-19")
    made = brief(services, DISTRICT, "weekly", week)
    inside = made.days[(made.days["day"] >= week.first) & (made.days["day"] <= week.last)]
    assert inside["new"].sum() == made.total["new"]
    singles = [
        brief(services, DISTRICT, "daily", parse_period(str(week.first + timedelta(days=k)))).total["new"]
        for k in range(week.days)
    ]
    assert sum(singles) == made.total["new"]


def test_streets_stand_in_official_order_and_a_ranking_is_asked_for(services):
    made = brief(services, DISTRICT, "daily")
    order = made.rows["official_order"].tolist()
    assert order == sorted(order) and len(order) == 15
    names = [row["name"] for row in told.areas(made, "zh", WORDS).rows[:15]]
    ranked = told.areas(made, "zh", WORDS, "overdue").rows[:15]
    assert sorted(names) == sorted(row["name"] for row in ranked)
    assert [row["overdue"] for row in ranked] == sorted((row["overdue"] for row in ranked), reverse=True)


def test_late_cases_are_told_without_their_address(services):
    made = brief(services, DISTRICT, "daily")
    assert made.late and all(row["late_s"] > 0 for row in made.late)
    rows = told.late(made, "zh", WORDS).rows
    assert not any(case["place"] and any(s.isdigit() for s in case["place"]) and case["place"] in str(rows)
                   for case in made.late)  # fmt: skip


def test_headline_holds_the_figures(services):
    made = brief(services, DISTRICT, "daily")
    line = told.headline(made, "zh", WORDS)
    for name in ("new", "closed", "open", "overdue"):
        assert f"{made.total[name]:,}" in line
