"""The demo's story: what the pure generator needs, put together from a build."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from db.demo.layers import DemoLayers
from db.demo.sources import read_mix
from gis.city.cases_batch import CaseBatch, generate_cases
from gis.city.cases_places import CaseGround
from gis.codes import Level
from gis.locate import CellIndex
from gis.worktime import DutyCalendar, build_calendar

PER_DAY = 1500.0
"""770 patrol cases and 742 hotline orders a day, rounded (see the facts' README)."""

_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Story:
    """Ground, mix, names and seed: all that a day's cases depend on."""

    ground: CaseGround
    mix: pd.DataFrame
    names: dict[str, str]
    seed: int
    timezone: str

    @classmethod
    def of(cls, layers: DemoLayers) -> Story:
        """Put the story of a build together."""
        cells = layers.cells
        lat = float(layers.places["lat"].mean())
        ground = CaseGround(
            places=layers.places,
            cells=CellIndex(cells["code"].to_numpy(dtype=str), cells.geometry.to_numpy()),
            district_code=layers.district_code,
            metres_per_degree=(_METRES_PER_DEGREE * math.cos(math.radians(lat)), _METRES_PER_DEGREE),
        )
        names: dict[str, str] = {}
        for level, column in ((Level.STREET, "name_zh"), (Level.COMMUNITY, "short_zh")):
            own = layers.areas[layers.areas["level"] == int(level)]
            names |= dict(zip(own["code"].astype(str), own[column].astype(str), strict=True))
        return cls(ground, read_mix(), names, int(layers.facts["seed"]), str(layers.facts["timezone"]))

    def calendar(self, start: pd.Timestamp, end: pd.Timestamp) -> DutyCalendar:
        """Return a duty calendar that reaches past every deadline and course of the window."""
        return _calendar(start.year - 1, end.year + 2, self.timezone)

    def cases(self, start: pd.Timestamp, end: pd.Timestamp, *, per_day: float = PER_DAY) -> CaseBatch:
        """Generate the cases of (start, end] and what has happened to them until `end`."""
        return generate_cases(
            self.ground, mix=self.mix, names=self.names, calendar=self.calendar(start, end),
            start=start, end=end, seed=self.seed, per_day=per_day,
        )  # fmt: skip


@lru_cache(maxsize=8)
def _calendar(first_year: int, last_year: int, timezone: str) -> DutyCalendar:
    return build_calendar(first_year, last_year, timezone=timezone)
