"""Open311 discovery, services and definitions: the rules of the public validators, and what XML and JSON both say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from db.engine import Database
from tests.clones import TestServer
from tests.database.open311_door import DISTRICT, Door, as_text, built, plain, refused, small_district

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


@pytest.fixture(scope="module")
def door(test_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with test_server.clone(test_server.schema_template()) as url:
        database = Database(url)
        small_district(database)
        yield Door(built(database, tmp_path_factory.mktemp("open311")))
        database.dispose()


@pytest.fixture(scope="module")
def found(door: Door) -> dict[str, Any]:
    """The discovery document in both formats, as plain values."""
    return {"xml": plain(door.xml("discovery")), "json": door.json("discovery")}


BOTH = pytest.mark.parametrize("form", ["xml", "json"])


# the rules of the validator of SeeClickFix for discovery, one test each


def test_rule_01_address_ends_with_discovery_and_its_format(door):
    for form in ("xml", "json"):
        for address in (f"/open311/v2/discovery.{form}", f"/open311/discovery.{form}"):
            assert door.ask("GET", address).status_code == 200


@BOTH
def test_rule_02_both_formats_return_something(found, form):
    assert found[form]


@BOTH
def test_rule_03_there_is_a_contact(found, form):
    assert found[form]["contact"].strip()


@BOTH
def test_rule_04_there_is_key_service_information(found, form):
    assert found[form]["key_service"].strip()


@BOTH
def test_rule_05_changeset_is_a_time(found, form):
    assert datetime.fromisoformat(found[form]["changeset"]).tzinfo is not None


def test_rule_06_contact_is_the_same_in_both_formats(found):
    assert found["xml"]["contact"] == found["json"]["contact"]


@BOTH
def test_rule_07_endpoints_are_an_array(found, form):
    assert isinstance(found[form]["endpoints"], list)


@BOTH
def test_rule_08_there_is_an_endpoint(found, form):
    assert len(found[form]["endpoints"]) > 0


@BOTH
def test_rule_09_every_endpoint_has_the_specification(found, form):
    assert {one["specification"] for one in found[form]["endpoints"]} == {SPECIFICATION}


@BOTH
def test_rule_10_every_endpoint_has_an_address_that_answers(door, found, form):
    for one in found[form]["endpoints"]:
        assert one["url"] == "http://127.0.0.1/open311/v2"
        assert door.ask("GET", one["url"] + "/services.xml").status_code == 200


@BOTH
def test_rule_11_every_endpoint_has_a_changeset(found, form):
    assert all(one["changeset"] for one in found[form]["endpoints"])


@BOTH
def test_rule_12_every_changeset_is_a_time(found, form):
    assert all(datetime.fromisoformat(one["changeset"]).tzinfo for one in found[form]["endpoints"])


@BOTH
def test_rule_13_every_changeset_lies_in_the_past(found, form):
    assert all(datetime.fromisoformat(one["changeset"]) < datetime.now(UTC) for one in found[form]["endpoints"])


@BOTH
def test_rule_14_every_endpoint_says_whether_it_is_real(found, form):
    assert {one["type"] for one in found[form]["endpoints"]} == {"production"}


@BOTH
def test_rule_15_formats_are_an_array(found, form):
    assert all(isinstance(one["formats"], list) for one in found[form]["endpoints"])


@BOTH
def test_rule_16_every_endpoint_has_a_supported_format(found, form):
    assert all({"text/xml", "application/json"} & {*one["formats"]} for one in found[form]["endpoints"])


@BOTH
def test_rule_17_xml_is_supported(found, form):
    assert all("text/xml" in one["formats"] for one in found[form]["endpoints"])


@pytest.mark.parametrize(("form", "kind"), [("xml", "text/xml"), ("json", "application/json")])
def test_rules_18_and_19_content_type_is_that_of_the_format(door, form, kind):
    told = door.get(f"discovery.{form}").headers["content-type"]
    assert (told.partition(";")[0], told.partition("; ")[2]) == (kind, "charset=utf-8")


def test_both_formats_of_discovery_say_the_same(found):
    assert found["xml"] == as_text(found["json"])


# services, with the validator's two rules


def test_there_are_services_and_every_one_has_a_code_of_its_own(door):
    rows = door.json("services")
    assert len(rows) == 138
    codes = [row["service_code"] for row in rows]
    assert all(isinstance(code, str) and code for code in codes) and len(set(codes)) == len(codes)


def test_service_has_every_field_of_the_standard(door):
    rows = {row["service_code"]: row for row in door.json("services")}
    assert rows["E0104"] == {
        "service_code": "E0104", "service_name": "道路不洁", "description": f"{rows['E0104']['group']}: 道路不洁",
        "metadata": False, "type": "realtime", "keywords": rows["E0104"]["keywords"], "group": rows["E0104"]["group"],
    }  # fmt: skip
    assert "Dirty street" in rows["E0104"]["keywords"]
    assert rows["P0101"]["metadata"] is True
    english = {row["service_code"]: row["service_name"] for row in door.json("services", locale="en")}
    assert english["P0101"] == "Water-supply manhole cover"


def test_both_formats_of_services_say_the_same(door):
    assert plain(door.xml("services")) == as_text(door.json("services"))


def test_definition_asks_its_questions_in_order(door):
    told = door.json("services/P0101", locale="en")
    assert told["service_code"] == "P0101"
    assert [one["order"] for one in told["attributes"]] == [1, 2]
    first = told["attributes"][0]
    assert (first["variable"], first["required"], first["datatype"]) == (True, True, "singlevaluelist")
    assert {"key": "missing", "name": "missing"} in first["values"]
    assert plain(door.xml("services/P0101", locale="en")) == as_text(told)


def test_service_without_questions_has_an_empty_definition(door):
    assert door.json("services/E0104") == {"service_code": "E0104", "attributes": []}
    assert [child.tag for child in door.xml("services/E0104")] == ["service_code", "attributes"]


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(
    ("path", "params", "status", "why"),
    [
        ("services/X9999", {}, 404, "service_code provided was not found"),
        ("services/", {}, 400, "service_code was not provided"),
        ("services", {"jurisdiction_id": "999999"}, 404, "jurisdiction_id provided was not found"),
        ("services/P0101", {"jurisdiction_id": "nowhere.org"}, 404, "jurisdiction_id provided was not found"),
        ("requests/20200101", {}, 404, "service_request_id provided was not found"),
        ("tokens/abc", {}, 404, "token provided was not found"),
        ("tokens/", {}, 400, "token was not provided"),
        ("elsewhere", {}, 404, "nothing at this address"),
        ("services/P0101/more/and/more", {}, 404, "not found"),
    ],
)
def test_what_is_not_there_is_refused_in_the_asked_format(door, form, path, params, status, why):
    answer = door.get(f"{path}.{form}", **params)
    assert answer.headers["content-type"].startswith("text/xml" if form == "xml" else "application/json")
    assert why in refused(answer, status)[0]


@pytest.mark.parametrize("path", ["", "/", "/v2", "/v2/", "/v2/services", "/v2/services.yaml", "/v3/services.xml"])
def test_unknown_address_is_refused_as_xml_and_not_by_a_page(door, path):
    answer = door.ask("GET", f"/open311{path}")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    refused(answer, 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_wrong_method_is_a_wrong_request(door, method):
    answer = door.ask(method, "/open311/v2/services.json")
    assert refused(answer, 400) == ["this address takes GET only"]
    assert answer.json()[0]["code"] == 405 and answer.headers["allow"] == "GET"


@pytest.mark.parametrize("given", [DISTRICT, "", " "])
def test_jurisdiction_may_be_named_or_left_out(door, given):
    assert door.json("services", jurisdiction_id=given) == door.json("services")


def test_web_pages_of_others_may_read(door):
    assert door.get("services.json").headers["access-control-allow-origin"] == "*"
    assert door.ask("OPTIONS", "/open311/v2/requests.json").status_code == 204
    assert door.ask("HEAD", "/open311/v2/services.xml").status_code == 200


def test_jurisdiction_is_needed_where_two_districts_are_served(database, tmp_path):
    small_district(database)
    small_district(database, code="110101")
    door = Door(built(database, tmp_path))
    told = refused(door.get("services.json"), 400)[0]
    assert told == "jurisdiction_id was not provided; served are 110102, 110101"
    assert len(door.json("services", jurisdiction_id="110101")) == 138


def test_demo_is_served_as_a_test_and_not_beside_own_data(database, tmp_path):
    small_district(database, is_demo=True)
    assert Door(built(database, tmp_path)).json("discovery")["endpoints"][0]["type"] == "test"
    small_district(database, code="110101")
    door = Door(built(database, tmp_path))
    assert door.json("discovery")["endpoints"][0]["type"] == "production"
    refused(door.get("services.json", jurisdiction_id=DISTRICT), 404)


def test_nothing_loaded_is_said_and_nothing_breaks(database, tmp_path):
    door = Door(built(database, tmp_path))
    assert door.json("discovery")["endpoints"][0]["type"] == "test"
    assert refused(door.get("requests.xml"), 400) == ["no district is loaded yet"]


@pytest.mark.parametrize("host", ["[::1", "a<b>&c", "", "x" * 3_000])
def test_strange_host_does_not_break_discovery(door, host):
    answer = door.ask("GET", "/open311/v2/discovery.xml", headers={"Host": host})
    assert answer.status_code in (200, 400) and "<b>" not in answer.text
