"""Bases of the map: what is usual is a plain recount of other weeks, and small numbers are never a colour."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from dashboard import bases, pictures
from dashboard.services import Services
from dashboard.settings import Settings
from db.engine import Database
from db.read import measures
from db.tables import cases
from gis.codes import Level
from gis.scope import View
from tests.conftest import DEMO_UNTIL

DAY = timedelta(days=1)


@pytest.fixture
def services(demo_database: Database) -> Services:
    return Services(Settings.from_env(), demo_database)


def test_counts_of_other_times_are_those_of_a_recount(demo_database: Database) -> None:
    ranges = {"w1": (DEMO_UNTIL - 3 * DAY, DEMO_UNTIL), "w2": (DEMO_UNTIL - 6 * DAY, DEMO_UNTIL - 5 * DAY)}
    for view in (View(), View(families=("event",)), View(channels=("hotline",))):
        with demo_database.reading() as conn:
            told = measures.in_ranges(conn, "110102", view, ranges, "Asia/Shanghai").groupby("range")["n"].sum()
            for name, (low, high) in ranges.items():
                plain = select(func.count()).where(cases.c.reported_at >= low, cases.c.reported_at < high)
                for column, values in ((cases.c.family, view.families), (cases.c.channel, view.channels)):
                    plain = plain.where(column.in_(values)) if values else plain
                assert told[name] == conn.execute(plain).scalar_one() > 0


def test_only_weeks_worked_and_off_alike_are_usual(services: Services) -> None:
    district = services.districts()[0]
    may_day = DEMO_UNTIL.replace(month=5, day=1)
    ordinary = bases.usual_weeks(services, View(), district, DEMO_UNTIL)
    assert len(ordinary) >= 4 and "w1" in ordinary
    assert len(bases.usual_weeks(services, View(), district, may_day)) < len(ordinary)


@pytest.mark.parametrize("measure", ["per_1000", "per_km2", "per_km_street", "change", "smoothed"])
def test_rates_show_no_area_that_rests_on_few_cases(services: Services, measure: str) -> None:
    view = View(code="110102", window="7d", measure=measure)
    for unit in (Level.STREET, Level.CELL):
        shown = pictures.picture(services, view, DEMO_UNTIL, unit)
        values = bases.measured(services, shown)
        assert values.index.equals(shown.rows.index)
        few = np.maximum(shown.rows["new"], shown.rows["open"]) < 5
        if measure != "smoothed":
            assert values[few].isna().all()
        if unit is Level.STREET and measure != "change":  # a week of record has no weeks before it
            assert values.notna().all() and (values > 0).all()


def test_streets_are_as_long_in_all_as_in_their_cells(services: Services) -> None:
    district = services.districts()[0]
    streets, cells = (bases.street_km(services, district, unit) for unit in (Level.STREET, Level.CELL))
    assert streets.sum() == pytest.approx(cells.sum()) and 150 < streets.sum() < 2_000
