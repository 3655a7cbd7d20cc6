"""The elements of a grid besides its people: places, things, affairs, organisations, services, projects.

Rows stand for amounts: one row of street lamps is all the lamps along a block. Counts and names are schematic.
"""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.facilities import spots_in_blocks
from gis.city.names import stem

STREET_FURNITURE: tuple[tuple[str, str, float, float], ...] = (
    ("manhole", "井盖", 42.0, 0.62), ("street_lamp", "路灯", 34.0, 0.58), ("litter_bin", "果皮箱", 95.0, 0.38),
    ("street_tree", "行道树", 16.0, 0.52), ("sign", "交通标志牌", 130.0, 0.14), ("hydrant", "消火栓", 210.0, 0.12),
    ("bicycle_stand", "非机动车停放架", 240.0, 0.12), ("camera", "监控摄像头", 180.0, 0.14),
    ("notice_board", "宣传栏", 320.0, 0.08),
)  # fmt: skip
"""Things along a block's edge: subtype, word, metres of edge for one, share of blocks that have any."""

OTHER: tuple[tuple[str, str, str, float, dict[str, float]], ...] = (
    ("place", "car_park", "停车场", 0.09, {"commercial": 4.0, "office": 4.0, "institution": 2.0, "hutong": 0.4}),
    ("place", "building_site", "施工工地", 0.015, {"office": 2.0, "commercial": 2.0}),
    ("place", "waste_station", "垃圾分类驿站", 0.11, {"slab": 1.4, "tower": 1.4, "office": 0.6}),
    ("place", "public_toilet", "公共厕所", 0.10, {"hutong": 2.4, "green": 2.0, "slab": 0.3, "tower": 0.1}),
    ("thing", "old_tree", "古树", 0.05, {"hutong": 2.0, "green": 5.0, "institution": 1.5}),
    ("thing", "transformer", "变压器", 0.10, {"slab": 1.3, "tower": 1.3}),
    ("affair", "parking_disorder", "停车秩序", 0.07, {"hutong": 1.8, "slab": 1.4}),
    ("affair", "illegal_building", "违法建设治理", 0.05, {"hutong": 2.4, "slab": 0.8, "tower": 0.2}),
    ("affair", "morning_trade", "占道经营治理", 0.03, {"commercial": 3.0, "hutong": 1.5}),
    ("affair", "noise", "噪声扰民", 0.04, {"commercial": 2.0, "tower": 1.5}),
    ("affair", "house_leak", "老旧房屋渗漏", 0.04, {"slab": 2.2, "hutong": 1.0, "tower": 0.4}),
    ("organisation", "shop", "商户", 0.36, {"commercial": 2.6, "hutong": 1.1, "office": 1.4}),
    ("organisation", "company", "企业", 0.13, {"office": 6.0, "commercial": 3.0, "hutong": 0.4}),
    ("organisation", "public_body", "机关事业单位", 0.05, {"institution": 8.0, "office": 3.0}),
    ("organisation", "social_group", "社会组织", 0.03, {"slab": 1.4}),
    ("organisation", "property_firm", "物业服务项目", 0.06, {"slab": 1.6, "tower": 2.0, "hutong": 0.2}),
    ("service", "volunteer_team", "志愿服务队", 0.05, {"slab": 1.3}),
    ("service", "building_head", "楼门院长", 0.22, {"slab": 1.4, "tower": 1.4, "hutong": 1.1}),
    ("service", "mediation_room", "人民调解室", 0.03, {}),
    ("project", "old_estate_renewal", "老旧小区改造", 0.022, {"slab": 2.4, "hutong": 0.0, "office": 0.0, "tower": 0.5}),
    ("project", "lane_renewal", "背街小巷精细化整治", 0.03, {"hutong": 3.0, "slab": 0.4, "office": 0.0}),
    ("project", "lift", "加装电梯", 0.014, {"slab": 2.6, "hutong": 0.0, "office": 0.0, "commercial": 0.0}),
    ("project", "pocket_park", "口袋公园建设", 0.008, {}),
)  # fmt: skip
"""Kind, subtype, word, share of built blocks that have one, and how that share changes by the kind of block."""

AMOUNTS = {"car_park": (15, 160), "shop": (1, 14), "company": (1, 40), "building_head": (1, 6), "public_body": (1, 4)}
"""Subtypes whose rows stand for more than one: from, to."""


