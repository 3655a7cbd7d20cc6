"""The writing role on the demo district, and what every test of the door of cases needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Connection, func, select, text

from db.engine import WRITER, Database
from db.tables import area, case_event, cases, outbox
from db.write.cases import move_case, report_case
from gis.worktime import DutyCalendar, build_calendar

NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Beijing
DISTRICT = "110102"
METRES_PER_DEGREE = 111_320.0


@pytest.fixture(scope="module")
def calendar() -> DutyCalendar:
    return build_calendar(2024, 2028)


@pytest.fixture
def writer(demo_database: Database) -> Iterator[Connection]:
    """The writing role on the demo district; nothing of it stays."""
    with demo_database.engine.connect() as connection:
        outer = connection.begin()
        connection.execute(text(f"SET LOCAL ROLE {WRITER}"))
        yield connection
        outer.rollback()


@pytest.fixture(scope="module")
def cells(demo_database: Database) -> gpd.GeoDataFrame:
    with demo_database.reading(timeout_ms=60_000) as conn:
        rows = conn.execute(select(area.c.code, func.ST_AsBinary(area.c.geom)).where(area.c.level == 15)).all()
    shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return gpd.GeoDataFrame({"code": [code for code, _ in rows]}, geometry=shapes, crs=4326)


@pytest.fixture(scope="module")
def inside(cells: gpd.GeoDataFrame) -> tuple[float, float, str]:
    """Longitude, latitude and cell of a place well inside a cell."""
    cell = cells.sort_values("code").iloc[700]
    point = shapely.maximum_inscribed_circle(cell.geometry).coords[0]
    return float(point[0]), float(point[1]), str(cell["code"])


def a_report(**changes: Any) -> dict[str, Any]:
    return {
        "source": "hotline", "external_id": "T-1", "channel": "hotline", "category": "P0101", "title": "井盖破损",
        "reported_at": NOW - timedelta(minutes=1),
    } | changes  # fmt: skip


def stored(conn: Connection, number: str) -> Any:
    columns = [c for c in cases.c if c.name != "geom"]
    point = (func.ST_X(cases.c.geom).label("lon"), func.ST_Y(cases.c.geom).label("lat"))
    return conn.execute(select(*columns, *point).where(cases.c.number == number)).one()


def rows_of(conn: Connection) -> tuple[int, int, int]:
    return tuple(conn.execute(select(func.count()).select_from(t)).scalar_one() for t in (cases, case_event, outbox))  # type: ignore[return-value]


WAY = ("accepted", "verifying", "filed", "dispatched", "handling", "checking")


def closed_case(conn: Connection, calendar: DutyCalendar) -> str:
    number = opened(conn, calendar)
    for stage in (*WAY, "closed"):
        move_case(conn, number, {"stage": stage, "at": NOW}, NOW)
    return number


def opened(conn: Connection, calendar: DutyCalendar, **changes: Any) -> str:
    return report_case(conn, a_report(**changes), NOW, calendar)[0]


def wait_until_blocked(database: Database) -> None:
    """Return as soon as some connection waits for another one's transaction."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for _ in range(2_000):
            if conn.execute(waiting).scalar_one():
                return
            conn.execute(text("SELECT pg_sleep(0.005)"))
    pytest.fail("the second door never waited for the first")
