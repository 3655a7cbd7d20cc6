"""The demo district: what a person without data of their own sees, and what every other part relies on."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from gis.city.build import STAGES, build_city
from gis.city.grouping import block_graph, count_parts
from gis.city.model import City, CityFacts
from gis.city.plan import BLOCK_KINDS
from gis.errors import ContractFault, GeometryFault
from gis.terms import ELEMENT_KINDS, FACILITY_KINDS, SOURCE_GRIDS

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "db" / "demo" / "facts"
REAL_STREETS = ROOT.parent / "shared" / "data" / "xicheng" / "streets_osm.geojson"
TEXT = {"code": str, "street_code": str, "population_vintage": str}
SEED = 2013
FRAMES = (
    "streets", "communities", "blocks", "source_cells", "roads", "base", "buildings", "facilities", "elements",
)  # fmt: skip


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FACTS / f"{name}.csv", dtype=TEXT)


@pytest.fixture(scope="module")
def facts() -> CityFacts:
    return CityFacts.from_frames(read("district"), read("streets"), read("communities"))


@pytest.fixture(scope="module")
def city(facts: CityFacts) -> City:
    return build_city(facts, seed=SEED)


def same_bytes(one: gpd.GeoDataFrame, two: gpd.GeoDataFrame) -> bool:
    same_shapes = shapely.to_wkb(one.geometry.to_numpy()).tolist() == shapely.to_wkb(two.geometry.to_numpy()).tolist()
    return same_shapes and one.drop(columns="geometry").equals(two.drop(columns="geometry"))


def test_street_areas_match_the_facts_within_two_percent(city: City, facts: CityFacts) -> None:
    ratio = city.streets.set_index("code").area / facts.streets.set_index("code")["area_m2"]
    assert ratio.between(0.98, 1.02).all(), ratio[~ratio.between(0.98, 1.02)].to_dict()
    assert city.streets.area.sum() == pytest.approx(50.57e6, rel=0.005)
    west, south, east, north = city.streets.total_bounds
    assert east - west == pytest.approx(7_100, rel=0.03)
    assert north - south == pytest.approx(11_200, rel=0.03)


def test_label_points_lie_inside_their_streets(city: City, facts: CityFacts) -> None:
    to_metric = Transformer.from_crs(4326, 4548, always_xy=True)
    x, y = to_metric.transform(facts.streets["label_lon"].to_numpy(), facts.streets["label_lat"].to_numpy())
    shapes = city.streets.set_index("code").geometry.loc[facts.streets["code"]].to_numpy()
    assert shapely.contains_xy(shapes, x, y).all()


def test_streets_stand_in_official_order(city: City, facts: CityFacts) -> None:
    assert city.streets["code"].tolist() == facts.streets["code"].tolist()
    assert facts.streets["short_zh"].tolist()[:3] == ["德胜", "什刹海", "西长安街"]


def test_blocks_form_a_coverage_without_gap_or_overlap(city: City) -> None:
    shapes = city.blocks.geometry.to_numpy()
    assert 6_000 <= len(shapes) <= 9_000
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert whole.geom_type == "Polygon", "the district is one piece"
    assert len(whole.interiors) == 0, "no hole in the district"
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    assert set(city.blocks["kind"]) == set(BLOCK_KINDS)


@pytest.mark.parametrize("level", ["streets", "communities", *SOURCE_GRIDS])
def test_every_partition_is_a_coverage_of_connected_areas(city: City, level: str) -> None:
    if level in SOURCE_GRIDS:
        areas = city.source_cells[city.source_cells["grid"] == level]
    else:
        areas = getattr(city, level)
    shapes = areas.geometry.to_numpy()
    assert (areas.geom_type == "Polygon").all()
    assert areas["code"].is_unique
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(city.blocks.area.sum(), rel=1e-9)


def test_counts_are_the_published_ones(city: City, facts: CityFacts) -> None:
    assert len(city.streets) == 15
    assert len(city.communities) == 263
    cells = city.source_cells["grid"].value_counts()
    assert cells["city_management"] == 2_432
    assert cells["public_order"] == facts.district["public_order"]
    assert cells["social_service"] == facts.district["social_service"]
    per_street = city.communities.groupby("street_code").size()
    assert per_street.to_dict() == facts.streets.set_index("code")["communities"].to_dict()


def test_communities_and_blocks_carry_the_same_ancestry(city: City, facts: CityFacts) -> None:
    assert set(city.communities["code"]) == set(facts.communities["code"])
    assert (city.blocks["community_code"].str[:9] == city.blocks["street_code"]).all()
    names = city.communities.set_index("code")["name_zh"]
    assert names.to_dict() == facts.communities.set_index("code")["name_zh"].to_dict()


def test_streets_meet_where_the_real_ones_do(city: City) -> None:
    graph = block_graph(city.streets.geometry.to_numpy())
    codes = city.streets["code"].to_numpy()
    pairs = {frozenset((codes[one], codes[two])) for one, two in zip(graph.left, graph.right, strict=True)}
    for one, two in (
        ("110102010", "110102012"), ("110102012", "110102001"), ("110102003", "110102011"), ("110102009", "110102007"),
        ("110102007", "110102020"), ("110102017", "110102018"), ("110102018", "110102019"), ("110102013", "110102014"),
        ("110102015", "110102013"), ("110102016", "110102014"), ("110102019", "110102016"),
    ):  # fmt: skip
        assert frozenset((one, two)) in pairs
    assert frozenset(("110102010", "110102020")) not in pairs, "Desheng and Guang'anmenwai are at opposite ends"


def test_residents_and_over60_add_up_to_every_street(city: City, facts: CityFacts) -> None:
    homes = city.buildings.groupby(city.buildings["community_code"].str[:9])[["residents", "over60"]].sum()
    given = facts.streets.set_index("code")[["population", "over60"]]
    assert homes["residents"].to_dict() == given["population"].to_dict()
    assert homes["over60"].to_dict() == given["over60"].to_dict()
    assert city.buildings["residents"].sum() == 1_106_214
    assert (city.buildings["over60"] <= city.buildings["residents"]).all()
    assert (city.buildings["households"] <= city.buildings["residents"]).all()


def test_communities_have_about_as_many_people_as_their_neighbours(city: City) -> None:
    people = city.buildings.groupby("community_code")["residents"].sum().reindex(city.communities["code"], fill_value=0)
    ratio = people / people.groupby(people.index.str[:9]).transform("mean")
    assert ratio.between(0.6, 1.5).mean() > 0.95
    assert ratio.min() > 0.1
    assert ratio.std() < 0.2


def test_buildings_stand_inside_their_blocks(city: City) -> None:
    land = city.blocks.set_index("block_id").geometry.loc[city.buildings["block_id"]].to_numpy()
    assert shapely.contains(land, city.buildings.geometry.to_numpy()).all()
    assert 12_000 <= len(city.buildings) <= 19_000
    built = city.blocks[~city.blocks["kind"].isin(["water", "green", "rail"])]
    assert set(built["block_id"]) == set(city.buildings["block_id"])


def test_points_lie_inside_the_district(city: City) -> None:
    tree = shapely.STRtree(city.blocks.geometry.to_numpy())
    for points in (city.facilities, city.elements):
        inside = tree.query(points.geometry.to_numpy(), predicate="within")[0]
        assert len(np.unique(inside)) == len(points)


def test_every_kind_of_facility_and_element_is_there(city: City) -> None:
    assert set(city.facilities["kind"]) == set(FACILITY_KINDS)
    assert set(city.elements["kind"]) == set(ELEMENT_KINDS) - {"person"}
    assert (city.elements["amount"] >= 1).all()
    assert city.facilities["facility_id"].is_unique
    assert (city.facilities["kind"] == "community_service").sum() == 263
    assert (city.facilities["name_zh"] != "").all()


def test_source_grids_are_different_but_share_many_edges(city: City) -> None:
    edges = {}
    for grid in SOURCE_GRIDS:
        shapes = city.source_cells[city.source_cells["grid"] == grid].geometry.to_numpy()
        edges[grid] = shapely.union_all(shapely.boundary(shapes), grid_size=0.01)
    for coarse in ("public_order", "social_service"):
        common = shapely.intersection(edges[coarse], edges["city_management"], grid_size=0.01).length
        share = common / edges[coarse].length
        assert 0.5 < share < 0.95, f"{coarse} shares {share:.0%} of its edges with city_management"


def test_map_has_the_lakes_parks_railway_walls_and_gates(city: City) -> None:
    assert set(city.base["layer"]) == {"water", "green", "rail", "compound", "gate"}
    assert {"后海", "前海", "陶然亭公园", "京沪铁路"} <= set(city.base["name_zh"])
    assert set(city.roads["class"]) == {"arterial", "street", "alley"}
    assert (city.roads.geom_type == "LineString").all()
    assert {"西长安街", "西二环路", "平安里西大街"} <= set(city.roads["name_zh"])
    assert (city.roads.loc[city.roads["class"] != "alley", "name_zh"] != "").mean() > 0.97


def test_old_lanes_are_where_the_old_quarters_are(city: City) -> None:
    share = city.blocks.assign(m2=city.blocks.area).pivot_table(
        index="street_code", columns="kind", values="m2", aggfunc="sum", fill_value=0.0
    )
    share = share.div(share.sum(axis=1), axis=0)
    assert share.loc["110102013", "hutong"] > 0.6, "Dashilan is lanes"
    assert share.loc["110102007", "slab"] > 0.4, "Yuetan is compounds"
    assert share["office"].idxmax() == "110102011", "Jinrongjie is offices"
    assert share["water"].idxmax() in ("110102012", "110102001"), "the lakes are in the old city"


def test_same_seed_gives_the_same_bytes_and_another_does_not(facts: CityFacts) -> None:
    small = facts.only(["110102013", "110102015"])
    one, two, other = (build_city(small, seed=seed) for seed in (7, 7, 8))
    for name in FRAMES:
        assert same_bytes(getattr(one, name), getattr(two, name)), name
    assert not same_bytes(one.blocks, other.blocks)
    assert one.buildings["residents"].sum() == small.streets["population"].sum()


def test_progress_tells_each_stage_once(facts: CityFacts) -> None:
    told: list[tuple[str, float]] = []
    build_city(facts.only(["110102015"]), seed=1, progress=lambda stage, share: told.append((stage, share)))
    assert [stage for stage, _ in told] == [*STAGES, "done"]
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[-1][1] == 1.0


def test_a_missing_street_outline_is_named(facts: CityFacts) -> None:
    empty = gpd.GeoDataFrame({"code": ["110102013"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4548)
    with pytest.raises(GeometryFault, match="lack street 110102010"):
        build_city(facts, seed=1, streets=empty)


def test_facts_that_disagree_are_all_named_at_once() -> None:
    communities = read("communities").iloc[2:]
    with pytest.raises(ContractFault, match="110102001 has 9 of 11 communities"):
        CityFacts.from_frames(read("district"), read("streets"), communities)
    with pytest.raises(ContractFault, match="streets lack population; streets lack over60_share"):
        CityFacts.from_frames(
            read("district"), read("streets").drop(columns=["population", "over60_share"]), read("communities")
        )


def test_real_street_outlines_are_filled(facts: CityFacts) -> None:
    if not REAL_STREETS.exists():
        pytest.skip(f"no real street outlines at {REAL_STREETS}")
    real = gpd.read_file(REAL_STREETS)
    city = build_city(facts, seed=SEED, streets=real)
    assert not city.is_schematic
    given = real.to_crs(4548).set_index("adcode").geometry.loc[city.streets["code"]].reset_index(drop=True)
    ours = city.streets.geometry.reset_index(drop=True)
    overlap = shapely.intersection(given.to_numpy(), ours.to_numpy())
    assert (shapely.area(overlap) / shapely.area(shapely.union(given.to_numpy(), ours.to_numpy())) > 0.999).all()
    assert (len(city.streets), len(city.communities)) == (15, 263)
    assert (city.source_cells["grid"] == "city_management").sum() == 2_432
    assert city.buildings["residents"].sum() == 1_106_214
    shapes = city.blocks.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert count_parts(block_graph(shapes), len(shapes)) == 1
