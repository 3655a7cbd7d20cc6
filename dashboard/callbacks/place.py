"""Where one is: breadcrumb, controls in step with the address, and what the browser needs to steer the map."""

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
from layouts.card import crumbs_layout, schematic_layout
from layouts.filters import filters_layout
from layouts.plain import plain
from layouts.rail import rail_layout

SHOWN = (
    (ids.CRUMBS, "children"),
    (ids.MAP_STATE, "data"),
    (ids.WINDOW, "value"),
    (ids.MEASURE, "value"),
    (ids.UNIT, "value"),
    (ids.UNIT, "data"),
    (ids.FILTERS, "children"),
    (ids.LAYERS, "value"),
    (ids.FILTER_BUTTON, "children"),
    (ids.SCHEMATIC, "children"),
    (ids.SHELL, "data-page"),
    (ids.SHELL, "data-frame"),
    (ids.RAIL, "children"),
)
"""Components and their properties that `answer` gives, in its order."""


def answer(services: Services, ask: Asked) -> tuple[Any, ...]:
    """Return where a page is: crumbs, the map's state, and controls in step with the address."""
    view = screens.with_place(services, ask.view)
    chain = screens.crumbs(services, view)
    shown = view if view.page == "case" or view.code else view.at(chain[0]["code"])
    state = screens.map_state(services, ask.view, ask.lang, ask.theme)
    district = services.district_of(view.code)
    units = services.units(district)
    label = ask.words("filter") + (f" {view.filter_count}" if view.filter_count else "")
    note = schematic_layout(district.is_demo, district.attribution, ask.words)
    return (
        plain(crumbs_layout(shown, chain, ask.lang, ask.words)), state, view.window, view.measure,
        (view.unit if view.unit in units else units[-1]).word,
        [{"value": unit.word, "label": ask.words(f"level.{int(unit)}")} for unit in units],
        plain(filters_layout(view, services.categories(), ask.lang, ask.words)), list(view.layers), label,
        plain(note), view.page, "map" if view.page in MAP_PAGES else "page",
        plain(rail_layout(view, ask.words)),
    )  # fmt: skip


def register(app: Dash, services: Services) -> None:
    """Bind the callback."""

    @app.callback(
        *[Output(component, prop) for component, prop in SHOWN],
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        State(ids.PREFS, "data"),
    )
    async def on_place(pathname: str, search: str, prefs: dict[str, Any]) -> tuple[Any, ...]:
        try:
            return await offload(answer, services, asked(pathname, search, prefs))
        except QuanxiangError:
            return (*[no_update] * 10, "fault", "map", no_update)
