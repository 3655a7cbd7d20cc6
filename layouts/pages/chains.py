"""The frame of the page of the response chains: headline, tabs, what to look at first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.chains import Board
from gis.scope import View
from layouts import ids
from layouts.attributes import attributes
from layouts.legend import number
from layouts.plain import plain
from layouts.text import Words
from layouts.text.naming import span
from layouts.theme import CHAIN_COLOURS


def chains_layout(view: View, parts: tuple[str, ...], part: str, lead: str, body: Any, words: Words) -> Component:
    """Return the page: title, a sentence made from its numbers, tabs, and the open tab's content."""
    tabs = [
        dcc.Link(
            words(f"chains.part.{name}"),
            href=view.with_own(part="" if name == "board" else name, k="", at="", bk="", cc="").url,
            className="tab on" if name == part else "tab",
        )
        for name in parts
    ]
    head = [
        html.Div([html.H1(words("chains.title")), html.P(lead, className="headline")], className="chains-head"),
        html.Nav(tabs, className="tabs chains-tabs"),
    ]
    inside: list[Any] = [plain(head), html.Div(body, className=f"chains-body {part}")]
    return html.Div(inside, className="chains", id=ids.CHAINS)


def lead_line(view: View, board: Board, names: dict[str, str], words: Words) -> str:
    """Return the sentence on top: how much, in and out, what is heaviest, where most is overdue."""
    totals: Any = board.totals
    if not totals[["open", "new", "closed"]].to_numpy().any():
        return words("chains.lead.none")
    heavy = int(totals["open"].idxmax())
    late = ""
    worst: Any = board.cells["overdue"]
    if len(worst) and worst.max() > 0:
        chain, code = worst.idxmax()
        late = words("chains.lead.late", place=names[code], chain=words(f"chain.{chain}"), n=number(worst.max()))
    return words(
        "chains.lead", open=number(totals["open"].sum()), new=number(totals["new"].sum()),
        closed=number(totals["closed"].sum()), window=words(f"window.{view.window}"),
        change=signed(int(board.change.sum())), heavy=words(f"chain.{heavy}"), most=number(totals.loc[heavy, "open"]),
        late=late,
    )  # fmt: skip


def signed(value: int) -> str:
    """Return a change with its sign; the minus is as wide as the plus."""
    return f"+{value:,}" if value > 0 else f"−{-value:,}" if value < 0 else "±0"


def chain_mark(chain: int, words: Words, *, full: bool = False) -> list[Any]:
    """Return a chain's colour with its name: never the colour alone."""
    return [
        html.I(className="chain-key", style={"background": CHAIN_COLOURS[chain - 1]}),
        words(f"chain.full.{chain}" if full else f"chain.{chain}"),
    ]


def first_layout(
    view: View, found: dict[str, tuple[int, list[dict[str, Any]]]], whistles: dict[str, Any], now: datetime, lang: str,
    words: Words,
) -> Component:  # fmt: skip
    """Return what needs a hand first: each kind with its count and the longest cases of it."""
    blocks: list[Component] = [html.H2(words("chains.first"))]
    for kind, (total, rows) in found.items():
        head = html.H3([words(f"chains.ex.{kind}"), html.B(number(total))], title=words(f"chains.ex.{kind}.means"))
        lines: list[Component] = [html.P(words(f"chains.ex.{kind}.means"), className="muted")]
        if rows:
            lines.append(html.Ol([_line(view, row, now, lang, words) for row in rows], className="case-list"))
            if total > len(rows):
                lines.append(html.P(words("chains.ex.more", n=number(total - len(rows))), className="muted"))
        else:
            lines.append(html.P(words("chains.ex.none"), className="muted"))
        blocks.append(html.Section([head, *lines], className=f"chains-ex {kind}"))
    blocks.append(_whistles(view, whistles, now, lang, words))
    return html.Aside(blocks, className="chains-first")


