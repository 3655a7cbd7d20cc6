"""Areas, streets and routes: a golden cross of streets, per-home truth against the drawing, and ways that add up."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputFault
from gis.isochrone import reached_areas, streets_within
from gis.network import WalkNetwork, build_network
from gis.reach import UNREACHED, nearest_times, times_at
from gis.routes import route_from
from gis.snapping import Attachments, attach_points
from tests.unit.walks import degrees, frames, network_of, random_attachments, random_frames


def _town(side: int = 16, block_m: float = 90.0) -> WalkNetwork:
    places = [(x * block_m, y * block_m) for y in range(side) for x in range(side)]
    across = [(at, at + 1) for at in range(side * side) if at % side < side - 1]
    along = [(at, at + side) for at in range(side * (side - 1))]
    wall = {side * (side // 2) + x for x in range(side - 1)}  # no way north across the middle but at the far end
    return network_of(places, [*across, *[edge for edge in along if edge[0] not in wall]])


def test_a_cross_of_streets_is_cut_where_the_time_ends() -> None:
    cross = network_of([(0, 0), (2000, 0), (1000, -1000), (1000, 1000), (1000, 0)], [(0, 4), (4, 1), (2, 4), (4, 3)])
    square = attach_points(cross, *degrees(1000, 0))
    ten = reached_areas(cross, square, minutes=[10])[0]
    metres = shapely.transform(ten.streets, lambda xy: np.column_stack(cross.project(xy[:, 0], xy[:, 1])))
    assert metres.length == pytest.approx(4 * 750, rel=1e-3)
    assert ten.circle_m2 == pytest.approx(np.pi * 750**2, rel=0.01)
    # Within 150 m of a street; a corner at the end of each arm is cut by the way to the street.
    assert 0.1 < ten.circle_ratio < 0.55
    with pytest.raises(InputFault, match="between 0 and 100"):
        reached_areas(cross, square, minutes=[0])
    with pytest.raises(InputFault, match="not connected"):
        reached_areas(cross, attach_points(cross, *degrees(5000, 5000)))


def test_people_near_the_line_are_drawn_on_the_side_they_are_on() -> None:
    town, rng = _town(), np.random.default_rng(1)
    shop = attach_points(town, *degrees(700, 500))
    spots = rng.uniform(-50, 1400, (4000, 2))
    lon, lat = np.array([degrees(*spot) for spot in spots]).T
    homes = attach_points(town, lon, lat)
    times = times_at(town, nearest_times(town, shop, limit_s=900), homes)
    drawn = reached_areas(town, shop, minutes=[5, 10, 15])
    for area in drawn:
        inside, truth = shapely.contains_xy(area.area, lon, lat), times.within(area.minutes)
        assert (inside & truth).sum() / (inside | truth).sum() >= 0.95
        assert abs(inside.sum() / truth.sum() - 1) <= 0.02
    assert [area.area_m2 for area in drawn] == sorted(area.area_m2 for area in drawn)
    assert 0.2 < drawn[1].circle_ratio < 0.9


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_a_point_on_a_street_is_on_a_reached_part_if_it_reaches(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes, edges = random_frames(rng, 18, 30)
    loops = edges["node_from"] == edges["node_to"]
    network = build_network(nodes, edges[~loops], profiles=("adult",))
    shops = random_attachments(rng, network, 2, 2)
    inward = bool(rng.random() < 0.5)
    field = nearest_times(network, shops, limit_s=320, inward=inward)
    parts = streets_within(network, field, 300)
    some = rng.integers(0, network.n_edges, 40).astype(np.int32)
    spots = Attachments(np.arange(40, dtype=np.int32), some, rng.random(40), np.zeros(40), np.full(40, ""), 40)
    reached = times_at(network, field, spots).ds
    clear = np.abs(reached.astype(int) - 3000) > 3
    u, v = network.edge_u[some], network.edge_v[some]
    x, y = (axis[u] + spots.fraction * (axis[v] - axis[u]) for axis in (network.x, network.y))
    on = shapely.dwithin(parts, shapely.points(x, y), 1e-6)
    # Streets may cross without a way between them, so what lies on a part need not be of that part's street.
    assert on[clear & (reached <= 3000)].all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_routes_take_the_time_that_the_field_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 25, 55), profiles=("adult",))
    shops, homes = random_attachments(rng, network, 3, 4), random_attachments(rng, network, 10, 12)
    field = nearest_times(network, shops)
    times = times_at(network, field, homes)
    for home in range(homes.n_owners):
        way = route_from(network, field, homes.take(homes.owner == home))
        if times.ds[home] == UNREACHED:
            assert way is None
            continue
        assert way is not None and way.ds == times.ds[home] and way.owner == times.owner[home]
        fastest = way.length_m / 1.25 + way.offset_m / 1.25
        assert way.ds / 10 >= fastest - 0.1 * (len(way.edges) + 2)
        assert len(way.lon) >= 2


def test_a_route_runs_along_the_street() -> None:
    nodes, edges = frames([(0, 0), (300, 0), (300, 400)], [(0, 1), (1, 2)])
    corner = build_network(nodes, edges)
    shop, home = attach_points(corner, *degrees(300, 300)), attach_points(corner, *degrees(100, 10))
    way = route_from(corner, nearest_times(corner, shop), home)
    assert way is not None and way.length_m == pytest.approx(500, abs=1) and way.offset_m == pytest.approx(10, abs=0.2)
    assert np.allclose(
        np.column_stack([way.lon, way.lat]), [degrees(100, 0), degrees(300, 0), degrees(300, 300)], atol=1e-5
    )
