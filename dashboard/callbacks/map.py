"""The coloured map and its legend: a whole figure once per district, unit and language, then small patches."""

from __future__ import annotations

import zlib
from typing import Any

from dash import Dash, Input, Output, Patch, State, no_update

from dashboard import bases, pictures, screens
from dashboard.callbacks.asked import Asked, asked
from dashboard.offload import offload
from dashboard.services import Services
from gis.codes import Level
from gis.errors import QuanxiangError
from gis.scope import MAP_PAGES
from layouts import ids
from layouts.figures.map import FULL, UNDER_HEAT, build_map, colouring, fitting
from layouts.hover import hover_texts
from layouts.legend import legend_layout
from layouts.plain import plain

SHOWN = ((ids.GRAPH, "figure"), (ids.MAP_KEY, "data"), (ids.MAP_SUM, "data"), (ids.LEGEND, "children"))
"""Components and their properties that `answer` gives, in its order."""


def answer(services: Services, ask: Asked, built: str | None, drawn: int | None) -> tuple[Any, Any, Any, Any]:
    """Return the map's figure, what it was built for, the sum of what it shows, and its legend.

    `built` and `drawn` are what the browser has: the same map is patched, and one that shows the same is left alone.
    """
    view = screens.with_place(services, ask.view)
    scope = view.with_(code=view.code[: int(Level.COMMUNITY)]) if view.page == "case" else view
    shown = pictures.picture(
        services, scope, services.moment(services.district_of(scope.code)), scope.unit or Level.CELL
    )
    coloured = colouring(bases.measured(services, shown), view.measure)
    district = shown.district
    every = services.areas(district, shown.unit)
    key = f"{district.code}:{district.geometry_version}:{shown.unit}:{ask.lang}:{ask.theme}:{view.measure == 'change'}"
    hover = hover_texts(every, shown.rows, coloured.values, scope, ask.lang, ask.words)
    heat_m = float(view.bandwidth_m) if "heat" in view.layers else None
    opacity = UNDER_HEAT if heat_m else FULL
    hrefs = {s: scope.with_(tab="cases", bucket=s, bucket_unit=shown.unit).url for s in shown.rolled.buckets.index}
    legend = plain(legend_layout(scope, coloured, shown.unit, shown.rolled.buckets, hrefs, ask.words, heat_m))
    steps = coloured.steps(every.index)
    shows = zlib.crc32(repr((steps, hover, opacity)).encode())
    if key == built:
        if shows == drawn:
            return no_update, no_update, no_update, legend
        patch = Patch()
        patch["data"][0]["z"] = steps
        patch["data"][0]["text"] = hover
        patch["data"][0]["marker"]["opacity"] = opacity
        return patch, no_update, shows, legend
    box = screens.box_of(services, view.at(district.code), district)
    camera = view.camera or fitting(screens.box_of(services, view, district), ask.map_size, ask.scale)
    root = f"/geo/{district.code}/{district.geometry_version}"
    figure = build_map(shown.unit, every.index, coloured, hover, theme=ask.theme, lang=ask.lang, root=root, box=box,
                       camera=camera, opacity=opacity, scale=ask.scale, diverging=view.measure == "change")  # fmt: skip
    return figure, key, shows, legend


def register(app: Dash, services: Services) -> None:
    """Bind the callback."""

    @app.callback(
        *[Output(component, prop) for component, prop in SHOWN],
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        Input(ids.LIVE_TICK, "data"),
        State(ids.MAP_KEY, "data"),
        State(ids.MAP_SUM, "data"),
        State(ids.PREFS, "data"),
    )
    async def on_map(
        pathname: str, search: str, _tick: Any, built: str | None, drawn: int | None, prefs: dict[str, Any]
    ) -> Any:
        try:
            ask = asked(pathname, search, prefs)
            if ask.view.page not in MAP_PAGES:
                return (no_update,) * len(SHOWN)
            return await offload(answer, services, ask, built, drawn)
        except QuanxiangError:
            return (no_update,) * len(SHOWN)
