"""Time to the nearest facility: golden walks, directions, rivers and gates, and the answers of other programs."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ContractFault, InputFault
from gis.nearest_kernel import nearest_packed
from gis.network import WalkNetwork, build_network
from gis.reach import UNREACHED, nearest_times, times_at, warm
from gis.snapping import attach_points
from gis.walkers import walker_of
from tests.unit.walks import (
    arcs_of,
    degrees,
    frames,
    network_of,
    random_attachments,
    random_frames,
    same_labels,
    scipy_times,
    with_points,
)

SEEDS = st.integers(0, 2**32 - 1)


def _at(network: WalkNetwork, *places: tuple[float, float], **options: object) -> object:
    lon, lat = zip(*[degrees(*place) for place in places], strict=True)
    return attach_points(network, lon, lat, **options)  # type: ignore[arg-type]


def _seconds(network: WalkNetwork, home: tuple[float, float], shop: tuple[float, float], **options: object) -> float:
    field = nearest_times(network, _at(network, shop), **options)  # type: ignore[arg-type]
    ds = times_at(network, field, _at(network, home)).ds[0]  # type: ignore[arg-type]
    return float("inf") if ds == UNREACHED else ds / 10


def test_a_straight_street_takes_its_length_over_the_speed() -> None:
    street = network_of([(0, 0), (500, 0), (1000, 0)], [(0, 1), (1, 2)])
    for profile, speed in (("adult", 1.25), ("over60", 1.0), ("frail", 0.8)):
        assert _seconds(street, (100, 0), (700, 0), profile=profile) == pytest.approx(600 / speed, abs=0.15)


def test_the_way_to_the_street_counts_at_both_ends() -> None:
    street = network_of([(0, 0), (500, 0), (1000, 0)], [(0, 1), (1, 2)])
    assert _seconds(street, (100, 25), (700, -50)) == pytest.approx((600 + 75) / 1.25, abs=0.5)


def test_home_and_shop_on_one_edge_do_not_walk_round_by_its_ends() -> None:
    street = network_of([(0, 0), (900, 0)], [(0, 1)])
    assert _seconds(street, (400, 0), (450, 0)) == pytest.approx(40, abs=0.2)
    one_way = [{"node_from": 0, "node_to": 1, "backward": False}, (1, 2), (2, 0)]
    ring = network_of([(0, 0), (100, 0), (50, 80)], one_way)  # type: ignore[arg-type]
    assert _seconds(ring, (20, 0), (80, 0)) == pytest.approx(48, abs=0.3)
    round_m = 20 + 2 * np.hypot(50, 80) + 20
    assert _seconds(ring, (80, 0), (20, 0)) == pytest.approx(round_m / 1.25, abs=0.5)


def test_one_way_stairs_are_walked_down_only_and_never_by_wheelchair() -> None:
    stairs = {"node_from": 0, "node_to": 1, "kind": "steps", "backward": False}
    hill = network_of([(0, 0), (50, 0), (50, 500), (0, 500)], [stairs, (1, 2), (2, 3), (3, 0)],
                      profiles=("adult", "wheelchair"))  # fmt: skip
    down = _seconds(hill, (0, 5), (50, 5))
    assert down == pytest.approx((5 + 2 * 50 + 5) / 1.25, abs=0.5)
    assert _seconds(hill, (50, 5), (0, 5)) == pytest.approx((495 + 50 + 495) / 1.25, abs=0.5)
    assert _seconds(hill, (0, 5), (50, 5), profile="wheelchair", limit_s=3000) == pytest.approx(1040 / 0.9, abs=0.5)


def test_direction_is_to_the_facility_unless_told() -> None:
    stairs = {"node_from": 0, "node_to": 1, "backward": False}
    slope = network_of([(0, 0), (100, 0)], [stairs])  # type: ignore[list-item]
    shop = _at(slope, (100, 0))
    assert nearest_times(slope, shop).dist_ds.max() == 800  # type: ignore[arg-type]
    away = nearest_times(slope, shop, inward=False)  # type: ignore[arg-type]
    assert sorted(away.dist_ds) == [0, UNREACHED]


def test_a_river_is_crossed_at_its_bridge_and_a_wall_at_its_gate() -> None:
    places = [(0, 0), (1000, 0), (0, 20), (1000, 20)]
    gate = {"node_from": 1, "node_to": 3, "kind": "gate", "gate": "east", "night": False}
    town = network_of(places, [(0, 1), (2, 3), gate], profiles=("adult", "adult_night"))  # type: ignore[list-item]
    assert _seconds(town, (0, 0), (0, 20), limit_s=3000) == pytest.approx(2020 / 1.25, abs=0.5)
    assert _seconds(town, (0, 0), (0, 20), limit_s=3000, profile="adult_night") == float("inf")
    shut = town.with_gates(closed=["east"])
    assert _seconds(shut, (0, 0), (0, 20), limit_s=3000) == float("inf")
    assert _seconds(shut.with_gates(opened=["east"]), (0, 0), (0, 20), limit_s=3000) < 3000
    with pytest.raises(InputFault, match="no gate west"):
        town.with_gates(opened=["west"])


def test_of_parallel_edges_the_quickest_is_walked_and_none_is_added_up() -> None:
    long, short = ({"node_from": 0, "node_to": 1, "length_m": m} for m in (500.0, 100.0))
    pair = network_of([(0, 0), (100, 0)], [long, short])
    field = nearest_times(pair, _at(pair, (0, 0)))  # type: ignore[arg-type]
    assert sorted(field.dist_ds) == [0, 800]


def test_points_far_away_or_on_an_island_are_listed_and_not_snapped() -> None:
    places = [(x * 50.0, 0.0) for x in range(40)] + [(0, 300), (50, 300)]
    edges = [*[(x, x + 1) for x in range(39)], (40, 41)]
    coast = network_of(places, edges)
    found = _at(coast, (75, 10), (20, 310), (600, 160), (600, -149))
    assert found.reason.tolist() == ["", "island", "too_far", ""]  # type: ignore[attr-defined]
    assert found.connected.tolist() == [True, False, False, True]  # type: ignore[attr-defined]
    assert found.offset_m[2] == pytest.approx(160, abs=1)  # type: ignore[attr-defined]
    nowhere = attach_points(coast, [np.nan], [39.9])
    assert nowhere.reason.tolist() == ["no_position"]


def test_a_thing_with_several_entrances_is_reached_by_the_best() -> None:
    street = network_of([(0, 0), (1000, 0)], [(0, 1)])
    hall = _at(street, (100, 0), (900, 0), owner=[0, 0])
    field = nearest_times(street, hall)  # type: ignore[arg-type]
    homes = _at(street, (880, 0), (150, 0), (500, 0), owner=[0, 1, 1])
    assert times_at(street, field, homes).ds.tolist() == pytest.approx([160, 400], abs=3)  # type: ignore[arg-type]
    assert times_at(street, field, homes).minutes[1] == pytest.approx(40 / 60, abs=0.01)  # type: ignore[arg-type]


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_random_networks_equal_scipy_to_the_last_tenth(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 30, 70), profiles=("adult", "pram", "frail_night"), closed_gates=["g1"])
    shops = random_attachments(rng, network, 4, 6)
    for profile in network.costs:
        field = nearest_times(network, shops, profile=profile, limit_s=400)
        assert np.array_equal(field.dist_ds, scipy_times(network, shops, profile, 4000))


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_random_homes_equal_networkx(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 16, 34), profiles=("adult",))
    shops, homes = random_attachments(rng, network, 3, 4), random_attachments(rng, network, 12, 12)
    times = times_at(network, nearest_times(network, shops, limit_s=900), homes)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    n, arc = network.n_nodes, network.costs["adult"].arc.astype(int)
    shift = len(homes)
    graph.add_weighted_edges_from(arcs_of(network, "adult"))
    graph.add_weighted_edges_from(with_points(network, homes, "adult", arriving=False))
    graph.add_weighted_edges_from(
        (tail, head + shift, ds) for tail, head, ds in with_points(network, shops, "adult", arriving=True)
    )
    offsets = [points.offset_m / 1.25 * 10 for points in (homes, shops)]
    for home, shop in np.argwhere(homes.edge[:, None] == shops.edge[None, :]):
        edge, here, there = homes.edge[home], homes.fraction[home], shops.fraction[shop]
        cost = arc[2 * edge] if here < there else arc[2 * edge + 1]
        if edge >= 0 and (cost < 65_535 or here == there):
            along = int(abs(there - here) * cost + 0.5) if here != there else 0
            graph.add_edge(
                n + home, n + shift + shop, weight=along + np.rint(offsets[0][home]) + np.rint(offsets[1][shop])
            )
    for owner in range(homes.n_owners):
        best = UNREACHED
        for home in np.flatnonzero((homes.owner == owner) & homes.connected):
            lengths = nx.single_source_dijkstra_path_length(graph, n + home)
            best = min([best, *[int(ds) for node, ds in lengths.items() if node >= n + shift]])
        assert times.ds[owner] == (best if best <= 9000 else UNREACHED)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_more_facilities_than_a_packed_label_holds_give_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 30, 70), profiles=("adult",))
    shops, inward = random_attachments(rng, network, 4, 6), bool(rng.random() < 0.5)
    few = nearest_times(network, shops, limit_s=400, inward=inward)
    costs, offset_ds = network.costs["adult"], shops.offset_ds(walker_of("adult"))
    edges = (network.edge_u, network.edge_v, costs.arc, 4000, inward)
    rows = (shops.edge, shops.fraction, offset_ds, shops.owner)
    for bits in (0, 2):  # region by region the labels end the same
        dist, owner = nearest_packed(network.first, network.packed_arcs("adult", inward=inward), *edges, bits, *rows)
        assert np.array_equal(dist, few.dist_ds) and np.array_equal(owner, few.owner)
    many = nearest_times(network, replace(shops, n_owners=70_000), limit_s=400, inward=inward)
    assert same_labels(few, many)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_relations_hold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes, edges = random_frames(rng, 25, 60)
    plain = edges.assign(forward=True, backward=True, kind="street", gate="")
    both_ways = build_network(nodes, plain, profiles=("adult", "over60"))
    one, two = (random_attachments(rng, both_ways, 1, 1) for _ in range(2))
    there, back = (nearest_times(both_ways, one, inward=way, limit_s=6000) for way in (True, False))
    assert np.array_equal(there.dist_ds, back.dist_ds)  # symmetric where every edge is
    if one.connected.all() and two.connected.all():
        direct, other = times_at(both_ways, there, two).ds[0], nearest_times(both_ways, two, limit_s=6000)
        detour = there.dist_ds.astype(int) + other.dist_ds.astype(int)
        assert direct == UNREACHED or direct <= detour.min()  # no way by a third place is shorter
    shorter = nearest_times(both_ways, one, limit_s=200)
    near = there.dist_ds <= 2000
    assert np.array_equal(shorter.dist_ds[near], there.dist_ds[near]) and (shorter.dist_ds[~near] == UNREACHED).all()
    slower = nearest_times(both_ways, one, limit_s=6000, profile="over60").dist_ds
    reached = slower != UNREACHED
    assert (there.dist_ds[reached] <= slower[reached]).all()


def test_arrays_written_and_read_give_the_same_network() -> None:
    rng = np.random.default_rng(5)
    network = build_network(*random_frames(rng, 40, 90), closed_gates=["g2"])
    again = WalkNetwork.from_arrays(network.to_arrays())
    shops = random_attachments(rng, network, 3, 5)
    assert again.closed_gates == ("g2",) and again.srid == network.srid == 32650
    assert same_labels(nearest_times(network, shops), nearest_times(again, shops))


def test_bad_frames_are_refused_in_one_line() -> None:
    nodes, edges = frames([(0, 0), (10, 0)], [(0, 1)])
    with pytest.raises(ContractFault, match="lacks the columns length_m, gate"):
        build_network(nodes, edges.drop(columns=["length_m", "gate"]))
    with pytest.raises(InputFault, match="no edge that can be walked"):
        build_network(nodes, edges.assign(forward=False, backward=False))
    wrong = pd.concat([edges, edges.assign(node_to=7, length_m=-1.0, kind="canal")])
    with pytest.raises(ContractFault, match=r"1 edge numbers.*node that is not there.*no length.*canal"):
        build_network(nodes, wrong)
    network = build_network(nodes, edges)
    shop = attach_points(network, *degrees(5, 0))
    with pytest.raises(InputFault, match="no walking profile 'runner'"):
        nearest_times(network, shop, profile="runner")
    with pytest.raises(InputFault, match="without the profile 'pram'"):
        nearest_times(network, shop, profile="pram")
    with pytest.raises(InputFault, match="7000 s can not be searched"):
        nearest_times(network, shop, limit_s=7000)


def test_warm_compiles_and_a_kind_without_a_facility_reaches_nobody() -> None:
    warm()
    street = network_of([(0, 0), (100, 0)], [(0, 1)])
    none = attach_points(street, [], [])
    field = nearest_times(street, none)
    assert (field.dist_ds == UNREACHED).all() and (field.owner == -1).all()
    assert np.isnan(times_at(street, field, _at(street, (50, 0))).minutes).all()  # type: ignore[arg-type]
