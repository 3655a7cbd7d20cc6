"""Arrivals over time: bars by family, closings as a line, and what is usual at the same time of the week."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from gis.terms import FAMILIES
from layouts.text import Words
from layouts.theme import FONT, Tokens, mixed, tokens

EMPTY_FIGURE: dict[str, Any] = {
    "data": [],
    "layout": {
        "xaxis": {"visible": False}, "yaxis": {"visible": False}, "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
    },
}  # fmt: skip

_SHARE = {"part": 0.3, "event": 1.0, "social": 0.58}


def build_timeline(
    arrivals: pd.DataFrame, closings: pd.DataFrame, usual: pd.Series | None, ticks: pd.DatetimeIndex, *,
    step: str, theme: str, words: Words, scale: float = 1.0,
) -> dict[str, Any]:  # fmt: skip
    """Return stacked bars of arrivals per step with closings and the usual level as lines.

    Parameters
    ----------
    arrivals : [at, family, new], `at` aware. closings : [at, closed].
    usual : mean arrivals per tick in the weeks before, indexed by tick, or None when not enough is known.
    ticks : every step of the window in local time, so that a quiet hour is a visible zero.
    step : 'hour' or 'day'. scale : enlargement, for walls.
    """
    t = tokens(theme)
    local = ticks.tz_localize(None)
    traces: list[dict[str, Any]] = []
    moments = ticks.tz_convert("UTC").tolist()
    arrived: dict[tuple[pd.Timestamp, str], int] = defaultdict(int)
    for at, family, n in zip(*(arrivals[name].tolist() for name in ("at", "family", "new")), strict=True):
        arrived[at, family] += int(n)
    traces += [
        {
            "type": "bar", "name": words(f"family.{family}"), "x": _labels(local),
            "y": [arrived.get((at, family), 0) for at in moments],
            "marker": {"color": mixed(t.accent, t.surface, _SHARE[family]), "line": {"width": 0}},
            "hovertemplate": "%{y:,} " + words(f"family.{family}") + "<extra></extra>",
        }
        for family in FAMILIES
    ]  # fmt: skip
    closed = dict(zip(closings["at"].tolist(), closings["closed"].tolist(), strict=True))
    traces.append(_line(words("timeline.closed"), local, [int(closed.get(at, 0)) for at in moments], t.done, "solid"))
    if usual is not None:
        values = [round(float(n), 1) for n in usual.reindex(ticks).fillna(0.0)]
        traces.append(_line(words("timeline.usual"), local, values, t.near_due, "dot"))
    layout = _layout(t, step, scale)
    if not any(any(trace["y"]) for trace in traces):
        layout["yaxis"] |= {"range": [0, 4]}  # an empty axis of its own would count in halves of a case
    return {"data": traces, "layout": layout}


def _labels(local: pd.DatetimeIndex) -> list[str]:
    return [moment.isoformat() for moment in local]


def _line(name: str, local: pd.DatetimeIndex, values: list[Any], colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": _labels(local), "y": values,
        "line": {"color": colour, "width": 1.6, "dash": dash, "shape": "hvh" if dash == "dot" else "linear"},
        "hovertemplate": "%{y:,} " + name + "<extra></extra>",
    }  # fmt: skip


def _layout(t: Tokens, step: str, scale: float) -> dict[str, Any]:
    axis = {
        "color": t.second,
        "gridcolor": t.line,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12 * scale},
    }
    return {
        "barmode": "stack", "bargap": 0.18, "hovermode": "x unified", "showlegend": True,
        "dragmode": "select", "selectdirection": "h",
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom",
                   "font": {"size": 12 * scale, "color": t.second}},
        "margin": {"l": 40 * scale, "r": 12 * scale, "t": 22 * scale, "b": 36 * scale},
        "font": {"family": FONT, "color": t.second}, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": axis | {"type": "date", "showgrid": False, "hoverformat": "%m-%d %H:%M" if step == "hour" else "%m-%d",
                         "tickformat": "%H:%M\n%m-%d" if step == "hour" else "%m-%d"},
        "yaxis": axis | {"rangemode": "tozero", "nticks": 4},
        "hoverlabel": {"bgcolor": t.raised, "bordercolor": t.line_strong,
                       "font": {"color": t.text, "size": 12 * scale}},
    }  # fmt: skip
