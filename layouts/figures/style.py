"""The base map as a MapLibre style: our own layers from our own addresses, nothing from anywhere else.

Labels carry no `glyphs` address, so the browser draws them with its own fonts. `sources` is never empty: an empty one
breaks every second drawing of the map.
"""

from __future__ import annotations

from typing import Any

from layouts.theme import Tokens, tokens

Layer = dict[str, Any]

EMPTY: dict[str, Any] = {"type": "FeatureCollection", "features": []}
CLEAR_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAA"
    "DUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BASE = ("outside", "districts", "streets", "communities", "labels", "road", "rail", "water", "green")
WHEN_NEAR = ("cells", "alley", "compound")
"""Sources that the browser fills when one looks closer (`30_map.js`)."""
FIRST_ABOVE_COLOURS = "water"
"""Coloured areas are drawn below this layer, so that water, roads and borders stay readable above them."""


def build_style(
    theme: str,
    lang: str,
    root: str,
    box: tuple[float, float, float, float],
    scale: float = 1.0,
    *,
    later: bool = False,
) -> dict[str, Any]:
    """Return the style of a district.

    Parameters
    ----------
    root : address of its layers, `/geo/<district>/<version>`; changes whenever the geometry does.
    box : west, south, east, north in degrees.
    later : leave the base map empty for the browser to fill once the coloured areas are drawn (`30_map.js`).
    scale : enlargement of lines, symbols and letters, for walls.
    """
    t = tokens(theme)
    west, south, east, north = box
    now = () if later else BASE
    sources: dict[str, Any] = {name: {"type": "geojson", "data": f"{root}/{name}.json"} for name in now}
    sources |= {name: {"type": "geojson", "data": EMPTY} for name in (*BASE, *WHEN_NEAR) if name not in now}
    sources |= {name: {"type": "geojson", "data": EMPTY} for name in ("points", "lineage", "spot")}
    sources["heat"] = {
        "type": "image",
        "url": CLEAR_PIXEL,
        "coordinates": [[west, north], [east, north], [east, south], [west, south]],
    }
    return {
        "version": 8,
        "sources": sources,
        "layers": _enlarged(scale, [
            {"id": "land", "type": "background", "paint": {"background-color": t.land}},
            *_ground(t),
            *_roads(t, theme),
            _heat(),
            _fill("outside", t.land, 1.0),
            *_borders(t),
            *_marks(t),
            *_labels(t, lang),
        ]),
    }  # fmt: skip


_SIZES = ("text-size", "text-halo-width", "line-width", "line-offset", "circle-radius", "circle-stroke-width",
          "symbol-spacing", "text-padding")  # fmt: skip


def _enlarged(scale: float, layers: list[Layer]) -> list[Layer]:
    if scale == 1.0:
        return layers
    for layer in layers:
        for part in ("paint", "layout"):
            for key in _SIZES:
                if key in layer.get(part, {}):
                    layer[part][key] = _times(layer[part][key], scale)
    return layers


def _times(value: Any, scale: float) -> Any:
    """A size, or an expression whose outputs are sizes, times `scale`."""
    if not isinstance(value, list):
        return value * scale
    if value[0] == "interpolate":
        return value[:3] + [part * scale if i % 2 else part for i, part in enumerate(value[3:])]
    if value[0] == "match":
        outputs = [part * scale if i % 2 else part for i, part in enumerate(value[2:-1])]
        return [*value[:2], *outputs, value[-1] * scale]
    return value


def _ground(t: Tokens) -> list[Layer]:
    return [
        _fill("water", t.water, 0.92),
        _fill("green", t.green, 0.75),
        {
            "id": "compound", "type": "line", "source": "compound", "minzoom": 14.2,
            "paint": {"line-color": t.muted, "line-width": 1, "line-opacity": 0.45, "line-dasharray": [1, 1.5]},
        },
    ]  # fmt: skip


def _roads(t: Tokens, theme: str) -> list[Layer]:
    strong = 0.95 if theme == "light" else 0.8
    return [
        _road("alley", t.alley, 13.6, (13.6, 0.3, 15, 1.0, 18, 5), strong * 0.8),
        _road("street", t.street, 12.2, (11, 0.5, 14, 1.8, 18, 12), strong),
        _road("arterial", t.arterial, 0, (10, 0.8, 12, 2.0, 14, 4.5, 18, 22), strong),
        {
            "id": "rail", "type": "line", "source": "rail",
            "paint": {"line-color": t.rail, "line-width": _by_zoom(11, 1, 15, 3), "line-dasharray": [4, 3]},
        },
    ]  # fmt: skip


def _heat() -> Layer:
    return {
        "id": "heat", "type": "raster", "source": "heat", "layout": {"visibility": "none"},
        "paint": {"raster-opacity": 0.9, "raster-fade-duration": 0, "raster-resampling": "linear"},
    }  # fmt: skip


