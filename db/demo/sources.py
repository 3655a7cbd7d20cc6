"""The small tables behind the demo, read from beside this file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gis.city.cases_batch import case_mix
from gis.city.model import CityFacts

FACTS = Path(__file__).parent / "facts"
REFERENCE = Path(__file__).parent.parent / "reference"


def read_facts(folder: Path = FACTS) -> CityFacts:
    """Return the facts of the demo district.

    Raises
    ------
    ContractFault
        When the tables disagree.
    """
    district = pd.read_csv(folder / "district.csv", dtype={"code": str})
    streets = pd.read_csv(folder / "streets.csv", dtype={"code": str, "population_vintage": str})
    communities = pd.read_csv(folder / "communities.csv", dtype={"code": str, "street_code": str})
    return CityFacts.from_frames(district, streets, communities)


def read_mix() -> pd.DataFrame:
    """Return how often, when, where and through whom each category comes, joined with the category tree."""
    return case_mix(pd.read_csv(REFERENCE / "categories.csv"), pd.read_csv(FACTS / "case_mix.csv"))
