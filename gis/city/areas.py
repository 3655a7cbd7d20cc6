"""Communities and the three source grids: four different connected groupings of the same blocks.

The number of city-management cells (2,432) is published. The numbers of public-order cells (1,290) and of
social-service cells (1,078) are not public: they are this demo's own choice, of the size that a beat officer's and a
community worker's patch have elsewhere. Every grouping stays inside its street; none nests in another, but all prefer
to run along the same main roads, streets and walls, so that their edges agree often.
"""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from gis.city.grouping import BlockGraph, group_blocks
from gis.city.model import CityFacts
from gis.city.residents import apportion
from gis.terms import SOURCE_GRIDS

GRID_PREFIX = {"city_management": "CG", "public_order": "ZZ", "social_service": "SF"}
"""First letters of a source cell's code; then its street's code and a number west to east, north to south."""

COMPASS = {"东": (1.0, 0.0), "西": (-1.0, 0.0), "北": (0.0, 1.0), "南": (0.0, -1.0)}


def _street_graph(graph: BlockGraph, members: np.ndarray, n_blocks: int) -> tuple[BlockGraph, np.ndarray]:
    """Return the part of a graph inside one street, renumbered, and the rows of its edges."""
    position = np.full(n_blocks, -1)
    position[members] = np.arange(len(members))
    rows = np.flatnonzero((position[graph.left] >= 0) & (position[graph.right] >= 0))
    part = BlockGraph(position[graph.left[rows]], position[graph.right[rows]], graph.length_m[rows], graph.spot[rows])
    return part, rows


def _relative(values: np.ndarray) -> np.ndarray:
    return values / max(float(values.mean()), 1e-9)


def name_order(
    names: list[str], centres: np.ndarray, landmarks: dict[str, shapely.Geometry] | None = None
) -> np.ndarray:
    """Return for each name the centre it goes to: a name with 东 to the east, one with a landmark next to it.

    Parameters
    ----------
    names : list of str
        Names of the communities of one street.
    centres : array (n, 2)
        Middles of the groups, metres.
    landmarks : dict, optional
        Place names and where they are, metres; the longest one inside a name counts.
    """
    spots = shapely.points(centres)
    scale = max(float(np.hypot(*centres.std(axis=0))), 1.0)
    far = np.zeros((len(names), len(names)))
    for row, name in enumerate(names):
        known = [word for word in landmarks or {} if word in name]
        if landmarks and known:
            far[row] = shapely.distance(spots, landmarks[max(known, key=len)]) / scale
    spread = (centres - centres.mean(axis=0)) / np.maximum(centres.std(axis=0), 1.0)
    wish = np.array(
        [np.sum([COMPASS[sign] for sign in name if sign in COMPASS] or [(0.0, 0.0)], axis=0) for name in names]
    )
    # The second term only breaks ties: names without a direction keep the order of their codes from north to south.
    rank = np.linspace(1.0, -1.0, len(names))[:, None] * spread[:, 1][None, :]
    return np.asarray(linear_sum_assignment(4.0 * far - wish @ spread.T - 0.05 * rank)[1])


