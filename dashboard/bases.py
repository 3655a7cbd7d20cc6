"""Measures that need more than the counts of the moment: what is usual, lengths of streets, smoothed rates."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from dashboard import pictures
from dashboard.services import District, Services
from db.read import measures, profile
from gis.codes import Level
from gis.rates import deviates, smoothed, unless_small
from gis.scope import RATES, View

WEEKS = 8
_KEPT_S = 3600.0
_LONG = timedelta(days=8)


def measured(services: Services, shown: pictures.Picture) -> pd.Series:
    """Return the view's measure per area of a picture; NaN where it is not known or rests on too few cases."""
    rows, measure = shown.rows, shown.view.measure
    if measure == "elements":
        per_area = pictures.elements_of(services, shown.district, shown.unit)
        return per_area.reindex(rows.index, fill_value=0).astype("float64")
    if measure == "smoothed":
        rate = smoothed(rows["new"].to_numpy(), rows["population"].astype("float64").to_numpy())
        return pd.Series(rate * 1000.0, index=rows.index)
    if measure == "change":
        return _change(services, shown)
    if measure == "per_km_street":
        length_km = street_km(services, shown.district, shown.unit).reindex(rows.index)
        values = rows["new"] / length_km.where(length_km > 0.05)
        return pd.Series(unless_small(values, rows["new"]), index=rows.index)
    values = rows[measure].astype("float64")
    if measure in RATES:
        return pd.Series(unless_small(values, rows["open"]), index=rows.index)
    return values


def street_km(services: Services, district: District, unit: Level) -> pd.Series:
    """Return kilometres of streets and alleys per area of a level; kept per geometry version."""

    def ask() -> pd.Series:
        with services.database.reading(timeout_ms=30_000) as conn:
            return profile.street_km_by_cell(conn, district.code, district.metric_srid)

    by_cell: pd.Series = services.kept.get(("streets km", district.code, district.geometry_version), _KEPT_S, ask)
    return by_cell.groupby(by_cell.index.str[: int(unit)]).sum()


def usual_weeks(
    services: Services, view: View, district: District, now: datetime
) -> dict[str, tuple[datetime, datetime]]:
    """Return the same hours of the weeks before, holidays apart: only weeks worked and off as the window itself is.

    Windows longer than eight days hold both, so every week counts for them.
    """
    start, end = view.starts_at(now), view.ends_at(now)
    own = _worked(services, district, start, end)
    found = {}
    for k in range(1, WEEKS + 1):
        low, high = start - timedelta(weeks=k), end - timedelta(weeks=k)
        if end - start > _LONG or _worked(services, district, low, high) == own:
            found[f"w{k}"] = (low, high)
    return found


def _worked(services: Services, district: District, start: datetime, end: datetime) -> tuple[bool, ...]:
    first, last = district.local(start).date(), district.local(end - timedelta(seconds=1)).date()
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return tuple(bool(one) for one in services.calendar.is_worked(days))


def _change(services: Services, shown: pictures.Picture) -> pd.Series:
    """Compare the window's cases with the mean of the weeks that have any record at all."""
    weeks = usual_weeks(services, shown.view, shown.district, shown.now)
    nothing = pd.Series(np.nan, index=shown.rows.index)
    if not weeks:
        return nothing

    def ask() -> pd.DataFrame:
        with services.database.reading() as conn:
            return measures.in_ranges(conn, shown.view.code, shown.view, weeks, shown.district.timezone)

    key = ("usual", shown.view.narrowed(shown.view.code), services.hub.version)
    counted: pd.DataFrame = services.kept.get(key, 30.0, ask)
    if counted.empty:
        return nothing
    recorded = counted["range"].nunique()
    codes = counted["area_code"].str[: int(shown.unit)]
    total = counted["n"].astype("float64").groupby(codes).sum()
    usual = total.reindex(shown.rows.index, fill_value=0.0) / recorded
    new = shown.rows["new"].astype("float64")
    return pd.Series(unless_small(deviates(new, usual), np.maximum(new, usual)), index=shown.rows.index)
