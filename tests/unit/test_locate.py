"""Which cell a point belongs to."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ContractFault
from gis.locate import CellIndex

CODES = ["110102001001004", "110102001001003", "110102001001002", "110102001001001"]
# Four unit squares around (1, 1): 004 south-west, 003 south-east, 002 north-west, 001 north-east.
SQUARES = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 1, 2), shapely.box(1, 1, 2, 2)]


def test_point_inside_a_cell_belongs_to_it():
    assert CellIndex(CODES, SQUARES).locate(np.array([[0.5, 0.5], [1.5, 1.5]])).tolist() == [CODES[0], CODES[3]]


def test_point_on_shared_edge_belongs_to_smallest_code():
    on_edges = np.array([[1.0, 0.5], [0.5, 1.0], [1.0, 1.5], [1.0, 1.0]])
    assert CellIndex(CODES, SQUARES).locate(on_edges).tolist() == [CODES[1], CODES[2], CODES[3], CODES[3]]


def test_owner_of_an_edge_does_not_depend_on_the_order_of_cells():
    edge = np.array([[1.0, 0.25], [1.0, 1.0]])
    assert np.array_equal(CellIndex(CODES, SQUARES).locate(edge), CellIndex(CODES[::-1], SQUARES[::-1]).locate(edge))


def test_outside_missing_and_empty_points_belong_nowhere():
    index = CellIndex(CODES, SQUARES)
    assert index.locate(np.array([[5.0, 5.0], [np.nan, 1.0], [np.inf, 1.0]])).tolist() == ["", "", ""]
    assert index.locate(np.array([None, shapely.Point(), shapely.Point(0.5, 0.5)])).tolist() == ["", "", CODES[0]]


def test_empty_index_answers_nowhere():
    assert CellIndex([], []).locate(np.array([[1.0, 1.0]])).tolist() == [""]


def test_repeated_code_is_refused():
    with pytest.raises(ContractFault, match="repeated"):
        CellIndex([CODES[0]] * 4, SQUARES)


@given(st.integers(0, 2**32 - 1))
def test_every_point_of_a_closed_coverage_belongs_to_exactly_the_smallest_touching_cell(seed):
    rng = np.random.default_rng(seed)
    sites = shapely.multipoints(rng.uniform(0, 1, (12, 2)))
    cells = np.array(shapely.voronoi_polygons(sites, extend_to=shapely.box(0, 0, 1, 1)).geoms)
    codes = np.array([f"{n:015d}" for n in range(len(cells))])
    corners = shapely.get_coordinates(cells)
    points = np.vstack([rng.uniform(0, 1, (30, 2)), corners, (corners[:-1] + corners[1:]) / 2])
    found = CellIndex(codes, cells).locate(points)
    for point, code in zip(shapely.points(points), found, strict=True):
        touching = codes[shapely.intersects(cells, point)]
        assert code == (min(touching) if touching.size else "")
