"""Open311 requests as a reader meets them: which ones come, what each tells, and what is kept back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.engine import Database
from db.write.cases import move_case
from tests.clones import TestServer
from tests.database.open311_door import (
    CELL,
    INSIDE,
    OUTSIDE,
    Door,
    as_text,
    built,
    plain,
    refused,
    report,
    small_district,
)

FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def record(test_server: TestServer) -> Iterator[Database]:
    """Five requests: today's, one closed yesterday, one outside, one of a home, and one of a hundred days ago."""
    with test_server.clone(test_server.schema_template()) as url:
        database = Database(url)
        small_district(database)
        yield database
        database.dispose()


@pytest.fixture(scope="module")
def numbers(record: Database) -> dict[str, str]:
    made = {
        "today": report(record, 1, title="电话 13812345678 或 a.b@example.org <急> & 快"),
        "closed": report(record, 2, 2 * DAY, category="E0104"),
        "outside": report(record, 3, 3 * DAY, lon=OUTSIDE[0], lat=OUTSIDE[1]),
        "home": report(record, 4, 4 * DAY, category="S0703", title="家里的事"),
        "old": report(record, 5, 100 * DAY),
    }
    with record.writing() as conn:
        move_case(
            conn, made["closed"], {"stage": "void", "reason": "重复", "at": datetime.now(UTC) - DAY}, datetime.now(UTC)
        )
    return made


@pytest.fixture(scope="module")
def door(record: Database, numbers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Door:
    return Door(built(record, tmp_path_factory.mktemp("open311")))


def names(rows: list[dict[str, Any]], numbers: dict[str, str]) -> list[str]:
    known = {number: name for name, number in numbers.items()}
    return [known[row["service_request_id"]] for row in rows]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({}, "today closed outside home"),
        ({"status": "open"}, "today outside home"),
        ({"status": "closed"}, "closed"),
        ({"status": "open,closed"}, "today closed outside home"),
        ({"status": ["open", "closed"]}, "today closed outside home"),
        ({"status": "", "service_code": "", "start_date": " ", "page": ""}, "today closed outside home"),
        ({"service_code": "E0104"}, "closed"),
        ({"service_code": "E0104, E0102"}, "today closed outside"),
        ({"service_code": "X1"}, ""),
        ({"page_size": "2"}, "today closed"),
        ({"page_size": "2", "page": "2"}, "outside home"),
        ({"page_size": "2", "page": "3"}, ""),
        ({"bbox": "116.3,39.9,116.4,39.95"}, "today closed"),
        ({"bbox": "116.5,39.9,116.7,39.95"}, "outside"),
        ({"jurisdiction_id": "110102", "status": "closed"}, "closed"),
    ],
)
def test_filters_choose_newest_first(door, numbers, params, told):
    assert names(door.json("requests", **params), numbers) == told.split()


def test_numbers_override_every_other_filter_and_reach_beyond_ninety_days(door, numbers):
    asked = f"{numbers['old']},{numbers['closed']}, 404"
    rows = door.json("requests", service_request_id=asked, status="open", page="9", start_date="nonsense")
    assert names(rows, numbers) == ["closed", "old"]


def test_dates_choose_the_time_of_the_report(door, numbers):
    today = datetime.now(UTC)

    def asked(**days: float) -> list[str]:
        params = {name: (today - days[name] * DAY).strftime("%Y-%m-%dT%H:%M:%SZ") for name in days}
        return names(door.json("requests", **params), numbers)

    assert asked(start_date=2.5) == ["today", "closed"]
    assert asked(end_date=2.5) == ["outside", "home"]
    assert asked(start_date=120) == ["outside", "home", "old"][2:]
    assert asked(start_date=95, end_date=5) == []
    assert asked(start_date=89, end_date=0) == ["today", "closed", "outside", "home"]


def test_told_time_finds_its_request_again(door, numbers):
    at = door.json(f"requests/{numbers['closed']}")[0]["requested_datetime"]
    assert at.endswith("+08:00")
    for written in (at, at.replace("+", " ")):  # as many programs forget to escape it
        assert names(door.json("requests", start_date=written, end_date=written), numbers) == ["closed"]


