"""The schematic outline of the 15 streets: a hand-drawn plan whose corners are moved until every area is right.

Corners are kilometres east and north of 116.35 E, 39.905 N on the metric grid, set from the given label points,
the given areas and the order of the well-known main roads. No outline is taken from any map: neighbours share the named
corners below and nothing else.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from gis.city.model import METRIC_SRID, CityFacts
from gis.errors import GeometryFault

ORIGIN_LON, ORIGIN_LAT = 116.35, 39.905

CORNERS: dict[str, tuple[float, float]] = {
    # north edge, from the west
    "n1": (1.16, 6.55), "n2": (1.52, 6.86), "n3": (2.02, 6.93), "n4": (2.06, 7.19), "n5": (2.84, 7.17),
    "n6": (2.88, 6.86), "n7": (3.36, 6.78),
    # north second ring road
    "r0": (0.02, 3.95), "r1": (0.13, 4.22), "r2": (0.52, 4.66), "r3": (1.12, 4.72), "r4": (1.63, 4.79),
    "r5": (2.55, 4.75), "r6": (3.35, 4.74), "dw": (1.22, 5.60), "de": (3.42, 5.75),
    # east edge
    "e1": (3.36, 3.78), "e2": (3.66, 3.72), "e3": (3.60, 2.90), "e4": (3.56, 1.92), "e5": (3.50, 1.10),
    "e6": (3.53, 0.16), "e7": (3.55, -0.63), "e8": (3.57, -1.78), "e9": (3.62, -2.90), "e10": (3.55, -3.95),
    # line of the north-south road through the middle
    "m1": (1.64, 3.00), "m2": (1.63, 2.02), "m3": (1.64, 1.72), "m4": (1.66, 0.16), "m5": (1.65, -0.60),
    "m6": (1.68, -1.80), "m7": (1.70, -2.50), "m8": (1.76, -3.98), "m9": (1.71, -3.20), "x1": (2.42, 1.80),
    # west second ring road
    "w1": (0.10, 2.95), "w2": (0.12, 2.00), "w3": (0.08, 1.34), "w4": (0.12, 0.16), "w5": (0.10, -0.56),
    "w6": (-0.44, -0.62), "w7": (-0.45, -0.98), "w8": (-0.48, -1.80), "w9": (-0.47, -2.52),
    "w10": (-0.50, -3.20), "w11": (-0.43, -3.92),
    # west edge
    "o1": (-0.42, 5.02), "o2": (-1.12, 4.72), "o3": (-1.18, 4.22), "o4": (-2.16, 4.10), "o5": (-2.28, 3.20),
    "o6": (-2.05, 2.35), "o7": (-2.08, 1.33), "o8": (-2.05, 0.16), "o9": (-2.22, -0.40), "o10": (-2.12, -0.92),
    "f1": (-2.40, -1.24), "f2": (-2.62, -1.62), "f3": (-3.44, -1.66), "f4": (-3.41, -2.06),
    "f5": (-2.62, -2.16), "f6": (-2.30, -2.78), "f7": (-1.98, -3.42), "f8": (-1.30, -3.88),
    # inside the south
    "t1": (2.50, -0.60), "t2": (2.52, -1.79), "t3": (2.64, -1.80), "t4": (2.62, -2.75), "t5": (2.70, -3.99),
    "s1": (0.70, -4.02), "g1": (0.62, -1.76), "g2": (0.64, -2.47),
}  # fmt: skip

RINGS: dict[str, str] = {
    "110102010": "r4 dw n1 n2 n3 n4 n5 n6 n7 de r6 r5",
    "110102012": "r4 r5 r6 e1 e2 e3 e4 x1 m3 m2 m1",
    "110102001": "m3 x1 e4 e5 e6 e7 t1 m5 m4",
    "110102013": "t1 e7 e8 t3 t2",
    "110102014": "t3 e8 e9 e10 t5 t4",
    "110102003": "w2 w1 r0 r1 r2 r3 r4 m1 m2",
    "110102011": "w5 w4 w3 w2 m2 m3 m4 m5",
    "110102015": "m5 t1 t2 m6",
    "110102016": "m6 t2 t3 t4 t5 m8 m9 m7",
    "110102009": "o7 o6 o5 o4 o3 o2 o1 r2 r1 r0 w1 w2 w3",
    "110102007": "o10 o9 o8 o7 w3 w4 w5 w6 w7",
    "110102017": "w8 w7 w6 w5 m5 m6 g1",
    "110102018": "w9 w8 g1 m6 m7 g2",
    "110102019": "w11 w10 w9 g2 m7 m9 m8 s1",
    "110102020": "f1 o10 w7 w8 w9 w10 w11 f8 f7 f6 f5 f4 f3 f2",
}  # corners in order round each street

BORDER_ROADS: tuple[tuple[str, str, str], ...] = (
    ("arterial", "北二环路", "r2 r3 r4 r5 r6"),
    ("arterial", "西二环路", "r2 r1 r0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11"),
    ("arterial", "南二环路", "w11 s1 m8 t5 e10"),
    ("arterial", "西单北大街", "m3 m4"),
    ("arterial", "西四大街", "m1 m2 m3"),
    ("arterial", "新街口大街", "r4 m1"),
    ("arterial", "前三门大街", "w5 m5 t1 e7"),
    ("arterial", "宣武门大街", "m4 m5"),
    ("arterial", "宣武门外大街", "m5 m6"),
    ("arterial", "菜市口大街", "m6 m7 m9 m8"),
    ("arterial", "广安门内大街", "w8 g1 m6"),
    ("arterial", "珠市口西大街", "m6 t2 t3 e8"),
    ("arterial", "前门大街", "e7 e8"),
    ("arterial", "天桥南大街", "e8 e9 e10"),
    ("arterial", "阜成门内大街", "w2 m2"),
    ("street", "文津街", "m3 x1 e4"),
    ("arterial", "月坛北街", "o7 w3"),
    ("arterial", "莲花池东路", "o10 w7"),
    ("arterial", "三里河路", "o10 o9 o8 o7"),
    ("arterial", "首体南路", "o7 o6 o5 o4"),
    ("street", "南新华街", "t1 t2"),
    ("street", "太平街", "t3 t4 t5"),
    ("street", "南横街", "w9 g2 m7"),
    ("arterial", "新街口外大街", "r4 dw n1"),
    ("arterial", "鼓楼外大街", "r6 de n7"),
    ("arterial", "地安门大街", "e2 e3 e4"),
    ("street", "旧鼓楼大街", "r6 e1"),
    ("street", "南北长街", "e4 e5 e6 e7"),
    ("street", "莲花河路", "o10 f1 f2"),
    ("street", "丽泽路", "f6 f7 f8 w11"),
)  # class, name, corners: the roads that the street borders run along


@cache
def origin_xy() -> tuple[float, float]:
    """Return the plan's origin in the metric CRS (metres)."""
    east, north = Transformer.from_crs(4326, METRIC_SRID, always_xy=True).transform(ORIGIN_LON, ORIGIN_LAT)
    return round(float(east), 0), round(float(north), 0)


