"""Names for roads and compounds: real ones for main roads, the rest made from their neighbourhood's name."""

from __future__ import annotations

import re
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.network import Network
from gis.city.plan import METRO_STATIONS, PlanFrame

COUNT_ZH = ("头", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_TAIL = re.compile(r"(社区)?居委会$|社区$")
_PART = re.compile(
    r"(住宅区|小区|第[一二三四五六七八九十]+|[一二三四五六七八九十]+区|甲?[0-9一二三四五六七八九十]+号院|、.*)+$"
)
_ROAD = re.compile(r"(东大街|西大街|大街|胡同|斜街|头条|[一二三四五六七八九十]条|后身|西沿|街|路|巷|里|园|院)$")
_PARK = re.compile(r"(公园|绿地|湖)$")
_INSTITUTION = "铁道部|总局|公安|总工会|教育部|学院|新华社|汽车局|中直|京铁|钢院|号院"
_SIDE = re.compile(r"(?<=..)[东南西北中]$")


def stem(community_name: str) -> str:
    """Return the place name inside a community's name: 校场社区居委会 -> 校场, 红莲南里社区居委会 -> 红莲.

    A name is never cut below two characters.
    """
    name = _TAIL.sub("", community_name)
    for pattern in (_PART, _ROAD, _SIDE):
        shorter = pattern.sub("", name)
        if len(shorter) >= 2:
            name = shorter
    return name


class _Register:
    """Hands out each name once."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken

    def first_free(self, wishes: list[str]) -> str:
        for name in wishes:
            # 西西巷, 东东里: a side before a name that begins with it would never be given.
            if name not in self.taken and name[0] != name[1]:
                self.taken.add(name)
                return name
        return ""


def landmarks(network: Network, frame: PlanFrame) -> dict[str, shapely.Geometry]:
    """Return the places that communities are named after, by the stem of their name: roads, lakes, parks, stations."""
    found: dict[str, list[shapely.Geometry]] = {}
    for source in (network.lines, network.features):
        for name, shape in zip(source["name_zh"], source["geometry"], strict=True):
            if name:
                found.setdefault(_PARK.sub("", stem(name)), []).append(shape)
    places: dict[str, shapely.Geometry] = {word: shapely.union_all(shapes) for word, shapes in found.items()}
    for station, words in METRO_STATIONS:
        places.setdefault(stem(station), shapely.points(frame.place(words)[0]))
    return places


def _nearest_stems(points: np.ndarray, communities: gpd.GeoDataFrame) -> np.ndarray:
    """Return the stem of the community nearest to each point, leaving out those named after an institution."""
    usable = communities[~communities["name_zh"].str.contains(_INSTITUTION)]
    if len(usable) == 0:
        usable = communities
    stems = np.array([stem(name) for name in usable["name_zh"]], dtype=object)
    return stems[shapely.STRtree(usable.geometry.to_numpy()).nearest(points)]


def _street_wishes(word: str, is_ns: bool) -> list[str]:
    sides = ("东", "西") if is_ns else ("北", "南")
    ends = ("街", "路", f"{sides[0]}街", f"{sides[1]}街", f"{sides[0]}路", f"{sides[1]}路")
    return [f"{word}{end}" for end in (*ends, "中街", "大街", "前街", "后街", "横街", "中路", "横路", "新街", "小街")]


def _alley_wishes(word: str, is_hutong: bool) -> list[str]:
    if is_hutong:
        first = [
            f"{word}胡同",
            f"东{word}胡同",
            f"西{word}胡同",
            f"南{word}胡同",
            f"北{word}胡同",
            f"小{word}胡同",
            f"前{word}胡同",
        ]
        rows = [f"{word}{count}条" for count in COUNT_ZH]
        return (
            first[:3]
            + rows[:4]
            + first[3:]
            + rows[4:]
            + [f"{word}夹道", f"{word}横胡同", f"{word}直胡同", f"{word}拐棒胡同"]
        )
    return (
        [f"{word}{count}巷" for count in COUNT_ZH] + [f"{word}{side}巷" for side in "东西南北中前后"] + [f"{word}小街"]
    )


def name_roads(roads: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the roads with a name each, none given to two roads except the pieces of one main road.

    Lanes inside compounds and garden paths stay without a name, as do alleys once a neighbourhood's names are used up.

    Parameters
    ----------
    roads : GeoDataFrame
        class, name_zh, is_inner (lane or path), geometry (LineString).
    blocks, communities : GeoDataFrame
        Blocks with kind; communities with name_zh.

    Returns
    -------
    GeoDataFrame
        class, name_zh, geometry.
    """
    lines = roads.geometry.to_numpy()
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    words = _nearest_stems(middles, communities)
    kinds = blocks["kind"].to_numpy()[shapely.STRtree(blocks.geometry.to_numpy()).nearest(middles)]
    box = shapely.bounds(lines)
    is_ns = (box[:, 3] - box[:, 1]) > (box[:, 2] - box[:, 0])
    register = _Register({name for name in roads["name_zh"] if name})
    names = roads["name_zh"].tolist()
    for at in np.lexsort((np.arange(len(roads)), -shapely.length(lines))):
        if names[at] or roads["is_inner"].iat[at]:
            continue
        if roads["class"].iat[at] == "alley":
            names[at] = register.first_free(_alley_wishes(words[at], kinds[at] == "hutong"))
        else:
            names[at] = register.first_free(_street_wishes(words[at], bool(is_ns[at])))
    named = roads.assign(name_zh=names)
    return named[["class", "name_zh", "geometry"]]


def name_compounds(blocks: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> np.ndarray:
    """Return each block's compound name, empty outside compounds: the neighbourhood and a house number."""
    numbers = blocks["compound_no"].to_numpy()
    names = np.full(len(blocks), "", dtype=object)
    used: dict[str, int] = {}
    members = pd.Series(np.arange(len(blocks))).groupby(numbers).indices
    spots = cast(np.ndarray, shapely.point_on_surface(blocks.geometry.to_numpy()))
    words = _nearest_stems(spots, communities)
    for number in np.unique(numbers):
        if number == 0:
            continue
        rows = members[number]
        word = str(words[rows[0]])
        used[word] = used.get(word, 0) + 1
        names[rows] = f"{word}{used[word]}号院"
    return names