def test_change_after_a_moment_is_found(door, numbers):
    before = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    after = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert len(door.json("requests", updated_after=before)) == 4
    assert door.json("requests", updated_after=after) == []


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"status": "void"}, "status is not open, closed"),
        ({"start_date": "2026-05-01"}, "start_date is not a W3C date-time with a time zone"),
        ({"start_date": "2026-05-01T00:00:00"}, "start_date is not a W3C date-time with a time zone"),
        ({"end_date": "2026-13-01T00:00:00Z"}, "end_date is not a W3C date-time"),
        ({"start_date": "0001-01-01T00:00:00+14:00"}, "start_date is not between the years"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, "more than 90 days apart"),
        ({"start_date": "2026-05-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, "end_date is before"),
        ({"updated_after": "yesterday"}, "updated_after is not a W3C date-time"),
        ({"page": "0"}, "page is not a whole number"),
        ({"page_size": "1001"}, "page_size is not a whole number from 1 to 1000"),
        ({"page_size": "ten"}, "page_size is not a whole number"),
        ({"bbox": "1,2,3"}, "bbox is not west,south,east,north"),
        ({"bbox": "116.4,39.9,116.3,39.95"}, "west before east"),
        ({"bbox": "nan,1,2,3"}, "bbox is not west"),
        ({"service_code": "a\x00b"}, "can hold"),
    ],
)
def test_wrong_parameter_is_a_wrong_request(door, params, why):
    for form in ("json", "xml"):
        assert why in refused(door.get(f"requests.{form}", **params), 400)[0]


def test_every_fault_is_told_at_once(door):
    told = refused(door.get("requests.json", status="x", page="x", bbox="x"), 400)
    assert len(told) == 3


def test_request_has_every_field_of_the_standard_in_its_order(door, numbers):
    (told,) = door.json(f"requests/{numbers['today']}", locale="en")
    assert list(told) == FIELDS
    assert isinstance(told["service_request_id"], str) and isinstance(told["service_code"], str)
    assert (told["status"], told["status_notes"], told["service_name"]) == ("open", "Reported", "Exposed waste")
    assert (told["long"], told["lat"]) == INSIDE and told["address_id"] == CELL
    assert datetime.fromisoformat(told["expected_datetime"]) > datetime.fromisoformat(told["requested_datetime"])
    assert told["zipcode"] is None and told["media_url"] is None


def test_closed_request_was_updated_when_it_was_closed(door, numbers):
    (told,) = door.json(f"requests/{numbers['closed']}")
    assert told["status"] == "closed"
    assert abs(datetime.fromisoformat(told["updated_datetime"]) - (datetime.now(UTC) - DAY)) < timedelta(minutes=5)


def test_phone_numbers_and_addresses_of_mail_are_blacked_out_and_signs_are_escaped(door, numbers):
    (told,) = door.json(f"requests/{numbers['today']}")
    assert told["description"] == "电话 *** 或 *** <急> & 快"
    assert plain(door.xml(f"requests/{numbers['today']}"))[0]["description"] == told["description"]


def test_what_was_told_of_a_home_is_counted_but_neither_described_nor_placed(door, numbers):
    (told,) = door.json(f"requests/{numbers['home']}")
    hidden = ("description", "address", "lat", "long")
    assert [told[name] for name in hidden] == [None] * 4 and told["address_id"] == CELL[:9]
    assert numbers["home"] not in {row["service_request_id"] for row in door.json("requests", bbox="116,39,117,40")}


def test_both_formats_say_the_same(door):
    assert plain(door.xml("requests")) == as_text(door.json("requests"))
    assert plain(door.xml("requests", extensions="true")) == as_text(door.json("requests", extensions="true"))


def test_extension_adds_the_history(door, numbers):
    (told,) = door.json(f"requests/{numbers['closed']}", extensions="true", locale="en")
    assert list(told) == [*FIELDS, "extended_attributes", "attributes", "notes"]
    assert [note["type"] for note in told["notes"]] == ["reported", "void"]
    assert told["extended_attributes"] == {"channel": "hotline", "location_status": "located"}


def test_empty_answer_is_an_empty_list(door):
    assert door.json("requests", service_code="X1") == []
    assert len(door.xml("requests", service_code="X1")) == 0


def test_characters_that_xml_can_not_hold_do_not_break_it(record, door):
    number = report(record, 99, 80 * DAY, title="a\x0bb]]>\ufffe")
    assert plain(door.xml(f"requests/{number}"))[0]["description"] == "a\ufffdb]]>\ufffd"


def test_at_most_a_thousand_come_and_pages_reach_the_rest(demo_database, tmp_path):
    door = Door(built(demo_database, tmp_path))
    first = door.json("requests")
    second = door.json("requests", page=2)
    assert len(first) == len(second) == 1_000
    told = [row["service_request_id"] for row in first + second]
    assert len(set(told)) == 2_000
    times = [row["requested_datetime"] for row in first + second]
    assert times == sorted(times, reverse=True)


def test_request_of_another_district_is_not_told(record, numbers, tmp_path):
    small_district(record, code="110101")
    try:
        door = Door(built(record, tmp_path))
        assert len(door.json("requests", jurisdiction_id="110102", status="closed")) == 1
        assert door.json("requests", jurisdiction_id="110101") == []
        refused(door.get(f"requests/{numbers['today']}.json", jurisdiction_id="110101"), 404)
    finally:
        with record.owner() as conn:
            conn.exec_driver_sql("DELETE FROM area WHERE district_code = '110101'")
            conn.exec_driver_sql("DELETE FROM district WHERE code = '110101'")