def group_communities(
    blocks: gpd.GeoDataFrame,
    people: np.ndarray,
    graph: BlockGraph,
    barrier: np.ndarray,
    facts: CityFacts,
    landmarks: dict[str, shapely.Geometry],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return each block's community code: connected groups inside each street, balanced by residents.

    Parameters
    ----------
    blocks : GeoDataFrame
        street_code, geometry; metric CRS.
    people : array
        Residents of each block.
    graph, barrier
        Shared edges of the blocks and how willingly a border lies on each.
    facts : CityFacts
        Names and codes of the communities of each street.
    landmarks : dict
        Place names and where they are: a community that bears one is put next to it.
    rng : Generator
        The only source of chance.
    """
    codes = np.full(len(blocks), "", dtype=object)
    area = blocks.area.to_numpy()
    xy = shapely.get_coordinates(shapely.centroid(blocks.geometry.to_numpy()))
    for street in facts.streets["code"]:
        members = np.flatnonzero((blocks["street_code"] == street).to_numpy())
        part, rows = _street_graph(graph, members, len(blocks))
        weight = 0.9 * _relative(people[members].astype(float)) + 0.1 * _relative(area[members])
        own = facts.communities[facts.communities["street_code"] == street]
        labels = group_blocks(part, weight, xy[members], barrier[rows], len(own), rng, balance=9.0, tries=6)
        mass = np.bincount(labels, area[members])
        centres = np.stack([np.bincount(labels, area[members] * xy[members, axis]) / mass for axis in (0, 1)], axis=1)
        of_group = np.empty(len(own), dtype=object)
        of_group[name_order(own["name_zh"].tolist(), centres, landmarks)] = own["code"].to_numpy()
        codes[members] = of_group[labels]
    return codes


def group_source_cells(
    blocks: gpd.GeoDataFrame,
    people: np.ndarray,
    graph: BlockGraph,
    barrier: np.ndarray,
    facts: CityFacts,
    rng: np.random.Generator,
    progress: Callable[[str], None] | None = None,
) -> gpd.GeoDataFrame:
    """Return the cells of the three source grids.

    city_management is balanced by area and compact; public_order by residents; social_service keeps walled
    compounds whole where it can.

    Parameters
    ----------
    blocks : GeoDataFrame
        street_code, compound_no, geometry; metric CRS.
    people : array
        Residents of each block.
    graph, barrier
        Shared edges of the blocks and how willingly a border lies on each.
    facts : CityFacts
        `district` holds the number of cells per grid.
    rng : Generator
        The only source of chance.
    progress : callable, optional
        Called with the name of each grid.

    Returns
    -------
    GeoDataFrame
        grid, code, street_code, geometry (Polygon), each grid a coverage of the district.
    """
    area = blocks.area.to_numpy()
    xy = shapely.get_coordinates(shapely.centroid(blocks.geometry.to_numpy()))
    compound = blocks["compound_no"].to_numpy()
    same_compound = (compound[graph.left] == compound[graph.right]) & (compound[graph.left] > 0)
    walls = np.where(same_compound, 0.0, np.maximum(barrier, 0.55))
    streets = facts.streets["code"].to_numpy()
    members_of = [np.flatnonzero((blocks["street_code"] == street).to_numpy()) for street in streets]
    shares = {"city_management": 0.25, "public_order": 0.9, "social_service": 0.7}
    found = []
    for grid in SOURCE_GRIDS:
        if progress is not None:
            progress(grid)
        by_people = shares[grid]
        totals = [
            by_people * people[rows].sum() / max(people.sum(), 1) + (1.0 - by_people) * area[rows].sum() / area.sum()
            for rows in members_of
        ]
        counts = apportion(np.array(totals), int(facts.district[grid]))
        edges = walls if grid == "social_service" else barrier
        for street, members, count in zip(streets, members_of, counts, strict=True):
            part, rows = _street_graph(graph, members, len(blocks))
            weight = by_people * _relative(people[members].astype(float)) + (1.0 - by_people) * _relative(area[members])
            labels = group_blocks(part, weight, xy[members], edges[rows], int(count), rng)
            shapes = union_groups(blocks.geometry.to_numpy()[members], labels)
            order = west_east_north_south(shapes)
            numbers = np.empty(len(shapes), dtype=int)
            numbers[order] = np.arange(1, len(shapes) + 1)
            names = [f"{GRID_PREFIX[grid]}{street}{number:03d}" for number in numbers]
            found.append(pd.DataFrame({"grid": grid, "code": names, "street_code": street, "geometry": shapes}))
    cells = pd.concat(found, ignore_index=True).sort_values(["grid", "code"], kind="stable").reset_index(drop=True)
    return gpd.GeoDataFrame(cells, geometry="geometry", crs=blocks.crs)


def union_groups(shapes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the union of the shapes of a coverage for each label, in the labels' order."""
    order = np.argsort(labels, kind="stable")
    starts = np.unique(labels[order], return_index=True)[1]
    groups = np.split(order, starts[1:])
    return shapely.get_geometry(np.array([shapely.coverage_union_all(shapes[group]) for group in groups]), 0)


def west_east_north_south(shapes: np.ndarray, row_m: float = 150.0) -> np.ndarray:
    """Return the order that numbers shapes in rows from the north, each row from the west."""
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    return np.lexsort((middle[:, 0], -np.floor(middle[:, 1] / row_m)))
