"""The demo in a real database: nested outlines, exact people, cases in their cells, and sums that always add up."""

from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import func, select, text

from db.demo.catchup import catch_up
from db.demo.layers import DemoLayers, build_layers, is_built, read_layers, write_layers
from db.demo.load import load_demo
from db.demo.sources import read_facts
from db.engine import Database
from db.read import measures
from db.tables import (
    area,
    building,
    cases,
    district,
    element,
    feed,
    lineage,
    metadata,
    quality_issue,
    source_cell,
)
from db.write.cases import place_case
from gis.codes import Level
from gis.errors import InputFault
from gis.locate import CellIndex
from gis.rollup import COUNTS, roll_up
from gis.scope import View
from tests.conftest import DEMO_UNTIL

MIDNIGHT = DEMO_UNTIL.replace(hour=0, minute=0) - timedelta(hours=8)


@pytest.fixture(scope="module")
def small_layers() -> DemoLayers:
    """A demo of two streets, quick to build and to load."""
    return build_layers(seed=5, facts=read_facts().only(["110102018", "110102019"]))


@pytest.fixture(scope="module")
def demo_areas(demo_database: Database) -> gpd.GeoDataFrame:
    with demo_database.reading(timeout_ms=60_000) as conn:
        facts = (area.c.code, area.c.level, area.c.population, area.c.over60, area.c.is_schematic)
        stmt = select(*facts, func.ST_AsBinary(area.c.geom), func.ST_AsBinary(area.c.label_point))
        rows = pd.DataFrame(conn.execute(stmt).all(), columns=[*[c.name for c in facts], "wkb", "label"])
    rows["label"] = shapely.from_wkb(rows["label"].map(bytes).to_numpy(object))
    return gpd.GeoDataFrame(rows, geometry=shapely.from_wkb(rows["wkb"].map(bytes).to_numpy(object)), crs=4326)


def test_there_are_15_streets_263_communities_and_1623_cells(demo_areas):
    assert demo_areas.groupby("level").size().to_dict() == {6: 1, 9: 15, 12: 263, 15: 1623}
    assert demo_areas["is_schematic"].all()


def test_every_level_is_a_coverage_and_tiles_the_level_above(demo_areas):
    outlines = {level: demo_areas[demo_areas["level"] == int(level)] for level in Level}
    for level, own in outlines.items():
        assert shapely.coverage_is_valid(own.geometry.to_numpy()), level
        assert own.geometry.is_valid.all()
    for level in (Level.STREET, Level.COMMUNITY, Level.CELL):
        parents = outlines[level.parent].set_index("code").geometry
        united = outlines[level].dissolve(outlines[level]["code"].str[: int(level.parent)]).geometry
        assert united.geom_equals(parents.reindex(united.index)).all()


def test_people_add_up_to_the_census_at_every_level(demo_areas, demo_database):
    sums = demo_areas.groupby("level")[["population", "over60"]].sum()
    assert (sums["population"] == 1_106_214).all()
    assert sums["over60"].nunique() == 1
    known = read_facts().streets.set_index("code")["population"]
    streets = demo_areas[demo_areas["level"] == 9].set_index("code")["population"]
    assert (streets.sort_index() == known.sort_index()).all()
    with demo_database.reading() as conn:
        assert conn.execute(select(func.sum(building.c.residents))).scalar() == 1_106_214


def test_label_points_lie_inside_their_areas(demo_areas):
    assert shapely.intersects(demo_areas.geometry.to_numpy(), demo_areas["label"].to_numpy(object)).all()


def test_lineage_shares_of_every_cell_and_grid_add_up_to_one(demo_database):
    with demo_database.reading(timeout_ms=60_000) as conn:
        stmt = select(lineage.c.cell_code, source_cell.c.grid, func.sum(lineage.c.area_share)).join(
            source_cell, source_cell.c.id == lineage.c.source_cell_id
        )
        rows = conn.execute(stmt.group_by(lineage.c.cell_code, source_cell.c.grid)).all()
    assert len(rows) == 3 * 1623
    assert np.allclose([row[2] for row in rows], 1.0, atol=1e-6)


