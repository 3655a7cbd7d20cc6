"""The merge of the demo district's three source grids: the figures that the product promises."""

import time

import numpy as np
import pandas as pd
import pytest
import shapely

from db.demo.sources import read_facts
from gis.city.build import build_city
from gis.crosswalk import REMAINDER, build_crosswalk
from gis.locate import CellIndex
from gis.merge import merge_grids
from gis.terms import SOURCE_GRIDS
from gis.topology import check_coverage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city():
    return build_city(read_facts(), seed=7)


@pytest.fixture(scope="module")
def merged(city):
    sources = {grid: city.source_cells[city.source_cells["grid"] == grid] for grid in SOURCE_GRIDS}
    people = city.buildings.rename(columns={"residents": "people"})
    started = time.perf_counter()
    result = merge_grids(city.communities, sources, 1623, people, rng=np.random.default_rng(7))
    assert time.perf_counter() - started < 20
    return result


def test_district_gets_exactly_1623_connected_cells_that_tile_its_263_communities(city, merged):
    cells = merged.cells
    assert len(cells) == 1623 and cells["community_code"].nunique() == 263
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())
    assert check_coverage(cells, parents=city.communities, tolerance_m=0.01).empty
    assert (cells.geometry.geom_type == "Polygon").all()
    assert cells["area_m2"].sum() == pytest.approx(city.communities.area.sum(), rel=1e-9)
    assert cells["population"].sum() == city.buildings["residents"].sum()


def test_cells_stay_a_coverage_when_stored_in_degrees(merged):
    assert shapely.coverage_is_valid(merged.cells.to_crs(4326).geometry.to_numpy())


def test_cells_are_balanced_and_keep_the_edges_that_all_grids_have(merged):
    report = merged.report
    assert report.size_cv < 0.3 and report.compactness > 0.55
    assert report.border_share[3] > 1.5 * report.offered_share[3]


def test_counts_of_every_old_grid_come_over_whole(city, merged):
    for grid in SOURCE_GRIDS:
        source = city.source_cells[city.source_cells["grid"] == grid]
        counts = pd.Series(np.arange(1.0, len(source) + 1), index=source["code"].to_numpy())
        whole = pd.Series(source.area.to_numpy(), index=source["code"].to_numpy())
        walk = build_crosswalk(merged.lineage, grid, source_totals=whole)
        new = walk.to_unified(counts)
        assert new.sum() == pytest.approx(counts.sum(), rel=1e-9) and new[REMAINDER] == pytest.approx(0, abs=1e-6)
        assert walk.to_source(new).sum() == pytest.approx(counts.sum(), rel=1e-9)


def test_people_in_buildings_are_found_in_the_cells_that_count_them(city, merged):
    index = CellIndex.from_frame(merged.cells)
    code = index.locate(shapely.point_on_surface(np.asarray(city.buildings.geometry.array)))
    counted = city.buildings.groupby(code)["residents"].sum().reindex(merged.cells["code"]).fillna(0)
    assert counted.tolist() == merged.cells["population"].tolist()
