"""The timeline below the map, and the age of the data in the header."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard import screens
from dashboard.callbacks.asked import Asked, asked
from dashboard.offload import offload
from dashboard.services import Services
from gis.errors import QuanxiangError
from gis.scope import MAP_PAGES
from layouts import ids
from layouts.figures.time import build_timeline
from layouts.text.naming import span

SHOWN = ((ids.TIMELINE_GRAPH, "figure"), (ids.TIMELINE_HEAD, "children"))


def answer(services: Services, ask: Asked) -> tuple[Any, str]:
    """Return the timeline of the view's window and its title."""
    view = screens.with_place(services, ask.view)
    line = screens.timeline(services, view, services.moment(services.district_of(view.code)))
    figure = build_timeline(line.arrivals, line.closings, line.usual, line.ticks, step=line.step, theme=ask.theme,
                            words=ask.words, scale=ask.scale)  # fmt: skip
    return figure, ask.words("timeline", step=ask.words(f"step.{line.step}"))


def _age(services: Services, ask: Asked) -> tuple[str, str, str]:
    age = screens.age(services, ask.view)
    district = services.district_of(ask.view.code)
    if age.newest is None:
        return "", "", ""
    newest, now = district.local(age.newest), district.local(services.now())
    time = f"{newest:%H:%M:%S}" if newest.date() == now.date() else f"{newest:%m-%d %H:%M}"
    warning = ""
    if age.has_ended:
        time = f"{newest:%Y-%m-%d %H:%M}"
        warning = ask.words("live.ended", time=time)
    elif age.feeds and len(age.silent) == age.feeds:
        warning = ask.words("live.stale", time=time, age=span((now - newest).total_seconds(), ask.lang))
    elif age.silent:
        names = [row["title_en" if ask.lang == "en" else "title_zh"] for row in age.silent]
        warning = ask.words("live.silent", names="、".join(names) if ask.lang == "zh" else ", ".join(names))
    hint = ask.words("data_time.hint", record=f"{newest:%Y-%m-%d %H:%M:%S}", screen=f"{now:%H:%M:%S}")
    return ask.words("data_time", time=time), hint, warning


def register(app: Dash, services: Services) -> None:
    """Bind the callbacks."""

    @app.callback(
        *[Output(component, prop) for component, prop in SHOWN],
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        Input(ids.LIVE_TICK, "data"),
        State(ids.PREFS, "data"),
    )
    async def on_timeline(pathname: str, search: str, _tick: Any, prefs: dict[str, Any]) -> Any:
        try:
            ask = asked(pathname, search, prefs)
            if ask.view.page not in MAP_PAGES:
                return no_update, no_update
            return await offload(answer, services, ask)
        except QuanxiangError:
            return no_update, no_update

    @app.callback(
        Output(ids.DATA_TIME, "children"),
        Output(ids.DATA_TIME, "title"),
        Output(ids.STALE, "children"),
        Input(ids.URL, "pathname"),
        Input(ids.LIVE_TICK, "data"),
        State(ids.PREFS, "data"),
    )
    async def on_age(pathname: str, _tick: Any, prefs: dict[str, Any]) -> Any:
        try:
            return await offload(_age, services, asked(pathname, "", prefs))
        except QuanxiangError:
            return no_update, no_update, no_update