def test_the_demo_has_no_topology_faults(demo_database):
    with demo_database.reading() as conn:
        assert conn.execute(select(func.count()).select_from(quality_issue)).scalar() == 0


@pytest.mark.parametrize("scope", ["110102", "110102017", "110102019"])
@pytest.mark.parametrize("unit", [Level.STREET, Level.COMMUNITY, Level.CELL])
def test_children_and_buckets_add_up_to_the_parent_for_every_number(demo_database, scope, unit):
    with demo_database.reading(timeout_ms=60_000) as conn:
        frame = measures.counts(conn, scope, View(code=scope), DEMO_UNTIL, MIDNIGHT)
        known = set(conn.execute(select(area.c.code).where(area.c.valid_to.is_(None))).scalars())
    rolled = roll_up(frame, scope, unit)
    assert rolled.total["open"] > 0
    for name in COUNTS:
        assert rolled.children[name].sum() + rolled.buckets[name].sum() == rolled.total[name]
    assert set(rolled.children.index) <= known


def test_numbers_of_the_district_are_those_of_the_table_itself(demo_database):
    with demo_database.reading(timeout_ms=60_000) as conn:
        frame = measures.counts(conn, "110102", View(code="110102"), DEMO_UNTIL, MIDNIGHT)
        still = conn.execute(select(func.count()).where(cases.c.is_open)).scalar_one()
        today = conn.execute(select(func.count()).where(cases.c.reported_at >= MIDNIGHT)).scalar_one()
    assert frame["open"].sum() == still > 1_000
    assert frame["new_today"].sum() == today > 100


def test_every_located_case_has_the_cell_that_sql_and_the_index_find(demo_database, demo_areas):
    own = demo_areas[demo_areas["level"] == 15]
    index = CellIndex(own["code"].to_numpy(dtype=str), own.geometry.to_numpy())
    with demo_database.reading(timeout_ms=120_000) as conn:
        stmt = select(cases.c.area_code, cases.c.location_status, func.ST_X(cases.c.geom), func.ST_Y(cases.c.geom))
        rows = pd.DataFrame(
            conn.execute(stmt.where(cases.c.geom.is_not(None))).all(), columns=["code", "status", "lon", "lat"]
        )
        found = index.locate(rows[["lon", "lat"]].to_numpy())
        located = rows["status"] == "located"
        assert (found[located] == rows.loc[located, "code"].to_numpy(str)).all()
        assert (found[rows["status"] == "outside"] == "").all()
        sample = rows[located | (rows["status"] == "outside")].sample(300, random_state=1)
        for row in sample.itertuples():
            assert place_case(conn, "110102", row.lon, row.lat) == (row.code, row.status)


def test_points_on_shared_corners_get_one_cell_by_both_ways(demo_database, demo_areas):
    own = demo_areas[demo_areas["level"] == 15]
    index = CellIndex(own["code"].to_numpy(dtype=str), own.geometry.to_numpy())
    corners = shapely.get_coordinates(own.geometry.to_numpy()[::40])[::7][:60]
    with demo_database.reading(timeout_ms=60_000) as conn:
        for lon, lat in corners:
            code, _status = place_case(conn, "110102", float(lon), float(lat))
            assert code == index.locate(np.array([[lon, lat]]))[0]


def test_elements_buildings_and_facilities_know_their_cells(demo_database, demo_areas):
    cells = set(demo_areas.loc[demo_areas["level"] == 15, "code"])
    with demo_database.reading(timeout_ms=60_000) as conn:
        for table in (building, element):
            assert set(conn.execute(select(table.c.cell_code).distinct()).scalars()) <= cells
        kinds = set(conn.execute(select(element.c.kind).distinct()).scalars())
    assert kinds == {"place", "thing", "affair", "organisation", "service", "project"}


def test_the_district_says_that_it_is_a_demo_and_keeps_its_truth(demo_database):
    with demo_database.reading() as conn:
        row = conn.execute(select(district)).mappings().one()
        received = conn.execute(select(func.sum(feed.c.received))).scalar_one()
        count = conn.execute(select(func.count()).select_from(cases)).scalar_one()
    assert row["is_demo"]
    assert row["metric_srid"] == 4548
    assert row["timezone"] == "Asia/Shanghai"
    assert "示意" in row["attribution"]
    assert all({"category", "first_day", "relative_risk", "cells"} <= set(cluster) for cluster in row["facts"]["truth"])
    assert received == count


