"""Where cases come from: a pool of named places in the demo city, drawn once by seed.

Each place has a kind (what sort of ground it is), a weight, a text a caller would say, and a point. Kinds `border` (on
the line between two streets) and `outside` (beyond the district) feed the buckets of cases that belong to no cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.model import City
from gis.locate import CellIndex
from gis.pinyin import short_name

PLACE_KINDS = ("hutong", "compound", "office", "shop", "park", "road", "lane", "hub", "works", "border", "outside")

PROFILES: dict[str, dict[str, float]] = {
    "home": {"compound": 0.62, "hutong": 0.33, "lane": 0.05},
    "compound": {"compound": 1.0},
    "hutong": {"hutong": 0.9, "lane": 0.1},
    "lane": {"lane": 0.6, "hutong": 0.25, "compound": 0.15},
    "street": {"road": 0.5, "lane": 0.35, "shop": 0.15},
    "road": {"road": 0.85, "lane": 0.15},
    "green": {"park": 0.35, "road": 0.4, "compound": 0.25},
    "park": {"park": 1.0},
    "shop": {"shop": 0.7, "road": 0.3},
    "office": {"office": 0.7, "shop": 0.3},
    "hub": {"hub": 0.6, "road": 0.25, "shop": 0.15},
    "works": {"works": 0.75, "road": 0.25},
}
"""On which kinds of place the cases of a category's place profile happen."""

BUILDING_KINDS = {
    "courtyard": "hutong", "hutong": "hutong", "slab": "compound", "tower": "compound", "walk_up": "compound",
    "office": "office", "shop": "shop", "mall": "shop", "commercial": "shop", "school": "office", "hospital": "office",
    "public": "office", "institution": "office", "hotel": "shop",
}  # fmt: skip
SHOP_FACILITIES = ("market", "convenience", "breakfast", "hairdresser", "parcel", "repair", "laundry", "pharmacy")
HUB_FACILITIES = ("metro_entrance", "bus_stop", "hospital", "primary_school")

ROAD_STEP_M = 30.0
WORKS_SITES = 40


@dataclass(frozen=True)
class CaseGround:
    """The pool of places and the cells they are located in.

    Attributes
    ----------
    places
        `kind`, `lon`, `lat` (EPSG:4326), `weight`, `place` (words), `street_code`, `community` (short name).
    cells
        Index of the unified cells in EPSG:4326, the rule by which the database locates too.
    district_code
        Six digits.
    metres_per_degree
        Along a parallel and along a meridian at the district's latitude.
    """

    places: pd.DataFrame
    cells: CellIndex
    district_code: str
    metres_per_degree: tuple[float, float]


def build_places(
    city: City, to_degrees: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]], *, seed: int
) -> pd.DataFrame:
    """Draw the pool of places of a city.

    Parameters
    ----------
    city
        The demo city, in its metric CRS.
    to_degrees
        Callable (x, y) -> (lon, lat) from the city's metric CRS to EPSG:4326.
    seed
        The same city and seed give the same pool.

    Returns
    -------
    pandas.DataFrame
        As `CaseGround.places`.
    """
    rng = np.random.default_rng([seed, 301])
    parts = [_at_buildings(city), _at_roads(city, rng), _at_facilities(city), _in_parks(city, rng)]
    pool = pd.concat(parts, ignore_index=True)
    pool = pd.concat([pool, _works(pool, rng), *_beyond(city, rng)], ignore_index=True)
    pool["weight"] = pool["weight"] * _texture(pool["x"].to_numpy(), pool["y"].to_numpy(), rng)
    _say_where(pool, city, rng)
    lon, lat = to_degrees(pool["x"].to_numpy(), pool["y"].to_numpy())
    pool["lon"], pool["lat"] = np.round(lon, 6), np.round(lat, 6)
    columns = ["kind", "lon", "lat", "weight", "place", "street_code", "community"]
    return pool[columns].astype({"kind": str, "place": str})