def place_elements(
    blocks: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    base: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Return the elements of a city except its people.

    Parameters
    ----------
    blocks, buildings, communities, roads, facilities, base : GeoDataFrame
        Parts of the city in its metric CRS.
    rng : Generator
        The only source of chance.

    Returns
    -------
    GeoDataFrame
        kind, subtype, name_zh, amount, geometry (Point); every point lies inside a block.
    """
    words = np.array(
        [stem(name) for name in communities.set_index("code").loc[blocks["community_code"], "name_zh"]], dtype=object
    )
    parts = [_furniture(blocks, rng), *_others(blocks, words, rng), *_places(blocks, buildings, roads, base)]
    service = facilities[~facilities["kind"].isin(["bus_stop", "metro_entrance", "park"])]
    parts.append(
        pd.DataFrame(
            {"kind": "service", "subtype": service["kind"].to_numpy(), "name_zh": service["name_zh"].to_numpy(),
             "amount": 1, "geometry": service.geometry.to_numpy()}
        )
    )  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=blocks.crs)


def _furniture(blocks: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the things along the streets: one row per block and subtype, with how many there are."""
    dry = np.flatnonzero(~blocks["kind"].isin(["water", "rail"]).to_numpy())
    edge = shapely.length(blocks.geometry.to_numpy()) / 2.0
    found = []
    for subtype, word, spacing_m, share in STREET_FURNITURE:
        at = dry[rng.random(len(dry)) < share]
        amount = np.maximum(1, np.round(edge[at] / spacing_m * rng.uniform(0.6, 1.4, len(at)))).astype(int)
        spots = spots_in_blocks(blocks.geometry.to_numpy()[at], rng, 3.0)
        found.append(
            pd.DataFrame({"kind": "thing", "subtype": subtype, "name_zh": word, "amount": amount, "geometry": spots})
        )
    return pd.concat(found, ignore_index=True)


def _others(blocks: gpd.GeoDataFrame, words: np.ndarray, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Return the elements that a block has or has not, by the kind of block."""
    kind = blocks["kind"]
    dry = ~kind.isin(["water", "rail"]).to_numpy()
    land = blocks.geometry.to_numpy()
    found = []
    for element, subtype, word, share, factors in OTHER:
        chance = share * kind.map(factors).fillna(1.0).to_numpy()
        chance = np.where((kind == "green").to_numpy() & ("green" not in factors), 0.0, chance)
        at = np.flatnonzero(dry & (rng.random(len(blocks)) < chance))
        low, high = AMOUNTS.get(subtype, (1, 1))
        amount = rng.integers(low, high + 1, len(at))
        names = [f"{words[one]}{word}" for one in at]
        spots = spots_in_blocks(land[at], rng, 9.0)
        found.append(
            pd.DataFrame({"kind": element, "subtype": subtype, "name_zh": names, "amount": amount, "geometry": spots})
        )
    return found


def _places(
    blocks: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, base: gpd.GeoDataFrame
) -> list[pd.DataFrame]:
    """Return named lanes, compounds, parks and lakes as places; a lane stands in the block on one side of it."""
    lanes = roads[(roads["class"] == "alley") & (roads["name_zh"] != "")]
    middles = shapely.line_interpolate_point(lanes.geometry.to_numpy(), 0.5, normalized=True)
    side = shapely.STRtree(blocks.geometry.to_numpy()).nearest(middles)
    inner = shapely.get_coordinates(shapely.point_on_surface(blocks.geometry.to_numpy()[side]))
    start = shapely.get_coordinates(middles)
    spots = cast(np.ndarray, shapely.points(np.round(start + (inner - start) * 0.15, 2)))
    held = shapely.contains_properly(blocks.geometry.to_numpy()[side], spots)
    spots = np.where(held, spots, cast(np.ndarray, shapely.points(np.round(inner, 2))))
    found = [
        pd.DataFrame({"kind": "place", "subtype": "lane", "name_zh": lanes["name_zh"].to_numpy(), "geometry": spots})
    ]
    homes = blocks[(blocks["compound"] != "")].drop_duplicates("compound")
    spots = shapely.point_on_surface(homes.geometry.to_numpy())
    found.append(
        pd.DataFrame(
            {"kind": "place", "subtype": "compound", "name_zh": homes["compound"].to_numpy(), "geometry": spots}
        )
    )
    open_air = base[base["layer"].isin(["green", "water"]) & (base["name_zh"] != "")].drop_duplicates("name_zh")
    spots = shapely.point_on_surface(open_air.geometry.to_numpy())
    subtype = open_air["class"].to_numpy()
    found.append(
        pd.DataFrame(
            {"kind": "place", "subtype": subtype, "name_zh": open_air["name_zh"].to_numpy(), "geometry": spots}
        )
    )
    return [frame.assign(amount=1)[["kind", "subtype", "name_zh", "amount", "geometry"]] for frame in found]
