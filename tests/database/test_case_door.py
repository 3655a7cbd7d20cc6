"""The one door of cases: what comes in and where it lands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import select

from db.tables import case_event
from db.write.cases import place_case, report_case
from gis.datum import wgs84_to_gcj02
from gis.errors import InputFault
from gis.locate import CellIndex
from tests.database.case_door import (
    DISTRICT,
    METRES_PER_DEGREE,
    NOW,
    a_report,
    calendar,
    cells,
    inside,
    rows_of,
    stored,
    wait_until_blocked,
    writer,
)

__all__ = ["calendar", "cells", "inside", "writer"]  # fixtures


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
