"""The demo's walking network: walls have gates, everything hangs together, lengths are those on the ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.city.build import build_city
from gis.city.model import City, CityFacts
from gis.city.walkways import Walkways, build_walkways

FACTS = Path(__file__).parents[2] / "db" / "demo" / "facts"
TEXT = {"code": str, "street_code": str, "population_vintage": str}


@pytest.fixture(scope="module")
def city() -> City:
    frames = [pd.read_csv(FACTS / f"{name}.csv", dtype=TEXT) for name in ("district", "streets", "communities")]
    return build_city(CityFacts.from_frames(*frames).only(["110102011"]), seed=7)


@pytest.fixture(scope="module")
def ways(city: City) -> Walkways:
    return build_walkways(city, rng=np.random.default_rng(7))


def largest_share(ways: Walkways, rows: pd.Series) -> float:
    """Share of nodes in the largest connected part when only some edges can be walked."""
    edges = ways.edges[rows]
    n = len(ways.nodes)
    joined = coo_array((np.ones(len(edges)), (edges["node_from"] - 1, edges["node_to"] - 1)), shape=(n, n))
    return float(np.bincount(connected_components(joined, directed=False)[1]).max() / n)


def test_nearly_everything_hangs_together_and_walls_would_cut_it_without_their_gates(ways: Walkways) -> None:
    edges = ways.edges
    assert largest_share(ways, edges["edge"] > 0) > 0.97
    assert largest_share(ways, edges["kind"] != "gate") < 0.75


def test_no_way_but_a_gate_crosses_a_wall(city: City, ways: Walkways) -> None:
    walled = city.base.loc[city.base["layer"] == "compound", "geometry"].to_numpy()
    x, y = Transformer.from_crs(4326, city.roads.crs, always_xy=True).transform(ways.nodes["lon"], ways.nodes["lat"])
    xy = np.column_stack([x, y])
    plain = ways.edges[ways.edges["kind"] != "gate"]
    lines = shapely.linestrings(np.stack([xy[plain["node_from"] - 1], xy[plain["node_to"] - 1]], axis=1))
    # an end may lie on the wall itself, to a rounding of centimetres
    at, which = shapely.STRtree(shapely.buffer(walled, -0.1)).query(lines, predicate="intersects")
    assert (shapely.length(shapely.difference(lines[at], shapely.buffer(walled[which], 0.1))) == 0).all()
    assert len(at) > 500


def test_lengths_are_geodesic_and_every_gate_has_its_way(ways: Walkways) -> None:
    at = ways.nodes.set_index("node")
    one, two = at.loc[ways.edges["node_from"]], at.loc[ways.edges["node_to"]]
    metres = Geod(ellps="WGS84").inv(*(frame[c].to_numpy() for frame in (one, two) for c in ("lon", "lat")))[2]
    assert np.abs(metres - ways.edges["length_m"]).max() < 0.001
    assert set(ways.gates["gate"]) == set(ways.edges.loc[ways.edges["gate"] != "", "gate"])
    assert ways.gates.loc[ways.gates["class"] == "main", ["is_open", "night"]].all(axis=None)


def test_the_same_seed_gives_the_same_network(city: City, ways: Walkways) -> None:
    again = build_walkways(city, rng=np.random.default_rng(7))
    assert again.nodes.equals(ways.nodes)
    assert again.edges.equals(ways.edges)
    assert again.gates.equals(ways.gates)
