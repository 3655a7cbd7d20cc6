"""Merge of the demo district's three source grids into 1,623 cells, and how it grows with 4 times the cells.

The larger case is four copies of the district side by side, each under a district code of its own: four times the
source cells, communities, buildings and unified cells. The better of two runs counts. The peers are spopt's SKATER and
Ward on the same pieces of every fifth community, for the step of joining pieces only.

Run: python -m benchmarks.merge
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from db.demo.sources import read_facts
from gis.atoms import COMMUNITY, Atoms, populate_faces
from gis.city.build import build_city
from gis.merge import MergeResult, merge_grids, share_out
from gis.overlay import overlay_faces
from gis.partition import Graph, components, partition

SEED = 1
N_CELLS = 1_623
COPIES = 4
ROUNDS = 2
LIMIT_S = 20.0
# Four times the work may cost four times as much and half again: noding and sorting grow a little faster.
LIMIT_GROWTH = 6.0

Ground = tuple[gpd.GeoDataFrame, dict[str, gpd.GeoDataFrame], gpd.GeoDataFrame]
Problem = tuple[gpd.GeoDataFrame, Graph, int]


def run() -> list[dict[str, Any]]:
    """Return the figures."""
    ground = _demo_ground()
    once_s, merged = _time_merge(ground, N_CELLS)
    larger_s, _ = _time_merge(_side_by_side(ground), COPIES * N_CELLS)
    report, growth = merged.report, larger_s / once_s
    pieces = f"{report.n_atoms:,} pieces"
    rows = [
        _row(
            f"merge of three source grids into {N_CELLS:,} cells ({pieces})",
            round(once_s, 2),
            "s",
            f"at most {LIMIT_S:.0f} s",
            "pass" if once_s <= LIMIT_S else "FAIL",
        ),
        _row(
            f"the same with {COPIES} times the cells ({COPIES * N_CELLS:,})",
            round(growth, 2),
            "times as long",
            f"at most {LIMIT_GROWTH:.0f} times; {larger_s:.2f} s",
            "pass" if growth <= LIMIT_GROWTH else "FAIL",
        ),
        _row(
            "cell borders that all three grids have",
            round(100 * report.border_share[3], 1),
            "% of length",
            f"{100 * report.offered_share[3]:.1f} % of the pieces' borders",
            "",
        ),
    ]
    return rows + _against_peers(ground)


def _time_merge(ground: Ground, n_cells: int) -> tuple[float, MergeResult]:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        merged = merge_grids(ground[0], ground[1], n_cells, ground[2], rng=np.random.default_rng(SEED))
        seconds.append(time.perf_counter() - started)
    return min(seconds), merged


def _demo_ground() -> Ground:
    city = build_city(read_facts(), seed=SEED)
    sources = {str(grid): cells[["code", "geometry"]] for grid, cells in city.source_cells.groupby("grid")}
    people = city.buildings.rename(columns={"residents": "people"})[["people", "geometry"]]
    return city.communities[["code", "geometry"]], sources, people


def _side_by_side(ground: Ground) -> Ground:
    communities, sources, people = ground
    west, _, east, _ = communities.total_bounds

    def copies(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        moved = []
        for copy in range(COPIES):
            shapes = layer.geometry.translate(xoff=copy * (east - west + 1_000.0))
            part = layer.set_geometry(shapes)
            if "code" in layer.columns:
                part = part.assign(code=f"1101{copy + 2:02d}" + part["code"].astype(str).str[6:])
            moved.append(part)
        return gpd.GeoDataFrame(pd.concat(moved, ignore_index=True), crs=layer.crs)

    tagged = {name: layer.assign(code="000000" + layer["code"]) for name, layer in sources.items()}
    return copies(communities), {name: copies(layer) for name, layer in tagged.items()}, copies(people)


def _against_peers(ground: Ground) -> list[dict[str, Any]]:
    """Regionalise the same pieces by our own search, SKATER and Ward; where a library is absent, say so."""
    try:
        from libpysal.weights import W
        from spopt.region import Skater, WardSpatial
    except ImportError:
        return [_row("regionalisation by spopt", "-", "", "needs spopt", "skipped")]

    def own(_: gpd.GeoDataFrame, graph: Graph, count: int) -> Any:
        return partition(graph, count, rng=np.random.default_rng(SEED))

    def ties(graph: Graph) -> Any:
        return W({node: list(links) for node, links in enumerate(graph.neighbours())}, silence_warnings=True)

    def skater(frame: gpd.GeoDataFrame, graph: Graph, count: int) -> Any:
        model = Skater(frame, ties(graph), attrs_name=["x", "y"], n_clusters=count, floor=1)
        model.solve()
        return model.labels_

    def ward(frame: gpd.GeoDataFrame, graph: Graph, count: int) -> Any:
        model = WardSpatial(frame, ties(graph), ["x", "y"], n_clusters=count)
        model.solve()
        return model.labels_

    problems = list(_problems(ground))
    own_s, own_cv = _time_regions(own, problems)
    name = f"joining the pieces of {len(problems)} communities"
    rows = [_row(f"{name}, our own search", round(own_s, 2), "s", f"sizes vary by {own_cv:.2f}", "")]
    for peer, solve in (("SKATER", skater), ("Ward", ward)):
        seconds, spread = _time_regions(solve, problems)
        verdict = "pass" if own_cv < spread else "FAIL"
        rows.append(_row(f"{name}, spopt {peer}", round(seconds, 2), "s", f"sizes vary by {spread:.2f}", verdict))
    return rows


def _problems(ground: Ground) -> Iterator[Problem]:
    """Yield pieces, graph and count of every fifth community that is connected and leaves a choice."""
    communities, sources, people = ground
    faces, _ = populate_faces(overlay_faces({COMMUNITY: communities, **sources}, COMMUNITY), people)
    atoms, wanted = Atoms.from_faces(faces, list(sources)), share_out(faces, N_CELLS)
    for community, places in list(atoms.by_community().items())[::5]:
        graph = atoms.graph(places, wanted[community])
        if 1 < wanted[community] < len(places) and len(components(graph.neighbours())) == 1:
            centre = shapely.centroid(atoms.geometry[places])
            columns = {"x": shapely.get_x(centre), "y": shapely.get_y(centre)}
            yield gpd.GeoDataFrame(columns, geometry=atoms.geometry[places]), graph, wanted[community]


def _time_regions(solve: Callable[..., Any], problems: list[Problem]) -> tuple[float, float]:
    """Return the seconds and how much region sizes vary, each against the mean of its community."""
    ratios, started = [], time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for frame, graph, count in problems:
            label = np.unique(solve(frame, graph, count), return_inverse=True)[1]
            ratios.append(np.bincount(label, graph.sizes, minlength=count) * count / graph.sizes.sum())
    return time.perf_counter() - started, float(np.concatenate(ratios).std())


def _row(name: str, figure: float | str, unit: str, limit_or_peer: str, verdict: str) -> dict[str, Any]:
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit_or_peer, "verdict": verdict}


if __name__ == "__main__":
    for line in run():
        print(line)
