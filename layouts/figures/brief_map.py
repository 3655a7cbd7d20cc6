"""The map of a brief: areas coloured by new cases on a light, quiet base, all geometry inside the figure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gis.codes import Level
from layouts.figures.map import colouring
from layouts.figures.style import build_style
from layouts.theme import tokens

LAYERS = ("outside", "districts", "streets", "communities", "cells", "labels", "water", "green", "rail", "road")
_LAYER = {Level.STREET: "streets", Level.COMMUNITY: "communities", Level.CELL: "cells"}
_KEPT = ("land", "green", "water", "road-arterial", "rail", "outside", "border-communities", "border-streets",
         "border-district")  # fmt: skip


def layers_for(unit: Level) -> tuple[str, ...]:
    """Return the layers that a brief about areas of one level needs."""
    return tuple(name for name in LAYERS if name != "cells" or unit is Level.CELL)


def classes_of(values: pd.Series) -> list[tuple[str, str]]:
    """Return the legend: colour and range of each class that occurs."""
    coloured, ramp = colouring(values), tokens("light").ramp
    low_high = [f"{low:,.0f}" if low == high else f"{low:,.0f}–{high:,.0f}" for low, high in coloured.classes.ranges()]
    zero = [(tokens("light").zero, "0")] if (values == 0).any() else []
    return zero + list(zip(ramp, low_high, strict=False))


def colours_of(values: pd.Series) -> dict[str, str]:
    """Return the colour of each area by code."""
    t, coloured = tokens("light"), colouring(values)
    steps = coloured.steps(values.index)
    return {str(code): t.ramp[step - 1] if step > 0 else t.zero for code, step in zip(values.index, steps, strict=True)}


def build_brief_map(
    unit: Level, values: pd.Series, geometry: dict[str, Any], box: tuple[float, float, float, float],
    camera: tuple[float, float, float], lang: str,
) -> dict[str, Any]:  # fmt: skip
    """Return a figure that asks for nothing.

    Parameters
    ----------
    values : the measure per area code. geometry : GeoJSON by layer, as in `layers_for`.
    box : west, south, east, north in degrees. camera : lon, lat, zoom.
    """
    t = tokens("light")
    style = build_style("light", lang, "", box)
    by_id = {layer["id"]: layer for layer in style["layers"]}
    layers = [by_id[name] for name in _KEPT]
    colours = colours_of(values)
    pairs = [part for code, colour in colours.items() for part in (code, colour)]
    fill = {
        "id": "values", "type": "fill", "source": _LAYER[unit],
        "paint": {"fill-color": ["match", ["get", "code"], *pairs, "rgba(0,0,0,0)"] if pairs else "rgba(0,0,0,0)",
                  "fill-opacity": 0.85},
    }  # fmt: skip
    names = {
        "id": "names", "type": "symbol", "source": "labels",
        "filter": ["==", ["get", "level"], min(int(unit), int(Level.COMMUNITY))],
        "layout": {"text-field": ["get", "en" if lang == "en" else "zh"], "text-size": 12, "text-padding": 1,
                   "symbol-sort-key": ["get", "order"]},
        "paint": {"text-color": t.text, "text-halo-color": "#FFFFFF", "text-halo-width": 1.6},
    }  # fmt: skip
    layers = [layers[0], fill, *layers[1:], names]
    used = {layer["source"] for layer in layers if "source" in layer}
    sources = {name: {"type": "geojson", "data": _lean(name, geometry[name])} for name in used}
    return {
        "data": [{"type": "scattermap", "lon": [], "lat": []}],
        "layout": {
            "map": {"style": {"version": 8, "sources": sources, "layers": layers},
                    "center": {"lon": camera[0], "lat": camera[1]}, "zoom": camera[2]},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "paper_bgcolor": t.land, "showlegend": False,
        },
    }  # fmt: skip


def _lean(name: str, layer: dict[str, Any]) -> dict[str, Any]:
    if name != "road":
        return layer
    return layer | {"features": [one for one in layer["features"] if one["properties"].get("class") == "arterial"]}
