"""Building the demo district: from facts and a seed to the frames that the record takes, kept as files.

`build_layers` computes; `write_layers` and `read_layers` keep and fetch. Frames have the columns of their tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from db.demo.sources import read_facts
from db.demo.territory import STORED, area_rows, nested_areas, settle
from gis.city.build import build_city
from gis.city.cases_places import build_places
from gis.city.model import City, CityFacts
from gis.city.walkways import build_walkways
from gis.codes import Level
from gis.errors import InputFault
from gis.locate import CellIndex
from gis.merge import MergeResult, merge_grids
from gis.terms import FACILITY_KINDS, SOURCE_GRIDS

CELLS_PER_DISTRICT = 1623
FORMAT = 4
"""Changes when files of an older build can no longer be loaded."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class DemoLayers:
    """The demo's frames, all geometry in EPSG:4326, and `facts` about the build."""

    areas: gpd.GeoDataFrame
    source_cells: gpd.GeoDataFrame
    lineage: pd.DataFrame
    buildings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    elements: gpd.GeoDataFrame
    base: gpd.GeoDataFrame
    places: pd.DataFrame
    walk_nodes: pd.DataFrame
    walk_edges: pd.DataFrame
    walk_gates: pd.DataFrame
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def district_code(self) -> str:
        """Six digits."""
        return str(self.facts["code"])

    @property
    def cells(self) -> gpd.GeoDataFrame:
        """The unified cells."""
        return self.areas[self.areas["level"] == int(Level.CELL)]


def build_layers(
    *,
    seed: int,
    streets_file: Path | None = None,
    credit: str = "",
    facts: CityFacts | None = None,
    progress: Progress | None = None,
) -> DemoLayers:
    """Build the demo district.

    Parameters
    ----------
    seed
        The same seed gives the same district.
    streets_file
        Real street outlines (any format that geopandas reads, column `code` or `adcode`) instead of schematic ones.
    credit
        Whom the licence of the given outlines asks to be named; shown on every screen.
    facts
        The demo's own facts by default; a part of them gives a smaller district.
    progress
        Called with the name of a step and the share done (0 to 1).
    """
    tell = progress or _silent
    known = facts or read_facts()
    given = gpd.read_file(streets_file) if streets_file else None
    city = build_city(known, seed=seed, streets=given, progress=lambda step, share: tell(step, share * 0.6))
    tell("merge", 0.6)
    merged = _merge(city, seed)
    tell("layers", 0.75)
    levels = nested_areas(merged.cells)
    index = CellIndex.from_frame(levels[Level.CELL])
    buildings = settle(city, index)
    areas = area_rows(city, levels, buildings)
    facilities, elements = _facilities(city, index), _elements(city, index)
    tell("places", 0.9)
    to_degrees = Transformer.from_crs(city.buildings.crs, STORED, always_xy=True).transform
    places = build_places(city, to_degrees, seed=seed)
    base = _base(city)
    ways = build_walkways(city, rng=np.random.default_rng([seed, 501]))
    layers = DemoLayers(
        areas, _source_cells(city, merged), merged.lineage, buildings, facilities, elements, base, places,
        ways.nodes, ways.edges, ways.gates, _facts(city, merged, areas, base, seed, streets_file, credit),
    )  # fmt: skip
    tell("done", 1.0)
    return layers


