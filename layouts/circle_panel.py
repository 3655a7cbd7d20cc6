"""Beside the map of walking minutes: headline, figures, gaps, areas, the curve, and the assumptions in full."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.circle_choice import Choice
from gis.reach import UNREACHED
from gis.scope import View
from layouts.attributes import attributes
from layouts.legend import number
from layouts.text import Words

_GAPS, _SHOWN_KINDS = 40, 1


def minutes_text(ds: float, words: Words) -> str:
    """Return tenths of a second as minutes with one decimal, `>60` when nothing is reached within an hour."""
    return words("circles.beyond") if ds >= UNREACHED else f"{ds / 600:.1f}"


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal; a dash when there is nobody."""
    return "–" if pd.isna(share) else f"{100 * share:.1f}"


def called_set(choice: Choice, words: Words) -> str:
    """Return what is wanted in words: one kind by its name, several by the name of their set."""
    if len(choice.items) == 1:
        return words(f"item.{choice.items[0][0]}")
    named = words("circles.set.own", n=len(choice.items))
    if choice.ruleset == "own":
        return named
    return words("circles.all_of", set=words(f"circles.set.{choice.ruleset}"), n=len(choice.items))


def head_layout(
    choice: Choice, name: str, whole: pd.Series, gaps: pd.DataFrame, names: dict[str, str], words: Words
) -> Component:
    """Return title, headline sentence and three figures."""
    said = words("circles.head", share=percent(whole["people_in_share"]), n=number(whole["people_in"]),
                 min=choice.minutes, set=called_set(choice, words))  # fmt: skip
    if len(gaps):
        by_kind = gaps.groupby("kind")["people"].sum().sort_values(ascending=False)
        kind = str(by_kind.index[0])
        first = gaps[gaps["kind"] == kind].iloc[0]
        said += words("circles.head.gap", kind=words(f"item.{kind}"), n=number(by_kind.iloc[0]),
                      where=names.get(str(first["code"]), str(first["code"])))  # fmt: skip
    else:
        said += words("circles.head.none")
    figures = [
        html.Div(
            [
                html.Span(words(f"circles.kpi.{name}"), className="kpi-label"),
                html.Span(percent(whole[f"{name}_in_share"]) + "%", className="kpi-value",
                          **attributes(data_kpi=f"circles-{name}")),
                html.Span(words("circles.of", n=number(whole[f"{name}_in"]), all=number(whole[name])),
                          className="kpi-note"),
            ],
            className="kpi",
        )
        for name in ("people", "over60", "homes")
    ]  # fmt: skip
    return html.Div(
        [html.H1(words("circles.title", name=name, min=choice.minutes)), html.P(said, className="headline"),
         html.Div(figures, className="kpis")],
        className="panel-head",
    )  # fmt: skip


def circle_line(view: View, whole: pd.Series | None, words: Words) -> list[Component]:
    """Return one line about coverage for the card of an area, which opens the page; nothing before times are there."""
    if whole is None or not whole["people"]:
        return []
    said = words(
        "circles.line", share=percent(whole["people_in_share"]), n=number(whole["people"] - whole["people_in"])
    )
    href, title = view.on("circles").url, words("circles.line.means")
    return [dcc.Link(said, href=href, className="circle-line", title=title)]


def gaps_layout(view: View, choice: Choice, gaps: pd.DataFrame, names: dict[str, str], words: Words) -> Component:
    """Return the list of who is missing what."""
    if gaps.empty:
        return html.Section(
            [html.H2(words("circles.gaps")), html.P(words("circles.gaps.none"), className="empty-note")]
        )
    kinds = dict(choice.items)
    rows = [
        [
            html.A(names.get(row["code"], row["code"]), href=view.at(row["code"]).url, className="chip-link"),
            html.A(words(f"item.{row['kind']}"), href=view.with_own(kinds=",".join(kinds[row["kind"]]), set="").url,
                   className="own-link"),
            number(row["people"]), number(row["over60"]), minutes_text(row["ds"], words),
        ]
        for row in gaps.head(_GAPS).to_dict("records")
    ]  # fmt: skip
    columns = ("area", "kind", "people", "over60", "nearest")
    return html.Section(
        [html.H2([words("circles.gaps"), html.Small(words("circles.gaps.means"), className="muted")]),
         table(columns, rows, words, tall=True)]
    )  # fmt: skip


def areas_layout(view: View, children: pd.DataFrame, names: dict[str, str], words: Words) -> Component:
    """Return the table of coverage per child area, in the given order."""
    rows = [
        [
            html.A(names.get(code, code), href=view.at(code).url, className="chip-link"),
            html.Span([html.I(className="bar", style={"width": f"{100 * (row['people_in_share'] or 0):.0f}%"}),
                       percent(row["people_in_share"]) + "%"], className="barred"),
            percent(row["over60_in_share"]) + "%", number(row["people"]), minutes_text(row["ds"], words),
        ]
        for code, row in zip(children.index, children.to_dict("records"), strict=True)
    ]  # fmt: skip
    columns = ("area", "share", "share60", "people", "half")
    return html.Section([html.H2(words("circles.areas")), table(columns, rows, words, tall=True)])


def curve_layout(figure: dict[str, Any], words: Words) -> Component:
    """Return the chart of coverage against minutes."""
    graph = dcc.Graph(figure=figure, responsive=True, config={"displayModeBar": False}, className="circles-curve")
    return html.Section([html.H2(words("circles.curve")), graph])


def assumptions_layout(view: View, lines: list[str], lang: str, words: Words) -> Component:
    """Return what the numbers rest on, one line each, and the files that one can take away."""
    asked = {"path": view.path, "search": view.search, "lang": lang}
    links = [
        html.A(label, href=f"/api/v1/circles/export?{urlencode(asked | {'kind': kind})}", download=f"circles.{kind}")
        for kind, label in (("xlsx", "XLSX"), ("csv", "CSV"), ("geojson", "GeoJSON"), ("gpkg", "GeoPackage"))
    ]
    return html.Section(
        [
            html.H2(words("circles.assume")),
            html.Ul([html.Li(line) for line in lines], className="assume"),
            html.P([html.Span(words("circles.export")), *links], className="take-away"),
        ]
    )


def table(columns: tuple[str, ...], rows: list[list[Any]], words: Words, *, tall: bool = False) -> Component:
    """Return a table with a sticky head; everything but the first columns of words is set right."""
    plain = {"area", "kind", "where", "plan"}
    css = ["" if name in plain else "figure" for name in columns]
    head = [html.Th(words(f"circles.col.{name}"), className=kind) for name, kind in zip(columns, css, strict=True)]
    body = [html.Tr([html.Td(cell, className=kind) for cell, kind in zip(row, css, strict=True)]) for row in rows]
    return html.Div(
        html.Table([html.Thead(html.Tr(head)), html.Tbody(body)]),
        className="circles-table" + (" tall" if tall else ""), tabIndex="0",
    )  # fmt: skip
