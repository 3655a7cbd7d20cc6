"""The numbers of one screen, put together once for the page and for the API, so that both always agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from dashboard.services import District, Services
from db.read import profile
from gis.codes import Level, level_of
from gis.errors import AreaNotFound
from gis.rollup import COUNTS, RollUp, roll_up, table_unit
from gis.scope import View

_KEPT_S = 2.0


@dataclass(frozen=True)
class Picture:
    """One moment of one scope.

    Attributes
    ----------
    view : with its area code filled in.
    place : facts of the area itself, a row of `Services.areas`.
    rows : the areas of level `unit` inside the scope in official order, indexed by code, with `COUNTS` joined (zero
        where no case is) and `per_1000`, `per_km2` (NaN where the base is not known).
    rolled : the same counts with buckets and total.
    """

    view: View
    district: District
    now: datetime
    unit: Level
    place: dict[str, Any]
    rows: pd.DataFrame
    rolled: RollUp

    @property
    def total(self) -> pd.Series:
        """Counts of the whole scope."""
        return self.rolled.total


def picture(services: Services, view: View, now: datetime, unit: Level | None = None) -> Picture:
    """Return the numbers of a view at one moment, for areas of `unit` (one level below the scope unless told).

    Raises
    ------
    AreaNotFound
        When no area in force has the view's code.
    """
    view, district = services.settled(view)
    level = level_of(view.code)
    known = services.areas(district, level)
    if view.code not in known.index:
        raise AreaNotFound(f"no area in force has the code {view.code}")
    chosen = unit if unit is not None and unit >= level else table_unit(view.code)
    while chosen > level and services.areas(district, chosen).empty:  # own data may stop at streets
        chosen = chosen.parent or level

    def make() -> Picture:
        rolled = roll_up(services.counts(view, district, now), view.code, chosen)
        areas = services.areas(district, chosen)
        inside = areas[areas.index.str.startswith(view.code)]
        rows = with_rates(inside.join(rolled.children.reindex(inside.index, fill_value=0)))
        place = {"code": view.code} | {str(key): value for key, value in known.loc[view.code].to_dict().items()}
        return Picture(view, district, now, chosen, place, rows, rolled)

    # what changes no number is left out of the key, so that all parts of a screen share one picture
    asked = view.narrowed(view.code)
    key = ("picture", asked, chosen, district.geometry_version, services.hub.version)
    shared: Picture = services.kept.get(key, _KEPT_S, make)
    return replace(shared, view=view)


def with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with open cases per 1,000 residents and per km2; NaN where the base is missing or zero."""
    people = rows["population"].astype("float64").replace(0, np.nan)
    return rows.assign(
        per_1000=rows["open"] / people * 1000.0,
        per_km2=rows["open"] / (rows["area_m2"].replace(0, np.nan) / 1e6),
    )


def elements_of(services: Services, district: District, unit: Level) -> pd.Series:
    """Return recorded elements per area of a level; kept per geometry version."""

    def ask() -> pd.Series:
        with services.database.reading() as conn:
            return profile.elements_by_cell(conn, district.code)

    by_cell: pd.Series = services.kept.get(("elements", district.code, district.geometry_version), 600.0, ask)
    return by_cell.groupby(by_cell.index.str[: int(unit)]).sum()


def as_plain(shown: Picture) -> dict[str, Any]:
    """Return a picture as plain values for the API: the very numbers of the screen."""
    place = {key: _plain(value) for key, value in shown.place.items()}
    return {
        "area": place,
        "window": shown.view.window,
        "data_time": shown.now.isoformat(),
        "counts": {name: int(shown.total[name]) for name in COUNTS},
        "unit": shown.unit.word,
        "children": [
            {"code": code, "name_zh": row["name_zh"], "name_en": row["name_en"]}
            | {name: int(row[name]) for name in COUNTS}
            | {"population": _plain(row["population"]), "area_m2": _plain(row["area_m2"])}
            for code, row in shown.rows.iterrows()
        ],
        "buckets": {
            str(status): {name: int(row[name]) for name in COUNTS} for status, row in shown.rolled.buckets.iterrows()
        },
    }


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.floating | float):
        return int(value) if float(value).is_integer() else float(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
