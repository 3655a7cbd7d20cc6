"""A small map of places over the district's base map."""

from __future__ import annotations

from typing import Any

import pandas as pd

from layouts.figures.style import build_style
from layouts.theme import tokens


def build_places(
    lon: pd.Series, lat: pd.Series, labels: pd.Series, *, theme: str, lang: str, root: str,
    box: tuple[float, float, float, float], camera: tuple[float, float, float],
    scale: float = 1.0,
) -> dict[str, Any]:  # fmt: skip
    """Return a figure with one dot per place; positions in degrees (WGS-84)."""
    t = tokens(theme)
    trace = {
        "type": "scattermap", "mode": "markers", "lon": [round(float(x), 6) for x in lon],
        "lat": [round(float(y), 6) for y in lat], "text": list(labels), "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 9 * scale, "color": t.near_due, "opacity": 0.85},
    }  # fmt: skip
    layout = {
        "map": {"style": build_style(theme, lang, root, box, scale), "center": {"lon": camera[0], "lat": camera[1]},
                "zoom": camera[2]},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "paper_bgcolor": t.ground, "showlegend": False,
        "hoverlabel": {"bgcolor": t.raised, "bordercolor": t.line_strong, "font": {"color": t.text}},
    }  # fmt: skip
    return {"data": [trace], "layout": layout}
