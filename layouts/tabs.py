"""The tabs below an area's card: child areas, elements, cases, trend."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.codes import Level
from gis.scope import TABS, View
from gis.terms import ELEMENT_KINDS, FAMILIES, OPEN_STAGES, SOURCE_GRIDS
from layouts.figures.time import build_timeline
from layouts.legend import number
from layouts.text import Words
from layouts.text.naming import cell_name, short_name, span

_LISTED = ("open", "overdue", "near_due", "new", "closed")


def open_tab(view: View, unit: Level) -> str:
    """Return the tab that shows; `unit` is the level of the rows: an area with none below opens with its elements."""
    return "elements" if view.tab == "areas" and int(unit) <= len(view.code) else view.tab


def tabs_layout(view: View, unit: Level, words: Words) -> list[Component]:
    """Return the tab bar; a tab is an address, so Back works."""
    shown = [tab for tab in TABS if tab != "areas" or int(unit) > len(view.code)]
    return [
        dcc.Link(words(f"tab.{tab}"), href=view.with_(tab=tab, topic="").url,
                 className="tab on" if tab == open_tab(view, unit) else "tab")
        for tab in shown
    ]  # fmt: skip


def area_rows(rows: pd.DataFrame, buckets: pd.DataFrame, lang: str, words: Words) -> list[dict[str, Any]]:
    """Return the rows of the table: children in official order, then the buckets, so that the column adds up."""
    made = []
    for code, row in rows.iterrows():
        name = cell_name(str(code), lang) if len(str(code)) == Level.CELL else short_name(row, lang)
        made.append(_row(str(code), name, str(row["name_zh"]), row, "area"))
    for status, row in buckets.iterrows():
        made.append(_row(f"bucket-{status}", words(f"off.{status}"), words(f"bucket.{status}"), row, "bucket"))
    return made


def total_row(total: pd.Series, people: float | None, words: Words) -> dict[str, Any]:
    """Return the pinned last row: the scope's own totals."""
    row = _row("total", words("col.total"), "", total, "total")
    known = people is not None and not pd.isna(people) and people > 0
    return row | {"per_1000": round(float(total["open"]) / float(people) * 1000, 2) if known else None}  # type: ignore[arg-type]


def _row(key: str, name: str, full: str, row: pd.Series, kind: str) -> dict[str, Any]:
    rate = row.get("per_1000")
    return {
        "key": key, "name": name, "full": full, "kind": kind,
        **{field: int(row[field]) for field in ("open", "overdue", "new", "closed")},
        "per_1000": None if rate is None or pd.isna(rate) else round(float(rate), 2),
    }  # fmt: skip


def elements_layout(
    place: dict[str, Any], counts: pd.DataFrame, buildings: dict[str, int], lineage: list[dict[str, Any]],
    summary: list[dict[str, Any]], neighbours: list[dict[str, Any]], view: View, lang: str, words: Words,
) -> list[Component]:  # fmt: skip
    """Return the seven kinds of elements of an area, where its cells came from, and its neighbours.

    Parameters
    ----------
    counts : [kind, subtype, amount]. buildings : how many, and how many are lived in.
    lineage : source cells of one unified cell; empty above that level, where `summary` tells per grid.
    """
    blocks: list[Component] = []
    for kind in ELEMENT_KINDS:
        part = counts[counts["kind"] == kind].sort_values("amount", ascending=False)
        amount = int(part["amount"].sum())
        detail = " · ".join(
            f"{_subtype(kind, row['subtype'], words)} {number(row['amount'])}"
            for row in part.head(6).to_dict("records")
        )
        if kind == "person":
            people = place["population"]
            amount = 0 if people is None or pd.isna(people) else int(people)
            detail = " · ".join(_person_details(place, words))
        if kind == "place":
            amount += buildings["buildings"]
            detail = " · ".join(filter(None, [words("building.count", n=number(buildings["buildings"])), detail]))
        blocks.append(html.Div(
            [html.Span(words(f"element.{kind}"), className="element-name"),
             html.Span(number(amount), className="element-amount"), html.Span(detail, className="element-detail")],
            className="element",
        ))  # fmt: skip
    return [
        html.Div(blocks, className="elements"),
        *_lineage(lineage, summary, words),
        *_neighbours(neighbours, view, lang, words),
    ]


def _neighbours(rows: list[dict[str, Any]], view: View, lang: str, words: Words) -> list[Component]:
    if not rows:
        return []
    links = [
        dcc.Link(
            cell_name(row["code"], lang) if len(row["code"]) == Level.CELL else short_name(row, lang),
            href=view.at(row["code"]).with_(tab="elements").url, title=row["code"], className="chip-link",
        )
        for row in rows
    ]  # fmt: skip
    return [html.H3(words("neighbours")), html.Div(links, className="neighbours")]


def _person_details(place: dict[str, Any], words: Words) -> list[str]:
    shown = []
    for key in ("over60", "households"):
        value = place[key]
        if value is not None and not pd.isna(value):
            shown.append(f"{words(f'person.{key}')} {number(value)}")
    if place["population_is_estimate"]:
        shown.append(words("estimate"))
    return shown


def _subtype(kind: str, name: str, words: Words) -> str:
    """Subtypes of own data may be words we have no label for: then they are shown as they are."""
    for key in (f"facility.{name}", f"subtype.{name}") if kind == "service" else (f"subtype.{name}",):
        try:
            return words(key)
        except KeyError:
            continue
    return name


