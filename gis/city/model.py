"""The two shapes of a demo city: the facts it is built from and the city that comes out.

All geometry of a `City` is in the district's metric CRS (EPSG:4548 for Xicheng), lengths in metres, areas in m2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.errors import ContractFault
from gis.terms import SOURCE_GRIDS

METRIC_SRID = 4548
"""CGCS2000 / 3-degree Gauss-Kruger, central meridian 117 E: Xicheng's metric CRS."""

STREET_COLUMNS = (
    "code", "name_zh", "short_zh", "name_en", "official_order", "area_m2", "label_lon", "label_lat",
    "population", "over60_share", "population_source", "population_vintage", "population_is_estimate", "communities",
)  # fmt: skip
COMMUNITY_COLUMNS = ("code", "street_code", "name_zh")


@dataclass(frozen=True)
class CityFacts:
    """What is known about a district before anything is drawn.

    Attributes
    ----------
    district : dict
        code, name_zh, short_zh, name_en, metric_srid, timezone, area_m2, population and, per source grid, the number
        of its cells under the grid's own name.
    streets : DataFrame
        One row per street in official order: code (9 digits), names, area_m2, label_lon and label_lat (EPSG:4326),
        population, over60 (people), population_source, population_vintage, population_is_estimate, communities (count).
    communities : DataFrame
        code (12 digits), street_code, name_zh (full official name).
    """

    district: dict[str, Any]
    streets: pd.DataFrame
    communities: pd.DataFrame

    @classmethod
    def from_frames(cls, district: pd.DataFrame, streets: pd.DataFrame, communities: pd.DataFrame) -> CityFacts:
        """Check the three tables (codes as text) against each other and add `over60` to the streets.

        Raises
        ------
        ContractFault
            When columns are missing, codes repeat, or counts of communities disagree; all faults in one line.
        """
        faults = [f"streets lack {column}" for column in STREET_COLUMNS if column not in streets]
        faults += [f"communities lack {column}" for column in COMMUNITY_COLUMNS if column not in communities]
        faults += [f"district lacks {grid}" for grid in SOURCE_GRIDS if grid not in district]
        if len(district) != 1:
            faults.append(f"district has {len(district)} rows instead of 1")
        if faults:
            raise ContractFault("demo facts: " + "; ".join(faults))
        found = communities.groupby("street_code").size()
        for street in streets.itertuples():
            if found.get(street.code, 0) != street.communities:
                faults.append(
                    f"street {street.code} has {found.get(street.code, 0)} of {street.communities} communities"
                )
        if streets["code"].duplicated().any() or communities["code"].duplicated().any():
            faults.append("a code appears twice")
        if faults:
            raise ContractFault("demo facts: " + "; ".join(faults))
        ordered = streets.sort_values("official_order").reset_index(drop=True)
        ordered["over60"] = (ordered["population"] * ordered["over60_share"]).round().astype(int)
        row = {str(key): value for key, value in district.iloc[0].to_dict().items()}
        return cls(row, ordered, communities.sort_values("code").reset_index(drop=True))

    def only(self, street_codes: list[str]) -> CityFacts:
        """Return the facts of some streets, with source-cell counts in proportion to their area: a small city."""
        streets = self.streets[self.streets["code"].isin(street_codes)].reset_index(drop=True)
        communities = self.communities[self.communities["street_code"].isin(street_codes)].reset_index(drop=True)
        share = streets["area_m2"].sum() / self.streets["area_m2"].sum()
        district = dict(self.district)
        district["population"] = int(streets["population"].sum())
        district["area_m2"] = float(streets["area_m2"].sum())
        for grid in SOURCE_GRIDS:
            district[grid] = max(len(streets), round(district[grid] * share))
        return CityFacts(district, streets, communities)


@dataclass(frozen=True)
class City:
    """A whole schematic district; every frame is a GeoDataFrame in the district's metric CRS.

    Attributes
    ----------
    facts : CityFacts
        What it was built from.
    seed : int
        The seed; the same facts and seed give the same city byte for byte.
    streets : code, geometry
    communities : code, street_code, name_zh, geometry
    blocks : block_id, street_code, community_code, kind, compound, geometry
        Faces of the road network; a valid coverage. `kind` is one of `gis.city.plan.BLOCK_KINDS`.
    source_cells : grid, code, street_code, geometry
        Three groupings of the blocks, one for each of `gis.terms.SOURCE_GRIDS`.
    roads : class (arterial, street, alley), name_zh, geometry (LineString)
    base : layer (water, green, rail, compound, gate), class, name_zh, geometry
    buildings : building_id, block_id, community_code, kind, compound, residents, over60, households, geometry
    facilities : facility_id, kind, name_zh, capacity, opens, geometry (Point)
    elements : kind, subtype, name_zh, amount, geometry (Point)
    is_schematic : bool
        True when the street outlines are our own drawing, False when real ones were given.
    """

    facts: CityFacts
    seed: int
    streets: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    source_cells: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    base: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    elements: gpd.GeoDataFrame
    is_schematic: bool = field(default=True)
