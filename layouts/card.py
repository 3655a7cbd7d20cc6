"""The card of an area: a sentence made from its numbers, six figures, and what needs a hand now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.codes import Level
from gis.scope import View
from layouts.attributes import attributes
from layouts.legend import number
from layouts.text import Words
from layouts.text.heat import SOURCES_EN
from layouts.text.naming import cell_name, short_name, span


def crumbs_layout(view: View, chain: list[dict[str, Any]], lang: str, words: Words) -> list[Component]:
    """Return the path from the district to where one is, each step a link, the last one plain."""
    parts: list[Component] = []
    for i, row in enumerate(chain):
        name = cell_name(row["code"], lang) if row["level"] == Level.CELL else short_name(row, lang)
        if i == 0:
            name = row["name_en"] if lang == "en" and row["name_en"] else row["name_zh"]
        last = i == len(chain) - 1 and view.page not in ("case", "quality")
        if parts:
            parts.append(html.Span("›", className="sep", **attributes(aria_hidden="true")))
        parts.append(
            html.B(name, **attributes(aria_current="page")) if last else dcc.Link(name, href=view.at(row["code"]).url)
        )
    if view.page == "case":
        parts += [html.Span("›", className="sep"), html.B(words("case", number=view.case))]
    if view.page == "quality":
        parts += [html.Span("›", className="sep"), html.B(words("page.quality"))]
    return parts


def schematic_layout(is_demo: bool, attribution: str, words: Words) -> list[Component]:
    """Return what must be said about the geometry on the map: in full, and in one word where there is no room."""
    if not is_demo:
        return [html.Span(attribution, title=attribution)]
    hint = words("schematic.hint")
    return [html.Span(hint, className="full"), html.Span(words("schematic"), className="brief", title=hint)]


def head_layout(
    view: View, place: dict[str, Any], total: pd.Series, rows: pd.DataFrame, lang: str, words: Words
) -> list[Component]:
    """Return the title, the headline and the figures of an area.

    Parameters
    ----------
    place : the area's own facts. total : its counts. rows : its children with their counts.
    """
    level = Level(len(place["code"]))
    window = words(f"window.{view.window}")
    title = cell_name(place["code"], lang) if level is Level.CELL else _full(place, lang)
    facts = [
        html.Span(words(f"level.{int(level)}"), className="badge"),
        html.Span(place["code"], className="code", title=words("col.code")),
        html.Span(
            f"{place['area_m2'] / 1e6:,.2f} km²" if place["area_m2"] > 1e5 else f"{place['area_m2'] / 1e4:,.1f} ha"
        ),
        html.Span(_people(place, words), title=_source(place, lang, words)),
    ]
    return [
        html.H1(title),
        html.Div(facts, className="facts"),
        html.P(headline(view, place, total, rows, lang, words), className="headline"),
        html.Div(_figures(view, total, window, words), className="kpis"),
    ]


def _source(place: dict[str, Any], lang: str, words: Words) -> str:
    """Where the population is from: sources are kept as the record names them, known ones are said in English too."""
    told = str(place["population_source"] or "")
    if lang == "en":
        told = SOURCES_EN.get(told, words("source.as_recorded", name=told) if told else "")
    return f"{told} {place['population_vintage'] or ''}".strip()


def _full(place: dict[str, Any], lang: str) -> str:
    return str(place["name_en"] if lang == "en" and place["name_en"] else place["name_zh"])


def _people(place: dict[str, Any], words: Words) -> str:
    people = place["population"]
    if people is None or pd.isna(people):
        return f"{words('kpi.population')} {words('unknown')}"
    mark = f"（{words('estimate')}）" if place["population_is_estimate"] else ""
    return f"{words('kpi.population')} {number(people)}{words('people')}{mark}"


def headline(view: View, place: dict[str, Any], total: pd.Series, rows: pd.DataFrame, lang: str, words: Words) -> str:
    """Return the sentence about an area: what came in, compared with before, and where it is late."""
    window, new, earlier = words(f"window.{view.window}"), int(total["new"]), int(total["earlier"])
    is_cell = len(place["code"]) == Level.CELL
    name = cell_name(place["code"], lang) if is_cell else short_name(place, lang)
    if len(place["code"]) == Level.DISTRICT:
        name = _full(place, lang)
    if not new:
        return words("head.quiet", name=name, window=window, open=number(total["open"]))
    delta = new - earlier
    trend = words("head.same") if not delta else words("head.up" if delta > 0 else "head.down", n=number(abs(delta)))
    start = words("head.new", name=name, window=window, new=number(new), trend=trend)
    late = int(total["overdue"])
    if not late:
        return start + words("head.no_overdue")
    worst = rows["overdue"].idxmax() if len(rows) > 1 and rows["overdue"].max() > 0 else None
    where = words("head.end")
    if worst is not None:
        row = rows.loc[str(worst)]
        called = cell_name(str(worst), lang) if len(str(worst)) == Level.CELL else short_name(row, lang)
        where = words("head.overdue.where", name=called, n=number(rows["overdue"].max()))
    return start + words("head.overdue", n=number(late)) + where


def _figures(view: View, total: pd.Series, window: str, words: Words) -> list[Component]:
    share = round(100 * total["overdue"] / total["open"]) if total["open"] else 0
    delta = int(total["new"] - total["earlier"])
    net = int(total["new"] - total["closed"])
    return [
        _figure(view, "open", words("kpi.open"), total["open"], words("kpi.net", delta=f"{net:+,}"), ""),
        _figure(view, "overdue", words("kpi.overdue"), total["overdue"], words("kpi.share", share=share), "overdue"),
        _figure(view, "near_due", words("kpi.near_due"), total["near_due"], words("kpi.near_due.means"), "near_due"),
        _figure(view, "", words("kpi.new_today"), total["new_today"], words("kpi.since_midnight"), ""),
        _figure(view, "new", words("kpi.new", window=window), total["new"],
                words("kpi.versus", window=window, delta=f"{delta:+,}"), ""),
        _figure(view, "closed", words("kpi.closed", window=window), total["closed"], "", ""),
    ]  # fmt: skip


def _figure(view: View, which: str, label: str, value: float, note: str, state: str) -> Component:
    sign = {"overdue": "▲ ", "near_due": "◆ "}.get(state, "") if value else ""
    body = [
        html.Span([html.I(sign, className="sign"), label], className="kpi-label"),
        html.Span(number(value), className="kpi-value", **attributes(data_kpi=which or "new_today")),
        html.Span(note, className="kpi-note"),
    ]
    css = f"kpi {state if value else ''}".strip()
    if not which:
        return html.Div(body, className=css)
    href = view.at(view.code).with_(tab="cases", topic=which).url
    return dcc.Link(body, href=href, className=css)


def urgent_layout(
    view: View, near: list[dict[str, Any]], late: list[dict[str, Any]], now: datetime, lang: str, words: Words
) -> list[Component]:
    """Return the two short lists of what needs a hand now: due soon first, then longest overdue."""
    if not near and not late:
        return [html.H2(words("now")), html.P(words("now.none"), className="empty-note")]
    lists = []
    for title, rows, state in (("now.near", near, "near_due"), ("now.overdue", late, "overdue")):
        if rows:
            items = [_urgent(view, row, now, state, lang, words) for row in rows]
            lists.append(html.Div([html.H3(words(title), className=f"state {state}"), html.Ol(items)]))
    return [html.H2(words("now")), html.Div(lists, className="urgent-lists")]


def _urgent(view: View, row: dict[str, Any], now: datetime, state: str, lang: str, words: Words) -> Component:
    left = (row["due_at"] - now).total_seconds()
    clock = words("left" if left >= 0 else "late", t=span(left, lang))
    href = view.with_(page="case", case=row["number"], camera=None).url
    kind = row["minor_en"] if lang == "en" else row["minor_zh"]
    title = f"{kind} · {row['place']}" if row["place"] else kind
    return html.Li(
        dcc.Link(
            [html.Span(title, className="title"), html.Span(clock, className=f"clock {state}")],
            href=href, title=row["title"],
        )
    )  # fmt: skip
