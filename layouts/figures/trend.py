"""A measure by equal steps of a period, each with its interval."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from layouts.theme import tokens

_HOVER = "%{x|%m-%d %H:%M}<br>%{y:.1f} (%{customdata[0]} / %{customdata[1]})<extra></extra>"


def build_trend(steps: pd.DataFrame, kind: str, zone: str, theme: str) -> go.Figure:
    """Return points with their intervals; steps of fewer than five cases are hollow.

    Parameters
    ----------
    steps : `at` (aware), `value`, `low`, `high`, `n`. kind : of the measure: shares are drawn in per cent.
    """
    t = tokens(theme)
    scale = 100 if kind in ("share", "ratio") else 1
    at = pd.DatetimeIndex(pd.to_datetime(steps["at"], utc=True)).tz_convert(zone).tz_localize(None)
    value, low, high = (steps[name].astype(float) * scale for name in ("value", "low", "high"))
    few = steps["n"].to_numpy() < 5
    figure = go.Figure(
        go.Scatter(
            x=at, y=value, mode="lines+markers", line={"color": t.accent, "width": 1.5},
            error_y={"type": "data", "array": (high - value).clip(lower=0), "arrayminus": (value - low).clip(lower=0),
                     "color": t.muted, "thickness": 1, "width": 0},
            marker={"size": 7, "color": [t.surface if one else t.accent for one in few],
                    "line": {"color": t.accent, "width": 1.5}},
            customdata=steps[["hits", "n"]].to_numpy(), hovertemplate=_HOVER,
        )
    )  # fmt: skip
    axis = {"gridcolor": t.line, "zeroline": False, "tickfont": {"size": 11, "color": t.second}, "fixedrange": True}
    figure.update_layout(
        height=150, margin={"l": 36, "r": 8, "t": 6, "b": 22}, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", showlegend=False, xaxis={**axis, "showgrid": False, "nticks": 5},
        yaxis={**axis, "nticks": 4, "rangemode": "tozero", "ticksuffix": "%" if scale == 100 else ""},
    )  # fmt: skip
    return figure
