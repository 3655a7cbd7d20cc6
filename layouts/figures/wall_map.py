"""The base map of a wall: quiet, without small names, with one mark per cell that needs a hand."""

from __future__ import annotations

from typing import Any

from layouts.figures.style import build_style
from layouts.theme import tokens

GROUND = "#0B0F14"
_KEPT = ("land", "water", "green", "road-street", "road-arterial", "rail", "heat", "outside", "fade-streets",
         "border-communities", "border-streets", "border-district")  # fmt: skip


def build_wall_style(root: str, box: tuple[float, float, float, float], code: str) -> dict[str, Any]:
    """Return the style for the scope `code`: what lies outside it steps back.

    Names are set by the wall's script, which knows the size of its letters and the bezels.
    """
    t = tokens("dark")
    style = build_style("dark", "zh", root, box)
    by_id = {layer["id"]: layer for layer in style["layers"]}
    layers = [by_id[name] for name in _KEPT]
    for layer in layers:
        for key in ("background-color", "fill-color"):
            if layer["id"] in ("land", "outside") and key in layer["paint"]:
                layer["paint"][key] = GROUND
        street = ["==", ["slice", ["get", "code"], 0, 9], code[:9]]
        if len(code) >= 9 and layer["id"] == "fade-streets":
            layer |= {"filter": ["!", street], "paint": {"fill-color": GROUND, "fill-opacity": 0.8}}
        if len(code) >= 9 and layer["id"] == "border-communities":
            layer["filter"] = street
        if layer["id"] == "heat":
            layer["layout"] = {"visibility": "visible"}
    colour = ["match", ["get", "state"], "overdue", t.overdue, "near_due", t.near_due, t.accent]
    marks = {
        "id": "marks", "type": "symbol", "source": "points",
        "layout": {"text-field": ["match", ["get", "state"], "overdue", "▲", "near_due", "◆", "●"], "text-size": 20,
                   "text-allow-overlap": True, "text-ignore-placement": True,
                   "symbol-sort-key": ["match", ["get", "state"], "overdue", 2, "near_due", 1, 0]},
        "paint": {"text-color": colour, "text-halo-color": GROUND, "text-halo-width": 2},
    }  # fmt: skip
    sources = {name: style["sources"][name] for name in {layer["source"] for layer in layers if "source" in layer}}
    return {"version": 8, "sources": sources | {"points": style["sources"]["points"]}, "layers": [*layers, marks]}
