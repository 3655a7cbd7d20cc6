"""Independent programs of other people talk to a running server; and nothing that is sent breaks it."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from civicbot.http import HttpError, HttpTransport, RateLimiter
from civicbot.open311 import Open311Client, ValidationError
from civicbot.registry import Endpoint
from defusedxml.ElementTree import fromstring
from georeport import GeoReport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import HTTPError

from dashboard.__main__ import main
from db.engine import Database
from tests.clones import TestServer
from tests.database.open311_door import (
    INSIDE,
    JSON,
    XML,
    Door,
    a_report,
    built,
    new_key,
    refused,
    report,
    running,
    small_district,
)


@pytest.fixture(scope="module")
def record(test_server: TestServer) -> Iterator[Database]:
    with test_server.clone(test_server.schema_template()) as url:
        database = Database(url)
        small_district(database)
        for number in range(3):
            report(database, number)
        yield database
        database.dispose()


@pytest.fixture(scope="module")
def door(record: Database, tmp_path_factory: pytest.TempPathFactory) -> Door:
    return Door(built(record, tmp_path_factory.mktemp("open311")))


@pytest.fixture(scope="module")
def key(record: Database) -> str:
    return new_key(record, "client", per_minute=100_000)


@pytest.fixture(scope="module")
def address(door: Door) -> Iterator[str]:
    with running(door.app) as address:
        yield f"{address}/open311/v2"


@pytest.fixture
def civic(address: str) -> Open311Client:
    endpoint = Endpoint("here", "here", address, write=True)
    return Open311Client(endpoint, HttpTransport(rate_limiter=RateLimiter(0.0)))


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_everything(address, form):
    client = GeoReport(address, jurisdiction="110102", output_format=form)
    services = client.get_service_list()
    assert len(services) == 138 and {"service_code", "service_name", "group"} <= set(services[0])
    definition = client.get_service_definition("P0101")
    assert definition["service_code"] == "P0101"
    found = client.get_service_requests(service_code="E0102", status="open")
    rows = found if form == "json" else found["service_requests"]["request"] if "service_requests" in found else found
    assert len(rows) == 3
    one = client.get_service_request(rows[0]["service_request_id"])
    assert one["service_request_id"] == rows[0]["service_request_id"]
    assert float(one["lat"]) == INSIDE[1]


def test_georeport_is_told_what_does_not_exist(address):
    with pytest.raises(HTTPError, match="404"):
        GeoReport(address).get_service_request("20200101")


def test_civicbot_reports_after_checking_with_the_live_definition(civic, key):
    sent = civic.create_request(
        "P0101", lat=INSIDE[1], lng=INSIDE[0], description="井盖松动", attributes={"condition": "loose"},
        first_name="红", phone="13900001111", api_key=key, validate_remote=True, dry_run=False, confirm="SEND",
    )  # fmt: skip
    number = sent.response[0]["service_request_id"]
    told = civic.get_request(number)
    assert (told["service_code"], told["description"], told["status"]) == ("P0101", "井盖松动", "open")
    assert [row["service_request_id"] for row in civic.list_requests(service_request_ids=[number])] == [number]
    assert civic.list_requests(page_size=1)[0]["service_request_id"] == number


def test_civicbot_sends_lists_and_the_token_of_a_patient_key_resolves(record, civic):
    patient = new_key(record, "civic-patient", answers_token=True)
    sent = civic.create_request(
        "P0110", address_string="西长安街", attributes={"fault": ["dark", "leaning"]}, api_key=patient,
        validate_remote=True, dry_run=False, confirm="SEND",
    )  # fmt: skip
    (resolved,) = civic.get_token(sent.response[0]["token"])
    assert civic.get_request(resolved["service_request_id"])["address"] == "西长安街"


def test_civicbot_finds_the_same_faults_as_the_server(civic, key):
    given_up: dict[str, Any] = {"lat": INSIDE[1], "lng": INSIDE[0], "api_key": key, "dry_run": False, "confirm": "SEND"}
    with pytest.raises(ValidationError, match="required attribute 'condition' missing"):
        civic.create_request("P0101", validate_remote=True, **given_up)
    with pytest.raises(HttpError, match="400") as refusal:
        civic.create_request("P0101", **given_up)
    assert "attribute[condition] is required" in refusal.value.body
    with pytest.raises(HttpError, match="403"):
        civic.create_request("E0104", **(given_up | {"api_key": "qx_wrong"}))


def test_keys_are_made_listed_and_revoked_on_the_command_line(record, door, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", record.url.render_as_string(hide_password=False))
    assert main(["keys", "add", "city-app", "--per-minute", "7"]) == 0
    secret = capsys.readouterr().out.strip()
    door.filed(**a_report(secret, description="命令行"))
    assert main(["keys", "list"]) == 0
    told = capsys.readouterr().out
    assert "city-app" in told and "active" in told and secret not in told
    assert main(["keys", "revoke", "city-app"]) == 0
    refused(door.post(**a_report(secret)), 403)
    for wrong in (["add", "city-app"], ["revoke", "city-app"], ["add", "Not A Label"]):
        assert main(["keys", *wrong]) == 1
        assert capsys.readouterr().err.startswith("✗ ")


def checked(answer: Any) -> None:
    """Whatever was sent, the answer is one the standard knows, and readable."""
    assert answer.status_code in (200, 400, 403, 404), answer.text[:300]
    assert answer.headers["content-type"] in (XML, JSON)
    if answer.status_code != 200:
        refused(answer, answer.status_code)
    elif answer.headers["content-type"] == XML:
        fromstring(answer.content)
    else:
        answer.json()


WORDS = st.text(max_size=40) | st.text(string.printable, max_size=40)
NUMBERS = st.integers().map(str) | st.floats().map(str)
CODES = st.sampled_from(["E0104", "P0101", "P0110", "S0401", "E0102", ""]) | WORDS
SENT = st.fixed_dictionaries(
    {},
    optional={
        "service_code": CODES, "lat": NUMBERS | WORDS | st.just("39.92"), "long": NUMBERS | WORDS | st.just("116.35"),
        "address_string": WORDS, "address_id": WORDS, "description": WORDS, "media_url": WORDS,
        "jurisdiction_id": WORDS | st.just("110102"), "email": WORDS, "attribute[condition]": WORDS,
        "attribute[heard_at]": WORDS, "attribute[fault][]": st.lists(WORDS, max_size=3), "attribute[x": WORDS,
    },
)  # fmt: skip
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "service_request_id": WORDS, "service_code": CODES, "start_date": WORDS | st.datetimes().map(str),
        "end_date": st.datetimes().map(lambda at: f"{at.isoformat()}Z") | WORDS, "status": WORDS, "page": NUMBERS,
        "page_size": NUMBERS, "bbox": st.lists(NUMBERS, max_size=5).map(",".join), "updated_after": WORDS,
        "jurisdiction_id": WORDS, "extensions": st.just("true"), "locale": WORDS,
    },
)  # fmt: skip
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)
BODIES = st.binary(max_size=200) | JSONS.map(repr).map(str.encode)
NAMES = st.sampled_from(["service_code", "lat", "long", "attribute", "description", "address_string"])
FORMS = st.sampled_from(["xml", "json"])
FUZZ = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@FUZZ
@given(fields=SENT, form=FORMS)
def test_no_form_breaks_the_server(door, key, fields, form):
    checked(door.ask("POST", f"/open311/v2/requests.{form}", data=fields | {"api_key": key}))


@FUZZ
@given(body=BODIES, kind=st.sampled_from(["json", "x-www-form-urlencoded"]))
def test_no_body_breaks_the_server(door, body, kind):
    checked(
        door.ask("POST", "/open311/v2/requests.json", content=body, headers={"Content-Type": f"application/{kind}"})
    )


@FUZZ
@given(values=st.dictionaries(NAMES, JSONS))
def test_no_json_breaks_the_server(door, key, values):
    checked(door.ask("POST", "/open311/v2/requests.json", content=json.dumps(values | {"api_key": key}),
                     headers={"Content-Type": "application/json"}))  # fmt: skip


@FUZZ
@given(params=ASKED, form=FORMS)
def test_no_question_breaks_the_server(door, params, form):
    checked(door.get(f"requests.{form}", **params))


@FUZZ
@given(rest=st.text(max_size=30), form=FORMS, resource=st.sampled_from(["", "services/", "requests/", "tokens/"]))
def test_no_address_breaks_the_server(door, rest, form, resource):
    checked(door.ask("GET", f"/open311/v2/{resource}{quote(rest, safe='/')}.{form}"))
