"""The map of the hot-spot page: cells by the verdict of their test, hot spots outlined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely

from layouts.figures.style import FIRST_ABOVE_COLOURS, build_style
from layouts.theme import Tokens, tokens

VERDICTS = ("untested", "none", "cold", "hot95", "hot99")
"""Verdicts of a cell in the order of their colour steps."""


def verdict_colours(t: Tokens) -> tuple[str, ...]:
    """Return the colour of every verdict, in the order of `VERDICTS`; the style sheet uses the same."""
    return (t.line, t.zero, t.ramp[1], t.heat[2], t.heat[4] if t.ground < "#7" else t.heat[3])


def build_hotspots(
    codes: Sequence[str], verdicts: Sequence[str], hover: Sequence[str], spots: dict[int, Any],
    chosen: int | None, *, layer: str, theme: str, lang: str, root: str, box: tuple[float, float, float, float],
    camera: tuple[float, float, float], scale: float = 1.0,
) -> dict[str, Any]:  # fmt: skip
    """Return the figure.

    Parameters
    ----------
    codes, verdicts, hover : one each per cell.
    spots : outline of every hot spot by its number, EPSG:4326. chosen : the one drawn strongest.
    layer : name of the geometry, `cells` or `streets`.
    """
    t = tokens(theme)
    steps = {verdict: i for i, verdict in enumerate(VERDICTS)}
    width = 1 / len(VERDICTS)
    scale_of = [
        [round(edge, 6), colour] for i, colour in enumerate(verdict_colours(t)) for edge in (i * width, (i + 1) * width)
    ]
    cells = {
        "type": "choroplethmap", "geojson": f"{root}/{layer}.json", "featureidkey": "properties.code",
        "locations": list(codes), "z": [steps[verdict] for verdict in verdicts], "zmin": -0.5,
        "zmax": len(VERDICTS) - 0.5, "colorscale": scale_of, "showscale": False,
        "marker": {"opacity": 0.86, "line": {"width": 0}}, "text": list(hover),
        "hovertemplate": "%{text}<extra></extra>", "below": FIRST_ABOVE_COLOURS,
    }  # fmt: skip
    others = {number: shape for number, shape in spots.items() if number != chosen}
    traces = [cells, _outline(others, t.text, 2.2 * scale)]
    if chosen in spots:
        traces.append(_outline({chosen: spots[chosen]}, t.accent, 4.0 * scale))
    layout = {
        "map": {"style": build_style(theme, lang, root, box, scale), "center": {"lon": camera[0], "lat": camera[1]},
                "zoom": camera[2]},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "paper_bgcolor": t.ground, "showlegend": False,
        "hoverlabel": {"bgcolor": t.raised, "bordercolor": t.line_strong, "align": "left",
                       "font": {"color": t.text, "size": 13 * scale}},
    }  # fmt: skip
    return {"data": traces, "layout": layout}


def _outline(spots: dict[int, Any], colour: str, width: float) -> dict[str, Any]:
    lon: list[float | None] = []
    lat: list[float | None] = []
    for shape in spots.values():
        for part in shapely.get_parts(shape):
            ring = shapely.get_coordinates(shapely.get_exterior_ring(part))
            lon += [*(round(float(x), 6) for x in ring[:, 0]), None]
            lat += [*(round(float(y), 6) for y in ring[:, 1]), None]
    return {"type": "scattermap", "mode": "lines", "lon": lon, "lat": lat, "hoverinfo": "skip",
            "line": {"color": colour, "width": width}}  # fmt: skip
