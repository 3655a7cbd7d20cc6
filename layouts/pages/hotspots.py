"""The hot-spot page: headline, the list by what is to be done, the map with its test, cautions, candidates, method."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.intervals import poisson
from gis.scope import View
from layouts.attributes import attributes
from layouts.figures.hotspots import VERDICTS
from layouts.legend import number
from layouts.plain import plain
from layouts.text import Words
from layouts.text.naming import cell_name, short_name


@dataclass(frozen=True)
class Page:
    """What the page shows; `counts` holds cells per verdict of this period and the one before."""

    view: View
    rows: list[dict[str, Any]]
    chosen: dict[str, Any] | None
    changes: dict[str, int]
    names: dict[str, dict[str, str]]
    run: dict[str, Any] | None
    silent: pd.DataFrame
    patterns: pd.DataFrame
    minutes: int
    base: str
    back: int
    hours: int
    counts: list[dict[str, int]]
    neighbours: float
    is_young: bool
    reviewed: str
    searched: str


def hotspots_layout(page: Page, figure: dict[str, Any], detail: Component | None, lang: str, words: Words) -> Component:
    """Return the page; `detail` is the chosen hot spot."""
    return html.Div(
        [
            html.Div(plain(_head(page, lang, words)), className="hot-top"),
            html.Section(plain(_list(page, lang, words)), className="hot-list"),
            html.Section(_map(page, figure, words), className="hot-map-side"),
            detail if detail is not None else html.Div(className="hot-nothing"),
            html.Div(
                plain([_silent(page, lang, words), _patterns(page, lang, words), _method(words)]), className="hot-more"
            ),
        ],
        className="hot",
    )


def place_name(code: str, names: dict[str, dict[str, str]], lang: str) -> str:
    """Return what the community of a cell is called, or the cell's own number where it is not known."""
    row = names.get(code[:12])
    return short_name(row, lang) if row else cell_name(code, lang) if len(code) == 15 else code


def what_of(row: dict[str, Any], lang: str, words: Words) -> str:
    """Return the class of a hot spot in words."""
    return str(row[f"minor_{lang}"] or row["minor_zh"]) if row["category"] else words("hot.all")


def usual(value: float) -> str:
    """Return an expected count as people write it."""
    return f"{value:.1f}" if value < 20 else number(value)


def _head(page: Page, lang: str, words: Words) -> Component:
    named = page.names.get(page.view.code)
    name = short_name(named, lang) if named else cell_name(page.view.code, lang)
    live = [row for row in page.rows if row["group"] != "over"]
    if page.run is None:
        lead = words("hot.lead.never", name=name)
    elif page.run["method"].get("weeks", 99) < 2:
        lead = words("hot.lead.young", name=name)
    elif not live:
        lead = words("hot.lead.none", name=name, m=page.minutes)
    else:
        top = min(live, key=lambda row: row["p"])
        waiting = sum(row["group"] == "undecided" for row in live)
        lead = words("hot.lead", name=name, n=len(live), open=waiting) + words(
            "hot.lead.top",
            place=place_name(top["place_code"], page.names, lang),
            what=what_of(top, lang, words),
            hours=_length(top, words),
            n=number(top["observed"]),
            usual=usual(top["expected"]),
        )
    said = [words("hot.changes", at=page.reviewed, **{key: str(n) for key, n in page.changes.items()})]
    if page.run is not None:
        said.append(words("hot.run", at=page.searched, cases=number(page.run["cases"]), classes=page.run["classes"]))
    return html.Div(
        [html.H1(lead), html.P(said[0], className="hot-changes"), *[html.P(s, className="muted") for s in said[1:]]],
        className="hot-head",
    )


