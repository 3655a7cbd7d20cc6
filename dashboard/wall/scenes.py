"""What each scene of the wall shows, read for one scope at one moment; `layouts.wall` puts it in words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard import pictures, screens
from dashboard.api.cases import state_of
from dashboard.distrust import feed_states
from dashboard.heatwork import heat_of
from dashboard.services import RECORD_ENDED_AFTER, District, Services
from db.read import cases, hotspots, quality, queue
from db.read import wall as read
from gis.codes import Level, level_of
from gis.errors import InputFault
from gis.scope import View
from gis.wall import MOST_ROWS, SCENES
from layouts import wall as shown
from layouts.figures.heat import build_heat_png
from layouts.text import Words
from layouts.text.naming import short_name, span

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """One question of a screen."""

    view: View
    district: District
    now: datetime
    lang: str
    words: Words

    @property
    def midnight(self) -> datetime:
        """Start of the local day."""
        return self.district.local(self.now).replace(hour=0, minute=0, second=0, microsecond=0)


def scene(services: Services, name: str, code: str, lang: str, words: Words) -> dict[str, Any]:
    """Return what a scene shows of a scope, with the two clocks it is judged by.

    Raises
    ------
    InputFault
        When there is no such scene.
    """
    if name not in SCENES:
        raise InputFault(f"there is no scene {name!r}")
    view, district = services.settled(View(code=code))
    ask = Asked(view, district, services.moment(district), lang, words)

    def make() -> dict[str, Any]:
        return _MAKERS[name](services, ask) | {"scene": name, "title": words(f"wall.scene.{name}")}

    # screens of one scope share one answer
    made: dict[str, Any] = services.kept.get(("wall", name, view.code, lang), 3.0, make)
    return made | clocks(services, district) | {"period_s": SCENES[name].period_s}


def clocks(services: Services, district: District) -> dict[str, Any]:
    """Return the server's time, the data's time, and how often the data gives a sign of life.

    The data's time is the last sign of life of any feed, so that a quiet night does not look stale; a record without
    feeds, or one that ended days ago, has the time of its newest case.
    """
    now, moment, newest = services.now(), services.moment(district), services.newest(district)
    with services.database.reading() as conn:
        feeds = [row for row in quality.feeds(conn) if row["beat_at"] is not None]
    ended = moment < now - RECORD_ENDED_AFTER
    alive = max((row["beat_at"] for row in feeds), default=None)
    data_time = newest if ended or alive is None else max(alive, newest or alive)
    return {
        "now": now.isoformat(),
        "data_time": None if data_time is None else data_time.isoformat(),
        "data_period_s": min((row["period_s"] for row in feeds), default=3600),
        "ended": ended,
    }


def _numbers(services: Services, ask: Asked) -> dict[str, Any]:
    whole = pictures.picture(services, ask.view, ask.now)
    buckets = whole.rolled.buckets
    unlocated = int(buckets["open"].get("unlocated", 0))
    return shown.numbers_scene(whole.view, whole.place, whole.total, whole.rows, unlocated, ask.lang, ask.words)


def _map(services: Services, ask: Asked) -> dict[str, Any]:
    box = screens.box_of(services, ask.view, ask.district)
    whole = pictures.picture(services, ask.view, ask.now)
    with services.database.reading() as conn:
        cells = read.cells(conn, ask.view.code, ask.now)
    hot = heat_of(services, ask.view, ask.now)
    png = base64.b64encode(build_heat_png(hot.heat, "dark")).decode()
    places = services.areas(ask.district, Level.CELL)[["label_lon", "label_lat"]]
    marks = cells.join(places, on="code", how="inner").to_dict("records")
    rows = whole.rows.sort_values("overdue", ascending=False, kind="stable").reset_index().to_dict("records")
    names = [
        {"name": short_name(row, ask.lang), "lon": row["label_lon"], "lat": row["label_lat"], "weight": row["overdue"]}
        for row in rows
    ]
    return {
        "kind": "map",
        "lead": ask.words("wall.map.lead"),
        "rows": [shown.area_row(row, ask.lang, ask.words) for row in rows[:MOST_ROWS] if row["overdue"]],
        "legend": [ask.words(f"wall.map.{key}") for key in ("late", "near", "fresh", "heat", "cell")],
        "box": box,
        "labels": names,
        "heat": {"url": f"data:image/png;base64,{png}", "corners": hot.grid.corners},
        "marks": [
            {"lon": m["label_lon"], "lat": m["label_lat"],
             "state": "overdue" if m["late"] else "near_due" if m["near"] else "fresh"}
            for m in marks
        ],
    }  # fmt: skip


def _queue(services: Services, ask: Asked) -> dict[str, Any]:
    code, until = ask.view.code, ask.now + _HOUR
    with services.database.reading() as conn:
        n = read.count_due_within(conn, code, ask.now, until)
        near = queue.band_counts(conn, code, ask.view, ask.now, ask.midnight)["near_due"]
        found = read.due_within(conn, code, ask.now, until, MOST_ROWS)
        known = {row["id"] for row in found}
        soon = cases.due_soon(conn, code, ask.view, ask.now, MOST_ROWS)
    found += [row for row in soon if row["id"] not in known]
    found.sort(key=lambda row: row["due_at"])
    lead = ask.words("wall.queue.lead", n=n, near=near)
    return shown.rows_scene(lead, _case_rows(services, ask, found[:MOST_ROWS]), ask.words("wall.queue.none"))


def _late(services: Services, ask: Asked) -> dict[str, Any]:
    with services.database.reading() as conn:
        n = queue.band_counts(conn, ask.view.code, ask.view, ask.now, ask.midnight)["overdue"]
        found = cases.overdue_longest(conn, ask.view.code, ask.view, ask.now, MOST_ROWS)
    age = span((ask.now - found[0]["due_at"]).total_seconds(), ask.lang) if found else ""
    lead = ask.words("wall.late.lead", n=n, age=age) if found else ask.words("wall.late.none")
    return shown.rows_scene(lead, _case_rows(services, ask, found), ask.words("wall.late.none"))


def _case_rows(services: Services, ask: Asked, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return lines with community and the unit that holds each case."""
    with services.database.reading() as conn:
        units = read.units_of(conn, [row["id"] for row in found]) if found else {}
        names = cases.names_of(conn, [row["area_code"][: int(Level.COMMUNITY)] for row in found])
    return [
        shown.case_row(
            row, state_of(row, ask.now),
            shown.deadline_words(row["due_at"], ask.now, ask.lang, ask.words) if row["due_at"] else "",
            names.get(row["area_code"][: int(Level.COMMUNITY)]), units.get(row["id"], ""), ask.lang,
        )
        for row in found
    ]  # fmt: skip