def _borders(t: Tokens) -> list[Layer]:
    nothing = ["==", ["get", "code"], ""]
    return [
        {"id": "border-cells", "type": "line", "source": "cells", "minzoom": 12.6,
         "paint": {"line-color": t.border, "line-width": _by_zoom(12.6, 0.2, 15, 0.7), "line-opacity": 0.55}},
        {"id": "border-communities", "type": "line", "source": "communities", "minzoom": 11.6,
         "paint": {"line-color": t.border, "line-width": _by_zoom(11.6, 0.3, 14, 1.1), "line-opacity": 0.8}},
        {"id": "fade-streets", "type": "fill", "source": "streets", "filter": nothing,
         "paint": {"fill-color": t.ground, "fill-opacity": 0.66}},
        {"id": "fade-communities", "type": "fill", "source": "communities", "filter": nothing,
         "paint": {"fill-color": t.ground, "fill-opacity": 0.5}},
        {"id": "border-streets", "type": "line", "source": "streets",
         "paint": {"line-color": t.second, "line-width": _by_zoom(10, 0.9, 14, 2.0)}},
        {"id": "border-district", "type": "line", "source": "districts",
         "paint": {"line-color": t.second, "line-width": _by_zoom(10, 2, 14, 3.5)}},
        {"id": "lineage", "type": "line", "source": "lineage",
         "paint": {"line-width": 2.5, "line-offset": ["match", ["get", "grid"], "city_management", -2,
                                                      "public_order", 0, 2],
                   "line-color": ["match", ["get", "grid"], "city_management", "#66CCEE",
                                  "public_order", "#EE6677", "#CCBB44"]}},
        {"id": "around-cells", "type": "line", "source": "cells", "filter": nothing,
         "paint": {"line-color": t.second, "line-width": 1.4, "line-dasharray": [3, 2]}},
        *[
            {"id": f"{what}-{source}", "type": "line", "source": source, "filter": nothing,
             "paint": {"line-color": colour, "line-width": width}}
            for what, colour, width in (("scope", t.accent, 2.5), ("hover", t.text, 2.0))
            for source in ("streets", "communities", "cells")
        ],
    ]  # fmt: skip


def _marks(t: Tokens) -> list[Layer]:
    """Cases: a shape and a colour for each state, never colour alone."""
    colour = ["match", ["get", "s"], "overdue", t.overdue, "near_due", t.near_due, "done", t.done, t.in_time]
    return [
        {"id": "fresh", "type": "circle", "source": "points", "filter": ["==", ["get", "new"], 1],
         "paint": {"circle-radius": _by_zoom(11, 5, 16, 13), "circle-color": t.accent, "circle-opacity": 0.16,
                   "circle-stroke-color": t.accent, "circle-stroke-width": 1, "circle-stroke-opacity": 0.7}},
        {"id": "dots", "type": "circle", "source": "points", "maxzoom": 14.5,
         "filter": ["any", ["==", ["get", "new"], 1], ["in", ["get", "s"], ["literal", ["overdue", "near_due"]]]],
         "paint": {"circle-radius": _by_zoom(11, 1.6, 14.5, 3.2), "circle-color": colour,
                   "circle-stroke-color": t.ground, "circle-stroke-width": 0.6}},
        {"id": "signs", "type": "symbol", "source": "points", "minzoom": 14.5,
         "layout": {"text-field": ["match", ["get", "s"], "overdue", "▲", "near_due", "◆", "done", "✓", "●"],
                    "text-size": _by_zoom(14.5, 13, 17, 20), "text-allow-overlap": True,
                    "text-ignore-placement": True},
         "paint": {"text-color": colour, "text-halo-color": t.ground, "text-halo-width": 1.4}},
        {"id": "spot", "type": "circle", "source": "spot",
         "paint": {"circle-radius": 15, "circle-opacity": 0, "circle-stroke-color": t.accent,
                   "circle-stroke-width": 3}},
    ]  # fmt: skip


def _labels(t: Tokens, lang: str) -> list[Layer]:
    name = ["get", "en" if lang == "en" else "zh"]
    halo = {"text-halo-color": t.ground, "text-halo-width": 1.6}
    return [
        {"id": "label-roads", "type": "symbol", "source": "road", "minzoom": 13.8,
         "filter": ["!=", ["get", "name"], ""],
         "layout": {"text-field": ["get", "name"], "symbol-placement": "line", "text-size": 11, "symbol-spacing": 420},
         "paint": {"text-color": t.muted, **halo}},
        {"id": "label-water", "type": "symbol", "source": "water", "minzoom": 12.8,
         "filter": ["!=", ["get", "name"], ""],
         "layout": {"text-field": ["get", "name"], "text-size": 11}, "paint": {"text-color": t.in_time, **halo}},
        {"id": "label-communities", "type": "symbol", "source": "labels", "minzoom": 13.0,
         "filter": ["==", ["get", "level"], 12],
         "layout": {"text-field": name, "text-size": _by_zoom(13, 11, 16, 14), "text-max-width": 7,
                    "symbol-sort-key": ["get", "order"], "text-padding": 4},
         "paint": {"text-color": t.text, **halo}},
        {"id": "label-streets", "type": "symbol", "source": "labels", "maxzoom": 14.6,
         "filter": ["==", ["get", "level"], 9],
         "layout": {"text-field": name, "text-size": _by_zoom(10, 11, 13.5, 18), "text-padding": 2,
                    "symbol-sort-key": ["get", "order"], "text-letter-spacing": 0.06},
         "paint": {"text-color": t.text, "text-halo-color": t.ground, "text-halo-width": 2}},
    ]  # fmt: skip


def _fill(source: str, colour: str, opacity: float) -> Layer:
    return {"id": source, "type": "fill", "source": source, "paint": {"fill-color": colour, "fill-opacity": opacity}}


def _road(kind: str, colour: str, minzoom: float, widths: tuple[float, ...], opacity: float) -> Layer:
    return {
        "id": f"road-{kind}", "type": "line", "source": "alley" if kind == "alley" else "road", "minzoom": minzoom,
        "filter": ["==", ["get", "class"], kind], "layout": {"line-cap": "round", "line-join": "round"},
        "paint": {"line-color": colour, "line-width": _by_zoom(*widths), "line-opacity": opacity},
    }  # fmt: skip


def _by_zoom(*pairs: float) -> list[Any]:
    return ["interpolate", ["exponential", 1.4], ["zoom"], *pairs]
