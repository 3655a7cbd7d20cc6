"""The unified grid map: one coloured layer of areas over the base map, redrawn by small patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis.classify import NO_DATA, Classes, classify
from gis.codes import Level
from gis.rates import CHANGE_BREAKS
from layouts.figures.style import FIRST_ABOVE_COLOURS, build_style
from layouts.theme import Tokens, tokens

OUTSIDE, NOTHING, ZERO = -2, -1, 0
"""Classes below the ramp: outside the scope (clear, still clickable), no data (grey), zero."""

FULL, UNDER_HEAT = 0.86, 0.12
"""Opacity of the coloured areas, alone and when the heat picture lies above them."""

_MARGIN, _TOP, _BOTTOM, _LEGEND, _NEAREST = 30.0, 60.0, 34.0, 288.0, 16.5
"""Pixels that a fitted area keeps clear of, and the largest zoom it is fitted to."""

_LAYER = {Level.STREET: "streets", Level.COMMUNITY: "communities", Level.CELL: "cells"}


@dataclass(frozen=True)
class Colouring:
    """Classes of one measure over the areas of a scope.

    Attributes
    ----------
    values : measure per area code inside the scope; NaN is no data.
    classes : breaks of the values above zero.
    """

    values: pd.Series
    classes: Classes

    def steps(self, codes: pd.Index) -> list[int]:
        """Return the class of each code: `OUTSIDE`, `NOTHING`, `ZERO`, or 1 to 5."""
        known = self.values.reindex(codes)
        label = self.classes.label(known.to_numpy(dtype=float))
        label = np.where(label == NO_DATA, NOTHING, label + 1)
        label = np.where(known.to_numpy(dtype=float) == 0, ZERO, label)
        return [int(step) for step in np.where(codes.isin(self.values.index), label, OUTSIDE)]


def colouring(values: pd.Series, measure: str = "") -> Colouring:
    """Return the classes of a measure, zero and missing values apart; a change has fixed classes around the usual."""
    if measure == "change":
        return Colouring(values.where(values != 0, 1e-9), Classes((*CHANGE_BREAKS, float("inf")), float("-inf"), False))
    positive = values[values > 0].to_numpy(dtype=float)
    return Colouring(values, classify(positive, k=5))


def build_map(
    unit: Level, codes: pd.Index, coloured: Colouring, hover: list[str], *, theme: str, lang: str, root: str,
    box: tuple[float, float, float, float], camera: tuple[float, float, float], opacity: float = FULL,
    scale: float = 1.0, diverging: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return the whole figure: the coloured layer of every unit of the district, and the style.

    Parameters
    ----------
    codes : every area of `unit` in the district, also outside the scope.
    hover : what the pointer shows, one text per code.
    root : address of the district's layers.
    box : the district in degrees. camera : lon, lat, zoom to begin with. scale : enlargement, for walls.
    """
    t = tokens(theme)
    lon, lat, zoom = camera
    trace = {
        "type": "choroplethmap",
        "geojson": f"{root}/{_LAYER[unit]}.json",
        "featureidkey": "properties.code",
        "locations": list(codes),
        "z": coloured.steps(codes),
        "zmin": OUTSIDE - 0.5,
        "zmax": 5.5,
        "colorscale": _scale(t, t.change if diverging else t.ramp),
        "showscale": False,
        "marker": {"opacity": opacity, "line": {"width": 0}},
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
        "below": FIRST_ABOVE_COLOURS,
    }
    layout = {
        "map": {
            "style": build_style(theme, lang, root, box, scale, later=True),
            "center": {"lon": lon, "lat": lat},
            "zoom": zoom,
        },
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": t.ground,
        "uirevision": "camera",
        "hoverlabel": {
            "bgcolor": t.raised, "bordercolor": t.line_strong, "align": "left",
            "font": {"color": t.text, "size": 13 * scale},
        },
    }  # fmt: skip
    return {"data": [trace], "layout": layout}


def fitting(
    box: tuple[float, float, float, float], size: tuple[int, int], scale: float = 1.0, *, legend: bool = True
) -> tuple[float, float, float]:
    """Return lon, lat and zoom that fit a box in degrees into a picture of `size` pixels, clear of what lies on it.

    The same margins as in `30_map.js`; beside the legend where that costs no size, else across the whole width.
    """
    wide, beside = _fit(box, size, _MARGIN), _fit(box, size, _MARGIN + _LEGEND * scale * legend)
    return beside if beside[2] > wide[2] - 0.1 else wide


def _fit(box: tuple[float, float, float, float], size: tuple[int, int], left: float) -> tuple[float, float, float]:
    west, south, east, north = box
    low, high = _mercator(south), _mercator(north)
    width, height = max(size[0] - left - _MARGIN, 50.0), max(size[1] - _TOP - _BOTTOM, 50.0)
    span_x, span_y = max(east - west, 1e-4) / 360, max(high - low, 3e-7)
    zoom = float(np.clip(min(np.log2(width / 512 / span_x), np.log2(height / 512 / span_y)), 3, _NEAREST))
    pixel = 1 / (512 * 2**zoom)  # of the world's width
    lon = (west + east) / 2 - (left - _MARGIN) / 2 * pixel * 360
    middle = (low + high) / 2 + (_TOP - _BOTTOM) / 2 * pixel
    lat = float(np.degrees(2 * np.arctan(np.exp(middle * 2 * np.pi)) - np.pi / 2))
    return lon, lat, zoom


def _mercator(lat: float) -> float:
    return float(np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) / (2 * np.pi))


def _scale(t: Tokens, ramp: tuple[str, ...]) -> list[list[Any]]:
    steps = ["rgba(0,0,0,0.02)", t.line, t.zero, *ramp]
    width = 1 / len(steps)
    return [[round(edge, 6), colour] for i, colour in enumerate(steps) for edge in (i * width, (i + 1) * width)]
