"""The API as a program uses it: the numbers of the screen, one shape for every fault, and nothing that breaks it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from dashboard import __version__
from db.engine import Database
from db.tables import area, cases, feed
from gis.rollup import COUNTS
from tests.clones import TestServer
from tests.database.api_door import DISTRICT, STREET, Client, a_point, a_report, api, built, fault_of, own_api

__all__ = ["a_point", "api", "own_api"]  # fixtures


def test_health_tells_version_database_migration_and_whose_data_it_is(api):
    answer = api.get("/api/health")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["status"], body["version"]) == ("ok", __version__)
    assert body["database"]["reachable"] is True and body["database"]["migration"]
    assert body["districts"] == [{"code": DISTRICT, "name": "西城区", "data": "demo"}]


def test_streets_and_buckets_add_up_to_the_district_and_to_the_table_itself(api, demo_database):
    body = api.get("/api/v1/areas", params={"level": "street"}).json()
    assert body["unit"] == "street" and len(body["children"]) == 15
    for name in COUNTS:
        parts = [row[name] for row in body["children"]] + [row[name] for row in body["buckets"].values()]
        assert sum(parts) == body["counts"][name]
    with demo_database.reading() as conn:
        assert body["counts"]["open"] == conn.execute(select(func.count()).where(cases.c.is_open)).scalar_one() > 1_000
        own = cases.c.is_open & cases.c.area_code.like(f"{STREET}%")
        street = conn.execute(select(func.count()).where(own)).scalar_one()
    assert next(row for row in body["children"] if row["code"] == STREET)["open"] == street > 0


def test_streets_come_in_their_official_order(api, demo_database):
    body = api.get("/api/v1/areas").json()
    with demo_database.reading() as conn:
        order = select(area.c.code).where(area.c.level == 9).order_by(area.c.official_order)
        assert [row["code"] for row in body["children"]] == list(conn.execute(order).scalars())


@pytest.mark.parametrize(("level", "count"), [("district", 1), ("street", 15), ("community", 263), ("cell", 1623)])
def test_every_level_lists_all_its_areas_with_the_same_total(api, level, count):
    body = api.get("/api/v1/areas", params={"level": level, "window": "90d"}).json()
    assert len(body["children"]) == count
    assert body["counts"]["open"] == api.get("/api/v1/areas/110102").json()["counts"]["open"]
    told = sum(row["open"] for row in body["children"]) + sum(row["open"] for row in body["buckets"].values())
    assert told == body["counts"]["open"]


def test_area_says_the_same_from_above_and_from_itself(api):
    above = {row["code"]: row for row in api.get("/api/v1/areas/110102").json()["children"]}
    for code in list(above)[:4]:
        own = api.get(f"/api/v1/areas/{code}").json()
        assert {name: above[code][name] for name in COUNTS} == own["counts"]
        assert own["area"]["code"] == code and own["area"]["population"] == above[code]["population"]
        assert own["unit"] == "community"


def test_cell_has_its_own_numbers_and_no_children_but_itself(api, a_point):
    body = api.get(f"/api/v1/areas/{a_point[2]}").json()
    assert [row["code"] for row in body["children"]] == [a_point[2]] and body["buckets"] == {}


def test_list_behind_a_number_and_behind_a_bucket_is_as_long_as_it(api):
    body = api.get(f"/api/v1/areas/{STREET}").json()
    rows = api.get("/api/v1/cases", params={"scope": STREET, "which": "open", "limit": 1000}).json()
    assert len(rows) == body["counts"]["open"]
    assert all(row["area_code"].startswith(STREET) and row["is_open"] for row in rows)
    district = api.get("/api/v1/areas/110102").json()
    asked = {"scope": DISTRICT, "bucket": "unlocated", "unit": "street", "limit": 1000}
    assert len(api.get("/api/v1/cases", params=asked).json()) == district["buckets"]["unlocated"]["open"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/nothing", "/api/v1/areas/110102/nothing", "/api/", "/api/v2/areas"])
def test_unknown_api_path_is_a_404_in_the_one_shape(api, method, path):
    assert fault_of(api.ask(method, path), 404)["code"]


@pytest.mark.parametrize("path", ["/api", "/api/v1/areas/", "/API/health"])
def test_near_miss_of_an_api_path_never_answers_with_a_page(api, path):
    answer = api.get(path, follow_redirects=True)
    assert "text/html" not in answer.headers["content-type"] or path == "/API/health"


@pytest.mark.parametrize("code", ["110102999", "110102012999", "310101", "110102012001999"])
def test_well_formed_code_of_no_area_is_404(api, code):
    assert fault_of(api.get(f"/api/v1/areas/{code}"), 404)["message"] == f"no area in force has the code {code}"


@pytest.mark.parametrize("code", ["1", "11010", "abc", "110102x12", "１１０１０２", "1" * 300, "110102%00", "..%2f"])
def test_malformed_code_is_refused(api, code):
    fault_of(api.get(f"/api/v1/areas/{code}"), 404 if code == "..%2f" else 422)


@pytest.mark.parametrize(
    "query",
    ["level=planet", "level=", "window=1y", "level=street&scope=abc", "scope=%00", "scope=" + "1" * 5000, "scope=%25"],
    ids=lambda query: query[:30],
)
def test_list_of_areas_refuses_what_it_does_not_know(api, query):
    fault_of(api.get(f"/api/v1/areas?{query}"), 422)


@pytest.mark.parametrize("typed", ["什刹海", "sch", "shichahai", STREET])
def test_search_finds_an_area(api, typed):
    assert api.get("/api/v1/areas/search", params={"q": typed}).json()[0]["code"] == STREET


@pytest.mark.parametrize("typed", ["\x00", "校\x00场", "x" * 61, "%" * 60, "'; DROP TABLE cases; --", "\ud83d\ude00"])
def test_search_survives_anything(api, typed):
    answer = api.get("/api/v1/areas/search", params={"q": typed.encode("utf-16", "surrogatepass").decode("utf-16")})
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        fault_of(answer, 422)


def test_report_is_taken_once_and_can_be_read_moved_and_closed(own_api, a_point):
    lon, lat, cell = a_point
    sent = a_report(lon=lon, lat=lat)
    first = own_api.post("/api/v1/cases", json=sent)
    assert first.status_code == 201 and first.json()["created"] is True
    number = first.json()["number"]
    again = own_api.post("/api/v1/cases", json=sent)
    assert (again.status_code, again.json()["number"], again.json()["created"]) == (200, number, False)
    way = ["accepted", "verifying", "filed", "dispatched", "handling", "checking", "closed"]
    for stage in way:
        assert own_api.post(f"/api/v1/cases/{number}/events", json={"stage": stage}).status_code == 201
    told = own_api.get(f"/api/v1/cases/{number}").json()
    assert [step["stage"] for step in told["events"]] == ["reported", *way]
    assert (told["area_code"], told["is_open"]) == (cell, False)
    refused = own_api.post(f"/api/v1/cases/{number}/events", json={"stage": "handling"})
    assert fault_of(refused, 409)["code"] == "MoveRefused"


def test_new_case_counts_at_once_in_its_cell_and_everywhere_above(own_api, demo_clone, a_point):
    lon, lat, cell = a_point
    scopes = [cell[:6], cell[:9], cell[:12], cell]
    with demo_clone.reading() as conn:
        still = [
            conn.execute(select(func.count()).where(cases.c.is_open, cases.c.area_code.like(f"{code}%"))).scalar_one()
            for code in scopes
        ]
    assert own_api.post("/api/v1/cases", json=a_report(lon=lon, lat=lat)).status_code == 201
    told = [own_api.get(f"/api/v1/areas/{code}").json()["counts"] for code in scopes]
    assert [one["open"] for one in told] == [n + 1 for n in still]
    assert all(one["new"] >= 1 for one in told)


def test_beat_keeps_a_silent_source_alive(own_api, demo_clone):
    assert own_api.post("/api/v1/feeds/quiet/beat").status_code == 204
    with demo_clone.reading() as conn:
        age = datetime.now(UTC) - conn.execute(select(feed.c.beat_at).where(feed.c.name == "quiet")).scalar_one()
    assert age < timedelta(seconds=30)


@pytest.mark.parametrize("name", ["x" * 61, "a%00b", "%00"])
def test_feed_with_an_impossible_name_is_refused(own_api, name):
    fault_of(own_api.post(f"/api/v1/feeds/{name}/beat"), 422)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": ""}, {"source": None}, {"source": "a\x00b"}, {"source": "x" * 5000}, {"source": ["a"]},
        {"external_id": "\x00"}, {"external_id": 7}, {"title": ""}, {"title": "   "}, {"title": "长" * 201},
        {"title": "a\x00"}, {"place": "x" * 501}, {"place": {"a": 1}}, {"channel": "pigeon"}, {"category": "X9999"},
        {"category": "x" * 121}, {"lon": "east"}, {"lon": 181, "lat": 0}, {"lon": 116, "lat": -91}, {"lon": [1]},
        {"crs": "EPSG:3857"}, {"reported_at": "yesterday"}, {"reported_at": "2026-05-20T10:00:00"},
        {"reported_at": "9999-12-31T23:59:59+00:00"}, {"reported_at": 1e30}, {"urgency": 0}, {"urgency": "high"},
        {"street_code": "110102999"}, {"street_code": "1"}, {"district_code": "310101"},
        {"location_status": "located"}, {"unknown_field": 1}, {"actor": "x\x00"}, {"lon": 1e999, "lat": 39.9},
        {"reported_at": "0001-01-01T00:00:00+14:00"},
        {"title": "\ud800"}, {"reported_at": "2101-01-01T00:00:00Z"},
    ],
    ids=repr,
)  # fmt: skip
def test_report_that_does_not_fit_is_refused_with_the_field_named(api, changes):
    body = json.dumps(a_report(**changes))
    answer = api.post("/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    error = fault_of(answer, 422)
    assert error["fields"] or any(str(value) in error["message"] for value in changes.values()) or error["message"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"lon": NaN}', b"[" * 3_000, b'{"a":' * 500],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_body_that_is_no_report_is_refused(api, body):
    answer = api.post("/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text[:300]
    fault_of(answer, answer.status_code)


def test_not_a_number_as_a_coordinate_is_refused(api):
    body = json.dumps(a_report(lon=float("nan"), lat=float("nan")))
    fault_of(api.post("/api/v1/cases", content=body, headers={"Content-Type": "application/json"}), 422)


@pytest.mark.parametrize("number", ["404", "%00", "x" * 2000, "a%00b", "..", "'--"])
def test_case_that_does_not_exist_is_404_for_every_verb(api, number):
    for answer in (
        api.get(f"/api/v1/cases/{number}"),
        api.post(f"/api/v1/cases/{number}/events", json={"stage": "accepted"}),
    ):
        assert 400 <= answer.status_code < 500, answer.text[:300]
        fault_of(answer, answer.status_code)


@pytest.mark.parametrize(
    "query",
    ["scope=abc", "which=all", "limit=0", "limit=1001", "limit=x", "scope=%00", "scope=110102&unit=planet"],
)
def test_list_of_cases_refuses_what_it_does_not_know(api, query):
    fault_of(api.get(f"/api/v1/cases?{query}"), 422)


@pytest.fixture
def orphan(own_api: Client, demo_clone: Database, test_server: TestServer) -> Client:
    """An API whose database vanished while it ran."""
    assert own_api.get("/api/health").json()["status"] == "ok"
    test_server.drop(str(demo_clone.url.database))
    return own_api


@pytest.mark.parametrize("path", ["/api/v1/areas", "/api/v1/areas/110102", "/api/v1/cases", "/api/v1/points"])
def test_lost_database_is_a_503_in_the_one_shape(orphan, path):
    error = fault_of(orphan.get(path), 503)
    assert error["code"] == "DatabaseUnavailable"


def test_lost_database_refuses_reports_so_that_the_source_sends_them_again(orphan):
    fault_of(orphan.post("/api/v1/cases", json=a_report()), 503)


def test_health_tells_when_the_database_is_lost(orphan):
    answer = orphan.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    assert answer.json()["database"]["reachable"] is False
    assert "password" not in answer.text and "@" not in answer.text


def test_database_without_any_district_answers_in_words(database, tmp_path):
    client = Client(built(database, tmp_path))
    assert client.get("/api/health").json()["districts"] == []
    assert fault_of(client.get("/api/v1/areas"), 404)["message"] == "no district is loaded yet"
    assert fault_of(client.post("/api/v1/cases", json=a_report()), 422)