def _length(row: dict[str, Any], words: Words) -> str:
    hours = round((row["window_end"] - row["window_start"]).total_seconds() / 3600)
    return words("hot.days", n=hours // 24) if hours >= 48 else words("hot.hours", n=hours)


def _list(page: Page, lang: str, words: Words) -> list[Component]:
    if not page.rows:
        return [html.P(words("hot.empty"), className="empty-note")]
    columns = ("what", "n", "ratio", "trend", "class", "owner", "due")
    head = html.Thead(
        html.Tr([html.Th(words(f"hot.col.{c}"), className="figure" if c in ("n", "ratio") else "") for c in columns])
    )
    bodies = [
        html.Tbody(
            [
                html.Tr(
                    html.Th(words(f"hot.group.{group}"), colSpan=len(columns), **attributes(scope="rowgroup")),
                    className="hot-group",
                ),
                *[_row(page, row, lang, words) for row in rows],
            ]
        )
        for group, rows in groupby(page.rows, key=lambda row: row["group"])
    ]
    return [html.Table([head, *bodies]), html.P(words("hot.order"), className="muted")]


def _row(page: Page, row: dict[str, Any], lang: str, words: Words) -> Component:
    low, high = (bound / row["expected"] for bound in poisson(row["observed"]))
    is_on = page.chosen is not None and page.chosen["id"] == row["id"]
    link = page.view.with_own(id="" if is_on else str(row["id"]), part="")
    first = [
        dcc.Link(what_of(row, lang, words), href=link.url, className="hot-what"),
        html.Small(place_name(row["place_code"], page.names, lang)),
        html.Span(words("hot.alert"), className="state overdue")
        if row["is_alert"] and row["group"] != "over"
        else None,
    ]
    counts = dcc.Link(
        f"{number(row['observed'])} / {usual(row['expected'])}",
        href=page.view.with_own(id=str(row["id"]), part="cases").url,
    )
    due = [
        f"{row['due_on']:%m-%d}" if row["due_on"] else "–",
        html.Span(words("hot.late"), className="state overdue") if row["is_late"] else None,
    ]
    return html.Tr(
        [
            html.Td(first),
            html.Td(counts, className="figure"),
            html.Td(f"{low:.1f}–{high:.1f}", className="figure"),
            html.Td(bars(row["weeks"], words("hot.d.trend"))),
            html.Td(words(f"hot.weeks.{row['weeks_class']}")),
            html.Td(row["owner"] or html.Span(words("hot.none.owner"), className="muted")),
            html.Td(due),
        ],
        className="on" if is_on else "",
        id=f"hot-row-{row['id']}",
    )


def bars(weeks: list[int], label: str) -> Component:
    """Return a small column chart; the last column is this week."""
    top = max([*weeks, 1])
    columns = [html.I(style={"height": f"{max(4, round(100 * n / top))}%"}, title=str(n)) for n in weeks]
    told = f"{label}: {', '.join(map(str, weeks))}"
    return html.Span(columns, className="hot-bars", **attributes(role="img", aria_label=told))


def _map(page: Page, figure: dict[str, Any], words: Words) -> list[Component]:
    view = page.view
    bases = [
        _switch(words(f"hot.base.{base}"), view.with_own(base="" if base == "usual" else base), base == page.base)
        for base in ("usual", "residents", "count")
    ]
    periods = [
        _switch(words(f"hot.map.{name}"), view.with_own(period=name if k else ""), k == page.back)
        for k, name in enumerate(("now", "before"))
    ]
    compared = html.Nav(bases, className="hot-switch", **attributes(aria_label=words("hot.map.base")))
    graph = dcc.Graph(figure=figure, config={"displayModeBar": False, "scrollZoom": True}, responsive=True,
                      style={"height": "100%"})  # fmt: skip
    return [
        html.Div([html.Nav(periods, className="hot-switch"), compared], className="hot-map-tools"),
        html.Div(graph, className="hot-map"),
        html.Div([_periods(page, words), html.Div(_notes(page, words))], className="hot-legend"),
    ]


def _periods(page: Page, words: Words) -> Component:
    """Return cells per verdict of both periods: the legend, and the comparison by the same classes."""
    rows = []
    for verdict in reversed(VERDICTS):
        name = html.Th([html.I(className=f"swatch verdict-{verdict}"), words(f"hot.class.{verdict}")])
        cells = [
            html.Td(words("hot.cells", n=number(one[verdict])), className="on" if k == page.back else "")
            for k, one in enumerate(page.counts)
        ]
        rows.append(html.Tr([name, *cells]))
    heads = [html.Th(words(key)) for key in ("hot.compare", "hot.map.now", "hot.map.before")]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)])


