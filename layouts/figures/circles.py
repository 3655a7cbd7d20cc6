"""The map of walking minutes and the curve of coverage: the base map with layers that `65_circles.js` fills."""

from __future__ import annotations

from typing import Any

import pandas as pd

from layouts.figures.style import EMPTY, FIRST_ABOVE_COLOURS, build_style
from layouts.text import Words
from layouts.theme import FONT, Tokens, tokens

Layer = dict[str, Any]


def minute_colours(t: Tokens) -> tuple[str, str, str, str]:
    """Return the colours of up to 5, 10, 15 minutes and of more."""
    return t.ramp[0], t.ramp[1], t.ramp[3], t.ramp[4]


def build_circles_map(
    *, theme: str, lang: str, root: str, box: tuple[float, float, float, float],
    camera: tuple[float, float, float], scale: float = 1.0,
) -> dict[str, Any]:  # fmt: skip
    """Return the figure; what it shows comes later by address, so that turning a knob does not draw the map again."""
    t = tokens(theme)
    style = build_style(theme, lang, root, box, scale)
    style["sources"]["circle-cells"] = {"type": "geojson", "data": f"{root}/cells.json", "promoteId": "code"}
    for name in ("circle-homes", "circle-places", "circle-area", "circle-straight", "circle-route", "circle-plan",
                 "circle-gates", "circle-sites"):  # fmt: skip
        style["sources"][name] = {"type": "geojson", "data": EMPTY}
    below = next(at for at, layer in enumerate(style["layers"]) if layer["id"] == FIRST_ABOVE_COLOURS)
    style["layers"][below:below] = _coloured(t)
    style["layers"] += _marks(t, scale)
    trace = {"type": "scattermap", "lon": [camera[0]], "lat": [camera[1]], "mode": "markers", "hoverinfo": "skip",
             "marker": {"size": 1, "opacity": 0}}  # fmt: skip
    layout = {
        "map": {"style": style, "center": {"lon": camera[0], "lat": camera[1]}, "zoom": camera[2]},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "paper_bgcolor": t.ground, "showlegend": False,
        "uirevision": "camera",
    }  # fmt: skip
    return {"data": [trace], "layout": layout}


def _coloured(t: Tokens) -> list[Layer]:
    first, second, third, fourth = minute_colours(t)
    state = ["coalesce", ["feature-state", "k"], -1]
    colour = ["match", state, 1, first, 2, second, 3, third, 4, fourth, 5, t.line,
              11, t.ramp[4], 12, t.accent, 0, t.zero, "rgba(0,0,0,0)"]  # fmt: skip
    return [
        {"id": "circle-fill", "type": "fill", "source": "circle-cells",
         "paint": {"fill-color": colour, "fill-opacity": 0.86}},
        {"id": "circle-edge", "type": "line", "source": "circle-cells", "minzoom": 12.2,
         "paint": {"line-color": t.border, "line-width": 0.4, "line-opacity": 0.5}},
        {"id": "circle-area", "type": "fill", "source": "circle-area",
         "paint": {"fill-color": t.accent, "fill-opacity": ["match", ["get", "minutes"], 5, 0.30, 10, 0.20, 0.13]}},
    ]  # fmt: skip


