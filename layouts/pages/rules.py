"""The time limits in force, each with where it comes from; samples are labelled as such."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from gis.scope import View
from layouts.legend import number
from layouts.pages.measures import tabs
from layouts.text import Words

_COLUMNS = ("class", "condition", "stage", "limit", "kind", "source")


def rules_layout(view: View, rules: pd.DataFrame, lang: str, words: Words) -> Component:
    """Return the page; `rules` as `db.read.sla.table` gives them."""
    lead = words("measures.rules.lead", n=number(len(rules)), samples=number(int(rules["is_sample"].sum())))
    head = html.Tr([html.Th(words(f"measures.rules.col.{name}")) for name in _COLUMNS])
    body = [html.Tr([html.Td(_cell(name, row, lang, words)) for name in _COLUMNS]) for row in rules.to_dict("records")]
    return html.Div(
        [
            html.Div([html.H1(words("measures.title")), html.P(lead), tabs(view, words)], className="measures-head"),
            html.P(words("measures.rules.edit"), className="muted"),
            html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="measures-table", tabIndex="0"),
        ],
        className="measures",
    )


def _cell(name: str, row: dict[Any, Any], lang: str, words: Words) -> Any:
    match name:
        case "class":
            if row["category"] == "*":
                return words("measures.rules.any")
            return f"{row['category']} {row['minor_en' if lang == 'en' else 'minor_zh'] or ''}"
        case "stage":
            return words(f"stage.{row['stage']}")
        case "limit":
            return words(f"limit.{row['unit']}", n=f"{row['quantity']:g}")
        case "kind":
            return html.Span(
                words("measures.rules.sample" if row["is_sample"] else "measures.rules.own"), className="badge"
            )
        case "source":
            return html.Span(row["source"], className="muted")
    return row["condition"] or "–"
