"""One grid out of three."""

import functools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ContractFault, CrsFault, InputFault
from gis.merge import merge_grids
from gis.numbering import number_cells, reading_order, row_height_m
from gis.topology import check_coverage
from tests.unit.grids import CORNER, GRIDS, METRIC, Ground, make_ground


def merge(ground: Ground, n_cells: int, seed: int = 0):
    return merge_grids(ground.communities, ground.sources, n_cells, ground.people, rng=np.random.default_rng(seed))


@functools.cache
def town():
    """A made-up town of 40 communities, large enough for figures about quality."""
    return make_ground(1, n_blocks=1200, n_communities=40, n_sources=(370, 260, 230), side_m=2700.0)


@functools.cache
def merged_town():
    return merge(town(), 247)


def square(west, south, east, north):
    return shapely.box(CORNER[0] + west, CORNER[1] + south, CORNER[0] + east, CORNER[1] + north)


def frame(codes, shapes):
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=METRIC)


def assert_is_a_grid(ground, result, n_cells):
    cells = result.cells
    assert len(cells) == n_cells and cells["code"].is_unique
    assert (cells["code"].str[:12] == cells["community_code"]).all()
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())
    assert check_coverage(cells, parents=ground.communities, tolerance_m=0.01).empty
    assert cells["area_m2"].sum() == pytest.approx(ground.communities.area.sum(), rel=1e-9)
    assert cells["population"].sum() + result.report.people_outside == ground.people["people"].sum()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), extra=st.integers(0, 40), shared=st.booleans())
def test_cells_tile_their_communities_in_the_exact_number(seed, extra, shared):
    ground = make_ground(seed, shared=shared)
    n_cells = len(ground.communities) + extra
    assert_is_a_grid(ground, merge(ground, n_cells), n_cells)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), shared=st.booleans())
def test_lineage_shares_sum_to_one_per_cell_and_grid(seed, shared):
    ground = make_ground(seed, shared=shared)
    lineage = merge(ground, 20).lineage
    sums = lineage.groupby(["cell_code", "grid"])[["area_share", "population_share"]].sum()
    assert len(sums) == 20 * 3 and np.allclose(sums, 1.0, rtol=0, atol=1e-12)
    assert lineage["area_m2"].sum() == pytest.approx(3 * ground.communities.area.sum(), rel=1e-9)


def test_lineage_area_is_the_ground_that_cell_and_source_share():
    ground, result = town(), merged_town()
    cells = result.cells.set_index("code").geometry
    for grid in GRIDS:
        sources = ground.sources[grid].set_index("code").geometry
        rows = result.lineage[result.lineage["grid"] == grid].sample(40, random_state=1)
        shared = shapely.intersection(
            cells.loc[rows["cell_code"]].to_numpy(), sources.loc[rows["source_code"]].to_numpy()
        )
        assert np.allclose(shapely.area(shared), rows["area_m2"], rtol=1e-6)


def test_codes_run_west_to_east_and_north_to_south_in_each_community():
    for _, cells in merged_town().cells.groupby("community_code"):
        assert cells["code"].str[12:].tolist() == [f"{n:03d}" for n in range(1, len(cells) + 1)]
        centre = shapely.centroid(cells.geometry.to_numpy())
        x, y = shapely.get_x(centre), shapely.get_y(centre)
        row = np.floor((y.max() - y) / row_height_m(cells["area_m2"]))
        assert (np.diff(row) >= 0).all()
        assert all((np.diff(x[row == r]) > 0).all() for r in np.unique(row))


def test_nine_squares_are_numbered_as_one_reads_them():
    shapes = np.array([square(x, y, x + 10, y + 10) for y in (20, 10, 0) for x in (0, 10, 20)])
    shuffled = np.random.default_rng(2).permutation(9)
    codes = number_cells("110102001001", shapes[shuffled])
    assert [code[-1] for code in codes] == [str(n + 1) for n in shuffled]
    assert reading_order([], [], 1.0).tolist() == []


def test_same_seed_gives_the_same_grid_whatever_the_order_of_rows():
    ground = make_ground(4)
    mixed = Ground(
        ground.communities.sample(frac=1, random_state=1),
        {name: layer.sample(frac=1, random_state=2) for name, layer in ground.sources.items()},
        ground.people.sample(frac=1, random_state=3),
    )
    one, two = merge(ground, 24), merge(mixed, 24)
    assert one.lineage.equals(two.lineage)
    assert one.cells.drop(columns="geometry").equals(two.cells.drop(columns="geometry"))
    assert shapely.equals(one.cells.geometry.to_numpy(), two.cells.geometry.to_numpy()).all()


