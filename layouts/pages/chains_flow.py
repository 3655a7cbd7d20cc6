"""The tabs of flow and paths: ages, what came in and went out, who sends to whom; real paths and where time is lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from gis.terms import CHAINS, OPEN_STAGES
from layouts.figures.flow import build_ages, build_cumulative, build_handovers
from layouts.legend import number
from layouts.pages.chains import chain_mark
from layouts.plain import plain
from layouts.text import Words
from layouts.text.naming import span

AGES = ("0", "1", "2", "3", "4", "5")
_GRAPH: Any = {"displayModeBar": False}


def chain_links(view: View, chain: int, words: Words) -> Component:
    """Return the links that narrow a tab to one chain."""
    links = [dcc.Link(words("chains.behind.all"), href=view.with_own(pc="").url, className="tab on" if not chain else
                      "tab")]  # fmt: skip
    links += [
        dcc.Link(chain_mark(c, words), href=view.with_own(pc=str(c)).url, className="tab on" if c == chain else "tab")
        for c in CHAINS
    ]
    return html.Nav(links, className="tabs chains-show")


def flow_layout(
    view: View, chain: int, ages: pd.DataFrame, flow: pd.DataFrame, moves: pd.DataFrame, hops: pd.DataFrame,
    orders: pd.DataFrame,
    days: tuple[int, int], theme: str, words: Words, scale: float,
) -> list[Any]:  # fmt: skip
    """Return the flow tab.

    Parameters
    ----------
    ages : open cases by `chain`, `stage`, `age`, `n`. flow : cumulative counts by day.
    days : of the cumulative flow, and of the log. moves : hand-overs between chains.
    hops : escalations `source`, `target` (levels), `n`, `median_h`, `p90_h`.
    """
    labels = [words(f"chains.age.{k}") for k in AGES]
    parts: list[Any] = [plain(html.Div(chain_links(view, chain, words), className="chains-wide"))]
    parts.append(_panel("ages", _graph(build_ages(ages, labels, theme=theme, words=words, scale=scale)), words))
    parts.append(_panel("stages", plain(_stage_table(ages, labels, words)), words))
    parts.append(_panel("cumulative", _graph(build_cumulative(flow, theme=theme, words=words, scale=scale)), words,
                        days=days[0]))  # fmt: skip
    drawn: Any = plain(html.P(words("chains.hand.none"), className="muted"))
    if len(moves):
        drawn = _graph(build_handovers(moves, theme=theme, words=words, scale=scale))
    parts.append(_panel("handovers", drawn, words, days=days[1]))
    parts.append(_panel("escalations", plain(_hops(hops, words)), words, days=days[1]))
    parts.append(_panel("orders", plain(_hops(orders, words)), words))
    return parts


def _panel(name: str, body: Any, words: Words, **values: object) -> Component:
    head = plain([html.H2(words(f"chains.flow.{name}")),
                  html.P(words(f"chains.flow.{name}.means", **values), className="muted")])  # fmt: skip
    return html.Article([*(head if isinstance(head, list) else [head]), body], className=f"chains-panel {name}")


def _graph(figure: dict[str, Any]) -> Component:
    return dcc.Graph(figure=figure, config=_GRAPH, responsive=True, className="chains-graph")


def _stage_table(ages: pd.DataFrame, labels: list[str], words: Words) -> Component:
    table = ages.pivot_table(index="stage", columns="age", values="n", aggfunc="sum", fill_value=0)
    table = table.reindex(index=list(OPEN_STAGES), columns=range(len(labels)), fill_value=0)
    most = max(1, int(table.to_numpy().max()))
    head = html.Tr([html.Th(words("chains.col.stage")), *[html.Th(text, className="figure") for text in labels],
                    html.Th(words("chains.all"), className="figure")])  # fmt: skip
    rows = []
    for stage in OPEN_STAGES:
        own = [int(n) for n in table.to_numpy()[OPEN_STAGES.index(stage)]]
        cells = [html.Td(number(n) if n else "·", className=f"figure depth-{-(-5 * n // most)}") for n in own]
        rows.append(html.Tr([html.Td(words(f"stage.{stage}")), *cells, html.Td(number(sum(own)), className="figure")]))
    return html.Table([html.Thead(head), html.Tbody(rows)], className="chains-plain")


def _hops(hops: pd.DataFrame, words: Words) -> Component:
    if hops.empty:
        return html.P(words("chains.hand.none"), className="muted")
    names = ("hop", "cases", "median", "p90")
    head = html.Tr([html.Th(words(f"chains.col.{n}"), className="" if n == "hop" else "figure") for n in names])
    rows = [
        html.Tr([html.Td([words(f"chains.level.{r['source']}"), " → ", words(f"chains.level.{r['target']}")]),
                 html.Td(number(r["n"]), className="figure"), html.Td(hours(r["median_h"], words), className="figure"),
                 html.Td(hours(r["p90_h"], words), className="figure")])
        for r in hops.to_dict("records")
    ]  # fmt: skip
    return html.Table([html.Thead(head), html.Tbody(rows)], className="chains-plain")


def hours(value: float, words: Words) -> str:
    """Return natural hours as a length of time."""
    return "–" if pd.isna(value) else span(value * 3600, words("chains.lang"))


def paths_layout(
    view: View, chain: int, cases: int, events: int, days: int, slow: pd.DataFrame, edges: pd.DataFrame,
    variants: pd.DataFrame, loops: pd.DataFrame, strange: pd.DataFrame, words: Words,
) -> Any:  # fmt: skip
    """Return the paths tab: bottlenecks first, then edges, variants, loops and steps against the rules."""
    head = [
        chain_links(view, chain, words),
        html.P(words("chains.paths.lead", cases=number(cases), events=number(events), days=days), className="muted"),
    ]
    blocks: list[Component] = [html.Div(head, className="chains-wide")]
    if not cases:
        return plain([*blocks, html.P(words("chains.none"))])
    worst = slow.iloc[0].to_dict() if len(slow) else None
    if worst is not None:
        line = words("chains.paths.worst", a=_word(worst["source"], words), b=_word(worst["target"], words),
                     t=hours(worst["median_h"], words), n=number(worst["count"]),
                     share=f"{100 * worst['hours'] / slow['hours'].sum():.0f}")  # fmt: skip
        blocks.append(html.P(line, className="headline chains-wide"))
    names = ("step", "times", "cases", "median", "p90")
    blocks.append(_block("slow", names, [_edge(r, words) for r in slow.head(8).to_dict("records")], words))
    rows = [[_word(r["word"], words), number(r["cases"]), number(r["rounds"]), number(r["twice"]), number(r["most"]),
             hours(r["lost_h"], words)] for r in loops.to_dict("records")]  # fmt: skip
    blocks.append(_block("loops", ("step", "cases", "rounds", "twice", "most", "lost"), rows, words))
    rows = [[f"{_word(r['stage'], words)} → {_word(r['word'], words)}", number(r["count"]), number(r["cases"])]
            for r in strange.head(12).to_dict("records")]  # fmt: skip
    blocks.append(_block("strange", ("step", "times", "cases"), rows, words))
    rows = []
    for r in variants.head(12).to_dict("records"):
        path = " → ".join(_word(w, words) for w in r["path"].split(" "))
        rows.append([path, number(r["cases"]), f"{100 * r['share']:.1f} %"])
    blocks.append(_block("variants", ("path", "cases", "share"), rows, words))
    blocks.append(_block("edges", names, [_edge(r, words) for r in edges.head(30).to_dict("records")], words))
    return plain(blocks)


def _edge(r: dict[Any, Any], words: Words) -> list[str]:
    return [f"{_word(r['source'], words)} → {_word(r['target'], words)}", number(r["count"]), number(r["cases"]),
            hours(r["median_h"], words), hours(r["p90_h"], words)]  # fmt: skip


def _word(name: str, words: Words) -> str:
    return words(f"chains.rim.{name}") if name in ("start", "end", "") else words(f"stage.{name}")


def _block(name: str, columns: tuple[str, ...], rows: list[list[str]], words: Words) -> Component:
    head = [html.H2(words(f"chains.paths.{name}")), html.P(words(f"chains.paths.{name}.means"), className="muted")]
    if not rows:
        return html.Article([*head, html.P(words("chains.paths.none"))], className=f"chains-panel {name}")
    top = html.Tr([html.Th(words(f"chains.col.{c}"), className="" if i == 0 else "figure")
                   for i, c in enumerate(columns)])  # fmt: skip
    body = [html.Tr([html.Td(cell, className="" if i == 0 else "figure") for i, cell in enumerate(r)]) for r in rows]
    table = html.Table([html.Thead(top), html.Tbody(body)], className="chains-plain")
    return html.Article([*head, html.Div(table, className="chains-scroll bare", tabIndex="0")],
                        className=f"chains-panel {name}")  # fmt: skip