def _areas_and_gradient(xy: np.ndarray, rings: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return every ring's signed area and its derivative by every corner coordinate."""
    areas = np.zeros(len(rings))
    gradient = np.zeros((len(rings), xy.size))
    for row, ring in enumerate(rings):
        x, y = xy[ring, 0], xy[ring, 1]
        ahead, behind = np.roll(ring, -1), np.roll(ring, 1)
        areas[row] = 0.5 * np.sum(x * xy[ahead, 1] - xy[ahead, 0] * y)
        gradient[row, 2 * ring] = 0.5 * (xy[ahead, 1] - xy[behind, 1])
        gradient[row, 2 * ring + 1] = 0.5 * (xy[behind, 0] - xy[ahead, 0])
    return areas, gradient


def settle_corners(facts: CityFacts) -> dict[str, tuple[float, float]]:
    """Return the corners in the metric CRS, moved as little as possible until each street has its given area.

    Each round takes the smallest displacement (in the least-squares sense) that mends the areas to first order;
    shoelace areas are quadratic in the corners, so a few rounds reach a square metre.

    Raises
    ------
    GeometryFault
        When a street of the facts has no ring in the plan, or the areas cannot be reached.
    """
    targets = facts.streets.set_index("code")["area_m2"].to_dict()
    unknown = sorted({str(code) for code in targets} - set(RINGS))
    if unknown:
        raise GeometryFault(f"the schematic plan has no outline for street {unknown[0]}: give real ones")
    names = list(CORNERS)
    index = {name: i for i, name in enumerate(names)}
    codes = [code for code in RINGS if code in targets]
    rings = [np.array([index[name] for name in RINGS[code].split()]) for code in codes]
    xy = np.array([CORNERS[name] for name in names]) * 1000.0
    signs = np.sign(_areas_and_gradient(xy, rings)[0])
    wanted = signs * np.array([float(targets[code]) for code in codes])
    for _ in range(12):
        areas, gradient = _areas_and_gradient(xy, rings)
        missing = wanted - areas
        if np.abs(missing).max() < 1.0:
            break
        xy = xy + np.linalg.lstsq(gradient, missing, rcond=None)[0].reshape(-1, 2)
    else:
        raise GeometryFault("the schematic street outlines do not reach the given areas")
    east, north = origin_xy()
    return {name: (round(east + x, 2), round(north + y, 2)) for name, (x, y) in zip(names, xy, strict=True)}


def schematic_streets(facts: CityFacts) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return our own street outlines and the roads along their borders.

    Returns
    -------
    tuple
        streets (code, geometry) in EPSG:4548, and border roads (class, name_zh, geometry LineString).

    Raises
    ------
    GeometryFault
        When an outline is invalid or a given label point is not inside its street.
    """
    corners = settle_corners(facts)
    codes = facts.streets["code"].tolist()
    shapes = [shapely.Polygon([corners[name] for name in RINGS[code].split()]) for code in codes]
    to_metric = Transformer.from_crs(4326, METRIC_SRID, always_xy=True)
    x, y = to_metric.transform(facts.streets["label_lon"].to_numpy(), facts.streets["label_lat"].to_numpy())
    labels = shapely.points(x, y)
    for code, shape, label in zip(codes, shapes, labels, strict=True):
        if not shape.is_valid:
            raise GeometryFault(f"schematic outline of street {code} is invalid")
        if not shape.contains(label):
            raise GeometryFault(f"label point of street {code} is outside its schematic outline")
    used = {name for code in codes for name in RINGS[code].split()}
    roads = []
    for road_class, name, path in BORDER_ROADS:
        line = [corners[corner] for corner in path.split() if corner in used]
        if len(line) > 1:
            roads.append({"class": road_class, "name_zh": name, "geometry": shapely.LineString(line)})
    outlines = gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=METRIC_SRID)
    return outlines, pd.DataFrame(roads, columns=["class", "name_zh", "geometry"])