def test_cells_of_a_town_are_balanced_compact_and_keep_agreed_edges():
    report = merged_town().report
    assert report.size_cv < 0.25 and report.compactness > 0.5
    assert sum(report.border_share.values()) == pytest.approx(1.0)
    # Joining keeps the edges that all three grids have far more often than chance would.
    assert report.border_share[3] > 1.4 * report.offered_share[3]
    assert report.border_share[1] < 0.7 * report.offered_share[1]
    assert report.n_cuts == 0 and report.border_share[0] == 0


def test_cells_are_connected():
    assert (merged_town().cells.geometry.geom_type == "Polygon").mean() > 0.99


def test_more_cells_than_pieces_are_made_by_straight_cuts():
    community = frame(["110102001001"], [square(0, 0, 400, 100)])
    grid = frame(["a"], [square(0, 0, 400, 100)])
    result = merge_grids(community, {"old": grid}, 4, None, rng=np.random.default_rng(0))
    assert result.cells["area_m2"].tolist() == pytest.approx([10_000] * 4, rel=1e-4)
    assert result.cells["code"].str[-1].tolist() == ["1", "2", "3", "4"]
    assert result.report.n_cuts == 3
    west = shapely.bounds(result.cells.geometry.to_numpy())[:, 0] - CORNER[0]
    assert west == pytest.approx([0, 100, 200, 300], abs=0.1)


def test_hairlines_between_two_drawings_of_one_edge_become_no_ground_and_no_origin():
    community = frame(["110102001001"], [square(0, 0, 200, 100)])
    first = frame(["a", "b"], [square(0, 0, 100, 100), square(100, 0, 200, 100)])
    second = frame(["c", "d"], [square(0, 0, 100.4, 100), square(100.4, 0, 200, 100)])
    result = merge_grids(community, {"one": first, "two": second}, 2, None, rng=np.random.default_rng(0))
    assert result.report.n_slivers == 1 and result.report.n_atoms == 2
    assert result.lineage["area_share"].tolist() == [1.0] * 4


def test_ground_that_a_grid_does_not_cover_is_told_apart_in_the_lineage():
    community = frame(["110102001001"], [square(0, 0, 200, 100)])
    half = frame(["a"], [square(0, 0, 100, 100)])
    result = merge_grids(community, {"old": half}, 1, None, rng=np.random.default_rng(0))
    assert result.lineage.set_index("source_code")["area_share"].to_dict() == {"": 0.5, "a": 0.5}


def test_people_are_counted_where_they_live_and_outside_apart():
    community = frame(["110102001001"], [square(0, 0, 200, 100)])
    grid = frame(["a", "b"], [square(0, 0, 100, 100), square(100, 0, 200, 100)])
    homes = [square(10, 10, 20, 20), *shapely.points(CORNER + np.array([[150, 50], [500, 50]]))]
    people = gpd.GeoDataFrame({"people": [30, 12, 5]}, geometry=homes, crs=METRIC)
    result = merge_grids(community, {"old": grid}, 2, people, rng=np.random.default_rng(0))
    assert result.cells["population"].tolist() == [30, 12] and result.report.people_outside == 5


def test_detached_part_of_a_community_becomes_a_cell_of_its_own():
    islands = shapely.multipolygons([square(0, 0, 100, 100), square(300, 0, 400, 100)])
    community, grid = frame(["110102001001"], [islands]), frame(["a"], [square(0, 0, 400, 100)])
    result = merge_grids(community, {"old": grid}, 2, None, rng=np.random.default_rng(0))
    assert result.cells.geometry.geom_type.tolist() == ["Polygon", "Polygon"]


def test_detached_parts_stay_together_when_there_is_one_cell_for_them():
    islands = shapely.multipolygons([square(0, 0, 100, 100), square(300, 0, 400, 100)])
    community, grid = frame(["110102001001"], [islands]), frame(["a"], [square(0, 0, 400, 100)])
    result = merge_grids(community, {"old": grid}, 1, None, rng=np.random.default_rng(0))
    assert result.cells["area_m2"].tolist() == [20_000]


def test_fewer_cells_than_communities_are_refused():
    ground = make_ground(0)
    with pytest.raises(InputFault, match="each needs at least one"):
        merge(ground, len(ground.communities) - 1)


def test_more_cells_than_codes_are_refused():
    ground = make_ground(0)
    with pytest.raises(InputFault, match="codes can number"):
        merge(ground, 1000 * len(ground.communities))


def test_layers_that_do_not_fit_together_are_refused_by_name():
    ground = make_ground(0)
    with pytest.raises(CrsFault):
        merge(Ground(ground.communities.to_crs(4326), ground.sources, ground.people), 9)
    with pytest.raises(ContractFault, match="public_order"):
        merge(Ground(ground.communities, {"public_order": ground.people.to_crs(4326)}, ground.people), 9)
    twice = frame(["a", "a"], [square(0, 0, 1, 1), square(1, 0, 2, 1)])
    with pytest.raises(ContractFault, match="repeats code a"):
        merge(Ground(ground.communities, {"old": twice}, ground.people), 9)
