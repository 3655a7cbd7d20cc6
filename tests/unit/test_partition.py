"""Connected, balanced regions of an exact number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputFault
from gis.partition import Graph, components, partition


def lattice(width, height, sizes=None):
    """A street-map-like lattice whose links all cost the same."""
    place = np.arange(width * height).reshape(height, width)
    left = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    right = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    sizes = np.ones(width * height) if sizes is None else np.asarray(sizes, dtype=float)
    return Graph(sizes, left, right, np.full(len(left), 0.5))


def are_connected(graph, region):
    near = graph.neighbours()
    for name in np.unique(region):
        nodes = set(np.flatnonzero(region == name).tolist())
        inner = [{o: p for o, p in near[n].items() if o in nodes} if n in nodes else {} for n in range(len(near))]
        if sum(len(part) > 1 or part[0] in nodes for part in components(inner)) != 1:
            return False
    return True


def cut(graph):
    return partition(graph, 4, rng=np.random.default_rng(0))


def test_even_lattice_is_cut_into_its_four_quarters():
    region = cut(lattice(6, 6)).reshape(6, 6)
    quarters = [region[:3, :3], region[:3, 3:], region[3:, :3], region[3:, 3:]]
    assert all(len(np.unique(quarter)) == 1 for quarter in quarters)


def test_borders_run_where_cutting_is_cheap():
    graph = lattice(6, 1)
    prices = graph.prices.copy()
    prices[[1, 3]] = 0.01
    region = partition(Graph(graph.sizes, graph.left, graph.right, prices), 3, rng=np.random.default_rng(0))
    assert region[0] == region[1] != region[2] == region[3] != region[4] == region[5]


def test_a_heavy_node_stands_alone():
    region = partition(lattice(4, 1, [9, 1, 1, 1]), 2, rng=np.random.default_rng(0))
    assert (region == region[0]).tolist() == [True, False, False, False]


def test_detached_parts_get_a_region_each_at_least():
    graph = Graph(np.ones(4), np.array([0, 2]), np.array([1, 3]), np.ones(2))
    assert len(np.unique(partition(graph, 2, rng=np.random.default_rng(0)))) == 2
    with pytest.raises(InputFault, match="2 connected parts cannot make 1"):
        partition(graph, 1, rng=np.random.default_rng(0))


def test_more_regions_than_nodes_are_refused():
    with pytest.raises(InputFault, match="4 pieces"):
        partition(lattice(2, 2), 5, rng=np.random.default_rng(0))


@given(st.integers(2, 9), st.integers(1, 7), st.data())
def test_count_is_exact_and_every_region_is_connected(width, height, data):
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    graph = lattice(width, height, rng.lognormal(0, 1, width * height) * (rng.random(width * height) > 0.2))
    count = data.draw(st.integers(1, width * height))
    region = partition(graph, count, rng=np.random.default_rng(seed))
    assert sorted(np.unique(region)) == list(range(count))
    assert are_connected(graph, region)
    again = partition(graph, count, rng=np.random.default_rng(seed))
    assert np.array_equal(region, again)


def test_sizes_come_close_to_equal_on_uneven_ground():
    rng = np.random.default_rng(5)
    graph = lattice(12, 12, rng.uniform(0.5, 1.5, 144))
    sizes = np.bincount(partition(graph, 24, rng=rng), graph.sizes)
    assert sizes.std() / sizes.mean() < 0.12