def test_a_second_load_takes_the_place_of_the_first_and_is_the_same(database, small_layers, tmp_path):
    write_layers(small_layers, tmp_path)
    assert is_built(tmp_path)
    kept = read_layers(tmp_path)
    assert kept.facts == small_layers.facts
    first = load_demo(database, None, until=DEMO_UNTIL, days=3, layers=small_layers)
    told = _told(database)
    again = load_demo(database, tmp_path, until=DEMO_UNTIL, days=3)
    assert again == first
    assert _told(database) == told
    assert (tmp_path / "truth.json").exists()


def test_a_demo_does_not_go_into_a_database_with_own_data(database, small_layers):
    with database.owner() as conn:
        conn.execute(
            district.insert().values(
                code="999999", metric_srid=32619, timezone="America/New_York", geometry_version="1"
            )
        )
    with pytest.raises(InputFault, match="999999"):
        load_demo(database, None, until=DEMO_UNTIL, days=1, layers=small_layers)
    with database.reading() as conn:
        assert conn.execute(select(func.count()).select_from(area)).scalar() == 0


def test_catching_up_tells_the_story_that_an_unbroken_load_tells(database, small_layers, tmp_path):
    write_layers(small_layers, tmp_path)
    load_demo(database, tmp_path, until=DEMO_UNTIL, days=12)
    whole = _told(database)
    pause = timedelta(days=4, hours=5)
    load_demo(database, tmp_path, until=DEMO_UNTIL - pause, days=12)
    with database.owner() as conn:  # the same first day as in the unbroken load
        first = DEMO_UNTIL - timedelta(days=12)
        early = select(cases.c.id).where(cases.c.reported_at <= first)
        conn.execute(text("SET LOCAL session_replication_role = replica"))  # append-only rows and what hangs on them
        for table in reversed(metadata.sorted_tables):
            for key in table.foreign_keys:
                if key.column.table is cases and key.ondelete is None and table is not cases:
                    conn.execute(table.delete().where(key.parent.in_(early)))
        conn.execute(text("SET LOCAL session_replication_role = origin"))
        conn.execute(cases.update().values(duplicate_of=None).where(cases.c.duplicate_of.in_(early)))
        conn.execute(cases.delete().where(cases.c.reported_at <= first))
    done = catch_up(database, DEMO_UNTIL, tmp_path)
    assert done.new_cases > 4_000
    assert done.moved_cases > 500
    assert _told(database) == whole
    assert catch_up(database, DEMO_UNTIL, tmp_path).new_cases == 0


def test_nothing_to_load_is_said_in_one_line(database, tmp_path: Path):
    with pytest.raises(InputFault, match="demo load"):
        catch_up(database, DEMO_UNTIL)
    with pytest.raises(InputFault, match="demo build"):
        read_layers(tmp_path)


def _told(database: Database) -> tuple[object, ...]:
    """Every case with all that matters, and every step of its course, in two fingerprints.

    Left out is what a pause may leave untold: orders are drawn once per load, and a way astray between dispatch and
    handling is only told when handling starts, so its steps before the pause are not added afterwards.
    """
    with database.owner() as conn:
        of_cases = conn.execute(text(
            "SELECT count(*), md5(string_agg(external_id || stage || area_code || title || coalesce(due_at::text, '')"
            " || coalesce(handled_at::text, '') || coalesce(closed_at::text, '') || changed_at::text, ','"
            " ORDER BY external_id)) FROM cases"
        )).one()  # fmt: skip
        of_steps = conn.execute(text(
            "SELECT count(*), md5(string_agg(e.stage || e.at::text || e.reason || e.actor || e.unit, ','"
            " ORDER BY c.external_id, e.at, e.stage)) FROM case_event e JOIN cases c ON c.id = e.case_id"
            " WHERE e.stage NOT IN ('escalated', 'dispatched', 'returned', 'hung', 'resumed')"
        )).one()  # fmt: skip
    return (*of_cases, *of_steps)
