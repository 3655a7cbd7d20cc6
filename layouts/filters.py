"""The filters as links: each is an address, so Back works and nothing is written back while an answer is on its way."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from gis.terms import CHAINS, CHANNELS, FAMILIES, GROUPS, STAGES
from layouts.attributes import attributes
from layouts.text import Words


def filters_layout(view: View, categories: list[dict[str, Any]], lang: str, words: Words) -> list[Component]:
    """Return every filter of cases with what is chosen, grouped; `categories` are rows of the category tree."""
    narrow = html.Div(
        [
            _chip(view.with_(urgent_only=not view.urgent_only), words("filter.urgent"), view.urgent_only),
            _chip(view.with_(overdue_only=not view.overdue_only), words("filter.overdue"), view.overdue_only),
        ],
        className="chips",
    )
    parts = [
        _group(words("filter.narrow"), narrow),
        _choice(view, "families", words("filter.families"), [(f, words(f"family.{f}")) for f in FAMILIES]),
        _choice(view, "chains", words("filter.chains"), [(c, words(f"chain.{c}")) for c in CHAINS]),
        _choice(view, "stages", words("filter.stages"), [(s, words(f"stage.{s}")) for s in STAGES]),
        _choice(view, "channels", words("filter.channels"), [(c, words(f"channel.{c}")) for c in CHANNELS]),
        _choice(view, "groups", words("filter.groups"), [(g, words(f"group.{g}")) for g in GROUPS]),
        _categories(view, categories, lang, words),
    ]
    if view.filter_count:
        nothing = view.with_(families=(), channels=(), categories=(), groups=(), chains=(), stages=(),
                             urgent_only=False, overdue_only=False)  # fmt: skip
        parts.insert(0, dcc.Link(words("filter.clear"), href=nothing.url, className="plain-link"))
    return parts


def _group(title: str, body: Component) -> Component:
    return html.Div([html.H4(title), body])


def _choice(view: View, field: str, title: str, options: list[tuple[Any, str]]) -> Component:
    chosen: tuple[Any, ...] = getattr(view, field)
    order = [value for value, _ in options]
    chips = [
        _chip(view.with_(**{field: _toggled(chosen, value, order)}), label, value in chosen) for value, label in options
    ]
    return _group(title, html.Div(chips, className="chips"))


def _categories(view: View, rows: list[dict[str, Any]], lang: str, words: Words) -> Component:
    """Small classes under their large ones; the large ones that hold a choice, or a chosen family, stand open."""
    order = [row["code"] for row in rows]
    majors: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if not view.families or row["family"] in view.families:
            majors.setdefault(row["major_en" if lang == "en" else "major_zh"], []).append(row)
    blocks = []
    for major, own in majors.items():
        n = sum(row["code"] in view.categories for row in own)
        chips = [
            _chip(view.with_(categories=_toggled(view.categories, row["code"], order)),
                  row["minor_en" if lang == "en" else "minor_zh"], row["code"] in view.categories)
            for row in own
        ]  # fmt: skip
        label = f"{major} {n}" if n else major
        blocks.append(html.Details([html.Summary(label), html.Div(chips, className="chips")], open=bool(n)))
    return _group(words("filter.categories"), html.Div(blocks, className="majors"))


def _toggled(chosen: tuple[Any, ...], value: Any, order: list[Any]) -> tuple[Any, ...]:
    kept = set(chosen) ^ {value}
    return tuple(one for one in order if one in kept)


def _chip(view: View, label: str, is_on: bool) -> Component:
    told = attributes(aria_current="true") if is_on else {}
    return html.A(label, href=view.url, className="qx-link chip on" if is_on else "qx-link chip", **told)
