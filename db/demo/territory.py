"""The demo's areas as the record keeps them: four levels in EPSG:4326 that nest vertex by vertex.

Only the cells are transformed to degrees; communities, streets and the district are unions of them, so a vertex shared
by two areas has one position at every level.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.model import City
from gis.codes import Level, parent_code
from gis.locate import CellIndex
from gis.pinyin import initials, romanise, short_name, spellings

STORED = 4326
IN_FORCE_SINCE = date(2015, 1, 1)
SUMMED_SOURCE = "由示意建筑人口汇总"
LAND_USES = ("hutong", "slab", "tower", "institution", "office", "commercial", "green", "water", "rail")


def nested_areas(cells: gpd.GeoDataFrame) -> dict[Level, gpd.GeoDataFrame]:
    """Return each level's [code, geometry] in EPSG:4326 from cells in a metric CRS, in order of code."""
    own = cells[["code", "geometry"]].sort_values("code").reset_index(drop=True).to_crs(STORED)
    levels = {Level.CELL: own}
    for level in (Level.COMMUNITY, Level.STREET, Level.DISTRICT):
        below = levels[level.child] if level.child else own
        groups = below.groupby(below["code"].str[: int(level)]).indices
        shapes = [shapely.coverage_union_all(below.geometry.to_numpy()[rows]) for rows in groups.values()]
        levels[level] = gpd.GeoDataFrame({"code": list(groups)}, geometry=shapes, crs=STORED)
    return levels


def settle(city: City, index: CellIndex) -> gpd.GeoDataFrame:
    """Return the buildings in EPSG:4326 with the cell of their inner point."""
    buildings = city.buildings
    inner = gpd.GeoSeries(shapely.point_on_surface(buildings.geometry.to_numpy()), crs=buildings.crs).to_crs(STORED)
    found = buildings.drop(columns="geometry").assign(cell_code=index.locate(inner))
    return gpd.GeoDataFrame(found, geometry=buildings.geometry.to_numpy(), crs=buildings.crs).to_crs(STORED)


def area_rows(city: City, levels: dict[Level, gpd.GeoDataFrame], buildings: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the rows of `area` for all four levels; people are summed up from the buildings of the cells."""
    facts, srid = city.facts, int(city.facts.district["metric_srid"])
    frames = []
    for level in Level:
        frame = levels[level].copy()
        metric = frame.geometry.to_crs(srid)
        people = buildings.groupby(buildings["cell_code"].str[: int(level)])[
            ["residents", "over60", "households"]
        ].sum()
        people = people.reindex(frame["code"], fill_value=0)
        frame["level"] = int(level)
        frame["area_m2"] = metric.area.round(2).to_numpy()
        frame["label_point"] = _label_points(metric)
        for column, source in (("population", "residents"), ("over60", "over60"), ("households", "households")):
            frame[column] = people[source].to_numpy(int)
        frames.append(frame)
    areas = pd.concat(frames, ignore_index=True)
    areas["parent_code"] = [parent_code(code) for code in areas["code"]]
    areas["district_code"] = areas["code"].str[:6]
    _name(areas, city)
    _say_sources(areas, city)
    areas["land_use"] = areas["code"].map(_land_use(city, CellIndex.from_frame(levels[Level.CELL]))).fillna("")
    areas["valid_from"] = IN_FORCE_SINCE
    areas["is_schematic"] = city.is_schematic | ~areas["level"].isin((int(Level.DISTRICT), int(Level.STREET)))
    facts_order = dict(zip(facts.streets["code"].astype(str), facts.streets["official_order"].astype(int), strict=True))
    areas["official_order"] = _orders(areas, facts_order)
    return gpd.GeoDataFrame(areas, geometry="geometry", crs=STORED)


def _label_points(metric: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the middle of the widest place of each area, in EPSG:4326."""
    middle = [
        shapely.get_point(
            shapely.maximum_inscribed_circle(max(shapely.get_parts(g), key=shapely.area), tolerance=3.0), 0
        )
        for g in metric
    ]
    return gpd.GeoSeries(middle, index=metric.index, crs=metric.crs).to_crs(STORED)


def _name(areas: gpd.GeoDataFrame, city: City) -> None:
    facts = city.facts
    district = facts.district
    streets = facts.streets.set_index("code")
    communities = facts.communities.set_index("code")["name_zh"]
    rows: list[dict[str, Any]] = []
    for code, level in zip(areas["code"], areas["level"], strict=True):
        if level == Level.DISTRICT:
            row = {
                "name_zh": district["name_zh"],
                "short_zh": district["short_zh"],
                "name_en": district["name_en"],
                "aliases": [],
            }
        elif level == Level.STREET:
            street = streets.loc[code]
            row = {
                "name_zh": street["name_zh"],
                "short_zh": street["short_zh"],
                "name_en": street["name_en"],
                "aliases": [],
            }
        else:
            full = communities[code[:12]]
            short = short_name(full)
            shown = full.removesuffix("居委会").removesuffix("居民委员会")
            row = {
                "name_zh": shown,
                "short_zh": short,
                "name_en": f"{romanise(short)} Community",
                "aliases": [full] if full != shown else [],
            }
            if level == Level.CELL:
                number = code[12:].lstrip("0")
                row = {
                    "name_zh": f"{short}第{number}网格",
                    "short_zh": f"{short}{number}",
                    "name_en": f"{romanise(short)} Cell {number}",
                    "aliases": [],
                }
        rows.append(row | {"pinyin": spellings(row["name_zh"]), "initials": initials(row["short_zh"])})
    for column in ("name_zh", "short_zh", "name_en", "aliases", "pinyin", "initials"):
        areas[column] = [row[column] for row in rows]


def _say_sources(areas: gpd.GeoDataFrame, city: City) -> None:
    streets = city.facts.streets.set_index("code")
    is_street = areas["level"] == int(Level.STREET)
    for column, summed in (
        ("population_source", SUMMED_SOURCE),
        ("population_vintage", "2020"),
        ("population_is_estimate", True),
    ):
        areas[column] = areas["code"].map(streets[column]).where(is_street, summed)
    own = areas["level"] == int(Level.DISTRICT)
    areas.loc[own, "population_source"] = "第七次全国人口普查公报（二号）"
    areas.loc[own, "population_is_estimate"] = False
    areas["population_is_estimate"] = areas["population_is_estimate"].astype(bool)
    areas["population_vintage"] = areas["population_vintage"].astype(str)


def _land_use(city: City, index: CellIndex) -> pd.Series:
    """Return the commonest kind of block of each cell, by area."""
    blocks = city.blocks
    inner = gpd.GeoSeries(shapely.point_on_surface(blocks.geometry.to_numpy()), crs=blocks.crs).to_crs(STORED)
    table = pd.DataFrame({"cell": index.locate(inner), "kind": blocks["kind"], "size": blocks.geometry.area})
    summed = table[table["cell"] != ""].groupby(["cell", "kind"])["size"].sum().unstack(fill_value=0)
    return summed.idxmax(axis=1)


def _orders(areas: pd.DataFrame, streets: dict[str, int]) -> np.ndarray:
    """Return the official order of streets, and the order of code among brothers for the rest."""
    among = areas.groupby("parent_code", dropna=False)["code"].rank(method="first").fillna(1).astype(int)
    return areas["code"].map(streets).fillna(among).astype(int).to_numpy()
