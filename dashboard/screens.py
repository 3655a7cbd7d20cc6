"""What each part of a screen needs, read off the event loop; builders in `layouts` turn it into components."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from dashboard.services import RECORD_ENDED_AFTER, District, Services
from db.read import areas, cases, measures, profile, quality
from gis.codes import Level, ancestors, level_of
from gis.scope import View

_USUAL_WEEKS = 4
_SILENT_PERIODS = 5
_CASE_REACH_DEG = 0.004
_FAR_DEG = 0.5  # a case reported from another city does not take the map there


def with_place(services: Services, view: View) -> View:
    """Return the view with the area a case lies in, or the default district."""
    if view.page == "case" and not view.code:
        with services.database.reading() as conn:
            return replace(view, code=cases.one_case(conn, view.case)["area_code"])
    return services.settled(view)[0]


def crumbs(services: Services, view: View) -> list[dict[str, Any]]:
    """Return the areas from the district down to where the view is."""
    with services.database.reading() as conn:
        return areas.crumbs(conn, ancestors(view.code))


def map_state(services: Services, view: View, lang: str, theme: str) -> dict[str, Any]:
    """Return what the browser needs to steer the map: what to fit, fade and outline, and where up is."""
    settled = with_place(services, view)
    district = services.district_of(settled.code)
    box = box_of(services, settled, district)
    target = settled.code
    if view.page == "case":
        with services.database.reading() as conn:
            found = cases.one_case(conn, view.case)
        lon, lat = found["lon"], found["lat"]
        if lon is not None and abs(lon - box[0]) < _FAR_DEG and abs(lat - box[1]) < _FAR_DEG:
            box = (lon - _CASE_REACH_DEG, lat - _CASE_REACH_DEG, lon + _CASE_REACH_DEG, lat + _CASE_REACH_DEG)
        spot = [found["lon"], found["lat"]] if found["lon"] is not None else None
        with services.database.reading() as conn:
            around = [row["code"] for row in areas.neighbours(conn, target)] if len(target) == Level.CELL else []
    else:
        spot, around = None, []
    parent = settled.parent
    return {
        "page": view.page, "code": target, "box": box, "fit": f"{view.page}:{view.case or target}",
        "camera": view.camera, "spot": spot, "path": settled.at(target).path,
        "up": parent.url if parent else None, "search": view.search, "layers": view.layers,
        "root": f"/geo/{district.code}/{district.geometry_version}", "theme": theme, "lang": lang,
        "around": around, "zone": district.timezone, "demo": district.is_demo,
        "lineage": f"/geo/lineage/{target}.json" if len(target) == Level.CELL and view.page == "map" else None,
    }  # fmt: skip


def box_of(services: Services, view: View, district: District) -> tuple[float, float, float, float]:
    """Return the box of the view's area in degrees."""

    def ask() -> tuple[float, float, float, float]:
        with services.database.reading() as conn:
            row = areas.one_area(conn, view.code)
        return (row["west"], row["south"], row["east"], row["north"])

    box: tuple[float, float, float, float] = services.kept.get(
        ("box", view.code, district.geometry_version), 600.0, ask
    )
    return box


@dataclass(frozen=True)
class Timeline:
    """Arrivals and closings of the view's window in steps of an hour or a day."""

    arrivals: pd.DataFrame
    closings: pd.DataFrame
    usual: pd.Series | None
    ticks: pd.DatetimeIndex
    step: str


def timeline(services: Services, view: View, now: datetime) -> Timeline:
    """Return the arrivals of the window; windows up to a day show at least 24 hours, and what is usual then."""
    view, district = services.settled(view)
    hours = max(24.0, view.length.total_seconds() / 3600)
    step = "hour" if hours <= 168 else "day"
    now = view.ends_at(now)
    end = pd.Timestamp(now).tz_convert(district.timezone)
    start = (
        (end - pd.Timedelta(hours=hours)).ceil("h") if step == "hour" else (end - pd.Timedelta(hours=hours)).normalize()
    )
    freq = "h" if step == "hour" else "D"
    ticks = pd.date_range(start, end, freq=freq)
    begin = start.to_pydatetime()
    with services.database.reading() as conn:
        arrivals = measures.by_time(conn, view.code, view, begin, now, step, district.timezone)
        closings = measures.closed_by_time(conn, view.code, view, begin, now, step, district.timezone)
        usual = None
        if hours <= 24:
            weeks = [
                measures.by_time(conn, view.code, view, begin - timedelta(weeks=k), now - timedelta(weeks=k), step,
                                 district.timezone)
                for k in range(1, _USUAL_WEEKS + 1)
            ]  # fmt: skip
            usual = _usual(weeks, ticks)
    return Timeline(arrivals, closings, usual, ticks, step)


def _usual(weeks: list[pd.DataFrame], ticks: pd.DatetimeIndex) -> pd.Series | None:
    if any(week.empty for week in weeks):
        return None
    shifted = [week.assign(at=week["at"] + pd.Timedelta(weeks=k)) for k, week in enumerate(weeks, 1)]
    per_tick = pd.concat(shifted).groupby("at")["new"].sum() / len(weeks)
    return per_tick.reindex(ticks.tz_convert("UTC"), fill_value=0.0).set_axis(ticks)


@dataclass(frozen=True)
class Elements:
    """What an area holds and where its cells came from."""

    counts: pd.DataFrame
    buildings: dict[str, int]
    lineage: list[dict[str, Any]]
    summary: list[dict[str, Any]]
    neighbours: list[dict[str, Any]]


def elements(services: Services, view: View) -> Elements:
    """Return the elements of an area; kept for a while, since they change by import only."""
    view, district = services.settled(view)

    def ask() -> Elements:
        cell = level_of(view.code) is Level.CELL
        with services.database.reading() as conn:
            return Elements(
                profile.element_counts(conn, view.code),
                profile.building_counts(conn, view.code),
                profile.lineage_of(conn, view.code) if cell else [],
                [] if cell else profile.lineage_summary(conn, view.code),
                areas.neighbours(conn, view.code),
            )

    made: Elements = services.kept.get(("profile", view.code, district.geometry_version), 600.0, ask)
    return made


@dataclass(frozen=True)
class Age:
    """How old a picture is: its moment, its newest case, whether the record has ended, and feeds that fell silent."""

    moment: datetime
    newest: datetime | None
    has_ended: bool
    silent: list[dict[str, Any]]
    feeds: int


def age(services: Services, view: View) -> Age:
    """Return the age of what the view shows. No case is not the same as no feed: a quiet night has feeds that beat."""
    district = services.district_of(view.code)
    now, moment = services.now(), services.moment(district)
    with services.database.reading() as conn:
        feeds = [row for row in quality.feeds(conn) if row["beat_at"] is not None]
    silent = [row for row in feeds if (now - row["beat_at"]).total_seconds() > _SILENT_PERIODS * row["period_s"]]
    return Age(moment, services.newest(district), moment < now - RECORD_ENDED_AFTER, silent, len(feeds))