def _newest(services: Services, ask: Asked) -> dict[str, Any]:
    with services.database.reading() as conn:
        found = read.newest(conn, ask.view.code, ask.now, MOST_ROWS)
        names = cases.names_of(conn, [row["area_code"][: int(Level.COMMUNITY)] for row in found])
        fresh = sum(int(n) for n in read.cells(conn, ask.view.code, ask.now)["fresh"])
    rows = [
        shown.case_row(row, state_of(row, ask.now), f"{ask.district.local(row['reported_at']):%H:%M}",
                       names.get(row["area_code"][: int(Level.COMMUNITY)]), ask.words(f"channel.{row['channel']}"),
                       ask.lang)
        for row in found
    ]  # fmt: skip
    return shown.rows_scene(ask.words("wall.newest.lead", n=fresh), rows, ask.words("wall.newest.none"))


def _areas(part: int) -> Callable[[Services, Asked], dict[str, Any]]:
    def make(services: Services, ask: Asked) -> dict[str, Any]:
        whole = pictures.picture(services, ask.view, ask.now)
        rows = whole.rows if level_of(ask.view.code) < whole.unit else whole.rows.iloc[:0]
        chosen = rows["overdue"].sort_values(ascending=False, kind="stable").index[: 2 * MOST_ROWS]
        listed = rows[rows.index.isin(chosen)].reset_index().to_dict("records")[part * MOST_ROWS :][:MOST_ROWS]
        every = len(chosen) == len(rows)
        lead = ask.words("wall.areas.all" if every else "wall.areas.lead", n=len(rows), shown=len(chosen))
        lines = [shown.area_row(row, ask.lang, ask.words) for row in listed]
        return shown.rows_scene(lead, lines, ask.words("wall.areas.none"))

    return make


def _hotspots(services: Services, ask: Asked) -> dict[str, Any]:
    with services.database.reading() as conn:
        rows = [row for row in hotspots.listed(conn, ask.view, ask.view.code, ask.now) if row["status"] == "open"]
        names = cases.names_of(conn, [row["area_code"][: int(Level.COMMUNITY)] for row in rows])
        never = hotspots.last_run(conn, ask.district.code) is None
    nothing = ask.words("wall.hotspots.never" if never else "wall.hotspots.none")
    rows.sort(key=lambda row: row["decided_at"] is not None)  # what nobody has decided comes first
    n, undecided = len(rows), sum(row["decided_at"] is None for row in rows)
    lead = ask.words("wall.hotspots.lead", n=n, undecided=undecided) if n else nothing
    lines = [
        shown.hotspot_row(row, names.get(row["area_code"][: int(Level.COMMUNITY)]), ask.lang, ask.words)
        for row in rows[:MOST_ROWS]
    ]
    return shown.rows_scene(lead, lines, nothing)


def _trend(services: Services, ask: Asked) -> dict[str, Any]:
    line = screens.timeline(services, ask.view, ask.now)
    return shown.trend_scene(line.arrivals, line.usual, line.ticks, ask.lang, ask.words)


def _sources(services: Services, ask: Asked) -> dict[str, Any]:
    with services.database.reading() as conn:
        feeds = feed_states(quality.feeds(conn), services.now())
    rows = feeds.to_dict("records")
    alive = sum(row["state"] == "alive" for row in rows)
    rows.sort(key=lambda row: row["state"] == "alive")
    lead = ask.words("wall.sources.lead", n=len(rows), ok=alive)
    lines = [shown.feed_row(row, ask.lang, ask.words) for row in rows[:MOST_ROWS]]
    return shown.rows_scene(lead, lines, ask.words("wall.sources.none"))


def _channels(services: Services, ask: Asked) -> dict[str, Any]:
    with services.database.reading() as conn:
        found = read.by_channel(conn, ask.view.code, ask.view, ask.midnight, ask.now)
    lines = [
        {"sign": "●", "state": "in_time", "what": ask.words(f"channel.{channel}"),
         "where": ask.words("wall.cases", n=f"{n:,}"), "who": "",
         "when": ask.words("wall.areas.late", n=late) if late else ""}
        for channel, n, late in found
    ]  # fmt: skip
    lead = ask.words("wall.channels.lead", n=f"{sum(n for _, n, _ in found):,}")
    return shown.rows_scene(lead, lines, ask.words("wall.channels.none"))


_MAKERS: dict[str, Callable[[Services, Asked], dict[str, Any]]] = {
    "numbers": _numbers, "map": _map, "queue": _queue, "late": _late, "trend": _trend, "hotspots": _hotspots,
    "areas_1": _areas(0), "areas_2": _areas(1), "newest": _newest, "sources": _sources, "channels": _channels,
}  # fmt: skip
