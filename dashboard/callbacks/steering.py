"""What the browser decides by itself: a changed control becomes an address, and the map follows its state."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from dashboard.services import Services
from layouts import ids

_CONTROLS = {
    ids.WINDOW: "w",
    ids.MEASURE: "m",
    ids.UNIT: "u",
    ids.LAYERS: "layers",
}


def register(app: Dash, _services: Services) -> None:
    """Bind the clientside callbacks (dashboard/assets/20_steering.js)."""
    for component, key in _CONTROLS.items():
        app.clientside_callback(
            ClientsideFunction("qx", f"set_{key}"),
            Output(component, "data-set"),
            Input(component, "value"),
            prevent_initial_call=True,
        )
    app.clientside_callback(
        ClientsideFunction("qx", "search"),
        Output(ids.SEARCH, "value"),
        Input(ids.SEARCH, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("qx", "steer"),
        Output(ids.MAP_VIEW, "data-steered"),
        Input(ids.MAP_STATE, "data"),
        Input(ids.MAP_KEY, "data"),
    )
