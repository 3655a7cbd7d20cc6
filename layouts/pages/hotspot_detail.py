"""One hot spot: why it is one, what became of it, its cases, and the form that writes a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from gis.intervals import poisson
from gis.scope import View
from layouts import ids
from layouts.attributes import attributes
from layouts.legend import number
from layouts.pages.hotspots import bars, place_name, usual, what_of
from layouts.plain import plain
from layouts.text import Words
from layouts.text.naming import cell_name

_YEARS_FROM = 3650


def detail_layout(
    view: View,
    row: dict[str, Any],
    inside: list[dict[str, Any]],
    decisions: list[dict[str, Any]],
    seen: int,
    classes: dict[str, tuple[str, str]],
    names: dict[str, dict[str, str]],
    local: Callable[[datetime], datetime],
    lang: str,
    words: Words,
) -> Component:
    """Return the panel of the chosen hot spot.

    Parameters
    ----------
    inside : its cases. decisions : newest first. seen : searches that saw it. classes : names (zh, en) by code.
    local : a moment on the district's clocks.
    """
    place = place_name(row["place_code"], names, lang)
    title = f"{words('hot.d.title', id=row['id'])} · {what_of(row, lang, words)} · {place}"
    close = dcc.Link(words("hot.d.close"), href=view.with_own(id="", part="").url, className="plain-link")
    evidence = _evidence(view, row, len(inside), seen, classes, local, lang, words)
    history = html.Div(plain([html.H3(words("hot.d.history")), *_history(decisions, local, words)]))
    decide = [html.H3(words("hot.d.decide")), *_form(decisions, words), history]
    return html.Section(
        [
            html.Div([html.H2(title), close], className="hot-detail-head"),
            html.Div(plain(evidence), className="hot-evidence"),
            html.Div(decide, className="hot-decide"),
            html.Div(plain(_cases(view, inside, local, lang, words)), className="hot-linked"),
        ],
        className="hot-detail",
        id=ids.HOTSPOT,
    )


def _evidence(
    view: View,
    row: dict[str, Any],
    linked: int,
    seen: int,
    classes: dict[str, tuple[str, str]],
    local: Callable[[datetime], datetime],
    lang: str,
    words: Words,
) -> list[Any]:
    low, high = (bound / row["expected"] for bound in poisson(row["observed"]))
    hours = round((row["window_end"] - row["window_start"]).total_seconds() / 3600)
    life = words(
        "hot.d.life",
        first=f"{local(row['first_seen_at']):%m-%d %H:%M}",
        last=f"{local(row['last_seen_at']):%m-%d %H:%M}",
        n=seen,
    )
    if row["split_from"]:
        life += words("hot.d.split", id=row["split_from"])
    if row["merged_into"]:
        life += words("hot.d.merged", id=row["merged_into"])
    cells = [
        dcc.Link(cell_name(code, lang), href=view.at(code).on("map").with_(code=code).url, title=code)
        for code in row["cells"]
    ]
    most = max([n for _, n in row["mix"]] or [1])
    mix = [
        html.Li(
            [
                html.Span(classes.get(code, (code, code))[lang == "en"]),
                html.I(style={"width": f"{100 * n / most:.0f}%"}),
                html.B(number(n)),
            ]
        )
        for code, n in row["mix"]
    ]
    return [
        html.H3(words("hot.d.evidence")),
        html.P(
            [
                words(
                    "hot.d.seen",
                    n=number(row["observed"]),
                    usual=usual(row["expected"]),
                    ratio=f"{row['observed'] / row['expected']:.1f}",
                    low=f"{low:.1f}",
                    high=f"{high:.1f}",
                ),
                " · ",
                dcc.Link(words("hot.d.open", n=number(linked)), href=view.with_own(part="cases").url),
            ],
            className="strong",
        ),
        html.P(
            words(
                "hot.d.window",
                start=f"{local(row['window_start']):%m-%d %H:%M}",
                end=f"{local(row['window_end']):%m-%d %H:%M}",
                hours=hours,
            )
        ),
        html.P(words("hot.d.p", p=_small(row["p"]), q=_small(row["q"]), days=_days(row["recurrence_days"], words))),
        html.P(life),
        html.P([words("hot.d.cells"), " ", *[part for cell in cells for part in (cell, " ")]], className="hot-cells"),
        html.Div([html.H4(words("hot.d.trend")), bars(row["weeks"], words("hot.d.trend"))], className="hot-trend"),
        html.H4(words("hot.d.mix")),
        html.Ul(mix, className="hot-mix"),
    ]


def _small(p: float) -> str:
    if p >= 0.001:
        return f"{p:.3f}"
    power = 3
    while power < 12 and p < 10.0 ** -(power + 1):
        power += 1
    return f"< 10⁻{''.join('⁰¹²³⁴⁵⁶⁷⁸⁹'[int(digit)] for digit in str(power))}"


def _days(days: float, words: Words) -> str:
    if days >= _YEARS_FROM:
        return words("hot.d.years", n=number(min(days / 365, 1000)))
    return words("hot.d.days", n=number(days))


def _form(decisions: list[dict[str, Any]], words: Words) -> list[Any]:
    """Return the fields, filled with the last decision so that a follow-up only adds what is new."""
    last = decisions[0] if decisions else {}

    def day(key: str) -> str:
        return f"{last[key]:%Y-%m-%d}" if last.get(key) else ""

    return [
        html.Div(
            [
                dmc.TextInput(id=ids.HOTSPOT_OWNER, label=words("hot.f.owner"), value=last.get("owner", ""), size="sm"),
                *[
                    dmc.DateInput(
                        id=one,
                        label=words(label),
                        value=day(key) or None,
                        size="sm",
                        clearable=True,
                        valueFormat="YYYY-MM-DD",
                        placeholder="YYYY-MM-DD",
                    )
                    for one, label, key in (
                        (ids.HOTSPOT_DUE, "hot.f.due", "due_on"),
                        (ids.HOTSPOT_FOLLOW, "hot.f.follow", "follow_up_on"),
                    )
                ],
            ],
            className="hot-fields",
        ),
        dmc.Textarea(
            id=ids.HOTSPOT_DECISION,
            label=words("hot.f.decision"),
            value=last.get("decision", ""),
            size="sm",
            autosize=True,
            minRows=2,
        ),
        dmc.Textarea(
            id=ids.HOTSPOT_OUTCOME, label=words("hot.f.outcome"), value="", size="sm", autosize=True, minRows=1
        ),
        html.Div(
            [
                html.Button(words("hot.f.save"), id=ids.HOTSPOT_SAVE, className="plain boxed"),
                html.Span(words("hot.f.note"), className="muted"),
                html.Span(id=ids.HOTSPOT_SAID, className="hot-said", **attributes(role="status")),
            ],
            className="hot-save",
        ),
    ]


def _history(decisions: list[dict[str, Any]], local: Callable[[datetime], datetime], words: Words) -> list[Any]:
    if not decisions:
        return [html.P(words("hot.d.history.none"), className="muted")]
    rows = [
        html.Li(
            [
                html.Small(f"{local(one['at']):%m-%d %H:%M}"),
                html.B(one["owner"]),
                html.Span(one["decision"]),
                html.Small(
                    " · ".join(
                        f"{words(f'hot.f.{key}')} {one[column]:%m-%d}"
                        for key, column in (("due", "due_on"), ("follow", "follow_up_on"))
                        if one[column]
                    )
                ),
                html.Em(words("hot.outcome", text=one["outcome"])) if one["outcome"] else None,
            ]
        )
        for one in decisions
    ]
    return [html.Ol(rows, className="hot-history")]


def _cases(
    view: View, inside: list[dict[str, Any]], local: Callable[[datetime], datetime], lang: str, words: Words
) -> Component:
    body = [
        html.Tr(
            [
                html.Td(
                    dcc.Link(
                        one["number"], href=view.with_(page="case", code="", case=one["number"], topic="", own=()).url
                    )
                ),
                html.Td(one["title"]),
                html.Td(one[f"minor_{lang}"]),
                html.Td(words(f"stage.{one['stage']}")),
                html.Td(words(f"channel.{one['channel']}")),
                html.Td(f"{local(one['reported_at']):%m-%d %H:%M}"),
            ]
        )
        for one in inside
    ]
    return html.Details(
        [
            html.Summary(words("hot.d.cases", n=number(len(inside)))),
            html.Div(html.Table(html.Tbody(body)), className="hot-scroll"),
        ],
        open=view.own_value("part") == "cases",
        className="hot-cases",
    )
