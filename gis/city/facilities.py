"""Service facilities by kind: how many, where they tend to stand, what they are called. Names are schematic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.names import stem
from gis.city.plan import METRO_STATIONS, PlanFrame
from gis.city.residents import apportion

DISTRICT_PEOPLE = 1_106_214


@dataclass(frozen=True)
class Service:
    """A kind of facility: how many in the whole district, its word, opening hours, capacity from-to, pull to streets.

    `pull` 0 follows residents only, 1 follows main streets only.
    """

    count: int
    word: str
    opens: str
    capacity: tuple[int, int]
    pull: float


SERVICES: dict[str, Service] = {
    "market": Service(178, "菜市场", "Mo-Su 06:30-19:30", (20, 120), 0.3),
    "convenience": Service(640, "便利店", "Mo-Su 07:00-23:00", (2, 8), 0.4),
    "breakfast": Service(390, "早餐店", "Mo-Su 06:00-10:00", (8, 40), 0.4),
    "housekeeping": Service(120, "家政服务点", "Mo-Sa 09:00-18:00", (3, 15), 0.5),
    "hairdresser": Service(430, "理发店", "Mo-Su 09:00-21:00", (2, 10), 0.4),
    "parcel": Service(610, "快递驿站", "Mo-Su 08:00-21:00", (80, 400), 0.1),
    "repair": Service(205, "便民维修点", "Mo-Sa 09:00-18:00", (1, 4), 0.3),
    "laundry": Service(190, "洗衣店", "Mo-Su 09:00-20:00", (20, 90), 0.5),
    "pharmacy": Service(260, "药店", "Mo-Su 08:00-21:30", (2, 8), 0.5),
    "clinic": Service(92, "社区卫生服务站", "Mo-Fr 08:00-17:00; Sa 08:00-12:00", (30, 160), 0.2),
    "hospital": Service(24, "医院", "24/7", (180, 1200), 0.7),
    "kindergarten": Service(88, "幼儿园", "Mo-Fr 07:30-17:30", (90, 360), 0.0),
    "primary_school": Service(60, "小学", "Mo-Fr 07:40-17:30", (360, 1600), 0.1),
    "elderly_care": Service(118, "养老服务驿站", "Mo-Su 08:30-17:30", (10, 60), 0.0),
    "community_service": Service(263, "社区服务站", "Mo-Fr 09:00-17:30", (4, 12), 0.1),
    "culture": Service(56, "文化活动中心", "Tu-Su 09:00-20:00", (60, 400), 0.4),
    "sports": Service(124, "健身园", "Mo-Su 06:00-22:00", (15, 120), 0.1),
    "bus_stop": Service(420, "站", "Mo-Su 05:30-23:00", (1, 9), 1.0),
}  # fmt: skip
BRANDS = {
    "convenience": ("惠民", "好邻里", "京邻", "晨光", "四季"),
    "pharmacy": ("同安", "康民", "益寿", "百草"),
    "hairdresser": ("新风", "丽人", "顺发", "老街坊"),
    "breakfast": ("老味道", "庆和", "早安", "护城"),
    "laundry": ("洁净", "白云", "福洗"),
    "parcel": ("邻里", "云柜", "蜂巢", "速递"),
}


def place_facilities(
    blocks: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    base: gpd.GeoDataFrame,
    frame: PlanFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Return the facilities of a city.

    Counts are the district's in `SERVICES`, in proportion to the residents when the city is only a part of it; each
    community has one service station. Parks come from the base map, metro entrances stand round the plan's stations.

    Parameters
    ----------
    blocks, buildings, communities, base : GeoDataFrame
        Parts of the city in its metric CRS.
    frame : PlanFrame
        Where the plan's stations are.
    rng : Generator
        The only source of chance.

    Returns
    -------
    GeoDataFrame
        facility_id (text), kind, name_zh, capacity, opens, geometry (Point), every point inside a block.
    """
    land = blocks.geometry.to_numpy()
    people = np.bincount(buildings["block_id"].to_numpy() - 1, buildings["residents"], len(blocks))
    scale = float(people.sum()) / DISTRICT_PEOPLE
    built = ~blocks["kind"].isin(["water", "green", "rail"]).to_numpy()
    busy = blocks["kind"].map({"commercial": 5.0, "office": 1.6, "hutong": 1.0}).fillna(0.7).to_numpy() * built
    # A slow drift over the map leaves some neighbourhoods short of one kind and others with plenty.
    xy = shapely.get_coordinates(shapely.centroid(land))
    words = np.array(
        [stem(name) for name in communities.set_index("code").loc[blocks["community_code"], "name_zh"]], dtype=object
    )
    rows: list[dict[str, object]] = []
    for kind, service in SERVICES.items():
        if kind == "community_service":
            at = _one_per_community(blocks, people)
        else:
            wave = rng.uniform(0.0, 2.0 * np.pi, 2)
            drift = 1.0 + 0.75 * np.sin(xy[:, 0] / 640.0 + wave[0]) * np.sin(xy[:, 1] / 780.0 + wave[1])
            weight = (people / max(people.mean(), 1e-9) * (1.0 - service.pull) + busy * service.pull) * drift * built
            at = np.repeat(np.arange(len(blocks)), _draw(weight, max(1, round(service.count * scale)), rng))
        spots = spots_in_blocks(land[at], rng, 5.0)
        number: dict[str, int] = {}
        for block, spot in zip(at, spots, strict=True):
            word = str(words[block])
            number[word] = number.get(word, 0) + 1
            brand = str(rng.choice(BRANDS[kind])) if kind in BRANDS else ""
            serial = "" if number[word] == 1 or brand else f"第{number[word]}"
            name = f"{word}{serial}{service.word}" if not brand else f"{brand}{service.word}（{word}店）"
            capacity = int(rng.integers(*service.capacity))
            rows.append({"kind": kind, "name_zh": name, "capacity": capacity, "opens": service.opens, "geometry": spot})
    rows += _parks(base) + _metro(blocks, frame, rng)
    table = pd.DataFrame(rows)
    table.insert(0, "facility_id", [f"F{number:05d}" for number in range(1, len(table) + 1)])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=blocks.crs)


