"""Points, heat and map layers: what the map asks the API for."""

from __future__ import annotations

import pytest

from tests.database.api_door import DISTRICT, STREET, a_point, api, fault_of, own_api

__all__ = ["a_point", "api", "own_api"]  # fixtures


def test_points_are_geojson_inside_the_box_with_a_state_for_each(api):
    whole = api.get("/api/v1/points", params={"path": "/", "search": ""}).json()
    assert whole["type"] == "FeatureCollection" and len(whole["features"]) > 500
    states = {point["properties"]["s"] for point in whole["features"]}
    assert states <= {"overdue", "near_due", "in_time", "done"} and "overdue" in states
    box = (116.35, 39.90, 116.38, 39.92)
    part = api.get("/api/v1/points", params={"path": "/", "search": "", "box": ",".join(map(str, box))}).json()
    assert 0 < len(part["features"]) < len(whole["features"])
    for point in part["features"]:
        x, y = point["geometry"]["coordinates"]
        assert box[0] - 1e-6 <= x <= box[2] + 1e-6 and box[1] - 1e-6 <= y <= box[3] + 1e-6


def test_points_follow_the_place_and_the_filters_of_the_address(api):
    def count(path: str, search: str) -> int:
        return len(api.get("/api/v1/points", params={"path": path, "search": search}).json()["features"])

    assert 0 < count(f"/area/{STREET}", "?urgent=1") < count(f"/area/{STREET}", "") < count("/", "")


@pytest.mark.parametrize(
    "box", ["1", "a,b,c,d", "1,2,3", "1,2,3,4,5", "nan,nan,nan,nan", "inf,0,1,2", "1e400,0,1,2", "\x00"]
)
def test_box_that_is_none_is_refused_or_empty(api, box):
    answer = api.get("/api/v1/points", params={"box": box})
    assert answer.status_code in (200, 422), answer.text[:300]
    if answer.status_code == 422:
        fault_of(answer, 422)


@pytest.mark.parametrize("route", ["points", "heat"])
@pytest.mark.parametrize("path", ["/nowhere", "/area/1", "/area/abc", "\x00", "/area/" + "1" * 3000])
def test_pictures_of_malformed_places_are_refused(api, route, path):
    fault_of(api.get(f"/api/v1/{route}", params={"path": path}), 422)


def test_places_that_do_not_exist_have_no_heat_and_no_points(api):
    fault_of(api.get("/api/v1/heat", params={"path": "/area/110102999"}), 404)
    assert api.get("/api/v1/points", params={"path": "/area/110102999"}).json()["features"] == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_heat_is_a_picture_with_its_corners_on_the_map(api, theme):
    body = api.get("/api/v1/heat", params={"path": "/", "search": "?layers=heat", "theme": theme}).json()
    (west, north), _, (east, south), _ = body["corners"]
    assert body["url"].startswith("data:image/png;base64,") and body["cases"] > 500
    assert 116.2 < west < east < 116.5 and 39.8 < south < north < 40.1
    assert f"{body['cases']:,}" in body["note"]


def test_heat_obeys_the_filters_and_the_window(api):
    def cases(search: str) -> int:
        return int(api.get("/api/v1/heat", params={"path": "/", "search": search}).json()["cases"])

    whole, part = cases("?w=7d"), cases("?w=7d&chain=3")
    assert 0 < part < whole
    assert cases("?w=7d&st=void&cat=E0101") < part
    assert 0 < cases("?from=20260519T0000Z&to=20260519T0400Z") < cases("?w=24h") < whole


@pytest.mark.parametrize(
    "layer", ["districts", "streets", "communities", "cells", "labels", "road", "water", "outside"]
)
def test_map_layers_are_geojson_that_browsers_keep(api, layer):
    answer = api.get(f"/geo/{DISTRICT}/1/{layer}.json")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert answer.json()["type"] == "FeatureCollection" and answer.json()["features"]


@pytest.mark.parametrize("path", ["/geo/110102/1/nothing.json", "/geo/310101/1/streets.json", "/geo/lineage/x.json"])
def test_map_layer_that_does_not_exist_is_refused(api, path):
    answer = api.get(path)
    assert answer.status_code in (404, 422)
    fault_of(answer, answer.status_code)
