"""The one door of cases: what comes in, where it lands, how it moves on, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from db.engine import WRITER, Database
from db.listen import CHANNEL, changes
from db.tables import area, case_event, cases, feed, outbox
from db.write.cases import beat, move_case, place_case, report_case
from gis.datum import wgs84_to_gcj02
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.locate import CellIndex
from gis.terms import STAGES
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


def test_new_case_is_stored_with_its_first_step_and_one_announcement(writer, calendar, inside):
    before = rows_of(writer)
    number, created = report_case(writer, a_report(lon=inside[0], lat=inside[1]), NOW, calendar)
    row = stored(writer, number)
    assert created and number.startswith("20260520")
    assert (row.area_code, row.location_status, row.stage, row.is_open) == (inside[2], "located", "reported", True)
    steps = writer.execute(select(case_event.c.stage, case_event.c.at).where(case_event.c.case_id == row.id)).all()
    assert steps == [("reported", NOW - timedelta(minutes=1))]
    assert tuple(np.subtract(rows_of(writer), before)) == (1, 1, 1)


def test_deadline_of_four_working_hours_leaves_the_lunch_break_out(writer, calendar, inside):
    number, _ = report_case(writer, a_report(lon=inside[0], lat=inside[1], reported_at=NOW), NOW, calendar)
    assert stored(writer, number).due_at == datetime(2026, 5, 20, 8, 0, tzinfo=UTC)  # 10-12 and 14-16 in Beijing


def test_replay_returns_the_number_given_before_and_writes_nothing(writer, calendar, inside):
    first, _ = report_case(writer, a_report(lon=inside[0], lat=inside[1]), NOW, calendar)
    before = rows_of(writer)
    again = report_case(writer, a_report(title="another title", category="no such"), NOW + timedelta(hours=1), calendar)
    assert again == (first, False)
    assert rows_of(writer) == before
    assert stored(writer, first).title == "井盖破损"


def test_same_report_through_two_doors_at_once_becomes_one_case(demo_clone, calendar):
    report = a_report(external_id="twice")
    with demo_clone.owner() as conn:
        before = rows_of(conn)
    with ThreadPoolExecutor(1) as pool:
        with demo_clone.writing() as early:
            first = report_case(early, report, NOW, calendar)

            def at_the_other_door() -> tuple[str, bool]:
                with demo_clone.writing() as late:
                    return report_case(late, report, NOW, calendar)

            other = pool.submit(at_the_other_door)
            wait_until_blocked(demo_clone)
            assert not other.done()
        assert first[1] and other.result(timeout=10) == (first[0], False)
    with demo_clone.owner() as conn:
        assert tuple(np.subtract(rows_of(conn), before)) == (1, 1, 1)


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


def test_one_report_sent_by_eight_threads_becomes_one_case(demo_clone, calendar):
    def send(_: int) -> tuple[str, bool]:
        with demo_clone.writing() as conn:
            return report_case(conn, a_report(external_id="storm"), NOW, calendar)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert len({number for number, _ in answers}) == 1
    assert sum(created for _, created in answers) == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"category": "X9999"}, "category 'X9999' is not in the category tree"),
        ({"reported_at": NOW + timedelta(minutes=6)}, "lies in the future"),
        ({"crs": "EPSG:3857", "lon": 116.3, "lat": 39.9}, "crs 'EPSG:3857' is not one of"),
        ({"street_code": "110102999"}, "street_code '110102999' is not a street in force"),
        ({"street_code": "310101001"}, "district '310101' is not loaded"),
        ({"district_code": "310101"}, "district '310101' is not loaded"),
    ],
)
def test_report_that_can_not_be_right_is_refused_in_one_line(writer, calendar, changes, told):
    before = rows_of(writer)
    with pytest.raises(InputFault, match=told) as caught:
        report_case(writer, a_report(**changes), NOW, calendar)
    assert "\n" not in str(caught.value)
    assert rows_of(writer) == before


def test_clock_a_few_minutes_ahead_is_forgiven(writer, calendar):
    assert report_case(writer, a_report(reported_at=NOW + timedelta(minutes=4)), NOW, calendar)[1]


@pytest.mark.parametrize("place", [{}, {"lon": 0.0, "lat": 0.0}, {"lon": 116.36}, {"lat": 39.9}])
def test_report_without_a_usable_point_is_counted_in_the_district_as_unlocated(writer, calendar, place):
    number, _ = report_case(writer, a_report(**place), NOW, calendar)
    row = stored(writer, number)
    assert (row.area_code, row.location_status, row.lon) == (DISTRICT, "unlocated", None)
    assert (row.received_x, row.received_y) == (place.get("lon"), place.get("lat"))


def test_unlocated_report_is_counted_in_the_street_it_names(writer, calendar):
    number, _ = report_case(writer, a_report(street_code="110102012"), NOW, calendar)
    row = stored(writer, number)
    assert (row.area_code, row.location_status) == ("110102012", "unlocated")


def test_point_decides_even_when_a_street_is_named(writer, calendar, inside):
    other = "110102012" if not inside[2].startswith("110102012") else "110102018"
    number, _ = report_case(writer, a_report(lon=inside[0], lat=inside[1], street_code=other), NOW, calendar)
    assert stored(writer, number).area_code == inside[2]


def test_point_outside_the_district_is_kept_and_counted_as_outside(writer, calendar):
    number, _ = report_case(writer, a_report(lon=116.6, lat=39.9), NOW, calendar)
    row = stored(writer, number)
    assert (row.area_code, row.location_status, row.lon, row.lat) == (DISTRICT, "outside", 116.6, 39.9)


def test_cross_street_report_is_counted_once_in_the_district(writer, calendar, inside):
    number, _ = report_case(
        writer, a_report(lon=inside[0], lat=inside[1], location_status="cross_street"), NOW, calendar
    )
    assert (stored(writer, number).area_code, stored(writer, number).location_status) == (DISTRICT, "cross_street")


def test_shifted_point_lands_within_a_metre_of_the_true_place(writer, calendar, inside):
    lon, lat = (float(x) for x in wgs84_to_gcj02(inside[0], inside[1]))
    assert abs(lon - inside[0]) * METRES_PER_DEGREE > 300  # the shift is far larger than what is allowed below
    number, _ = report_case(writer, a_report(lon=lon, lat=lat, crs="GCJ-02"), NOW, calendar)
    row = stored(writer, number)
    away_m = np.hypot((row.lon - inside[0]) * np.cos(np.radians(lat)), row.lat - inside[1]) * METRES_PER_DEGREE
    assert away_m < 1.0
    assert (row.received_x, row.received_y, row.received_crs) == (lon, lat, "GCJ-02")
    assert row.area_code == inside[2]


def test_point_on_shared_edge_belongs_to_the_smallest_code(demo_database, cells):
    """500 points on edges and corners: PostGIS, the index in memory and the rule itself agree on every one."""
    rng = np.random.default_rng(20)
    rings = shapely.get_rings(shapely.get_parts(cells.geometry.to_numpy()))
    points = []
    for k in range(500):
        corners = shapely.get_coordinates(rings[rng.integers(len(rings))])
        i = int(rng.integers(len(corners) - 1))
        share = (0.0, 0.5, float(rng.random()))[k % 3]
        points.append(corners[i] + share * (corners[i + 1] - corners[i]))
    xy = np.array(points)
    located = CellIndex.from_frame(cells).locate(xy)
    with demo_database.reading(timeout_ms=60_000) as conn:
        asked = [place_case(conn, DISTRICT, float(x), float(y)) for x, y in xy]
    # a point computed on the district's own border may lie a hair outside: then both say so
    assert asked == [(str(code), "located") if code else (DISTRICT, "outside") for code in located]
    owners = cells.set_index("code").geometry
    found = owners.sindex.query(shapely.points(xy), predicate="intersects")
    touching = [sorted(owners.index[found[1][found[0] == i]]) for i in range(len(xy))]
    assert [codes[0] if codes else "" for codes in touching] == list(located)
    assert sum(len(codes) > 1 for codes in touching) > 150


WAY = ("accepted", "verifying", "filed", "dispatched", "handling", "checking")


def closed_case(conn: Connection, calendar: DutyCalendar) -> str:
    number = opened(conn, calendar)
    for stage in (*WAY, "closed"):
        move_case(conn, number, {"stage": stage, "at": NOW}, NOW)
    return number


def opened(conn: Connection, calendar: DutyCalendar, **changes: Any) -> str:
    return report_case(conn, a_report(**changes), NOW, calendar)[0]


def test_case_goes_through_every_stage_to_its_end(writer, calendar):
    number = opened(writer, calendar)
    row = stored(writer, number)
    for minute, stage in enumerate(WAY, 1):
        move_case(writer, number, {"stage": stage, "at": NOW + timedelta(minutes=minute)}, NOW + timedelta(hours=1))
        assert (stored(writer, number).stage, stored(writer, number).is_open) == (stage, True)
    assert stored(writer, number).handled_at == NOW + timedelta(minutes=6)
    end = NOW + timedelta(minutes=9)
    move_case(writer, number, {"stage": "closed", "at": end, "unit": "甲", "reason": "修复"}, NOW + timedelta(hours=1))
    closed = stored(writer, number)
    assert (closed.is_open, closed.closed_at, closed.handled_at) == (False, end, NOW + timedelta(minutes=6))
    told = select(case_event.c.stage, case_event.c.unit).where(case_event.c.case_id == row.id).order_by(case_event.c.id)
    stages = ["reported", *WAY, "closed"]
    assert [stage for stage, _ in writer.execute(told)] == stages
    heard = writer.execute(select(func.count()).where(outbox.c.case_id == row.id)).scalar_one()
    assert heard == len(stages)


def test_closing_without_a_check_takes_the_end_as_handled(writer, calendar):
    number = opened(writer, calendar, category="S0902")
    move_case(writer, number, {"stage": "accepted", "at": NOW}, NOW)
    move_case(writer, number, {"stage": "closed", "at": NOW, "reason": "已当场答复"}, NOW)
    assert stored(writer, number).handled_at == NOW


def test_void_case_is_closed_but_not_handled(writer, calendar):
    number = opened(writer, calendar)
    move_case(writer, number, {"stage": "void", "at": NOW, "reason": "重复上报"}, NOW)
    row = stored(writer, number)
    assert (row.is_open, row.closed_at, row.handled_at) == (False, NOW, None)


def test_evaluation_may_follow_the_end_and_leaves_its_time_alone(writer, calendar):
    number = closed_case(writer, calendar)
    later = NOW + timedelta(days=1)
    move_case(writer, number, {"stage": "evaluated", "at": later}, later)
    row = stored(writer, number)
    assert (row.stage, row.is_open, row.closed_at) == ("evaluated", False, NOW)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"stage": "lost"}, "stage 'lost' is not one of"),
        ({"stage": "accepted", "at": NOW - timedelta(hours=2)}, "is not between the last step"),
        ({"stage": "accepted", "at": NOW + timedelta(hours=2)}, "is not between the last step"),
    ],
)
def test_impossible_step_is_refused_and_changes_nothing(writer, calendar, step, told):
    number = opened(writer, calendar)
    before, row = rows_of(writer), stored(writer, number)
    with pytest.raises(MoveRefused, match=told):
        move_case(writer, number, step, NOW)
    assert rows_of(writer) == before and stored(writer, number) == row


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "evaluated"])
def test_closed_case_stays_closed(writer, calendar, stage):
    number = closed_case(writer, calendar)
    with pytest.raises(MoveRefused, match="only an evaluation may follow"):
        move_case(writer, number, {"stage": stage, "at": NOW}, NOW)


def test_step_of_a_case_that_does_not_exist_is_refused(writer):
    with pytest.raises(CaseNotFound, match="no case has the number 404"):
        move_case(writer, "404", {"stage": "accepted"}, NOW)


@pytest.mark.parametrize(
    "statement", ["UPDATE case_event SET reason = 'x'", "DELETE FROM case_event", "TRUNCATE case_event"]
)
def test_writer_can_not_rewrite_what_happened(writer, statement):
    with pytest.raises(DBAPIError, match="permission denied"), writer.begin_nested():
        writer.execute(text(statement))


@pytest.fixture
def heard(demo_clone: Database) -> Iterator[psycopg.Connection[Any]]:
    """A second connection that listens for announced changes."""
    with psycopg.connect(demo_clone.libpq_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        yield listener


def ids_of(listener: psycopg.Connection[Any]) -> list[int]:
    """Return what was announced up to now: an own announcement marks the end."""
    listener.execute(f"NOTIFY {CHANNEL}, 'end'")
    payloads: list[str] = []
    for note in listener.notifies(timeout=10):
        if note.payload == "end":
            break
        payloads.append(note.payload)
    return [int(payload) for payload in payloads]


def test_every_committed_change_is_announced_once_and_only_then(demo_clone, heard, calendar):
    with demo_clone.writing() as conn:
        number = opened(conn, calendar, street_code="110102012")
        assert ids_of(heard) == []
    reported = ids_of(heard)
    with demo_clone.writing() as conn:
        move_case(conn, number, {"stage": "accepted", "at": NOW}, NOW)
    moved = ids_of(heard)
    with demo_clone.writing() as conn:
        opened(conn, calendar)  # a replay changes nothing
    assert ids_of(heard) == []
    assert (len(reported), len(moved)) == (1, 1) and reported != moved
    with demo_clone.reading() as conn:
        told = changes(conn, reported + moved)
        case_id = stored(conn, number).id
    assert [(one.kind, one.case_id, one.area_code) for one in told] == [("case", case_id, "110102012")] * 2


def test_change_that_is_rolled_back_is_never_announced(demo_clone, heard, calendar):
    with pytest.raises(RuntimeError, match="no"), demo_clone.writing() as conn:
        opened(conn, calendar)
        raise RuntimeError("no")
    assert ids_of(heard) == []


def test_sign_of_life_enters_a_feed_and_counts_what_it_brought(writer):
    def state() -> tuple[Any, ...]:
        columns = (feed.c.beat_at, feed.c.record_at, feed.c.received, feed.c.rejected)
        return tuple(writer.execute(select(*columns).where(feed.c.name == "new-source")).one())

    beat(writer, "new-source", NOW)
    assert state() == (NOW, None, 0, 0)
    beat(writer, "new-source", NOW + timedelta(minutes=1), received=3, rejected=1)
    assert state() == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=1), 3, 1)
    beat(writer, "new-source", NOW + timedelta(minutes=2))
    assert state() == (NOW + timedelta(minutes=2), NOW + timedelta(minutes=1), 3, 1)
