"""What the hot-spot page shows: the list with its state, the verdict of every cell, silent cells, candidates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dashboard.services import District, Services
from dashboard.spotting import Ground, ground_of, usual_of
from db.read import hotspots, spotting
from gis.hotspots import ALPHA, LEAST_CASES, false_discovery, getis_ord, pearson_excess
from gis.patterns import candidates
from gis.scope import WINDOWS_H, View
from gis.search import LEAST_HISTORY_WEEKS
from gis.silence import silent_cells
from gis.usual import WEEKS

BASES = ("usual", "residents", "count")
GROUPS = ("undecided", "follow", "owned", "over")
RESIDENT_CHANNELS = ("hotline", "app", "web", "building_head", "diary", "open311")
TREND_WEEKS = 8
_SHORTEST_H, _SILENT_DAYS, _SURE, _ENDED_DAYS, _READ_MS = 168, 90, 0.01, 14, 20_000


@dataclass(frozen=True)
class Verdicts:
    """The test of every cell in one period.

    Attributes
    ----------
    codes, observed, expected, verdict : (n,) each; verdicts as in `layouts.figures.hotspots`.
    base : what was compared with. is_young : the record was too short for the base asked for.
    """

    codes: pd.Index
    observed: np.ndarray
    expected: np.ndarray
    verdict: np.ndarray
    base: str
    is_young: bool
    neighbours: float

    def counts(self, names: tuple[str, ...]) -> dict[str, int]:
        """Return how many cells have each verdict."""
        return {name: int((self.verdict == name).sum()) for name in names}


def window_h(view: View) -> int:
    """Return the hours that the map tests: those of the view, a week at least."""
    return max(WINDOWS_H[view.window], _SHORTEST_H)


def ground(services: Services, district: District) -> Ground:
    """Return the cells of a district with their neighbours."""
    return ground_of(services.database, district.code, int(district.metric_srid), district.geometry_version)


def verdicts(services: Services, view: View, district: District, now: datetime, base: str, back: int) -> Verdicts:
    """Test every cell of the district in the period that ended `back` periods ago; kept for a minute."""
    key = ("verdicts", district.code, district.geometry_version, view.families, view.channels, view.urgent_only,
           view.overdue_only, window_h(view), base, back, int(now.timestamp()) // 60)  # fmt: skip
    made: Verdicts = services.kept.get(key, 60.0, lambda: _verdicts(services, view, district, now, base, back))
    return made


def _verdicts(services: Services, view: View, district: District, now: datetime, base: str, back: int) -> Verdicts:
    cells = ground(services, district)
    length = timedelta(hours=window_h(view))
    end = now - back * length
    start, n = end - length, len(cells.codes)
    with services.database.reading(timeout_ms=_READ_MS) as conn:
        observed = cells.per_cell(spotting.counted(conn, view, district.code, start, end))
        before = spotting.counted(conn, view, district.code, start - timedelta(weeks=WEEKS), start)
    history = cells.per_cell(before)
    is_young = False
    if base == "usual":
        usual, weeks = usual_of(services.database, district, services.calendar, view, start)
        is_young = weeks < LEAST_HISTORY_WEEKS or not history.any()
        base = "residents" if is_young else base
    if base == "usual":
        level = usual.between(pd.Timestamp(start), pd.Timestamp(end))
        expected = (history + 0.5) / (history.sum() + 0.5 * n) * level
    else:
        people = np.nan_to_num(cells.frame["residents"].to_numpy(dtype=float))
        share = people if base == "residents" and people.sum() else np.ones(n)
        expected = share / share.sum() * observed.sum()
    verdict = np.where(observed >= LEAST_CASES, "none", "untested").astype(object)
    values = observed if base == "count" else pearson_excess(observed, expected)
    if values.std() > 0:
        local = getis_ord(values, cells.neighbours, rng=np.random.default_rng(int(end.timestamp()) // 60))
        tested = observed >= LEAST_CASES
        high = false_discovery(np.where(tested, local.greater, np.nan), family=n)
        low = false_discovery(np.where(tested, local.lesser, np.nan), family=n)
        verdict[tested & (low <= ALPHA)] = "cold"
        verdict[tested & (high <= ALPHA)] = "hot95"
        verdict[tested & (high <= _SURE)] = "hot99"
    return Verdicts(cells.codes, observed, expected, verdict, base, is_young, float(cells.neighbours.counts.mean()))


def listed(services: Services, view: View, district: District, now: datetime) -> list[dict[str, Any]]:
    """Return the hot spots of the view's area with `group`, `is_alert`, `is_late` and `weeks`, in the page's order."""
    today = district.local(now).date()
    cells = ground(services, district)
    with services.database.reading(timeout_ms=_READ_MS) as conn:
        rows = hotspots.listed(conn, view, view.code, now - timedelta(days=_ENDED_DAYS))
        alerts = {row["hotspot_id"] for row in hotspots.standing_alerts(conn, view.code, 500)}
        codes = sorted({code for row in rows for code in row["cells"]})
        weekly = spotting.weekly(conn, View(), district.code, now, TREND_WEEKS, codes) if codes else pd.DataFrame()
    order = services.areas(district, services.units(district)[0])["official_order"]
    for row in rows:
        row["group"] = _group(row, today)
        row["is_alert"] = row["id"] in alerts
        row["is_late"] = bool(row["due_on"] and row["due_on"] < today and not row["outcome"])
        row["place_code"] = cells.codes[cells.codes.get_indexer([row["cells"][0]])[0]]
        row["weeks"] = _weeks(weekly, row)
        row["rank"] = int(order.get(row["place_code"][:9], 10_000))
    return sorted(rows, key=lambda row: (GROUPS.index(row["group"]), row["rank"], row["place_code"], row["id"]))


def _group(row: dict[str, Any], today: date) -> str:
    if row["status"] != "open":
        return "over"
    if row["owner"] is None:
        return "undecided"
    return "follow" if row["follow_up_on"] and row["follow_up_on"] <= today and not row["outcome"] else "owned"


def _weeks(weekly: pd.DataFrame, row: dict[str, Any]) -> list[int]:
    if weekly.empty:
        return [0] * TREND_WEEKS
    own = weekly[weekly["area_code"].isin(row["cells"])]
    if row["category"]:
        own = own[own["category"] == row["category"]]
    made = own.groupby("week")["n"].sum().reindex(range(TREND_WEEKS), fill_value=0)
    return [int(n) for n in made]


def shapes(services: Services, district: District, rows: list[dict[str, Any]]) -> dict[int, Any]:
    """Return the outline of every listed hot spot that is not over, EPSG:4326."""
    cells = ground(services, district)
    geometry = cells.frame["geometry"].to_numpy()
    made: dict[int, Any] = {}
    for row in rows:
        if row["group"] != "over":
            found = cells.codes.get_indexer(row["cells"])
            made[row["id"]] = shapely.union_all(geometry[found[found >= 0]], grid_size=1e-7)
    return made


def silent(services: Services, district: District, now: datetime) -> pd.DataFrame:
    """Return the silent cells of a district: [area_code, reports, expected, q, repeat_share]; kept for ten minutes."""

    def ask() -> pd.DataFrame:
        cells = ground(services, district)
        with services.database.reading(timeout_ms=_READ_MS) as conn:
            heard = spotting.voices(conn, district.code, now - timedelta(days=_SILENT_DAYS), now, RESIDENT_CHANNELS)
        heard = heard.set_index("area_code").reindex(cells.codes, fill_value=0)
        told = silent_cells(heard["reports"], cells.frame["residents"].to_numpy(dtype=float), heard["others"],
                            heard["repeats"])  # fmt: skip
        told = told.assign(area_code=cells.codes, reports=heard["reports"].to_numpy())
        return told[told["is_silent"]].sort_values("area_code").reset_index(drop=True)

    key = ("silent", district.code, district.geometry_version, int(now.timestamp()) // 600)
    found: pd.DataFrame = services.kept.get(key, 600.0, ask)
    return found


def patterns(services: Services, view: View, district: District, now: datetime) -> pd.DataFrame:
    """Return the candidates of this month in the whole district, as `gis.patterns` tells them; kept for ten minutes."""

    def ask() -> pd.DataFrame:
        start = now - timedelta(days=400)
        with services.database.reading(timeout_ms=_READ_MS) as conn:
            counts = spotting.monthly(conn, view, district.code, start, now, district.timezone)
            found = candidates(counts, most=40)
            named = hotspots.class_names(conn, sorted(set(found["category"])))
        minor = [named.get(code, (code, code)) for code in found["category"]]
        return found.assign(minor_zh=[zh for zh, _ in minor], minor_en=[en for _, en in minor])

    key = ("patterns", district.code, view.families, view.channels, view.urgent_only, view.overdue_only,
           int(now.timestamp()) // 600)  # fmt: skip
    found: pd.DataFrame = services.kept.get(key, 600.0, ask)
    return found
