"""The forecast tab: what comes in, what will be open, hands, cases at risk; each figure with its track record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from gis.terms import CHAINS
from layouts.figures.flow import build_hours
from layouts.legend import number
from layouts.pages.chains import chain_mark
from layouts.plain import plain
from layouts.text import Words
from layouts.text.naming import span

_COLUMNS = ("chain", "tomorrow", "week", "record", "open_now", "open_week", "clears", "hands")


def next_layout(
    view: View, chains: pd.DataFrame, areas: pd.DataFrame, hours: pd.DataFrame, weeks: int, names: dict[str, str],
    risk: dict[str, Any], start_h: float, now: datetime, theme: str, lang: str, words: Words, scale: float,
) -> list[Any]:  # fmt: skip
    """Return the tab.

    Parameters
    ----------
    chains, areas, hours, weeks : see `dashboard.chainnext.Outlook`.
    names : of the areas in their order.
    risk : `cases` with `chance`, `expected`, `known`; `skill`, `brier`, `base_brier`, `table` (None where no model).
    start_h : within how many working hours nine of ten cases should begin.
    """
    note = html.P([html.Span(words("chains.estimate"), className="badge"), " ",
                   words("chains.next.note", weeks=weeks)], className="muted chains-wide")  # fmt: skip
    parts: list[Any] = [plain(note)]
    parts.append(plain(_article("chains", _chains(chains, words), words, h=f"{start_h:g}")))
    drawn: list[Any] = (
        [plain(_head("hours", words)), dcc.Graph(figure=build_hours(hours, theme=theme, words=words, scale=scale),
                                                 config={"displayModeBar": False}, responsive=True,
                                                 className="chains-graph")] if len(hours.columns)
        else [plain([*_head("hours", words), html.P(words("chains.next.none"))])]
    )  # fmt: skip
    parts.append(html.Article(drawn, className="chains-panel hours"))
    parts.append(plain(_article("risk", _risk(view, risk, now, lang, words), words)))
    parts.append(plain(_article("areas", _areas(view, areas, names, words), words)))
    parts.append(plain(_article("record", _record(risk, words), words)))
    return parts


def _head(name: str, words: Words, **values: object) -> list[Component]:
    return [html.H2(words(f"chains.next.{name}")),
            html.P(words(f"chains.next.{name}.means", **values), className="muted")]  # fmt: skip


def _article(name: str, body: Component, words: Words, **values: object) -> Component:
    return html.Article([*_head(name, words, **values), html.Div(body, className="chains-scroll bare", tabIndex="0")],
                        className=f"chains-panel {name}")  # fmt: skip


def _table(columns: list[str], rows: list[list[Any]]) -> Component:
    head = [html.Th(name, className="" if i == 0 else "figure") for i, name in enumerate(columns)]
    body = [
        html.Tr([html.Td(cell, className="" if i == 0 else "figure") for i, cell in enumerate(row)]) for row in rows
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="chains-plain")


def _chains(chains: pd.DataFrame, words: Words) -> Component:
    rows = []
    for chain in CHAINS:
        row: Any = chains.loc[chain].to_dict()
        first = html.Span(chain_mark(chain, words))
        if pd.isna(row.get("week")):
            rows.append([first, *["–"] * 3, number(row["open"]), "–", "–", "–"])
            continue
        record = words("chains.next.mae", mae=f"{row['mae']:.1f}", naive=f"{row['naive_mae']:.1f}",
                       n=int(row["tested"]), method=words(f"chains.next.by.{row['method']}"))  # fmt: skip
        clears = words("chains.next.grows") if pd.isna(row["clears_in"]) else (
            words("chains.cell.days", n=number(row["clears_in"])) if row["clears_in"] < 365 else
            words("chains.next.long"))  # fmt: skip
        hands = words("chains.next.hands", need=number(row["hands"]), have=number(row["people"])) \
            if not pd.isna(row["hands"]) else words("chains.cell.na")  # fmt: skip
        rows.append([
            first, number(row["tomorrow"]), _band(row["week"], row["low"], row["high"]), record, number(row["open"]),
            _band(row["open_week"], row["open_low"], row["open_high"]), clears, hands,
        ])  # fmt: skip
    return _table([words(f"chains.next.col.{name}") for name in _COLUMNS], rows)


def _band(value: float, low: float, high: float) -> str:
    return f"{number(value)} ({number(low)}–{number(high)})"


def _areas(view: View, areas: pd.DataFrame, names: dict[str, str], words: Words) -> Component:
    if areas.empty or areas.isna().all(axis=None):
        return html.P(words("chains.next.none"))
    rows = []
    for code, row in zip(areas.index, areas.to_numpy(dtype=float), strict=True):
        cells = ["–" if pd.isna(n) else number(n) if n >= 10 else f"{n:.1f}" for n in row]
        down = view.with_own(k="", at="", bk="", cc="").at(str(code)).url
        rows.append([dcc.Link(names[str(code)], href=down), *cells, number(float(pd.Series(row).sum()))])
    return _table([words("chains.area"), *[words(f"chain.{c}") for c in CHAINS], words("chains.all")], rows)


def _risk(view: View, risk: dict[str, Any], now: datetime, lang: str, words: Words) -> Component:
    cases = risk["cases"]
    if not len(cases):
        return html.P(words("chains.next.risk.none"))
    rows = []
    for row in cases.to_dict("records"):
        kind = row["minor_en" if lang == "en" else "minor_zh"]
        title = f"{kind} · {row['place']}" if row["place"] else kind
        link = dcc.Link([html.Span(chain_mark(row["lead_chain"], words), className="chain-tag"), title],
                        href=view.with_(page="case", code="", case=row["number"], camera=None, own=()).url)  # fmt: skip
        left = words("chains.in", t=span((row["due_at"] - now).total_seconds(), lang))
        rows.append([link, f"{100 * row['chance']:.0f} %", left])
    names = [words("chains.col.case"), words("chains.next.col.chance"), words("chains.col.left")]
    line = html.P(words("chains.next.risk.expected", n=number(risk["expected"])))
    return html.Div([line, _table(names, rows)])


def _record(risk: dict[str, Any], words: Words) -> Component:
    if risk["table"] is None:
        return html.P(words("chains.next.record.none", n=number(risk["known"])))
    line = words("chains.next.record.line", brier=f"{risk['brier']:.4f}", base=f"{risk['base_brier']:.4f}",
                 skill=f"{100 * risk['skill']:.0f}", n=number(risk["table"]["n"].sum()))  # fmt: skip
    rows = [
        [f"{100 * r['low']:.0f}–{100 * r['high']:.0f} %", f"{100 * r['told']:.1f} %", f"{100 * r['seen']:.1f} %",
         number(r["n"])] for r in risk["table"].to_dict("records")
    ]  # fmt: skip
    names = [words(f"chains.next.col.{name}") for name in ("class", "told", "seen", "n")]
    return html.Div([html.P(line), _table(names, rows)])
