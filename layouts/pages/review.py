"""The leader's review: one area and two periods in one look, with what to take along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from gis.brief import Brief
from gis.periods import KINDS, Period
from gis.scope import View
from layouts import brief as told
from layouts.attributes import attributes
from layouts.brief import Table, shown
from layouts.figures.brief import build_days
from layouts.text import Words

FORMATS = ("pdf", "docx", "xlsx", "map_html")


def review_layout(
    view: View, brief: Brief, rank: str, latest: Period, lang: str, theme: str, scale: float, words: Words
) -> Component:
    """Return the page; `latest` is the newest complete period of its kind."""
    own = brief.kind if brief.kind in KINDS else "daily"
    kinds = [
        dcc.Link(words(f"brief.{kind}"), href=view.with_own(kind=kind, on="", b="").url,
                 className="on" if kind == own and not view.own_value("b") else "")
        for kind in KINDS
    ]  # fmt: skip
    period, other = told.period_words(brief.period, words), told.period_words(brief.compared, words)
    steps = [dcc.Link(words("brief.earlier"), href=view.with_own(on=_shifted(brief.period, own, -1).text).url)]
    if brief.period.last < latest.last:
        later = _shifted(brief.period, own, 1)
        steps.append(dcc.Link(words("brief.later"), href=view.with_own(on=later.text).url))
        steps.append(dcc.Link(words("brief.latest"), href=view.with_own(on="").url))
    query = f"?kind={own}&on={brief.period.text}&b={brief.compared.text}&lang={lang}"
    files = [
        html.A(words(f"brief.{form}"), href=f"/api/v1/brief/{brief.place['code']}.{form.replace('_', '.')}{query}",
               className="plain boxed")
        for form in FORMATS
    ]  # fmt: skip
    head = html.Div(
        [
            html.H1(words("brief.title", name=told.name_of(brief, lang), kind=words(f"brief.{own}"))),
            html.Div([html.Nav(kinds, className="review-kinds"), html.Span(steps, className="review-steps"),
                      html.Span(words("brief.period", period=period, compared=other), className="muted"),
                      _custom(brief, words)], className="review-when"),
            html.Div([html.Span(words("brief.download"), className="muted"), *files], className="review-files"),
        ],
        className="review-head",
    )  # fmt: skip
    return html.Div(
        [
            head,
            html.P(told.headline(brief, lang, words), className="review-lead"),
            html.Div([_figure(row, words) for row in told.figures(brief, words).rows], className="review-figures"),
            html.Section([html.H2(words("brief.exceptions")),
                          html.Ul([html.Li(line) for line in told.exceptions(brief, lang, words)])],
                         className="review-card exceptions"),
            html.Section([html.H2(words("brief.late")), _table(told.late(brief, lang, words), view)],
                         className="review-card late"),
            html.Section([_areas_head(view, rank, words), _table(told.areas(brief, lang, words, rank), view),
                          html.P(words("brief.streets.note"), className="muted small")],
                         className="review-card areas"),
            html.Section([html.H2(words("brief.trend")), _trend(brief, theme, scale, words)],
                         className="review-card trend"),
            html.Section([html.H2(words("brief.classes")), _table(told.classes(brief, lang, words), view)],
                         className="review-card classes"),
            html.Footer([html.Span(line) for line in told.about(brief, lang, words)], className="review-about"),
        ],
        className="review",
    )  # fmt: skip


def _shifted(period: Period, kind: str, steps: int) -> Period:
    """Return the period before or after; a month becomes the calendar month."""
    if kind == "monthly" and period.first.day == 1:
        if steps < 0:
            last = period.first - timedelta(days=1)
            return Period(last.replace(day=1), last)
        first = period.last + timedelta(days=1)
        return Period(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    shift = timedelta(days=period.days * steps)
    return Period(period.first + shift, period.last + shift)


def _custom(brief: Brief, words: Words) -> Component:
    """Return the fields for any two periods; `47_review.js` makes the inputs and changes the address."""
    fields = [
        html.Div(className="field", **attributes(data_day=key, data_value=str(day)))
        for key, day in (("a1", brief.period.first), ("a2", brief.period.last), ("b1", brief.compared.first),
                         ("b2", brief.compared.last))
    ]  # fmt: skip
    return html.Details(
        [
            html.Summary(words("brief.custom")),
            html.Div([html.Span(words("brief.custom.a")), fields[0], "–", fields[1],
                      html.Span(words("brief.custom.b")), fields[2], "–", fields[3],
                      html.Button(words("brief.custom.go"), className="plain boxed", **attributes(data_compare="1"))],
                     className="review-custom"),
        ]
    )  # fmt: skip


def _figure(row: dict[str, Any], words: Words) -> Component:
    kind = row["kind"]
    sign = "▲ " if row["key"] == "overdue" and row["now"] else ""
    note = words("brief.then", n=shown(row["then"], kind))
    if row["change"] is not None:
        note += f" · {shown(row['change'], 'change')}"
    css = "kpi overdue" if sign else "kpi"
    return html.Div(
        [html.Span(sign + row["figure"], className="kpi-label"),
         html.Span(shown(row["now"], kind), className="kpi-value", **attributes(data_figure=row["key"])),
         html.Span(note, className="kpi-note")],
        className=css,
    )  # fmt: skip


def _areas_head(view: View, rank: str, words: Words) -> Component:
    title = words("brief.streets") if rank == "official" else words("brief.streets.ranked", by=_rank_word(rank, words))
    links = [
        dcc.Link(words("brief.rank.official") if one == "official" else _rank_word(one, words),
                 href=view.with_own(rank="" if one == "official" else one).url, className="on" if one == rank else "")
        for one in told.RANKINGS
    ]  # fmt: skip
    return html.Div([html.H2(title), html.Nav([html.Span(words("brief.rank"), className="muted"), *links])],
                    className="review-areas-head")  # fmt: skip


def _rank_word(rank: str, words: Words) -> str:
    return words(f"brief.col.{rank}")


def _table(table: Table, view: View) -> Component:
    head = html.Tr([html.Th(label, className=_side(kind)) for _key, label, kind in table.columns])
    body = [
        html.Tr([html.Td(_cell(key, kind, row, view), className=_side(kind)) for key, _label, kind in table.columns],
                className=mark)
        for row, mark in zip(table.rows, table.marks, strict=True)
    ]  # fmt: skip
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="review-table")


def _side(kind: str) -> str:
    return "" if kind == "text" else "figure"


def _cell(key: str, kind: str, row: dict[str, Any], view: View) -> Any:
    text = shown(row[key], kind)
    if key == "change" and row.get("star"):
        text += " *"
    if key == "name" and row["code"]:
        return dcc.Link(text, href=view.at(row["code"]).url)
    if key == "class" and "number" in row:
        return dcc.Link(text, href=view.with_(page="case", code="", case=row["number"], own=()).url)
    if key == "interval":
        return html.Span([_bar(row["interval"]), html.Span(text)], className="interval-cell")
    return text


def _bar(interval: tuple[float, float]) -> Component | None:
    """Return a bar from 60 to 100 % with the interval on it."""
    low, high = interval
    if np.isnan(low):
        return None
    left = max(0.0, (low - 0.6) / 0.4)
    width = max(0.01, (high - 0.6) / 0.4 - left)
    return html.I(html.I(style={"left": f"{100 * left:.1f}%", "width": f"{100 * width:.1f}%"}), className="interval")


def _trend(brief: Brief, theme: str, scale: float, words: Words) -> Component:
    return dcc.Graph(figure=build_days(brief, theme=theme, words=words, scale=scale), className="review-trend",
                     responsive=True, config={"displayModeBar": False})  # fmt: skip