def write_layers(layers: DemoLayers, folder: Path) -> None:
    """Write every frame as parquet and the facts as JSON, last of all: a folder without them is not a build."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "build.json").unlink(missing_ok=True)
    for name in _frames():
        getattr(layers, name).to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "build.json").write_text(json.dumps(layers.facts, ensure_ascii=False, indent=1), encoding="utf-8")


def is_built(folder: Path) -> bool:
    """Return whether a folder holds a build that this version can load."""
    try:
        return json.loads((folder / "build.json").read_text(encoding="utf-8"))["format"] == FORMAT
    except (OSError, ValueError, KeyError):
        return False


def read_layers(folder: Path) -> DemoLayers:
    """Return the frames of a build.

    Raises
    ------
    InputFault
        When the folder holds none.
    """
    if not is_built(folder):
        raise InputFault(f"{folder} holds no demo build of this version: run python -m dashboard demo build")
    facts = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    plain = ("lineage", "places", "walk_nodes", "walk_edges", "walk_gates")
    frames: dict[str, Any] = {
        name: (pd.read_parquet if name in plain else gpd.read_parquet)(folder / f"{name}.parquet") for name in _frames()
    }
    return DemoLayers(**frames, facts=facts)


def _frames() -> list[str]:
    return [f.name for f in fields(DemoLayers) if f.name != "facts"]


def _silent(step: str, share: float) -> None:
    """Tell nobody."""


def _merge(city: City, seed: int) -> MergeResult:
    sources = {
        grid: city.source_cells.loc[city.source_cells["grid"] == grid, ["code", "geometry"]].reset_index(drop=True)
        for grid in SOURCE_GRIDS
    }
    people = city.buildings[["residents", "geometry"]].rename(columns={"residents": "people"})
    share = len(city.communities) / 263
    count = CELLS_PER_DISTRICT if share == 1 else max(len(city.communities), round(CELLS_PER_DISTRICT * share))
    rng = np.random.default_rng([seed, 401])
    return merge_grids(city.communities[["code", "geometry"]], sources, count, people, rng=rng)


def _source_cells(city: City, merged: MergeResult) -> gpd.GeoDataFrame:
    cells = city.source_cells[["grid", "code", "geometry"]].reset_index(drop=True)
    people = merged.lineage.groupby(["grid", "source_code"])["population"].sum()
    cells["area_m2"] = cells.geometry.area.round(2)
    cells["population"] = people.reindex(pd.MultiIndex.from_frame(cells[["grid", "code"]])).fillna(0.0).to_numpy()
    cells["district_code"] = str(city.facts.district["code"])
    return cells.to_crs(STORED)


def _facilities(city: City, index: CellIndex) -> gpd.GeoDataFrame:
    frame = city.facilities.to_crs(STORED).rename(columns={"facility_id": "external_id"})
    cell = index.locate(frame.geometry)
    frame["cell_code"] = pd.Series(cell, dtype=object).where(cell != "", None).to_numpy()
    frame["district_code"], frame["source"], frame["is_schematic"] = str(city.facts.district["code"]), "demo", True
    return frame


def _elements(city: City, index: CellIndex) -> gpd.GeoDataFrame:
    """Elements in their cells; what the facilities table already holds is not told twice."""
    twice = (city.elements["kind"] == "service") & city.elements["subtype"].isin(FACILITY_KINDS)
    frame = city.elements[~twice].to_crs(STORED).reset_index(drop=True)
    frame["cell_code"] = index.locate(frame.geometry)
    return frame[frame["cell_code"] != ""].reset_index(drop=True)


def _base(city: City) -> gpd.GeoDataFrame:
    roads = city.roads[["class", "name_zh", "geometry"]].assign(layer="road")
    frame = pd.concat([roads, city.base[["layer", "class", "name_zh", "geometry"]]], ignore_index=True)
    frame["name_zh"] = frame["name_zh"].fillna("")
    frame["district_code"] = str(city.facts.district["code"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=city.roads.crs).to_crs(STORED)


def _facts(
    city: City,
    merged: MergeResult,
    areas: gpd.GeoDataFrame,
    base: gpd.GeoDataFrame,
    seed: int,
    streets_file: Path | None,
    credit: str,
) -> dict[str, Any]:
    digest = hashlib.sha256()
    for frame in (areas, base):
        for packed in shapely.to_wkb(frame.geometry.to_numpy()):
            digest.update(packed)
    digest.update("".join(areas["name_zh"]).encode())
    report = merged.report
    outlines = "示意几何（schematic geometry）"
    if streets_file is not None:
        outlines = f"街道轮廓来自 {streets_file.name}，其余几何为示意（schematic）"
    outlines += f"；{credit}" if credit else ""
    return {
        "format": FORMAT,
        "seed": seed,
        "code": str(city.facts.district["code"]),
        "metric_srid": int(city.facts.district["metric_srid"]),
        "timezone": str(city.facts.district["timezone"]),
        "geometry_version": digest.hexdigest()[:16],
        "attribution": f"演示数据：{outlines}，案件均为模拟",
        "is_schematic": city.is_schematic,
        "cells": len(merged.cells),
        "source_cells": {grid: int((city.source_cells["grid"] == grid).sum()) for grid in SOURCE_GRIDS},
        "merge": {
            "atoms": report.n_atoms, "cuts": report.n_cuts,
            "size_cv": report.size_cv, "compactness": report.compactness,
            "border_share": {str(k): v for k, v in report.border_share.items()},
        },
    }  # fmt: skip