def _whistles(view: View, told: dict[str, Any], now: datetime, lang: str, words: Words) -> Component:
    """Return whistles without full arrival, and whether they are blown too seldom or too often."""
    href = view.on("community").url
    head = html.H3([words("chains.ex.whistles"), html.B(number(told["late"]))])
    lines: list[Component] = [html.P(words("chains.ex.whistles.means"), className="muted")]
    lines += [
        html.Li(dcc.Link(
            [html.Span(words(f"com.state.whistles.{row['kind']}"), className="chain-tag"),
             html.Span(row["reason"], className="title"),
             html.Span(span((now - row["due_at"]).total_seconds(), lang), className="clock")],
            href=href, title=words("chains.ex.whistles.missing", n=row["missing"]),
        )) for row in told["rows"]
    ]  # fmt: skip
    rate = words("chains.ex.whistles.rate", blown=number(told["blown"]), n=number(told["cases"]),
                 rate=f"{100 * told['blown'] / told['cases']:.2f}" if told["cases"] else "–")  # fmt: skip
    lines.append(html.P([rate, " ", words(f"chains.ex.whistles.{told['warning'] or 'usual'}")],
                        className="muted"))  # fmt: skip
    return html.Section([head, html.Ol(lines, className="case-list")], className="chains-ex whistles")


def _line(view: View, row: dict[str, Any], now: datetime, lang: str, words: Words) -> Component:
    kind = row["minor_en" if lang == "en" else "minor_zh"]
    title = f"{kind} · {row['place']}" if row["place"] else kind
    return html.Li(dcc.Link(
        [html.Span(chain_mark(row["lead_chain"], words), className="chain-tag"), html.Span(title, className="title"),
         html.Span(span((now - row["reported_at"]).total_seconds(), lang), className="clock")],
        href=view.with_(page="case", code="", case=row["number"], camera=None, own=()).url, title=row["title"],
    ))  # fmt: skip


def cases_layout(
    view: View, title: str, count: int, rows: pd.DataFrame, now: datetime, lang: str, words: Words
) -> Component:
    """Return the list behind a number, which says when it does not hold all of it."""
    head: list[Any] = [html.H2(title)]
    if count > len(rows):
        head.append(html.Span(words("chains.behind.part", n=number(len(rows))), className="muted"))
    head.append(dcc.Link(words("chains.close"), href=view.with_own(k="", at="", bk="", cc="").url,
                         className="chip-link"))  # fmt: skip
    body = [_row(view, row, now, lang, words) for row in rows.to_dict("records")]
    names = [html.Th(words(f"chains.col.{name}")) for name in ("case", "age", "left")]
    table = html.Table([html.Thead(html.Tr(names)), html.Tbody(body)]) if body else html.P(words("chains.none"))
    return html.Section([html.Div(head, className="list-head"), html.Div(table, className="chains-list", tabIndex="0")],
                        className="chains-behind", **attributes(data_count=str(count)))  # fmt: skip


def _row(view: View, row: dict[Any, Any], now: datetime, lang: str, words: Words) -> Component:
    kind = row["minor_en" if lang == "en" else "minor_zh"]
    title = f"{kind} · {row['place']}" if row["place"] else kind
    due = row["due_at"]
    left: Any = words("chains.no_limit")
    if due is not None and not pd.isna(due):
        seconds = (due - (now if pd.isna(row["handled_at"]) else row["handled_at"])).total_seconds()
        kept = "chains.in" if pd.isna(row["handled_at"]) else "chains.kept"
        word = kept if seconds >= 0 else "chains.late_by"
        left = html.Span(words(word, t=span(seconds, lang)), className="" if seconds >= 0 else "overdue")
    link = dcc.Link(
        [html.Span(chain_mark(row["lead_chain"], words), className="chain-tag"), title],
        href=view.with_(page="case", code="", case=row["number"], camera=None, own=()).url, title=row["title"],
    )  # fmt: skip
    age = f"{span((now - row['reported_at']).total_seconds(), lang)} · {words('stage.' + row['stage'])}"
    return html.Tr([html.Td(link), html.Td(age), html.Td(left)])
