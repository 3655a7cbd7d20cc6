"""Service circles over the demo: the page's numbers against a plain computation, and states that are said."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from dashboard.circle_line import usual_coverage
from dashboard.grounds import GroundMissing, Grounds
from db.engine import Database
from tests.database.api_door import Client, built, own_api

__all__ = ["own_api"]  # a fixture

CODE = "110102"


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def client(demo_database: Database, var_dir: Path) -> Client:
    return Client(built(demo_database, var_dir))


def told(client: Client, search: str = "", path: str = "/circles") -> dict[str, Any]:
    answer = client.get("/api/v1/circles", params={"path": path, "search": search})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_children_add_up_to_the_scope_and_the_scope_is_the_census(client: Client) -> None:
    whole = told(client)
    assert whole["whole"]["people"] == 1_106_214
    for name in ("people", "over60", "homes", "people_in", "over60_in", "homes_in"):
        assert sum(row[name] for row in whole["children"]) == pytest.approx(whole["whole"][name])
    assert len(whole["children"]) == 15
    street = told(client, path="/circles/110102001")
    own = next(row for row in whole["children"] if row["code"] == "110102001")
    assert street["whole"]["people_in"] == own["people_in"]


def test_slower_walkers_and_shorter_limits_cover_fewer(client: Client) -> None:
    adult, frail, ten = (told(client, search)["whole"]["people_in"] for search in ("", "?who=frail", "?min=10"))
    assert frail < adult
    assert ten < adult
    evening = told(client, "?kinds=clinic&at=wd19")["whole"]["people_in"]
    assert evening == 0 < told(client, "?kinds=clinic")["whole"]["people_in"]


def test_times_are_those_of_dijkstra(demo_database: Database, var_dir: Path) -> None:
    ground = Grounds(demo_database, var_dir).get(CODE, 4548, wait_s=60)
    assert ground is not None
    net, costs = ground.network, ground.network.cost_of("adult")
    field = ground.field_of("clinic", "adult", None)
    arcs = np.arange(2 * net.n_edges)
    tail = np.where(arcs % 2 == 0, net.edge_u[arcs // 2], net.edge_v[arcs // 2])
    head = np.where(arcs % 2 == 0, net.edge_v[arcs // 2], net.edge_u[arcs // 2])
    open_arc = costs.arc != 65_535
    near = np.flatnonzero(field.dist_ds < 1_200)
    # every time is explained by a neighbour or by standing beside the facility; none can be beaten
    best = np.full(net.n_nodes, np.inf)
    walk = field.dist_ds[head].astype(float) + costs.arc
    np.minimum.at(best, tail[open_arc], np.where(field.dist_ds[head] == 65_535, np.inf, walk)[open_arc])
    assert (field.dist_ds[near] <= best[near]).all()
    start = int(near[len(near) // 2])
    order = np.lexsort((costs.arc, head, tail))
    keep = order[open_arc[order]]
    pairs, first = np.unique(np.column_stack([tail[keep], head[keep]]), axis=0, return_index=True)
    graph = coo_array((costs.arc[keep][first].astype(float), (pairs[:, 0], pairs[:, 1])), shape=(net.n_nodes,) * 2)
    away = dijkstra(graph.tocsr(), indices=start, limit=8_000)
    doors = np.flatnonzero((field.dist_ds < best) & (away < np.inf))
    assert (away[doors] + field.dist_ds[doors]).min() == field.dist_ds[start]


def test_the_map_says_that_it_is_working_until_times_are_there(demo_database: Database, tmp_path: Path) -> None:
    asking = Client(built(demo_database, tmp_path))
    assert asking.get("/api/v1/circles/map").json() == {"ready": False}
    for _ in range(300):
        answer = asking.get("/api/v1/circles/map").json()
        if answer["ready"]:
            break
        time.sleep(0.2)
    assert len(answer["codes"]) == len(answer["classes"]) == 1_623
    assert sum(answer["people_by_class"].values()) == 1_106_214


def test_a_district_without_a_network_says_what_to_import(database: Database, tmp_path: Path) -> None:
    with pytest.raises(GroundMissing, match="import network"):
        Grounds(database, tmp_path).get("999999", 4548, wait_s=30)


def test_one_place_serves_fewer_than_its_straight_circle_and_a_cell_has_its_basket(client: Client) -> None:
    told(client)
    answer = client.get("/api/v1/circles/map", params={"search": "?kinds=hospital"}).json()
    one = answer["places"]["features"][0]["properties"]["id"]
    close = client.get("/api/v1/circles/map", params={"search": f"?kinds=hospital&fac={one}"}).json()
    assert close["straight"]["features"][0]["geometry"]["type"] == "LineString"
    assert len(close["route"]["features"][0]["geometry"]["coordinates"]) > 50
    minutes = [area["properties"]["minutes"] for area in close["area"]["features"]]
    assert minutes == [15, 10, 5]
    cell = next(code for code, k in zip(answer["codes"], answer["classes"], strict=True) if k == "3")
    ways = client.get("/api/v1/circles/map", params={"search": f"?kinds=hospital&spot={cell}"}).json()
    assert len(ways["route"]["features"]) == 1


def test_a_scenario_is_kept_apart_and_gives_what_a_full_search_gives(own_api: Client, demo_clone: Database) -> None:
    told(own_api)
    places = own_api.get("/api/v1/circles/map", params={"search": "?kinds=hospital"}).json()["places"]["features"]
    far, near = places[0]["properties"]["id"], places[1]["geometry"]["coordinates"]
    changes = [
        {"op": "move", "facility": far, "lon": near[0], "lat": near[1]},
        {"op": "add", "kind": "hospital", "key": "n1", "lon": 116.372, "lat": 39.965},
    ]
    made = own_api.post("/api/v1/scenarios", json={"name": "甲", "owner": "规划科", "changes": changes})
    assert made.status_code == 201
    again = own_api.post("/api/v1/scenarios", json={"name": "甲", "owner": "规划科"})
    assert (again.status_code, "already" in again.text) == (422, True)
    plan = own_api.get("/api/v1/circles/map", params={"search": f"?kinds=hospital&plan={made.json()['id']}"}).json()
    before = told(own_api, "?kinds=hospital")["whole"]["people_in"]
    assert plan["plan"]["people_in"] == before + plan["plan"]["gained"] - plan["plan"]["lost"]
    with demo_clone.owner() as conn:
        spot = f"ST_SetSRID(ST_Point({near[0]}, {near[1]}), 4326)"
        conn.exec_driver_sql(f"UPDATE facility SET geom = {spot} WHERE id = {far}")
        conn.exec_driver_sql(
            "INSERT INTO facility (district_code, external_id, kind, name_zh, source, geom) "
            "VALUES ('110102', 'new', 'hospital', '', 'test', ST_SetSRID(ST_Point(116.372, 39.965), 4326))"
        )
    time.sleep(2.1)
    assert told(own_api, "?kinds=hospital")["whole"]["people_in"] == plan["plan"]["people_in"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"op": "fly"}, "change 1: 'fly' is not one of"),
        ({"op": "add", "kind": "zoo", "lon": 116.3, "lat": 39.9}, "kind 'zoo' is not one of"),
        ({"op": "move", "facility": 1, "lon": "x", "lat": 39.9}, "lon is missing or not a number"),
        ({"op": "remove"}, "says no facility"),
        ({"op": "remove", "facility": 99999999}, "not on record"),
        ({"op": "open_gate", "gate": "G99999"}, "no gate G99999"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_in_one_line(client: Client, change: dict[str, Any], says: str) -> None:
    told(client)
    answer = client.post("/api/v1/circles/try", json={"changes": [change]})
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]


def test_new_sites_gain_in_the_scenario_what_the_search_promised(client: Client) -> None:
    told(client)
    job = client.post("/api/v1/circles/sites", json={"search": "?kinds=hospital", "kind": "hospital", "most": 2}).json()
    assert client.ask("DELETE", f"/api/v1/circles/sites/{job['job']}").status_code == 204
    assert len(job["sites"]) == 2
    changes = [{"op": "add", "kind": "hospital", "key": f"s{at}", **one} for at, one in enumerate(job["sites"])]
    tried = client.post("/api/v1/circles/try", json={"search": "?kinds=hospital", "changes": changes}).json()
    assert tried["gained"] == pytest.approx(job["people"])
    assert tried["lost"] == 0


def test_an_export_holds_the_areas_their_coverage_and_the_method(client: Client) -> None:
    whole = told(client)
    answer = client.get("/api/v1/circles/export", params={"kind": "csv", "lang": "en"})
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    preface = [line for line in text.splitlines() if line.startswith("#")]
    for said in ("Beijing's eight basics", "1.25 m/s", whole["network"]["hash"][:8], "Schematic network"):
        assert said in " ".join(preface)
    rows = pd.read_csv(io.StringIO(text), comment="#", dtype={"code": str})
    assert len(rows) == 15
    assert rows["people_in"].sum() == whole["whole"]["people_in"]
    assert client.get("/api/v1/circles/export", params={"kind": "exe"}).status_code == 422


def test_the_card_of_an_area_tells_its_coverage_once_times_are_there(demo_database: Database, var_dir: Path) -> None:
    ground = Grounds(demo_database, var_dir).get(CODE, 4548, wait_s=60)
    assert ground is not None
    whole = usual_coverage(ground, CODE)
    assert whole is not None
    parts = [usual_coverage(ground, f"{CODE}{number:03d}") for number in range(1, 32)]
    assert sum(part["people_in"] for part in parts if part is not None) == whole["people_in"]
