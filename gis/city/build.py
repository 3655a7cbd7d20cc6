"""Building the demo city from facts and a seed: one call, every part in its order."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.city.areas import group_communities, group_source_cells, union_groups
from gis.city.blocks import GRID_M, cut_blocks, edge_barriers
from gis.city.buildings import place_buildings
from gis.city.elements import place_elements
from gis.city.facilities import place_facilities
from gis.city.grouping import block_graph
from gis.city.model import METRIC_SRID, City, CityFacts
from gis.city.names import landmarks, name_compounds, name_roads
from gis.city.network import draw_network
from gis.city.plan import PlanFrame
from gis.city.residents import settle_residents
from gis.city.scenery import base_features, road_lines
from gis.city.skeleton import schematic_streets, settle_corners
from gis.errors import GeometryFault

STAGES = ("network", "blocks", "buildings", "communities", "source_grids", "names", "facilities", "elements")
"""What `progress` is told, in this order, as each part begins."""


def given_streets(streets: gpd.GeoDataFrame, facts: CityFacts) -> gpd.GeoDataFrame:
    """Return given street outlines in the metric CRS and the facts' order, columns code and geometry.

    Raises
    ------
    GeometryFault
        When a street of the facts is missing, or an outline is not one valid polygon.
    """
    column = "code" if "code" in streets.columns else "adcode"
    if column not in streets.columns:
        raise GeometryFault("street outlines need a column code or adcode")
    if streets.crs is None:
        raise GeometryFault("street outlines have no CRS")
    metric = streets.to_crs(METRIC_SRID).set_index(streets[column].astype(str))
    shapes = []
    for code in facts.streets["code"]:
        if code not in metric.index:
            raise GeometryFault(f"street outlines lack street {code}")
        found = metric.loc[[code]].geometry
        parts = shapely.get_parts(shapely.make_valid(shapely.union_all(found.to_numpy())))
        parts = parts[shapely.get_type_id(parts) == 3]
        if len(parts) != 1:
            raise GeometryFault(f"outline of street {code} is {len(parts)} polygons instead of 1")
        shapes.append(shapely.set_precision(parts[0], 0.01))
    return gpd.GeoDataFrame({"code": facts.streets["code"].to_numpy()}, geometry=shapes, crs=METRIC_SRID)


def with_whole_border(border_roads: pd.DataFrame, outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the roads along street borders with a street, yet unnamed, wherever the border has none."""
    shapes = outlines.geometry.to_numpy()
    border = shapely.union_all(shapely.boundary(shapes))
    edge = shapely.boundary(shapely.union_all(shapes, grid_size=GRID_M))
    rows = list(border_roads[["class", "name_zh", "geometry"]].itertuples(index=False, name=None))
    if not rows:
        # Streets of Beijing meet on main roads more often than not, so that a bare inner border is drawn as one.
        inner = shapely.get_parts(shapely.line_merge(shapely.difference(border, edge.buffer(1.0))))
        rows = [("arterial", "", part) for part in inner if part.geom_type == "LineString" and part.length > 1.0]
    known = shapely.union_all([shape for _, _, shape in rows])
    bare = shapely.get_parts(shapely.line_merge(shapely.difference(border, known)))
    rows += [("street", "", part) for part in bare if part.geom_type == "LineString" and part.length > 1.0]
    return pd.DataFrame(rows, columns=["class", "name_zh", "geometry"])


