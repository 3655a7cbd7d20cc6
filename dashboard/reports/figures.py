"""The figures of a brief, put together once; every form of it shows these and counts nothing itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from dashboard.services import District, Services
from db.read import cases, measures, periods, quality
from db.read import wall as held
from gis.brief import PERIOD_COUNTS, Brief
from gis.codes import Level, level_of
from gis.errors import AreaNotFound
from gis.intervals import wilson
from gis.periods import Period, before, differs, last_complete
from gis.scope import View

_TREND_DAYS = 30
_FACTS = ("name_zh", "name_en", "short_zh", "official_order", "population", "label_lon", "label_lat")
_CLASSES, _LATE = 8, 8


def brief(
    services: Services, code: str, kind: str, period: Period | None = None, compared: Period | None = None,
    made_by: str = "",
) -> Brief:  # fmt: skip
    """Return the figures of a period: the last complete one of its kind unless told.

    Raises
    ------
    AreaNotFound
        When no area in force has the code.
    """
    view, district = services.settled(View(code=code))
    level = level_of(view.code)
    known = services.areas(district, level)
    if view.code not in known.index:
        raise AreaNotFound(f"no area in force has the code {view.code}")
    chosen = period or last_complete(kind, district.local(services.moment(district)).date())
    other = compared or before(kind, chosen)

    def make() -> Brief:
        return _made(services, view, district, kind, chosen, other)

    key = ("brief", view.code, kind, chosen, other, services.hub.version, district.geometry_version)
    made: Brief = services.kept.get(key, 20.0, make)
    return replace(made, made_by=made_by)


def _made(services: Services, view: View, district: District, kind: str, chosen: Period, other: Period) -> Brief:
    level = level_of(view.code)
    below = level.child or Level.CELL
    areas = services.areas(district, below)
    inside = areas[areas.index.str.startswith(view.code)]
    start, end = chosen.moments(district.timezone)
    since = min(start, end - timedelta(days=_TREND_DAYS))
    with services.database.reading(timeout_ms=20_000) as conn:
        now_counts = periods.period_counts(conn, view.code, start, end, int(below))
        then_counts = periods.period_counts(conn, view.code, *other.moments(district.timezone), int(below))
        classes = _classes(periods.by_class(conn, view.code, start, end),
                           periods.by_class(conn, view.code, *other.moments(district.timezone)))  # fmt: skip
        days = _days(conn, view, since, end, district.timezone)
        late = periods.late_at(conn, view.code, end, _LATE)
        units = held.units_of(conn, [row["id"] for row in late]) if late else {}
        names = cases.names_of(conn, [row["area_code"][: int(Level.COMMUNITY)] for row in late])
        sources = quality.feeds(conn)
    rows, buckets, total = _split(now_counts, inside, int(below))
    rows_before, _, total_before = _split(then_counts, inside, int(below))
    rows = inside[[*_FACTS]].join(rows)
    rows = rows.join(rows_before.add_suffix("_before"))
    share = [wilson(int(k), int(n)) for k, n in zip(rows["on_time"], rows["with_deadline"], strict=True)]
    rows["on_time_share"] = (rows["on_time"] / rows["with_deadline"].where(rows["with_deadline"] > 0)).astype(float)
    rows["low"], rows["high"] = [low for low, _ in share], [high for _, high in share]
    rows["stands_out"] = [
        differs(int(a), int(b), total["new"], total_before["new"])
        for a, b in zip(rows["new"], rows["new_before"], strict=True)
    ]  # fmt: skip
    place = {"code": view.code} | {str(k): v for k, v in services.areas(district, level).loc[view.code].items()}
    for row in late:
        row["unit"] = units.get(row["id"], "")
        row["late_s"] = (end - row["due_at"]).total_seconds()
        row["where"] = names.get(row["area_code"][: int(Level.COMMUNITY)])
    return Brief(
        kind=kind, place=place, district_zh=district.name_zh, timezone=district.timezone, is_demo=district.is_demo,
        attribution=district.attribution, period=chosen, compared=other, total=total, total_before=total_before,
        rows=rows, buckets=buckets, days=days, classes=classes, late=late, sources=sources, made_at=services.now(),
        data_time=services.newest(district), made_by="",
    )  # fmt: skip


def _split(
    counts: pd.DataFrame, inside: pd.DataFrame, digits: int
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Return counts per area in force, the rest by location status, and the sum of both."""
    names = list(PERIOD_COUNTS)
    deep = counts["code"].str.len().eq(digits) & counts["code"].isin(inside.index)
    rows = counts[deep].groupby("code")[names].sum().reindex(inside.index, fill_value=0)
    buckets = counts[~deep].groupby("location_status")[names].sum()
    return rows, buckets, {name: int(counts[name].sum()) for name in names}


def _classes(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    earlier = then.set_index("category")["new"]
    return now.head(_CLASSES).assign(new_before=now["category"].head(_CLASSES).map(earlier).fillna(0).astype("int64"))


def _days(conn: Any, view: View, since: datetime, end: datetime, zone: str) -> pd.DataFrame:
    """Return arrivals and closings per local day, a quiet day as zero."""
    ticks = pd.date_range(since.date(), (end - timedelta(seconds=1)).date(), freq="D", tz=zone)
    new = measures.by_time(conn, view.code, view, since, end, "day", zone).groupby("at")["new"].sum()
    closed = measures.closed_by_time(conn, view.code, view, since, end, "day", zone).set_index("at")["closed"]
    utc = ticks.tz_convert("UTC")
    return pd.DataFrame({
        "day": [tick.date() for tick in ticks],
        "new": new.reindex(utc, fill_value=0).astype("int64").to_numpy(),
        "closed": closed.reindex(utc, fill_value=0).astype("int64").to_numpy(),
    })  # fmt: skip