def _marks(t: Tokens, scale: float) -> list[Layer]:
    first, second, third, fourth = minute_colours(t)
    by_class = ["match", ["get", "k"], 1, first, 2, second, 3, third, 4, fourth, t.done]
    wide = ["interpolate", ["exponential", 1.5], ["zoom"], 11, 1.4 * scale, 14, 3.4 * scale, 17, 8 * scale]
    chosen = ["==", ["get", "on"], 1]
    sizes = ((11, 0.8), (12.5, 1.6), (14, 4), (17, 8))
    place = ["interpolate", ["linear"], ["zoom"],
             *[part for zoom, px in sizes for part in (zoom, ["case", chosen, 9 * scale, px * scale])]]  # fmt: skip
    return [
        {"id": "circle-homes", "type": "circle", "source": "circle-homes",
         "paint": {"circle-radius": wide, "circle-color": by_class, "circle-opacity": 0.9}},
        {"id": "circle-area-line", "type": "line", "source": "circle-area",
         "paint": {"line-color": t.accent, "line-width": 1.6 * scale}},
        {"id": "circle-straight", "type": "line", "source": "circle-straight",
         "paint": {"line-color": t.second, "line-width": 1.2 * scale, "line-dasharray": [3, 3], "line-opacity": 0.8}},
        {"id": "circle-route", "type": "line", "source": "circle-route",
         "layout": {"line-cap": "round", "line-join": "round"},
         "paint": {"line-color": t.accent, "line-opacity": 0.85,
                   "line-width": ["interpolate", ["linear"], ["zoom"],
                                  11, ["case", ["has", "kind"], 2.5 * scale, 0.3 * scale],
                                  13, ["case", ["has", "kind"], 3 * scale, 0.8 * scale],
                                  16, ["case", ["has", "kind"], 5 * scale, 3 * scale]]}},
        {"id": "circle-gates", "type": "symbol", "source": "circle-gates", "minzoom": 13,
         "layout": {"text-field": ["match", ["get", "open"], 1, "◇", "▮"], "text-size": 14 * scale,
                    "text-allow-overlap": True, "text-ignore-placement": True},
         "paint": {"text-color": ["match", ["get", "open"], 1, t.accent, t.overdue], "text-halo-color": t.ground,
                   "text-halo-width": 1.2}},
        {"id": "circle-places", "type": "circle", "source": "circle-places",
         "paint": {"circle-radius": place,
                   "circle-color": ["match", ["get", "state"], "added", t.accent, "removed", t.done, t.text],
                   "circle-opacity": ["match", ["get", "state"], "removed", 0.35, 0.9],
                   "circle-stroke-color": ["case", chosen, t.accent, t.ground],
                   "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 12, ["case", chosen, 3, 0.2],
                                          14, ["case", chosen, 3, 1]]}},
        {"id": "circle-place-names", "type": "symbol", "source": "circle-places", "minzoom": 15.2,
         "layout": {"text-field": ["get", "name"], "text-size": 12 * scale, "text-offset": [0, 1.1],
                    "text-anchor": "top"},
         "paint": {"text-color": t.text, "text-halo-color": t.ground, "text-halo-width": 1.4}},
        {"id": "circle-plan", "type": "line", "source": "circle-plan",
         "paint": {"line-color": t.accent, "line-width": 1.5 * scale, "line-dasharray": [1, 1.5]}},
        {"id": "circle-sites", "type": "symbol", "source": "circle-sites",
         "layout": {"text-field": ["to-string", ["get", "rank"]], "text-size": 14 * scale, "text-allow-overlap": True},
         "paint": {"text-color": t.ground, "text-halo-color": t.accent, "text-halo-width": 8}},
    ]  # fmt: skip


def build_curve(curve: pd.DataFrame, limit: int, *, theme: str, words: Words, scale: float = 1.0) -> dict[str, Any]:
    """Return the share of people and over-60s covered within each number of minutes, with the limit marked.

    Parameters
    ----------
    curve : minutes, people, over60 (shares 0 to 1). limit : minutes.
    """
    t = tokens(theme)
    traces = [
        {
            "type": "scatter", "mode": "lines", "name": words(f"circles.curve.{name}"),
            "x": [int(x) for x in curve["minutes"]], "y": [round(100 * float(y), 1) for y in curve[name].fillna(0.0)],
            "line": {"color": colour, "width": 2 * scale, "dash": dash},
            "hovertemplate": "%{y:.1f}% · %{x}<extra>" + words(f"circles.curve.{name}") + "</extra>",
        }
        for name, colour, dash in (("people", t.accent, "solid"), ("over60", t.near_due, "dot"))
    ]  # fmt: skip
    axis = {
        "gridcolor": t.line,
        "zeroline": False,
        "tickfont": {"size": 11 * scale, "color": t.second},
        "fixedrange": True,
    }
    layout = {
        "margin": {"l": 38 * scale, "r": 8, "t": 8, "b": 34 * scale}, "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "font": {"family": FONT, "color": t.text, "size": 12 * scale},
        "xaxis": axis | {"range": [0, 30], "dtick": 5, "title": {"text": words("circles.minutes", n="").strip(),
                                                                "font": {"size": 11 * scale}, "standoff": 4}},
        "yaxis": axis | {"range": [0, 100], "ticksuffix": "%", "dtick": 25},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)",
                   "font": {"size": 11 * scale}},
        "shapes": [{"type": "line", "x0": limit, "x1": limit, "y0": 0, "y1": 100,
                    "line": {"color": t.second, "width": 1, "dash": "dash"}}],
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": t.raised, "bordercolor": t.line_strong, "font": {"color": t.text}},
    }  # fmt: skip
    return {"data": traces, "layout": layout}
