"""The page of measures: failures first, every measure by family, the chosen one by area, and the cases behind it."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.kpi import KPIS, LEAST_RANKED, STANDING, Kpi, Measure
from gis.scope import View
from gis.terms import FAMILIES
from layouts.attributes import attributes
from layouts.legend import number
from layouts.text import Words
from layouts.text.naming import short_name, span

_PARTS = ("formula", "numerator", "denominator", "exclusions", "source")


def shown(kpi: Kpi, value: float, words: Words) -> str:
    """Return a value of a measure as a person reads it."""
    if not math.isfinite(value):
        return words("measures.unreached") if kpi.kind == "hours" else "–"
    match kpi.kind:
        case "share" | "ratio":
            return f"{value * 100:.1f}%"
        case "count":
            return number(round(value))
        case "hours":
            return words("measures.hours", n=f"{value:.1f}")
        case "multiple":
            return words("measures.times", n=f"{value:.2f}")
    return f"{value:.1f}"


def measures_layout(view: View, lead: str, cards: list[Component], table: Component, side: list[Component], words: Words
                    ) -> Component:  # fmt: skip
    """Return the page: a sentence, five cards of failures, the measures, and the chosen one beside them."""
    return html.Div(
        [
            html.Div([html.H1(words("measures.title")), html.P(lead), tabs(view, words)], className="measures-head"),
            html.Div([html.H2(words("measures.first")), html.Div(cards, className="measures-cards")]),
            html.Div([table, html.Aside(side, className="measures-side")], className="measures-body"),
        ],
        className="measures",
    )


def tabs(view: View, words: Words) -> Component:
    """Return the switch between the measures and the time limits."""
    on = view.own_value("show") == "rules"
    return html.Nav(
        [
            dcc.Link(words("measures.tab.values"), href=view.with_own(show="").url, className="" if on else "on"),
            dcc.Link(words("measures.tab.rules"), href=view.with_own(show="rules", of="", fam="", at="").url,
                     className="on" if on else ""),
        ],
        className="measures-tabs",
    )  # fmt: skip


def card(title: str, value: str, note: str, href: str, state: str = "") -> Component:
    """Return one card of a failure; it opens the cases behind it."""
    return dcc.Link([html.Span(title), html.B(value, className=f"state-figure {state}"), html.Small(note)], href=href)


def link_of(view: View, kpi: Kpi, part: str = "num", family: str = "", area: str = "") -> str:
    """Return the address of the cases behind a number."""
    return view.with_own(k=kpi.key, of=part, fam=family, at=area, show="").url


def table_layout(
    view: View, chosen: Kpi, whole: dict[tuple[str, str], Measure], before: dict[str, Measure], on_hold: dict[str, int],
    words: Words,
) -> Component:  # fmt: skip
    """Return the table of measures: all together, the three families apart, and the period before."""
    heads = ["name", "whole", *FAMILIES, "hold", "before", "change"]
    head = [
        html.Th(words(f"family.{name}") if name in FAMILIES else words(f"measures.col.{name}"),
                className="" if name == "name" else "figure")
        for name in heads
    ]  # fmt: skip
    body = [_measure_row(view, kpi, kpi.key == chosen.key, whole, before, on_hold, words) for kpi in KPIS]
    return html.Div(html.Table([html.Thead(html.Tr(head)), html.Tbody(body)]), className="measures-table", tabIndex="0")


def _measure_row(
    view: View, kpi: Kpi, is_on: bool, whole: dict[tuple[str, str], Measure], before: dict[str, Measure],
    on_hold: dict[str, int], words: Words,
) -> Component:  # fmt: skip
    name: list[Component] = [
        dcc.Link(words(f"indicator.{kpi.key}.name"), href=view.with_own(k=kpi.key, of="", fam="", at="").url)
    ]
    if kpi.key in STANDING:
        name.append(html.Small(words("measures.standing"), className="badge"))
    cells = [html.Td(name)]
    cells += [
        html.Td(_figure(view, kpi, whole[kpi.key, family], family, words), className="figure")
        for family in ("", *FAMILIES)
    ]
    rated = kpi.kind not in ("count", "per_10k")
    cells.append(html.Td(number(on_hold[""]) if rated else "", className="figure muted"))
    earlier = before.get(kpi.key)
    cells.append(html.Td(shown(kpi, earlier.value, words) if earlier else "–", className="figure muted"))
    cells.append(html.Td(_change(kpi, whole[kpi.key, ""], earlier), className="figure"))
    return html.Tr(cells, className="on" if is_on else "")


def _figure(view: View, kpi: Kpi, told: Measure, family: str, words: Words) -> list[Component]:
    few = kpi.kind not in ("count", "per_10k") and told.n < LEAST_RANKED
    value = dcc.Link(shown(kpi, told.value, words), href=link_of(view, kpi, "num", family),
                     title=_interval(kpi, told, words), className="few" if few else "")  # fmt: skip
    if kpi.kind == "count":
        return [value]
    if kpi.kind == "per_10k":
        return [value, html.Small(number(told.hits))]
    n = number(told.n)
    below = (
        dcc.Link(n, href=link_of(view, kpi, "den", family)) if kpi.kind in ("share", "ratio", "hours") else html.Span(n)
    )
    small = [html.Span(words("measures.small"))] if few else [html.Span(f"{number(told.hits)} / "), below]
    return [value, html.Small(small)]


def _interval(kpi: Kpi, told: Measure, words: Words) -> str:
    if not (math.isfinite(told.low) or math.isfinite(told.high)):
        return ""
    return words("measures.interval", low=shown(kpi, told.low, words), high=shown(kpi, told.high, words))


def _change(kpi: Kpi, now: Measure, earlier: Measure | None) -> Component | str:
    """Return the change since the period before, said as better or worse only when the intervals part."""
    if earlier is None or not (math.isfinite(now.value) and math.isfinite(earlier.value)):
        return "–"
    delta = now.value - earlier.value
    text = (
        f"{delta * 100:+.1f}"
        if kpi.kind in ("share", "ratio")
        else f"{delta:+,.0f}"
        if kpi.kind == "count"
        else f"{delta:+.1f}"
    )
    apart = now.low > earlier.high or now.high < earlier.low
    worse = (delta > 0) == (kpi.better == "low")
    mark = "" if not kpi.better or not apart or kpi.kind == "count" else " ▲" if worse else " ✓"
    return html.Span(text + mark, className="worse" if mark == " ▲" else "")


def entry_layout(kpi: Kpi, words: Words) -> Component:
    """Return the entry of the dictionary of one measure."""
    told = [(part, words(f"indicator.{kpi.key}.{part}")) for part in _PARTS]
    return html.Section(
        [
            html.H2(words(f"indicator.{kpi.key}.name")),
            html.Dl([cell for part, text in told if text
                     for cell in (html.Dt(words(f"measures.part.{part}")), html.Dd(text))], className="case-facts"),
        ]
    )  # fmt: skip


def trend_layout(figure: Any, words: Words) -> Component:
    """Return the course of a measure inside the period."""
    graph = dcc.Graph(figure=figure, config={"displayModeBar": False}, style={"height": "150px"})
    return html.Section([html.H2(words("measures.trend")), graph])


def areas_layout(view: View, kpi: Kpi, table: pd.DataFrame, lang: str, words: Words) -> Component:
    """Return one measure by area, in official order unless ranks are asked for, each with its interval."""
    if table.empty:
        return html.P(words("measures.none"), className="empty-note")
    by_rank = view.own_value("rank") == "1" and kpi.better != ""
    rows = table.sort_values("rank", kind="stable") if by_rank else table
    switch = html.Nav(
        [
            dcc.Link(words("measures.order.official"), href=view.with_own(rank="").url,
                     className="" if by_rank else "on"),
            dcc.Link(words("measures.order.rank"), href=view.with_own(rank="1").url, className="on" if by_rank else ""),
        ],
        className="measures-tabs",
    )  # fmt: skip
    heads = ["area", "value", "interval", *(["rank"] if by_rank else [])]
    top = rows["high"].where(rows["high"].map(math.isfinite)).max()
    top = rows["value"].max() if pd.isna(top) else top
    body = [
        _area_row(view, kpi, str(code), row, float(top or 0), by_rank, lang, words) for code, row in rows.iterrows()
    ]
    head = html.Tr(
        [html.Th(words(f"measures.col.{one}"), className="" if one == "area" else "figure") for one in heads]
    )
    note = words("measures.rank.note") if kpi.better else words("measures.no_better")
    return html.Section(
        [
            html.Div([html.H2(words("measures.by_area")), switch if kpi.better else None], className="measures-row"),
            html.Table([html.Thead(head), html.Tbody(body)], className="measures-areas"),
            html.P(note, className="muted"),
        ]
    )


def _area_row(
    view: View, kpi: Kpi, code: str, row: Any, top: float, by_rank: bool, lang: str, words: Words
) -> Component:
    told = Measure(row["value"], row["low"], row["high"], int(row["hits"]), int(row["n"]))
    few = (told.hits if kpi.kind == "per_10k" else told.n) < LEAST_RANKED and kpi.kind != "count"
    bar = None
    if top > 0 and math.isfinite(told.value):
        low = max(told.low, 0) if math.isfinite(told.low) else told.value
        high = min(told.high, top) if math.isfinite(told.high) else top
        bar = html.Div(
            [html.I(style={"left": f"{low / top * 100:.1f}%", "width": f"{max(high - low, 0) / top * 100:.1f}%"}),
             html.B(style={"left": f"{min(told.value / top, 1) * 100:.1f}%"})],
            className="interval", title=_interval(kpi, told, words),
        )  # fmt: skip
    value = html.Td(
        [dcc.Link(shown(kpi, told.value, words), href=link_of(view, kpi, "num", "", code)),
         html.Small(words("measures.small") if few else number(told.n) if kpi.kind != "count" else "")],
        className="figure",
    )  # fmt: skip
    cells = [html.Td(dcc.Link(short_name(row, lang), href=view.at(code).url)), value, html.Td(bar)]
    if by_rank:
        rank = number(int(row["rank"])) if not pd.isna(row["rank"]) else words("measures.not_ranked")
        cells.append(html.Td(rank, className="figure"))
    return html.Tr(cells, className="few" if few else "")


def cases_layout(
    view: View, kpi: Kpi, part: str, total: int, rows: list[dict[str, Any]], now: datetime, zone: str, lang: str,
    words: Words,
) -> Component:  # fmt: skip
    """Return the cases behind a number: their count is the number."""
    title = words("measures.cases", name=words(f"indicator.{kpi.key}.name"), part=words(f"measures.{part}"),
                  total=number(total))  # fmt: skip
    items = []
    for row in rows:
        kind = row["minor_en"] if lang == "en" else row["minor_zh"]
        reported = pd.Timestamp(row["reported_at"]).tz_convert(ZoneInfo(zone))
        items.append(
            html.Li(
                dcc.Link(
                    [
                        html.Span([html.B(kind), f" {row['place']}"], className="title"),
                        html.Span(words(f"stage.{row['stage']}"), className="stage"),
                        html.Span(f"{reported:%m-%d %H:%M}", className="clock",
                                  title=span((now - row["reported_at"]).total_seconds(), lang)),
                    ],
                    href=view.with_(page="case", code="", case=row["number"], own=()).url,
                )
            )
        )  # fmt: skip
    return html.Section(
        [
            html.Div([html.H2(title, **attributes(data_total=str(total))),
                      dcc.Link(words("measures.back"), href=view.with_own(of="", fam="", at="").url)],
                     className="measures-row"),
            html.P(words("measures.listed", n=number(len(rows))), className="muted") if total > len(rows) else None,
            html.Ol(items, className="case-list") if items else html.P(words("measures.none"), className="empty-note"),
        ]
    )  # fmt: skip