def build_city(
    facts: CityFacts,
    *,
    seed: int,
    streets: gpd.GeoDataFrame | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> City:
    """Build the schematic district: roads, blocks, areas, source grids, buildings, facilities and elements.

    Parameters
    ----------
    facts : CityFacts
        Names, codes, areas, label points and populations.
    seed : int
        The same facts and seed give the same city byte for byte.
    streets : GeoDataFrame, optional
        Real street outlines (code or adcode, Polygon, any CRS) to fill instead of the schematic ones.
    progress : callable, optional
        Called as progress(stage, share done 0-1) when each stage of `STAGES` begins and once at the end.

    Returns
    -------
    City
        All frames in EPSG:4548. The streets of the schematic outline have the given areas; residents and over-60s
        of the buildings add up to the facts exactly.

    Raises
    ------
    GeometryFault
        When outlines are missing or invalid, or the blocks cannot be grouped as the facts ask.
    """

    def tell(stage: str) -> None:
        if progress is not None:
            progress(stage, STAGES.index(stage) / len(STAGES))

    chance = {stage: np.random.default_rng([seed, number]) for number, stage in enumerate(STAGES)}
    frame = PlanFrame(settle_corners(facts))
    tell("network")
    if streets is None:
        outlines, border_roads = schematic_streets(facts)
    else:
        outlines, border_roads = given_streets(streets, facts), pd.DataFrame(columns=["class", "name_zh", "geometry"])
    border_roads = with_whole_border(border_roads, outlines)
    network = draw_network(outlines, border_roads, frame, chance["network"])
    tell("blocks")
    blocks = cut_blocks(outlines, network)
    shapes = blocks.geometry.to_numpy()
    graph = block_graph(shapes)
    barrier = edge_barriers(graph, network, blocks["kind"].to_numpy(), shapes)
    tell("buildings")
    built = place_buildings(blocks, seed, chance["buildings"])
    counts = settle_residents(built, facts, chance["buildings"])
    people = np.bincount(built["block"], counts["residents"], len(blocks)).astype(int)
    tell("communities")
    code = group_communities(blocks, people, graph, barrier, facts, landmarks(network, frame), chance["communities"])
    order = np.unique(code.astype(str), return_inverse=True)
    names = facts.communities.set_index("code").loc[order[0], "name_zh"].to_numpy()
    communities = gpd.GeoDataFrame(
        {"code": order[0], "street_code": [one[:9] for one in order[0]], "name_zh": names},
        geometry=union_groups(shapes, order[1]),
        crs=METRIC_SRID,
    )
    of_street = np.searchsorted(np.sort(facts.streets["code"]), blocks["street_code"])
    by_code = pd.Series(union_groups(shapes, of_street), index=np.sort(facts.streets["code"]))
    final_streets = gpd.GeoDataFrame(
        {"code": facts.streets["code"].to_numpy()},
        geometry=by_code.loc[facts.streets["code"]].to_numpy(),
        crs=METRIC_SRID,
    )
    tell("source_grids")
    cells = group_source_cells(blocks, people, graph, barrier, facts, chance["source_grids"])
    tell("names")
    blocks["community_code"] = code.astype(str)
    blocks["block_id"] = np.arange(1, len(blocks) + 1)
    compound = name_compounds(blocks, communities)
    blocks["compound"] = compound
    roads = name_roads(road_lines(network, chance["names"], blocks), blocks, communities)
    base = base_features(network, blocks, chance["names"])
    at = built["block"].to_numpy()
    buildings = gpd.GeoDataFrame(
        {
            "building_id": np.arange(1, len(built) + 1),
            "block_id": blocks["block_id"].to_numpy()[at],
            "community_code": blocks["community_code"].to_numpy()[at],
            "kind": built["kind"].to_numpy(),
            "compound": compound[at],
            "residents": counts["residents"].to_numpy(),
            "over60": counts["over60"].to_numpy(),
            "households": counts["households"].to_numpy(),
        },
        geometry=built.geometry.to_numpy(),
        crs=METRIC_SRID,
    )
    blocks = blocks[["block_id", "street_code", "community_code", "kind", "compound", "geometry"]]
    tell("facilities")
    facilities = place_facilities(blocks, buildings, communities, base, frame, chance["facilities"])
    tell("elements")
    elements = place_elements(blocks, buildings, communities, roads, facilities, base, chance["elements"])
    if progress is not None:
        progress("done", 1.0)
    return City(
        facts,
        seed,
        final_streets,
        communities,
        blocks,
        cells,
        roads,
        base,
        buildings,
        facilities,
        elements,
        streets is None,
    )
