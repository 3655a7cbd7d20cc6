"""Designed panels for what is not a picture: nothing loaded, not found, slow, unreachable, forbidden, broken."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from gis import errors
from layouts.attributes import attributes
from layouts.text import Words

KIND: dict[type[Exception], str] = {
    errors.AreaNotFound: "not_found",
    errors.CaseNotFound: "not_found",
    errors.ScenarioNotFound: "not_found",
    errors.CodeFault: "not_found",
    errors.QueryTooSlow: "slow",
    errors.DatabaseUnavailable: "database",
}

_SIGNS = {"empty": "◌", "not_found": "?", "slow": "◔", "database": "⌁", "forbidden": "⊘", "error": "!"}


def kind_of(fault: Exception) -> str:
    """Return which panel tells about a fault."""
    for one in type(fault).__mro__:
        if one in KIND:
            return KIND[one]
    return "error"


def state_layout(kind: str, words: Words, *, detail: str = "", time: str = "") -> Component:
    """Return the panel of one state: a sign, what happened, and what to do."""
    todo = words(f"state.{kind}.do", time=time) if kind == "error" else words(f"state.{kind}.do")
    return html.Div(
        [
            html.Div(_SIGNS[kind], className="state-sign", **attributes(aria_hidden="true")),
            html.H2(words(f"state.{kind}")),
            html.P(todo),
            html.P(detail, className="muted") if detail else None,
            dcc.Link(words("state.home"), href="/", className="plain-link") if kind != "empty" else None,
        ],
        className=f"state-panel {kind}",
        role="status",
    )