def _notes(page: Page, words: Words) -> list[Component]:
    tested = sum(n for verdict, n in page.counts[page.back].items() if verdict != "untested")
    window = words(f"window.{page.hours // 24}d")
    notes = [words(f"hot.base.{page.base}.means"), words("hot.map.means", k=page.neighbours, tested=number(tested))]
    if page.is_young:
        notes.insert(0, words("hot.map.young"))
    if page.view.window in ("1h", "6h", "24h"):
        notes.append(words("hot.map.short"))
    silent = words("hot.silent", n=len(page.silent)) if len(page.silent) else words("hot.silent.none")
    return [
        html.P(words("hot.map.title", window=window), className="strong"),
        *[html.P(note) for note in [*notes, words("hot.outline")]],
        html.P(silent, className="hot-caution" if len(page.silent) else ""),
    ]


def _switch(label: str, view: View, is_on: bool) -> Component:
    return dcc.Link(label, href=view.url, className="on" if is_on else "")


def _silent(page: Page, lang: str, words: Words) -> Component:
    rows = []
    for r in page.silent.head(40).to_dict("records"):
        name = f"{place_name(r['area_code'], page.names, lang)} {cell_name(r['area_code'], lang)}"
        again = "–" if pd.isna(r["repeat_share"]) else f"{r['repeat_share']:.0%}"
        link = dcc.Link(name, href=page.view.on("map").with_(code=r["area_code"]).url)
        rows.append([link, number(r["reports"]), usual(r["expected"]), f"{r['q']:.3f}", again])
    title = f"{words('hot.silent.title')} {len(page.silent)}"
    return _folded(title, words("hot.silent.none"), words("hot.silent.cols"), rows, "hot-silent")


def _patterns(page: Page, lang: str, words: Words) -> Component:
    found = page.patterns
    rows = [
        [
            place_name(r["place"], page.names, lang),
            r[f"minor_{lang}"] if f"minor_{lang}" in r else r["category"],
            number(r["cases"]),
            usual(r["expected"]),
            f"{r['low']:.1f}–{r['high']:.1f}",
            number(r["repeats"]),
            number(r["months_before"]),
            f"{r['season']:.1f}",
        ]
        for r in found.to_dict("records")
    ]
    lead = words("hot.pattern.lead", month=found["month"].iloc[0]) if len(found) else ""
    title = f"{words('hot.pattern.title')} {len(found)}"
    return _folded(title, words("hot.pattern.none"), words("hot.pattern.cols"), rows, "hot-patterns", lead)


def _folded(title: str, nothing: str, columns: str, rows: list[list[Any]], name: str, lead: str = "") -> Component:
    """Return a folded table; its figures begin after the columns that name a row."""
    named = 1 if name == "hot-silent" else 2
    kinds = ["" if i < named else "figure" for i in range(len(columns.split("|")))]
    heads = [html.Th(text, className=kind) for text, kind in zip(columns.split("|"), kinds, strict=True)]
    body = [html.Tr([html.Td(cell, className=kind) for cell, kind in zip(row, kinds, strict=True)]) for row in rows]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)])
    inside: list[Any] = [html.Summary(title)]
    if not rows:
        return html.Details([*inside, html.P(nothing, className="muted")], className=name)
    if lead:
        inside.append(html.P(lead, className="muted"))
    return html.Details([*inside, html.Div(table, className="hot-scroll")], className=name)


def _method(words: Words) -> Component:
    return html.Details(
        [html.Summary(words("hot.method.title")), *[html.P(part) for part in words("hot.method").split("|")]],
        className="hot-method",
    )
