"""The data-quality page: every kind of doubt with its count, its list and its places on a map."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from layouts.figures.places import build_places
from layouts.legend import number
from layouts.plain import plain
from layouts.text import Words
from layouts.text.naming import span

_LISTED = 300
_CASE_COLUMNS = ("number", "title", "place", "area_code", "reported_at")
_COLUMNS = {
    "topology": ("kind", "detail", "area_code", "size_m2"),
    "unlocated": _CASE_COLUMNS,
    "outside": (*_CASE_COLUMNS, "point"),
    "cross_street": _CASE_COLUMNS,
    "duplicates": ("number", "earlier_number", "minor", "away_m", "area_code", "reported_at"),
    "fallback": ("point", "cases", "categories"),
    "feeds": ("title", "state", "beat_at", "age_s", "period_s", "record_at", "received"),
    "population": ("area_code", "name"),
}
_TITLES = {
    "kind": "what", "detail": "what", "size_m2": "size", "number": "number", "title": "title", "place": "place",
    "area_code": "area", "reported_at": "reported", "earlier_number": "other", "away_m": "away", "cases": "cases",
    "categories": "classes", "point": "point", "state": "state", "beat_at": "beat", "age_s": "age",
    "period_s": "period", "record_at": "record", "received": "received", "minor": "title", "name": "title",
}  # fmt: skip
_FIGURES = {"size_m2", "away_m", "cases", "categories", "received", "period_s", "age_s"}


def quality_layout(
    view: View, kind: str, counts: dict[str, int], rows: pd.DataFrame, zone: str,
    place: dict[str, Any], lang: str, theme: str, words: Words,
) -> Component:  # fmt: skip
    """Return the page.

    Parameters
    ----------
    counts : how many per kind. rows : the list of `kind`.
    place : `root`, `box` and `camera` of the district's map.
    """
    total = sum(counts.values())
    worst = max(counts, key=lambda k: counts[k])
    lead = words("quality.lead", total=number(total), worst=words(f"quality.{worst}"), n=number(counts[worst]))
    kinds = [
        dcc.Link(
            [html.Span(words(f"quality.{k}")), html.B(number(n)), html.Small(words(f"quality.{k}.means"))],
            href=view.with_(topic=k).url,
            className=" ".join(filter(None, ["on" if k == kind else "", "" if n else "zero"])),
        )
        for k, n in counts.items()
    ]
    return html.Div(
        [
            html.Div([html.H1(words("quality.title")), html.P(lead if total else words("quality.clean"))],
                     className="quality-head"),
            html.Nav(kinds, className="quality-kinds"),
            html.Div([_head(kind, rows, words), _map(kind, rows, place, lang, theme, words),
                      _list(view, kind, rows, zone, lang, words)], className="quality-body"),
        ],
        className="quality",
    )  # fmt: skip


def _head(kind: str, rows: pd.DataFrame, words: Words) -> Component:
    note = words("quality.shown", n=number(min(len(rows), _LISTED))) if len(rows) else words("quality.none")
    return html.Div(
        [html.H2(words(f"quality.{kind}")), html.Span(f"{words(f'quality.{kind}.means')} · {note}", className="muted")]
    )


def _map(kind: str, rows: pd.DataFrame, place: dict[str, Any], lang: str, theme: str, words: Words) -> Component:
    has_places = "lon" in rows and rows["lon"].notna().any()
    if not has_places:
        return html.Div(className="quality-map none")
    located = rows[rows["lon"].notna()]
    label = next((name for name in ("title", "number", "cases", "kind") if name in located), "lon")
    figure = build_places(located["lon"], located["lat"], located[label].astype(str), theme=theme, lang=lang, **place)
    return html.Div(
        dcc.Graph(figure=figure, config={"displayModeBar": False, "scrollZoom": True}, responsive=True,
                  style={"height": "100%"}),
        className="quality-map",
    )  # fmt: skip


def _list(view: View, kind: str, rows: pd.DataFrame, zone: str, lang: str, words: Words) -> Component:
    if rows.empty:
        return html.P(words("quality.none"), className="empty-note")
    columns = _COLUMNS[kind]
    head = [html.Th(words(f"quality.col.{_TITLES[c]}"), className="figure" if c in _FIGURES else "") for c in columns]
    body = [
        html.Tr(
            [
                html.Td(_cell(view, c, row, zone, lang, words), className="figure" if c in _FIGURES else "")
                for c in columns
            ]
        )
        for row in rows.head(_LISTED).to_dict("records")
    ]
    return html.Div(
        plain(html.Table([html.Thead(html.Tr(head)), html.Tbody(body)])), className="quality-list", tabIndex="0"
    )


def _cell(view: View, column: str, row: dict[Any, Any], zone: str, lang: str, words: Words) -> Any:
    match column:
        case "number" | "earlier_number":
            return dcc.Link(row[column], href=view.with_(page="case", code="", case=row[column], topic="").url)
        case "area_code":
            code = row.get("area_code", row.get("code"))
            return dcc.Link(code, href=view.at(code).url) if code else "–"
        case "kind":
            known = ("gap", "overlap", "sliver", "outside_parent", "invalid", "duplicate_code")
            return words(f"fault.{row['kind'] if row['kind'] in known else 'other'}")
        case "detail" | "minor" | "name" | "title":
            return row.get(f"{column}_{lang}", row.get(column, row.get(f"{column}_zh")))
        case "point":
            x, y = row.get("lon"), row.get("lat")
            return "–" if x is None or pd.isna(x) else f"{x:.5f}, {y:.5f}"
        case "state":
            return html.Span(words(f"quality.feed.{row['state']}"), className=f"state {_state_class(row['state'])}")
        case "age_s":
            return span(row["age_s"], lang) if row["age_s"] is not None and not pd.isna(row["age_s"]) else "–"
        case "period_s":
            return words("quality.seconds", n=row["period_s"])
        case "away_m" | "size_m2" | "cases" | "categories" | "received":
            value = row[column]
            return "–" if value is None or pd.isna(value) else number(value)
        case "reported_at" | "beat_at" | "record_at":
            return _moment(row[column], zone)
    return row.get(column) or "–"


def _state_class(state: str) -> str:
    return {"alive": "in_time", "late": "near_due", "silent": "overdue", "never": "done"}[state]


def _moment(moment: datetime | None, zone: str) -> str:
    if moment is None or pd.isna(moment):
        return "–"
    return f"{pd.Timestamp(moment).tz_convert(ZoneInfo(zone)):%m-%d %H:%M}"