def _frame(
    kind: np.ndarray | str, x: np.ndarray, y: np.ndarray, weight: np.ndarray | float, spot: object = ""
) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "x": x, "y": y, "weight": weight, "spot": spot}).astype({"spot": object})


def _at_buildings(city: City) -> pd.DataFrame:
    buildings = city.buildings
    kinds = buildings["kind"].map(BUILDING_KINDS).fillna("compound").to_numpy()
    lived = buildings["residents"].to_numpy(float)
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    weight = np.where(lived > 0, lived, 6.0 + np.sqrt(buildings.geometry.area.to_numpy()) * 0.4)
    spot = np.where(kinds == "compound", buildings["compound"].to_numpy(object), "")
    frame = _frame(kinds, shapely.get_x(points), shapely.get_y(points), weight, spot)
    return frame[frame["weight"] > 0]


def _at_roads(city: City, rng: np.random.Generator) -> pd.DataFrame:
    roads = city.roads
    lines = roads.geometry.to_numpy()
    count = np.maximum((shapely.length(lines) / ROAD_STEP_M).astype(int), 1)
    row = np.repeat(np.arange(len(lines)), count)
    at = shapely.line_interpolate_point(lines[row], rng.random(len(row)), normalized=True)
    jitter = rng.normal(0, 3.0, (2, len(row)))
    road_class = roads["class"].to_numpy(str)[row]
    kind = np.where(road_class == "alley", "lane", "road")
    weight = np.select([road_class == "arterial", road_class == "street"], [1.6, 1.2], 1.0) * rng.gamma(
        1.2, 1.0, len(row)
    )
    return _frame(
        kind,
        shapely.get_x(at) + jitter[0],
        shapely.get_y(at) + jitter[1],
        weight,
        roads["name_zh"].to_numpy(object)[row],
    )


def _at_facilities(city: City) -> pd.DataFrame:
    kinds = city.facilities["kind"].to_numpy(str)
    kind = np.where(np.isin(kinds, SHOP_FACILITIES), "shop", np.where(np.isin(kinds, HUB_FACILITIES), "hub", ""))
    weight = np.select([kinds == "metro_entrance", kinds == "hospital", kinds == "market"], [9.0, 6.0, 5.0], 1.5)
    points = city.facilities.geometry
    frame = _frame(kind, points.x.to_numpy(), points.y.to_numpy(), weight, city.facilities["name_zh"].to_numpy(object))
    return frame[frame["kind"] != ""]


def _in_parks(city: City, rng: np.random.Generator) -> pd.DataFrame:
    green = city.base[(city.base["layer"] == "green") & (city.base.geometry.area > 400)]
    shapes = green.geometry.to_numpy()
    if not len(shapes):
        return _frame("park", np.empty(0), np.empty(0), np.empty(0))
    count = np.clip((shapely.area(shapes) / 900).astype(int), 1, 250)
    row = np.repeat(np.arange(len(shapes)), count)
    box = shapely.bounds(shapes)[row]
    x = box[:, 0] + rng.random(len(row)) * (box[:, 2] - box[:, 0])
    y = box[:, 1] + rng.random(len(row)) * (box[:, 3] - box[:, 1])
    inside = shapely.contains_xy(shapes[row], x, y)
    return _frame("park", x[inside], y[inside], 1.0, green["name_zh"].to_numpy(object)[row[inside]])