def _lineage(lineage: list[dict[str, Any]], summary: list[dict[str, Any]], words: Words) -> list[Component]:
    if not lineage and not summary:
        return []
    rows: list[Component] = []
    for grid in SOURCE_GRIDS:
        own = [row for row in lineage if row["grid"] == grid and row["area_share"] > 0.001]
        for row in own:
            text = words("lineage.share", own=_percent(row["area_share"]), source=_percent(row["of_source_share"]))
            rows.append(html.Li([html.I(className=f"line {grid}"), html.Span(words(f"grid.{grid}")),
                                 html.Code(row["code"]), html.Small(text)]))  # fmt: skip
        for row in summary:
            if row["grid"] == grid:
                text = words("lineage.summary", n=number(row["cells"]), nested=number(row["nested"]))
                rows.append(
                    html.Li([html.I(className=f"line {grid}"), html.Span(words(f"grid.{grid}")), html.Small(text)])
                )
    return [html.H3(words("lineage")), html.Ul(rows, className="lineage")]


def _percent(share: float) -> str:
    return f"{share * 100:.0f}" if share >= 0.995 or share == 0 else f"{share * 100:.1f}"


def cases_layout(
    view: View, breakdown: pd.DataFrame, listed: pd.DataFrame, which: str, now: datetime, lang: str, words: Words
) -> list[Component]:
    """Return cases by stage and class, and the cases behind the chosen number."""
    return [
        html.H3(words("cases.by_stage")),
        _by_stage(breakdown, words),
        html.H3(words("cases.by_category")),
        _by_category(breakdown, lang),
        html.Div(
            [html.H3(words("cases.list")),
             html.Div([_which(view, name, which, words) for name in _LISTED], className="whichs")],
            className="list-head",
        ),
        case_list(view, listed, now, lang, words),
    ]  # fmt: skip


def _which(view: View, name: str, chosen: str, words: Words) -> Component:
    label = (
        words(f"kpi.{name}", window=words(f"window.{view.window}"))
        if name in ("new", "closed")
        else words(f"kpi.{name}")
    )
    return dcc.Link(
        label, href=view.with_(tab="cases", topic=name).url, className="tab on" if name == chosen else "tab"
    )


def case_list(view: View, listed: pd.DataFrame, now: datetime, lang: str, words: Words) -> Component:
    """Return a list of cases, each a link; an empty one says what would fill it."""
    if listed.empty:
        return html.P(words("cases.none"), className="empty-note")
    items = []
    for row in listed.to_dict("records"):
        age = span((now - row["reported_at"]).total_seconds(), lang)
        kind = row["minor_en" if lang == "en" else "minor_zh"]
        title = f"{kind} · {row['place']}" if row["place"] else kind
        items.append(html.Li(dcc.Link(
            [html.Span(title, className="title"), html.Span(words(f"stage.{row['stage']}"), className="stage"),
             html.Span(age, className="clock")],
            href=view.with_(page="case", case=row["number"], camera=None).url, title=row["title"],
        )))  # fmt: skip
    return html.Ol(items, className="case-list")


def _by_stage(breakdown: pd.DataFrame, words: Words) -> Component:
    table = breakdown.pivot_table(index="stage", columns="family", values="open", aggfunc="sum", fill_value=0)
    table = table.reindex(index=list(OPEN_STAGES), columns=list(FAMILIES), fill_value=0)
    most = max(1, int(table.sum(axis=1).max()))
    rows = []
    for stage, row in table.iterrows():
        bars = [html.I(style={"width": f"{100 * row[f] / most:.2f}%"}, className=f"bar {f}",
                       title=f"{words(f'family.{f}')} {row[f]:,}") for f in FAMILIES]  # fmt: skip
        rows.append(
            html.Li([html.Span(words(f"stage.{stage}")), html.Div(bars, className="bars"), html.B(number(row.sum()))])
        )
    keys = [html.Span([html.I(className=f"key {f}"), words(f"family.{f}")]) for f in FAMILIES]
    return html.Div([html.Ul(rows, className="stages"), html.Div(keys, className="keys")])


def _by_category(breakdown: pd.DataFrame, lang: str) -> Component:
    name = "minor_en" if lang == "en" else "minor_zh"
    top = breakdown.groupby(name)["open"].sum().sort_values(ascending=False).head(10)
    top = top[top > 0]
    most = max(1, int(top.max())) if len(top) else 1
    items = []
    for label, n in top.items():
        bar = html.Div(html.I(style={"width": f"{100 * n / most:.2f}%"}, className="bar event"), className="bars")
        items.append(html.Li([html.Span(str(label)), bar, html.B(number(n))]))
    return html.Ul(items, className="stages")


def trend_layout(
    arrivals: pd.DataFrame, closings: pd.DataFrame, ticks: pd.DatetimeIndex, theme: str, words: Words, scale: float
) -> list[Component]:
    """Return arrivals and closings per day of the last 30 days."""
    figure = build_timeline(arrivals, closings, None, ticks, step="day", theme=theme, words=words, scale=scale)
    figure["layout"]["legend"] |= {"x": 0, "xanchor": "left"}
    return [
        html.H3(words("trend.title")),
        dcc.Graph(figure=figure, config={"displayModeBar": False}, className="trend-graph", responsive=True),
    ]