def _draw(weight: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return how many stand in each block: fair shares with chance, adding up to `count`."""
    return apportion(weight * rng.gamma(0.6, 1.0, len(weight)), count)


def _one_per_community(blocks: gpd.GeoDataFrame, people: np.ndarray) -> np.ndarray:
    """Return for each community the position of its most populous block."""
    frame = pd.DataFrame({"community": blocks["community_code"].to_numpy(), "people": people})
    return frame.groupby("community", sort=True)["people"].idxmax().to_numpy()


def spots_in_blocks(land: np.ndarray, rng: np.random.Generator, inset_m: float) -> np.ndarray:
    """Return a point inside each block, along its edge and `inset_m` from it; the inner point when that fails."""
    ring = shapely.get_exterior_ring(land)
    door = shapely.get_coordinates(shapely.line_interpolate_point(ring, rng.random(len(land)), normalized=True))
    goal = shapely.get_coordinates(shapely.point_on_surface(land))
    away = goal - door
    metres = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)
    spots = cast(np.ndarray, shapely.points(np.round(door + away * np.minimum(inset_m / metres, 1.0)[:, None], 2)))
    inmost = cast(np.ndarray, shapely.points(np.round(goal, 2)))
    return np.where(shapely.contains_properly(land, spots), spots, inmost)


def _parks(base: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """Return one facility per park, at a point inside it."""
    parks = base[(base["layer"] == "green") & (base["class"] == "park")]
    spots = shapely.point_on_surface(parks.geometry.to_numpy())
    return [
        {
            "kind": "park",
            "name_zh": name,
            "capacity": round(area / 10.0),
            "opens": "Mo-Su 06:00-21:00",
            "geometry": spot,
        }
        for name, area, spot in zip(parks["name_zh"], parks.area, spots, strict=True)
    ]


def _metro(blocks: gpd.GeoDataFrame, frame: PlanFrame, rng: np.random.Generator) -> list[dict[str, object]]:
    """Return three or four entrances round each station, those that fall inside the district."""
    tree = shapely.STRtree(blocks.geometry.to_numpy())
    rows: list[dict[str, object]] = []
    for station, words in METRO_STATIONS:
        middle = frame.place(words)[0]
        for letter, (east, north) in zip("ABCD", ((-1, 1), (1, 1), (1, -1), (-1, -1)), strict=True):
            spot = shapely.Point(np.round(middle + np.array([east, north]) * rng.uniform(28.0, 70.0, 2), 2))
            if rng.random() < 0.9 and len(tree.query(spot, predicate="within")):
                rows.append({"kind": "metro_entrance", "name_zh": f"{station}站{letter}口", "capacity": 0,
                             "opens": "Mo-Su 05:30-23:00", "geometry": spot})  # fmt: skip
    return rows
