"""Figures of the brief: arrivals and closings by day."""

from __future__ import annotations

from typing import Any

from gis.brief import Brief
from layouts.text import Words
from layouts.theme import FONT, mixed, tokens


def build_days(brief: Brief, *, theme: str, words: Words, scale: float = 1.0) -> dict[str, Any]:
    """Return bars of new cases by day, the period's own stronger than the days before, and closings as a line."""
    t = tokens(theme)
    days = [str(day) for day in brief.days["day"]]
    own = [brief.period.first <= day <= brief.period.last for day in brief.days["day"]]
    colours = [t.accent if one else mixed(t.accent, t.surface, 0.4) for one in own]
    axis = {"color": t.second, "gridcolor": t.line, "zeroline": False, "fixedrange": True,
            "tickfont": {"size": 12 * scale}}  # fmt: skip
    return {
        "data": [
            {"type": "bar", "name": words("brief.new"), "x": days, "y": brief.days["new"].tolist(),
             "marker": {"color": colours, "line": {"width": 0}}, "hovertemplate": "%{y:,}<extra></extra>"},
            {"type": "scatter", "mode": "lines", "name": words("brief.closed"), "x": days,
             "y": brief.days["closed"].tolist(), "line": {"color": t.done, "width": 1.6 * scale},
             "hovertemplate": "%{y:,}<extra></extra>"},
        ],
        "layout": {
            "bargap": 0.2, "showlegend": True, "hovermode": "x unified",
            "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom",
                       "font": {"size": 12 * scale, "color": t.second}},
            "margin": {"l": 44 * scale, "r": 8 * scale, "t": 22 * scale, "b": 28 * scale},
            "font": {"family": FONT, "color": t.second},
            "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis | {"type": "date", "showgrid": False, "tickformat": "%m-%d"},
            "yaxis": axis | {"rangemode": "tozero", "nticks": 4},
            "hoverlabel": {"bgcolor": t.raised, "bordercolor": t.line_strong, "font": {"color": t.text}},
        },
    }  # fmt: skip
