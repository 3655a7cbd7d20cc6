"""The measures of an area and a period, as page and API show them: whole, by family, by area below, and before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard.services import District, Services
from db.read import kpi as read
from db.read.kpi import Period
from gis.codes import level_of
from gis.errors import InputFault
from gis.kpi import BY_KEY, KPIS, STANDING, Kpi, Measure, counted, ranked, spread
from gis.scope import View
from gis.terms import FAMILIES

_LONGEST = timedelta(days=1100)
_STEPS = 12


@dataclass(frozen=True)
class Report:
    """The measures of one period.

    Attributes
    ----------
    whole
        By (measure, family); the family '' is all of them.
    before
        By measure, of the period of the same length before, as it stood at its end; standing measures have none.
    on_hold
        Cases of the period that are on hold now, by family.
    oldest
        The open case that was reported longest ago, or None.
    """

    period: Period
    whole: dict[tuple[str, str], Measure]
    before: dict[str, Measure]
    on_hold: dict[str, int]
    oldest: dict[str, Any] | None


def period_of(services: Services, view: View, start: datetime | None = None, end: datetime | None = None) -> Period:
    """Return the period that a view means, or the one asked for.

    Raises
    ------
    InputFault
        When it runs backwards or is longer than three years.
    """
    settled, district = services.settled(view)
    until = end or services.moment(district)
    since = start or view.starts_at(until)
    if since >= until:
        raise InputFault("the period ends before it begins: from must be before to")
    if until - since > _LONGEST:
        raise InputFault("a period is at most three years long")
    return Period(settled.code, settled, since, until)


def kpi_of(key: str) -> Kpi:
    """Return a measure by its key.

    Raises
    ------
    InputFault
        When there is none.
    """
    if key not in BY_KEY:
        raise InputFault(f"measure {key!r} is not one of {', '.join(BY_KEY)}")
    return BY_KEY[key]


def report(services: Services, period: Period) -> Report:
    """Return every measure of a period."""
    people = population_of(services, period.code)
    earlier = replace(period, start=period.start - (period.end - period.start), end=period.start)
    with services.database.reading() as conn:
        frames = _frames(conn, services, period)
        past = _frames(conn, services, earlier, standing=False)
        oldest = read.oldest_open(conn, period)
    whole = {
        (kpi.key, family): _measured(kpi, frames, people, family=family) for kpi in KPIS for family in ("", *FAMILIES)
    }
    before = {kpi.key: _measured(kpi, past, people) for kpi in KPIS if kpi.key not in STANDING}
    held = frames.counts.groupby("family")["on_hold"].sum()
    on_hold = {"": int(held.sum()), **{family: int(held.get(family, 0)) for family in FAMILIES}}
    return Report(period, whole, before, on_hold, oldest)


def by_area(services: Services, period: Period, kpi: Kpi, district: District) -> pd.DataFrame:
    """Return a measure of every area one level below, in official order, with its rank where that means something."""
    level = level_of(period.code)
    units = [unit for unit in services.units(district) if unit > level]
    if not units:
        return pd.DataFrame()
    unit = units[0]
    areas = services.areas(district, unit)
    areas = areas[[str(code).startswith(period.code) for code in areas.index]]
    with services.database.reading() as conn:
        frames = _frames(conn, services, period, length=int(unit), standing=kpi.key in STANDING, only=kpi)
    people = areas["population"] if "population" in areas else pd.Series(dtype=float)
    rows = [
        vars(_measured(kpi, frames, 0 if pd.isna(people.get(code)) else int(people.get(code, 0)), key=str(code)))
        for code in areas.index
    ]
    table = pd.DataFrame(rows, index=areas.index, columns=["value", "low", "high", "hits", "n"])
    table["on_hold"] = [_on_hold(frames, str(code)) for code in areas.index]
    names = [name for name in ("name_zh", "short_zh", "name_en") if name in areas]
    return ranked(kpi, table).join(areas[names])


def trend(services: Services, period: Period, kpi: Kpi) -> pd.DataFrame:
    """Return a measure of counts by at most 12 equal steps of the period: `at`, `value`, `low`, `high`, `hits`, `n`."""
    if kpi.key in STANDING or kpi.kind in ("hours", "multiple"):
        return pd.DataFrame()
    step = max((period.end - period.start) / _STEPS, timedelta(minutes=5))
    with services.database.reading() as conn:
        rows = read.counts_by_time(conn, period, kpi, step)
    people = population_of(services, period.code) if kpi.kind == "per_10k" else None
    pairs = zip(rows["hits"].tolist(), rows["n"].tolist(), strict=True)
    told = [vars(counted(kpi, hits, n if people is None else people)) for hits, n in pairs]
    if not told:
        return pd.DataFrame()
    return pd.DataFrame(told, index=rows.index).assign(at=rows["at"], n=rows["n"])


def population_of(services: Services, code: str) -> int:
    """Return the residents of an area, 0 when they are not known."""
    district = services.district_of(code)
    level = level_of(code)
    known = services.areas(district, level)
    found = known["population"].get(code) if "population" in known else None
    return 0 if found is None or pd.isna(found) else int(found)


@dataclass(frozen=True)
class _Frames:
    counts: pd.DataFrame
    standing: pd.DataFrame
    hours: pd.DataFrame


def _frames(
    conn: Any, services: Services, period: Period, *, length: int = 0, standing: bool = True, only: Kpi | None = None
) -> _Frames:
    none = pd.DataFrame()
    needs_hours = only is None or only.kind in ("hours", "multiple")
    return _Frames(
        none if only is not None and only.key in STANDING
        else read.counts(conn, period, standing=False, length=length),
        read.counts(conn, period, standing=True, length=length) if standing else none,
        read.durations(conn, period, services.calendar, length=length) if needs_hours else none,
    )  # fmt: skip


def _measured(kpi: Kpi, frames: _Frames, people: int, *, family: str = "", key: str = "") -> Measure:
    if kpi.kind in ("hours", "multiple"):
        own = _own(frames.hours, family, key)
        if kpi.kind == "multiple":
            own = own[own["multiple"].notna()]
            return spread(kpi, own["multiple"].to_numpy(float), np.ones(len(own), dtype=bool))
        return spread(kpi, own["hours"].to_numpy(float), own["is_done"].to_numpy(bool))
    own = _own(frames.standing if kpi.key in STANDING else frames.counts, family, key)
    hits = int(own[f"hits_{kpi.key}"].sum())
    if kpi.kind == "per_10k":
        return counted(kpi, hits, people)
    return counted(kpi, hits, hits if kpi.kind == "count" else int(own[f"n_{kpi.key}"].sum()))


def _own(frame: pd.DataFrame, family: str, key: str) -> pd.DataFrame:
    chosen = frame if not family else frame[frame["family"] == family]
    return chosen[chosen["key"] == key] if key else chosen


def _on_hold(frames: _Frames, key: str) -> int:
    frame = frames.counts if len(frames.counts) else frames.standing
    return int(_own(frame, "", key)["on_hold"].sum()) if len(frame) else 0
