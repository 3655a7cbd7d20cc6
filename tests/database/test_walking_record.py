"""The walking network and the homes of the demo as the record keeps them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from db.engine import Database
from db.read import walking
from db.tables import area, demand, scenario
from db.write.walking import content_hash

CODE = "110102"


def test_homes_add_up_to_the_census_and_know_their_cells(demo_database: Database) -> None:
    with demo_database.reading() as conn:
        told = conn.execute(select(area.c.population, area.c.over60).where(area.c.code == CODE)).one()
        homes = walking.homes(conn, CODE)
    assert homes["people"].sum() == told.population
    assert homes["over60"].sum() == told.over60
    assert homes["cell_code"].str.len().eq(15).all()


def test_parks_are_entered_where_ways_meet_their_outline(demo_database: Database) -> None:
    with demo_database.reading() as conn:
        doors, places = walking.entrances(conn, CODE), walking.facilities(conn, CODE)
    parks = places[places["kind"] == "park"]
    assert set(doors["facility_id"]) <= set(parks["id"])
    assert doors.groupby("facility_id").size().reindex(parks["id"]).fillna(0).median() >= 4


def test_the_network_comes_back_as_it_was_written_and_names_its_content(demo_database: Database) -> None:
    with demo_database.reading() as conn:
        nodes, edges = walking.network_frames(conn, CODE)
        gates, told = walking.gates(conn, CODE), walking.network_row(conn, CODE)
    assert told is not None
    assert told["content_hash"] == content_hash(nodes, edges, gates)
    assert told["report"] == {"nodes": len(nodes), "edges": len(edges), "gates": len(gates)}
    assert told["is_schematic"]
    assert (~gates["is_open"]).sum() > 50


def test_the_fingerprint_follows_a_facility_that_moved(demo_clone: Database) -> None:
    with demo_clone.owner() as conn:
        before = walking.fingerprint(conn, CODE)
        assert walking.fingerprint(conn, CODE) == before
        conn.exec_driver_sql("UPDATE facility SET geom = ST_Translate(geom, 0.001, 0) WHERE id = 5")
        assert walking.fingerprint(conn, CODE) != before


@pytest.mark.parametrize("role_may", [True, False])
def test_only_the_writer_may_write_scenarios(demo_clone: Database, role_may: bool) -> None:
    opened = demo_clone.writing() if role_may else demo_clone.reading()
    row = {"district_code": CODE, "name": "甲", "owner": "规划科"}
    try:
        with opened as conn:
            conn.execute(scenario.insert().values(row))
    except Exception:
        assert not role_may
    with demo_clone.reading() as conn:
        assert conn.execute(select(func.count()).select_from(scenario)).scalar_one() == int(role_may)
        assert conn.execute(select(func.count()).select_from(demand)).scalar_one() > 10_000
