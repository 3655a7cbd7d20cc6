"""Pages beside the map: whichever the address names is built by its builder and fills the room beside the rail."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard.callbacks.asked import asked, fault_panel
from dashboard.offload import offload
from dashboard.pages import builders
from dashboard.services import Services
from gis.errors import QuanxiangError
from layouts import ids


def register(app: Dash, services: Services) -> None:
    """Bind the callback."""
    made = builders()

    @app.callback(
        Output(ids.PAGE, "children"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        State(ids.PREFS, "data"),
    )
    async def on_page(pathname: str, search: str, prefs: dict[str, Any]) -> Any:
        try:
            ask = asked(pathname, search, prefs)
            if ask.view.page not in made:
                return no_update
            return await offload(made[ask.view.page], services, ask)
        except QuanxiangError as fault:
            return await offload(fault_panel, services, fault, prefs)
