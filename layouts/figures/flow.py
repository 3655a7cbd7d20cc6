"""Figures of the response chains' flow: ages of open cases, what came in and went out, who sends to whom."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gis.terms import CHAINS
from layouts.text import Words
from layouts.theme import CHAIN_COLOURS, FONT, Tokens, tokens


def _layout(t: Tokens, scale: float, **more: Any) -> dict[str, Any]:
    return {
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12 * scale, "color": t.second},
        "hoverlabel": {"bgcolor": t.raised, "bordercolor": t.line_strong, "font": {"color": t.text}},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "margin": {"l": 64 * scale, "r": 12 * scale, "t": 44 * scale, "b": 32 * scale}, "hovermode": "x unified",
    } | more  # fmt: skip


def build_ages(ages: pd.DataFrame, labels: list[str], *, theme: str, words: Words, scale: float = 1.0) -> dict:  # type: ignore[type-arg]
    """Return open cases by age, youngest at the bottom, each bar in the parts that the chains have of it.

    Parameters
    ----------
    ages : `chain`, `age` (place in `labels`), `n`.
    """
    t = tokens(theme)
    table = ages.pivot_table(index="age", columns="chain", values="n", aggfunc="sum", fill_value=0)
    table = table.reindex(index=range(len(labels)), columns=list(CHAINS), fill_value=0)
    traces = [
        {"type": "bar", "orientation": "h", "name": words(f"chain.{chain}"), "y": labels,
         "x": [int(n) for n in table[chain]], "marker": {"color": CHAIN_COLOURS[chain - 1]},
         "hovertemplate": "%{x}"}
        for chain in CHAINS if table[chain].any()
    ]  # fmt: skip
    axes = {"xaxis": {"gridcolor": t.line, "zeroline": False}, "yaxis": {"type": "category"}}
    return {"data": traces, "layout": _layout(t, scale, barmode="stack", bargap=0.25, hovermode="y unified", **axes)}


def build_cumulative(flow: pd.DataFrame, *, theme: str, words: Words, scale: float = 1.0) -> dict:  # type: ignore[type-arg]
    """Return the cumulative flow: the gap between two lines is what stands between them.

    Parameters
    ----------
    flow : index of days; `new`, `handled`, `closed`, each counted from the start of the window.
    """
    t = tokens(theme)
    days = [f"{day:%Y-%m-%d}" for day in flow.index]
    looks = (("closed", t.done, "tozeroy", 0.16), ("handled", t.near_due, "tonexty", 0.20),
             ("new", t.in_time, "tonexty", 0.26))  # fmt: skip
    traces = [
        {"type": "scatter", "mode": "lines", "name": words(f"chains.cum.{name}"), "x": days,
         "y": [int(n) for n in flow[name]], "line": {"color": colour, "width": 2 * scale},
         "fill": fill, "fillcolor": _clear(colour, alpha)}
        for name, colour, fill, alpha in looks
    ]  # fmt: skip
    axes = {"xaxis": {"gridcolor": t.line, "type": "date", "tickformat": "%m-%d"},
            "yaxis": {"gridcolor": t.line, "zeroline": False, "tickformat": ","}}  # fmt: skip
    return {"data": traces, "layout": _layout(t, scale, **axes)}


def build_handovers(moves: pd.DataFrame, *, theme: str, words: Words, scale: float = 1.0) -> dict:  # type: ignore[type-arg]
    """Return who sends cases to whom as a Sankey: senders left, receivers right, what went back in the warning colour.

    Parameters
    ----------
    moves : `source`, `target` (chains), `is_back`, `n`.
    """
    t = tokens(theme)
    left = sorted(set(moves["source"]))
    right = sorted(set(moves["target"]))
    names = [words(f"chain.{c}") for c in (*left, *right)]
    spots = {("s", c): i for i, c in enumerate(left)} | {("t", c): len(left) + i for i, c in enumerate(right)}
    rows = moves.to_dict("records")
    trace = {
        "type": "sankey", "arrangement": "fixed",
        "node": {"label": names, "color": [CHAIN_COLOURS[c - 1] for c in (*left, *right)], "pad": 14 * scale,
                 "thickness": 14 * scale, "line": {"width": 0}},
        "link": {
            "source": [spots[("s", r["source"])] for r in rows], "target": [spots[("t", r["target"])] for r in rows],
            "value": [int(r["n"]) for r in rows],
            "color": [_clear(t.overdue if r["is_back"] else t.in_time, 0.55 if r["is_back"] else 0.32) for r in rows],
            "label": [words("chains.hand.back") if r["is_back"] else words("chains.hand.on") for r in rows],
        },
        "textfont": {"color": t.text, "size": 13 * scale, "family": FONT},
    }  # fmt: skip
    margin = {"l": 8 * scale, "r": 8 * scale, "t": 8 * scale, "b": 8 * scale}
    return {"data": [trace], "layout": _layout(t, scale, margin=margin)}


def _clear(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def build_hours(hours: pd.DataFrame, *, theme: str, words: Words, scale: float = 1.0) -> dict:  # type: ignore[type-arg]
    """Return the arrivals to expect in each hour of a day, in the parts that the chains have of it.

    Parameters
    ----------
    hours : index 0 to 23, one column per chain.
    """
    t = tokens(theme)
    traces = [
        {"type": "bar", "name": words(f"chain.{chain}"), "x": [f"{h:02d}" for h in hours.index],
         "y": [round(float(n), 1) for n in hours[chain]], "marker": {"color": CHAIN_COLOURS[int(chain) - 1]}}
        for chain in hours.columns
    ]  # fmt: skip
    axes = {"xaxis": {"type": "category"}, "yaxis": {"gridcolor": t.line, "zeroline": False}}
    return {"data": traces, "layout": _layout(t, scale, barmode="stack", bargap=0.2, **axes)}
