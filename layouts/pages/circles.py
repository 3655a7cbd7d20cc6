"""The page of service circles: a map of walking minutes, and beside it who is covered and who is missing what."""

from __future__ import annotations

import json
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.circle_choice import BASKETS, BY, MINUTES, MOMENTS, WHO, Choice
from gis.scope import View
from gis.terms import FACILITY_KINDS
from layouts import ids
from layouts.attributes import attributes
from layouts.plain import plain
from layouts.text import Words
from layouts.text.circles import PLAN


def circles_layout(
    view: View, figure: dict[str, Any], root: str, box: tuple[float, ...], schematic: str,
    controls: Component, panel: list[Component], words: Words,
) -> Component:  # fmt: skip
    """Return the whole page; turning a knob later changes controls and panel, and the map by its own address."""
    return html.Div(
        [
            dcc.Store(id=ids.CIRCLES_ASK),
            html.Div(controls, id=ids.CIRCLES_CONTROLS, className="circles-controls"),
            html.Section(
                [
                    dcc.Graph(id=ids.CIRCLES_MAP, figure=figure, responsive=True, className="map",
                              config={"displayModeBar": False, "scrollZoom": True}),
                    html.Div(id=ids.CIRCLES_TOOLS, className="circles-tools"),
                    html.Div(id=ids.CIRCLES_LEGEND, className="legend circles-legend"),
                    html.Div(id=ids.CIRCLES_POPUP, className="map-popup", hidden=True),
                    html.Div(schematic, className="schematic circles-note"),
                ],
                className="circles-map map-wrap",
            ),
            html.Aside(panel, id=ids.CIRCLES_PANEL, className="circles-panel"),
        ],
        id=ids.CIRCLES, className="circles",
        **attributes(data_root=root, data_box=",".join(f"{one:.6f}" for one in box), data_code=view.code,
                     data_words=_script_words(words)),
    )  # fmt: skip


def _script_words(words: Words) -> str:
    told = {key: words(f"plan.{key}") for key in PLAN} | {f"kind.{k}": words(f"facility.{k}") for k in FACILITY_KINDS}
    return json.dumps(told, ensure_ascii=False)


def controls_layout(view: View, choice: Choice, words: Words) -> Component:
    """Return the knobs; each writes one parameter of the address."""
    sets = [(key, words(f"circles.set.{key}")) for key in BASKETS]
    if choice.ruleset == "own":
        sets.insert(0, ("own", words("circles.set.own", n=len(choice.items))))
    knobs = html.Div(
        [
            _select("set", words("circles.set"), sets, choice.ruleset),
            _picker(view, choice, words),
            _select("who", words("circles.who"), [(who, words(f"circles.who.{who}")) for who in WHO], choice.who),
            _segments(view, "min", words("circles.min"),
                      [(str(n), words("circles.min.n", n=n)) for n in MINUTES], str(choice.minutes)),
            _select("at", words("circles.at"), [(at, words(f"circles.at.{at}")) for at in MOMENTS], choice.moment),
            _segments(view, "by", words("circles.by"), [(by, words(f"circles.by.{by}")) for by in BY], choice.by),
        ],
        className="knobs",
    )  # fmt: skip
    return html.Div(plain(knobs))


def _select(key: str, label: str, options: list[tuple[str, str]], chosen: str) -> Component:
    made = [html.Option(text, value=value, selected=value == chosen) for value, text in options]
    return html.Label([html.Span(label), html.Select(made, **attributes(data_own=key))], className="knob")


def _segments(view: View, key: str, label: str, options: list[tuple[str, str]], chosen: str) -> Component:
    links = [
        html.A(text, href=view.with_own(**{key: value}).url, className="own-link" + (" on" if value == chosen else ""))
        for value, text in options
    ]
    return html.Div([html.Span(label), html.Div(links, className="segments")], className="knob")


def _picker(view: View, choice: Choice, words: Words) -> Component:
    """Return the list of all kinds, each a link that takes it in or out."""
    links = []
    for kind in FACILITY_KINDS:
        on = kind in choice.kinds
        kinds = [one for one in FACILITY_KINDS if (one in choice.kinds) != (one == kind)]
        href = view.with_own(kinds=",".join(kinds), set="").url
        links.append(html.A(words(f"facility.{kind}"), href=href, className="own-link pick" + (" on" if on else "")))
    return html.Details([html.Summary(words("circles.pick")), html.Div(links, className="picks")], className="picker")


def waiting_layout(words: Words) -> list[Component]:
    """Return what stands beside the map until times are worked out."""
    return [
        html.Div(
            [html.H1(words("circles.waiting")), html.P(words("circles.waiting.means"), className="muted")],
            className="panel-head", role="status", **attributes(data_waiting="1"),
        )
    ]  # fmt: skip


def missing_layout(detail: str, words: Words) -> list[Component]:
    """Return what stands beside the map when the record lacks a network or homes."""
    return [
        html.Div(
            [html.H1(words("circles.missing")), html.P(words("circles.missing.do")), html.P(detail, className="muted")],
            className="panel-head", role="status",
        )
    ]  # fmt: skip