def _works(pool: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A few building sites, each with a dozen spots round it."""
    ground = pool[pool["kind"].isin(("road", "lane", "compound"))]
    site = ground.iloc[rng.choice(len(ground), min(WORKS_SITES, len(ground)), replace=False)]
    row = np.repeat(np.arange(len(site)), 12)
    jitter = rng.normal(0, 35.0, (2, len(row)))
    weight = rng.gamma(0.7, 1.0, len(site))[row]
    return _frame("works", site["x"].to_numpy()[row] + jitter[0], site["y"].to_numpy()[row] + jitter[1], weight, "工地")


def _beyond(city: City, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Points on the lines between streets, and points outside the district near its edge."""
    streets = city.streets.geometry.to_numpy()
    outline = shapely.coverage_union_all(streets)
    edges = shapely.union_all(shapely.boundary(streets))
    inner = shapely.difference(edges, shapely.buffer(shapely.boundary(outline), 1.0))
    along = np.empty(0, dtype=object)
    parts = [part for part in shapely.get_parts(inner) if shapely.length(part) > 20]
    if parts:
        length = shapely.length(np.array(parts))
        chosen = rng.choice(len(parts), 600, p=length / length.sum())
        along = shapely.line_interpolate_point(np.array(parts)[chosen], rng.random(600), normalized=True)
    ring = shapely.boundary(shapely.buffer(outline, 60.0))
    out = shapely.line_interpolate_point(ring, rng.random(400), normalized=True)
    step = rng.uniform(-1, 1, (2, 400)) * 350.0
    x, y = shapely.get_x(out) + step[0], shapely.get_y(out) + step[1]
    away = ~shapely.contains_xy(shapely.buffer(outline, 15.0), x, y)
    return [
        _frame("border", shapely.get_x(along), shapely.get_y(along), 1.0, "两街道交界处"),
        _frame("outside", x[away], y[away], 1.0, "区界外侧"),
    ]


def _texture(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth random field, so that some quarters bring more than others."""
    if not len(x):
        return np.ones(0)
    centre = np.column_stack([rng.uniform(x.min(), x.max(), 45), rng.uniform(y.min(), y.max(), 45)])
    width = rng.uniform(250, 900, 45)
    height = rng.normal(0, 0.55, 45)
    total = np.zeros(len(x))
    for (cx, cy), w, h in zip(centre, width, height, strict=True):
        total += h * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * w * w))
    return np.exp(np.clip(total, -1.5, 1.5))


def _say_where(pool: pd.DataFrame, city: City, rng: np.random.Generator) -> None:
    """Add `street_code`, `community` and the words of each place."""
    points = gpd.GeoSeries(gpd.points_from_xy(pool["x"], pool["y"]), crs=city.communities.crs)
    tree = shapely.STRtree(city.communities.geometry.to_numpy())
    nearest = tree.nearest(points.to_numpy())
    pool["street_code"] = city.communities["street_code"].to_numpy(str)[nearest]
    names = (
        city.communities["name_zh"]
        if "name_zh" in city.communities
        else city.communities["code"].map(city.facts.communities.set_index("code")["name_zh"])
    )
    pool["community"] = np.array([short_name(name) for name in names], dtype=object)[nearest]
    named = city.roads[city.roads["name_zh"].fillna("") != ""]
    road = np.full(len(pool), "", dtype=object)
    if len(named):
        roads = shapely.STRtree(named.geometry.to_numpy())
        road = named["name_zh"].to_numpy(object)[roads.nearest(points.to_numpy())]
    spot, kind = pool["spot"].fillna("").to_numpy(object), pool["kind"].to_numpy(str)
    house = rng.integers(1, 120, len(pool)).astype(str).astype(object)
    block = rng.integers(1, 24, len(pool)).astype(str).astype(object)
    side = np.array(["东侧", "西侧", "南侧", "北侧", "路口", "便道"], dtype=object)[rng.integers(0, 6, len(pool))]
    own = spot != ""
    by_road = np.isin(kind, ("road", "lane"))
    named_spot = np.isin(kind, ("shop", "hub", "park")) & own
    loose = np.isin(kind, ("works", "border", "outside"))
    pool["place"] = np.select(
        [
            kind == "hutong",
            (kind == "compound") & own,
            kind == "compound",
            kind == "office",
            by_road,
            named_spot,
            kind == "shop",
            loose,
        ],
        [
            road + house + "号院",
            spot + block + "号楼",
            road + house + "号楼",
            road + house + "号",
            np.where(own, spot, road) + side,
            spot,
            road + house + "号底商",
            road + spot,
        ],
        default=road,
    )
