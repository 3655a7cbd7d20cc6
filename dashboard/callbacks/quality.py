"""The data-quality page."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard import screens
from dashboard.callbacks.asked import Asked, asked, fault_panel
from dashboard.distrust import distrust
from dashboard.offload import offload
from dashboard.services import Services
from gis.errors import QuanxiangError
from layouts import ids
from layouts.figures.map import fitting
from layouts.pages.quality import quality_layout


def _page(services: Services, ask: Asked) -> Any:
    district = services.district_of(ask.view.code)
    found = distrust(services, district, ask.view.topic, services.moment(district))
    box = screens.box_of(services, ask.view.at(district.code), district)
    place = {
        "root": f"/geo/{district.code}/{district.geometry_version}",
        "box": box,
        "camera": fitting(box, (1100, 352), legend=False),
        "scale": ask.scale,
    }
    return quality_layout(ask.view, found.kind, found.counts, found.rows, district.timezone, place, ask.lang, ask.theme,
                          ask.words)  # fmt: skip


def register(app: Dash, services: Services) -> None:
    """Bind the callback."""

    @app.callback(
        Output(ids.PAGE, "children"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        State(ids.PREFS, "data"),
    )
    async def on_quality(pathname: str, search: str, prefs: dict[str, Any]) -> Any:
        try:
            ask = asked(pathname, search, prefs)
            if ask.view.page != "quality":
                return no_update
            return await offload(_page, services, ask)
        except QuanxiangError as fault:
            return await offload(fault_panel, services, fault, prefs)
