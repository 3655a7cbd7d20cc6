"""Open311 reports: who may send, what is checked, where the case goes, and what happens when it is sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select

from db.engine import Database
from db.listen import CHANNEL
from db.tables import case_event, cases, feed, open311_request
from db.write.keys import list_keys, revoke_key
from tests.clones import TestServer
from tests.database.open311_door import (
    CELL,
    INSIDE,
    OUTSIDE,
    Door,
    a_report,
    as_text,
    built,
    new_key,
    plain,
    refused,
    small_district,
)

PERSON = {"first_name": "小红", "last_name": "李", "phone": "13900001111", "email": "hong@example.org",
          "device_id": "device-77", "account_id": "account-88"}  # fmt: skip


@pytest.fixture(scope="module")
def record(test_server: TestServer) -> Iterator[Database]:
    with test_server.clone(test_server.schema_template()) as url:
        database = Database(url)
        small_district(database)
        yield database
        database.dispose()


@pytest.fixture(scope="module")
def key(record: Database) -> str:
    return new_key(record, per_minute=100_000)


@pytest.fixture(scope="module")
def door(record: Database, tmp_path_factory: pytest.TempPathFactory) -> Door:
    return Door(built(record, tmp_path_factory.mktemp("open311")))


def count(record: Database) -> int:
    with record.reading() as conn:
        return conn.execute(select(func.count()).select_from(cases)).scalar_one()


# the four scenarios of the public feature tests: list, definition, report to request, missing answer


def test_scenario_services_are_listed_with_their_codes(door):
    assert all(row["service_code"] and row["service_name"] for row in door.json("services"))


def test_scenario_definition_lists_attributes(door):
    assert door.json("services/P0110")["attributes"] != []


def test_scenario_report_becomes_a_token_then_a_number_then_a_request(record, door):
    patient = new_key(record, "patient", answers_token=True)
    answer = door.post(**a_report(patient, description="等待编号"))
    (told,) = answer.json()
    assert answer.status_code == 200 and "service_request_id" not in told
    (resolved,) = door.json(f"tokens/{told['token']}")
    assert resolved["token"] == told["token"]
    assert plain(door.xml(f"tokens/{told['token']}")) == as_text([resolved])
    (request,) = door.json(f"requests/{resolved['service_request_id']}")
    assert (request["service_code"], request["description"]) == ("E0104", "等待编号")


def test_scenario_missing_required_attribute_is_refused(door, key):
    told = refused(door.post(**a_report(key, service_code="P0101")), 400)
    assert told == ["attribute[condition] is required and was not provided"]


def test_report_is_a_case_like_any_other_and_is_announced(record, door, key):
    with psycopg.connect(record.libpq_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        number = door.filed(**a_report(key, description="第一行\r\n第二行", address_string="西长安街 1 号"))
        assert len(list(listener.notifies(timeout=5, stop_after=1))) == 1
    case = door.ask("GET", f"/api/v1/cases/{number}").json()
    assert (case["channel"], case["source"], case["title"]) == ("open311", "open311:app", "第一行")
    assert (case["area_code"], case["location_status"], case["place"]) == (CELL, "located", "西长安街 1 号")
    assert [event["stage"] for event in case["events"]] == ["reported"]
    (told,) = door.json(f"requests/{number}")
    assert told["description"] == "第一行\n第二行"
    assert door.json("requests")[0]["service_request_id"] == number


def test_receipt_is_a_number_and_no_token_in_both_formats(door, key):
    answer = door.post(**a_report(key, description="收据"))
    (told,) = answer.json()
    assert list(told) == ["service_request_id", "service_notice", "account_id"]
    again = door.ask("POST", "/open311/v2/requests.xml", data=a_report(key, description="收据"))
    assert again.headers["content-type"] == "text/xml; charset=utf-8"
    assert f"<service_request_id>{told['service_request_id']}</service_request_id>" in again.text


def test_attributes_are_checked_kept_and_told(door, key):
    fields = a_report(key, service_code="P0110", description="灯") | {
        "attribute[pole_number]": "A-17", "attribute[fault][]": ["dark", "leaning"], "attribute[unasked]": "x",
    }  # fmt: skip
    (told,) = door.json(f"requests/{door.filed(**fields)}", extensions="true")
    assert told["attributes"] == [
        {"code": "fault", "value": "dark"}, {"code": "fault", "value": "leaning"},
        {"code": "pole_number", "value": "A-17"},
    ]  # fmt: skip


def test_json_body_is_taken_too(door, key):
    body = {"api_key": key, "service_code": "P0110", "lat": INSIDE[1], "long": INSIDE[0], "media_url": None,
            "attribute": {"pole_number": 5, "fault": ["dark"]}}  # fmt: skip
    answer = door.ask("POST", "/open311/v2/requests.json", json=body)
    assert answer.status_code == 200, answer.text


def test_nothing_personal_is_stored(record, door, key):
    door.filed(**a_report(key, description="无姓名"), **PERSON)
    with record.owner() as conn:
        for table in (cases, open311_request, case_event, feed):
            stored = str(conn.execute(select(table)).all())
            assert [value for value in PERSON.values() if value in stored] == [], table.name


def test_key_itself_is_not_stored(record, key):
    with record.owner() as conn:
        assert key not in str(list_keys(conn)) and key not in str(conn.exec_driver_sql("TABLE api_key").all())


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({}, ("located", CELL)),
        ({"long": OUTSIDE[0]}, ("outside", "110102")),
        ({"lat": None, "long": None, "address_string": "大街"}, ("unlocated", "110102")),
        ({"lat": "0", "long": "0", "address_string": "大街"}, ("unlocated", "110102")),
        ({"lat": None, "long": None, "address_id": CELL}, ("unlocated", CELL[:9])),
        ({"address_id": "of another system"}, ("located", CELL)),
    ],
)
def test_place_is_a_point_or_words_or_an_area(record, door, key, changes, place):
    number = door.filed(**a_report(key, description=f"地点 {changes}", **changes))
    case = door.ask("GET", f"/api/v1/cases/{number}").json()
    assert (case["location_status"], case["area_code"]) == place


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"api_key": None}, 403, "api_key was not provided"),
        ({"api_key": "qx_wrong"}, 403, "not in force"),
        ({"service_code": None}, 400, "service_code was not provided"),
        ({"service_code": "X9"}, 404, "service_code provided was not found"),
        ({"jurisdiction_id": "999999"}, 404, "jurisdiction_id provided was not found"),
        ({"lat": None, "long": None}, 400, "no location was provided"),
        ({"lat": "0", "long": "0"}, 400, "both 0"),
        ({"long": None}, 400, "needed both"),
        ({"lat": INSIDE[0], "long": INSIDE[1]}, 400, "not degrees"),
        ({"lat": "nan"}, 400, "not degrees"),
        ({"lat": "north"}, 400, "not degrees"),
        ({"lat": None, "long": None, "address_id": "110102999"}, 400, "address_id"),
        ({"description": "x" * 4_001}, 400, "longer than 4000"),
        ({"description": "<script>alert(1)</script>"}, 400, "HTML"),
        ({"description": "a\x00b"}, 400, "NUL"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"service_code": "P0101", "attribute[condition]": "gone"}, 400, "is not one of missing"),
        ({"service_code": "P0101", "attribute[condition][]": ["missing", "loose"]}, 400, "takes one value"),
        ({"service_code": "E0102", "attribute[volume]": "much"}, 400, "is not a number"),
        ({"service_code": "S0401", "attribute[heard_at]": "last night"}, 400, "is not a date-time"),
        ({"service_code": ["E0104", "E0102"]}, 400, "more than once"),
    ],
)
def test_wrong_report_is_refused_in_both_formats_and_leaves_nothing(record, door, key, changes, status, why):
    before = count(record)
    for form in ("json", "xml"):
        assert why in " ".join(refused(door.post(form, **a_report(key, **changes)), status))
    assert count(record) == before


def test_every_fault_of_a_report_is_told_at_once(door, key):
    told = refused(door.post(**a_report(key, service_code="X9", lat="x", media_url="x")), 404)
    assert len(told) == 3


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("multipart/form-data; boundary=x", b"--x--", "send application/x-www-form-urlencoded"),
        ("application/x-www-form-urlencoded", b"description=%ff", "not UTF-8"),
        ("application/x-www-form-urlencoded", b"a=1&" * 600, "more than 500 fields"),
        ("application/json", b"[" * 5_000, "not JSON"),
        ("application/json", b"[]", "not an object"),
        ("application/json", b'{"lat": true}', "neither text nor number"),
        ("application/json", b'{"description": "\\ud800"}', "not text in UTF-8"),
        ("application/json", b'{"lat": ' + b"9" * 5_000 + b"}", "not JSON"),
        ("application/json", b'"' + b"x" * 70_000 + b'"', "larger than 65536 bytes"),
    ],
)
def test_body_that_can_not_be_read_is_refused(door, kind, body, why):
    answer = door.ask("POST", "/open311/v2/requests.xml", content=body, headers={"Content-Type": kind})
    assert why in refused(answer, 400)[0]


def test_revoked_key_is_refused_at_once(record, door):
    gone = new_key(record, "gone")
    door.filed(**a_report(gone, description="还行"))
    with record.owner() as conn:
        revoke_key(conn, "gone", conn.execute(select(func.now())).scalar_one())
    refused(door.post(**a_report(gone, description="不行")), 403)


def test_flood_of_one_key_is_refused_and_others_go_on(record, door, key):
    slow = new_key(record, "slow", per_minute=2)
    numbers = {door.filed(**a_report(slow, description=f"第 {n} 件")) for n in range(2)}
    answer = door.post(**a_report(slow, description="第 3 件"))
    assert "more than 2 reports a minute" in refused(answer, 400)[0]
    assert (answer.json()[0]["code"], answer.headers["retry-after"], len(numbers)) == (429, "60", 2)
    door.filed(**a_report(key, description="别人"))


def test_same_report_sent_again_is_the_same_request(record, door, key):
    first = door.filed(**a_report(key, description="重发"), **PERSON)
    before = count(record)
    assert door.filed(**a_report(key, description="重发"), **PERSON) == first
    assert count(record) == before
    another = PERSON | {"phone": "13900002222"}  # somebody else says the same: a voice of its own
    assert door.filed(**a_report(key, description="重发"), **another) != first


def test_own_id_makes_a_replay_harmless_whatever_it_says(record, door, key):
    headers = {"Idempotency-Key": "report-1"}
    first, second = (
        door.post(headers=headers, **a_report(key, description=text)).json() for text in ("一", "一，更正")
    )
    assert first == second
    assert "visible ASCII" in refused(door.post(headers={"Idempotency-Key": "x" * 101}, **a_report(key)), 400)[0]


def test_report_sent_by_eight_at_once_is_stored_once(record, door, key):
    before = count(record)
    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(lambda _n: door.filed(**a_report(key, description="同时")), range(8)))
    assert len(told) == 1 and count(record) == before + 1


def test_feed_of_a_key_counts_what_came_and_what_was_refused(record, door):
    counted = new_key(record, "counted")
    door.filed(**a_report(counted, description="计数"))
    refused(door.post(**a_report(counted, service_code="X9")), 404)
    with record.reading() as conn:
        row: Any = conn.execute(select(feed).where(feed.c.name == "open311:counted")).one()
    assert (row.received, row.rejected, row.period_s) == (1, 1, 86_400)


def test_database_that_is_away_is_a_general_error_in_the_standard_s_shape(tmp_path):
    door = Door(built(Database("postgresql://nobody:x@127.0.0.1:1/none"), tmp_path))
    for answer in (door.get("services.json"), door.post(**a_report("qx_any"))):
        assert refused(answer, 400) == ["the service is not available at the moment"]
        assert json.loads(answer.text)[0]["code"] == 503
