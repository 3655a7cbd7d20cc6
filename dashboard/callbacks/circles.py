"""The page of service circles: built once; then controls and panel follow what its script reads from the address."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from dashboard import circle_panel, screens
from dashboard.callbacks.asked import Asked, asked, fault_panel
from dashboard.offload import offload
from dashboard.services import Services
from gis.circle_choice import Choice
from gis.errors import QuanxiangError
from layouts import ids
from layouts.figures.circles import build_circles_map
from layouts.figures.map import fitting
from layouts.pages.circles import circles_layout, controls_layout

_TALLER_PX = 92
"""The map has no timeline below it, but knobs above."""


def build(services: Services, ask: Asked) -> Any:
    """Return the page."""
    view, district = services.settled(ask.view)
    box = screens.box_of(services, view.at(view.code), district)
    whole = screens.box_of(services, view.at(district.code), district)
    root = f"/geo/{district.code}/{district.geometry_version}"
    width, height = ask.map_size
    camera = view.camera or fitting(box, (width, height + round(_TALLER_PX * ask.scale)), ask.scale)
    figure = build_circles_map(theme=ask.theme, lang=ask.lang, root=root, box=whole, camera=camera, scale=ask.scale)
    return circles_layout(
        view, figure, root, box, circle_panel.schematic_note(services, district, ask.words),
        controls_layout(view, Choice.of(view), ask.words), circle_panel.panel(services, view, ask), ask.words,
    )  # fmt: skip


def _parts(services: Services, ask: Asked) -> tuple[Component, list[Component]]:
    view, _district = services.settled(ask.view)
    return controls_layout(view, Choice.of(view), ask.words), circle_panel.panel(services, view, ask)


def register(app: Dash, services: Services) -> None:
    """Bind the callback."""

    @app.callback(
        Output(ids.CIRCLES_CONTROLS, "children"),
        Output(ids.CIRCLES_PANEL, "children"),
        Input(ids.CIRCLES_ASK, "data"),
        State(ids.PREFS, "data"),
        prevent_initial_call=True,
    )
    async def on_circles(told: dict[str, Any] | None, prefs: dict[str, Any]) -> Any:
        if not told:
            return no_update, no_update
        try:
            ask = asked(told["path"], told["search"], prefs)
            return await offload(_parts, services, ask)
        except QuanxiangError as fault:
            return no_update, await offload(fault_panel, services, fault, prefs)
