"""The legend: what the colours mean in words, how many areas have each, and what the map does not show."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from gis.codes import Level
from gis.heat import BREAKS
from gis.scope import BANDWIDTHS_M, RATES, View
from layouts.attributes import attributes
from layouts.figures.map import Colouring
from layouts.text import Words


def number(value: float, *, whole: bool = True) -> str:
    """Return a number as people write it: 1,234 or 3.4."""
    if whole or float(value).is_integer():
        return f"{round(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:,.2f}"


def legend_layout(view: View, coloured: Colouring, unit: Level, buckets: pd.DataFrame, hrefs: dict[str, str],
                  words: Words, heat_bandwidth_m: float | None) -> Component:  # fmt: skip
    """Return the legend of a map.

    Parameters
    ----------
    buckets : counts by location status of the cases that are not on the map.
    hrefs : address of the list of each bucket.
    heat_bandwidth_m : set when the heat layer is on.

    The heat picture's own note (how many cases, how many left out) comes with the picture.
    """
    window = words(f"window.{view.window}")
    means = words(f"means.{view.measure}", window=window)
    if heat_bandwidth_m is None:
        title, note, body = (
            words(f"measure.{view.measure}"),
            _units(coloured, unit, words),
            _classes(coloured, view.measure, words),
        )
    else:
        means = words("legend.heat", window=window)
        title, note, body = words("layer.heat"), words("legend.heat.unit"), _heat_classes()
    rows = [
        html.Div([html.B(title), html.Span(note, className="muted")], className="legend-head"),
        html.Ul(body, className="legend-classes"),
        html.Div(means, className="legend-means"),
    ]
    if heat_bandwidth_m is not None:
        told = html.Div(id="heat-note", className="legend-means", **attributes(data_own="1"))
        rows += [_bandwidths(view, words), told,
                 html.Div(words("legend.heat.caution"), className="legend-means caution")]  # fmt: skip
    rows.append(_points(words))
    rows.append(_off_map(view, buckets, hrefs, words))
    return html.Div(rows, className="legend-box")


def heat_note(cases: int, set_aside: int, words: Words) -> str:
    """Return what a heat picture is made of, and what it leaves out."""
    told = words("heat.cases", n=number(cases))
    return told + (words("heat.set_aside", n=number(set_aside)) if set_aside else "") + words("heat.least")


def _bandwidths(view: View, words: Words) -> Component:
    links: list[Component] = []
    for m in BANDWIDTHS_M:
        if m == view.bandwidth_m:
            links.append(html.B(str(m)))
        else:
            links.append(html.A(str(m), href=view.with_(bandwidth_m=m).url, className="chip-link"))
    return html.Div([html.Span(words("heat.bandwidth")), *links, html.Span(words("heat.metres"))],
                    className="legend-bandwidths", title=words("heat.bandwidth.hint"))  # fmt: skip


def _heat_classes() -> list[Component]:
    return [html.Li([html.I(className=f"swatch heat-{i}"), html.Span(f"≥ {low:g}")]) for i, low in enumerate(BREAKS, 1)]


def _units(coloured: Colouring, unit: Level, words: Words) -> str:
    return words(f"level.many.{int(unit)}", n=number(len(coloured.values)))


def _classes(coloured: Colouring, measure: str, words: Words) -> list[Component]:
    values, classes = coloured.values, coloured.classes
    steps = pd.Series(coloured.steps(values.index))
    shown: list[Component] = []
    zeros, missing = int((steps == 0).sum()), int((steps == -1).sum())
    if zeros:
        shown.append(_class("zero", words("legend.zero"), zeros))
    for i, (low, high) in enumerate(classes.ranges(), 1):
        if measure == "change":
            shown.append(_class(f"change-{i}", words(f"change.{i}"), int((steps == i).sum())))
            continue
        whole = classes.is_count
        label = number(low, whole=whole) if low == high else f"{number(low, whole=whole)}–{number(high, whole=whole)}"
        shown.append(_class(f"ramp-{i}", label, int((steps == i).sum())))
    if missing:
        shown.append(_class("nodata", words("legend.small" if measure in RATES else "legend.none"), missing))
    return shown


def _class(swatch: str, label: str, count: int) -> Component:
    return html.Li([html.I(className=f"swatch {swatch}"), html.Span(label), html.Small(str(count))])


def _points(words: Words) -> Component:
    states = ("overdue", "near_due", "in_time")
    return html.Div([html.Span(words(f"state.{s}"), className=f"state {s}") for s in states], className="legend-points")


def _off_map(view: View, buckets: pd.DataFrame, hrefs: dict[str, str], words: Words) -> Component:
    column = "new" if view.measure == "new" else "overdue" if view.measure == "overdue" else "open"
    parts: list[Component | str] = []
    for status in buckets.index:
        n = int(buckets.loc[status, column])
        if n:
            parts.append(html.A(f"{words(f'off.{status}')} {number(n)}", href=hrefs[status], className="chip-link"))
    if not parts:
        return html.Div(words("legend.all_on_map"), className="legend-off")
    return html.Div([words("legend.off_map"), *parts], className="legend-off", id="legend-buckets")
