"""Connected, balanced groups of blocks and whole people: the two rules that the demo district stands on."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.city.grouping import BlockGraph, block_graph, count_parts, group_blocks
from gis.city.names import stem
from gis.city.residents import apportion
from gis.errors import GeometryFault, InputFault


def chessboard(columns: int, rows: int) -> np.ndarray:
    return np.array(
        [shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100) for y in range(rows) for x in range(columns)]
    )


def grouped(shapes: np.ndarray, n_groups: int, seed: int, weight: np.ndarray | None = None) -> np.ndarray:
    graph = block_graph(shapes)
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    load = np.ones(len(shapes)) if weight is None else weight
    return group_blocks(graph, load, xy, np.zeros(len(graph.left)), n_groups, np.random.default_rng(seed))


def parts_of(graph: BlockGraph, members: np.ndarray, n_blocks: int) -> int:
    position = np.full(n_blocks, -1)
    position[members] = np.arange(len(members))
    inside = (position[graph.left] >= 0) & (position[graph.right] >= 0)
    part = BlockGraph(
        position[graph.left[inside]], position[graph.right[inside]], graph.length_m[inside], graph.spot[inside]
    )
    return count_parts(part, len(members))


def test_neighbours_share_an_edge_not_a_corner() -> None:
    graph = block_graph(chessboard(2, 2))
    assert list(zip(graph.left.tolist(), graph.right.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert graph.length_m.tolist() == [100.0] * 4


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(1, 12), st.integers(0, 10_000))
def test_groups_are_all_used_and_each_in_one_piece(columns: int, rows: int, wanted: int, seed: int) -> None:
    shapes = chessboard(columns, rows)
    n_groups = min(wanted, len(shapes))
    weight = np.random.default_rng(seed).uniform(0.0, 3.0, len(shapes))
    labels = grouped(shapes, n_groups, seed, weight)
    assert sorted(set(labels.tolist())) == list(range(n_groups))
    graph = block_graph(shapes)
    for group in range(n_groups):
        assert parts_of(graph, np.flatnonzero(labels == group), len(shapes)) == 1


def test_equal_blocks_make_even_groups() -> None:
    size = np.bincount(grouped(chessboard(20, 20), 16, 3))
    assert size.min() >= 19
    assert size.max() <= 31


def test_borders_prefer_the_main_road() -> None:
    shapes = chessboard(8, 8)
    graph = block_graph(shapes)
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    barrier = np.where(np.abs(graph.spot[:, 0] - 400.0) < 1.0, 1.0, 0.0)
    labels = group_blocks(graph, np.ones(64), xy, barrier, 2, np.random.default_rng(1))
    assert len(set(labels[xy[:, 0] < 400.0])) == 1
    assert len(set(labels[xy[:, 0] > 400.0])) == 1


def test_more_groups_than_blocks_is_refused() -> None:
    with pytest.raises(GeometryFault, match="4 blocks cannot form 5 groups"):
        grouped(chessboard(2, 2), 5, 1)


def test_blocks_in_two_pieces_are_refused() -> None:
    apart = np.array([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)])
    with pytest.raises(GeometryFault, match="not one connected piece"):
        grouped(apart, 1, 1)


def test_largest_remainders_get_the_odd_ones() -> None:
    assert apportion(np.array([1.0, 1.0, 1.0]), 10).tolist() == [4, 3, 3]
    assert apportion(np.array([0.0, 2.0, 1.0]), 5).tolist() == [0, 3, 2]
    assert apportion(np.array([0.0, 0.0]), 0).tolist() == [0, 0]
    with pytest.raises(InputFault, match="every weight is zero"):
        apportion(np.array([0.0, 0.0]), 3)


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=50).filter(lambda w: sum(w) > 1.0), st.integers(0, 1_000_000))
def test_shared_out_people_add_up_and_differ_by_less_than_one(weights: list[float], total: int) -> None:
    shares = apportion(np.array(weights), total)
    exact = np.array(weights) / sum(weights) * total
    assert shares.sum() == total
    assert (np.abs(shares - exact) < 1.0 + 1e-6).all()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("校场社区居委会", "校场"),
        ("红莲南里社区居委会", "红莲"),
        ("六铺炕南小街居委会", "六铺炕南小"),
        ("牛街西里一区社区居委会", "牛街"),
        ("铁道部住宅区第二、一社区居委会", "铁道部"),
        ("西单北社区居委会", "西单"),
    ],
)
def test_a_place_name_is_found_inside_a_community_name(name: str, place: str) -> None:
    assert stem(name) == place
