"""The page of the wall screens: which are alive, what they show, how old it is, and the form that lets one in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from gis.scope import View
from gis.wall import LAYOUTS, font_px
from layouts.attributes import attributes
from layouts.text import Words
from layouts.text.naming import short_name, span

BEAT_S, MISSED = 30, 3
_PANEL_MM = 1217.6
_COLUMNS = ("name", "state", "scope", "scene", "data", "layout", "letter", "heap", "build", "error", "do")


def state_of(row: dict[str, Any], now: datetime) -> str:
    """Return waiting, revoked, silent (three heartbeats missed) or alive."""
    if row["approved_at"] is None:
        return "waiting"
    if row["revoked_at"] is not None:
        return "revoked"
    silent = row["seen_at"] is None or (now - row["seen_at"]).total_seconds() > BEAT_S * MISSED
    return "silent" if silent else "alive"


def wall_screens_layout(
    view: View, rows: list[dict[str, Any]], names: dict[str, dict[str, str]], district: str, now: datetime, lang: str,
    words: Words,
) -> Component:  # fmt: skip
    """Return the page; `names` are those of the screens' areas by code."""
    states = [state_of(row, now) for row in rows]
    count = {state: states.count(state) for state in ("alive", "silent", "waiting", "revoked")}
    lead = words("screens.lead", **count) if rows else words("screens.none")
    head = html.Tr([html.Th(words(f"screens.col.{name}")) for name in _COLUMNS])
    body = [
        _row(row, state, names, now, lang, words) for row, state in zip(rows, states, strict=True) if state != "waiting"
    ]
    table = html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="quality-list", tabIndex="0")
    codes = [
        html.Button(row["code"], className="plain boxed", **attributes(data_code=row["code"]))
        for row, state in zip(rows, states, strict=True)
        if state == "waiting"
    ]
    return html.Div(
        [
            html.Div([html.H1(words("page.screens")), html.P(lead)], className="quality-head"),
            html.Section([html.H2(words("screens.approve")), html.P(words("screens.approve.do"), className="muted"),
                          html.Div(codes, className="waiting-codes"), _form(view.code or district, words)],
                         className="screens-form"),
            html.Section(table if body else html.P(words("screens.none.do"), className="empty-note"),
                         className="screens-list"),
        ],
        className="quality screens",
    )  # fmt: skip


def _form(scope: str, words: Words) -> Component:
    """Fields of the approval; `46_screens.js` sends them."""
    fields = [
        ("code", "", "123456"), ("name", "", "hall-1"), ("scope", scope, scope), ("metres", "4", "4"),
        ("mm", "", "0.634"),
    ]  # fmt: skip
    parts: list[Component] = [
        html.Label([html.Span(words(f"screens.field.{name}")),
                    html.Div(className="field", **attributes(data_field=name, data_value=value, data_hint=hint))])
        for name, value, hint in fields
    ]  # fmt: skip
    choices = html.Div(className="field", **attributes(data_field="layout", data_options=",".join(LAYOUTS)))
    parts.append(html.Label([html.Span(words("screens.field.layout")), choices]))
    parts.append(html.Button(words("screens.approve"), className="plain boxed", **attributes(data_approve="1")))
    parts.append(html.P("", className="screens-answer", role="status"))
    return html.Div(parts, className="screens-fields")


def _row(
    row: dict[str, Any], state: str, names: dict[str, dict[str, str]], now: datetime, lang: str, words: Words
) -> Component:
    beat = row["beat"]
    seen = words("wall.ago", age=span((now - row["seen_at"]).total_seconds(), lang)) if row["seen_at"] else "–"
    css = {"alive": "in_time", "silent": "overdue", "revoked": "done"}[state]
    wide = beat.get("width") or 1920
    columns = LAYOUTS[row["layout"]].columns
    letter = font_px(row["metres"], row["mm_per_px"] or _PANEL_MM * columns / wide)
    heap = beat.get("heap")
    cells: dict[str, Any] = {
        "name": html.A(row["name"], href=f"/wall/{row['area_code']}?layout={row['layout']}", target="_blank",
                       title=words("screens.look")),
        "state": html.Span([words(f"screens.state.{state}"), " · ", seen], className=f"state {css}"),
        "scope": short_name(names[row["area_code"]], lang) if row["area_code"] in names else row["area_code"],
        "scene": " ".join(words(f"wall.scene.{name}") for name in str(beat.get("scene", "")).split()[:3]
                          if name.replace("_", "").isalnum() and _known(name, words)),
        "data": _data_age(beat.get("data_time"), row["seen_at"], lang, words),
        "layout": f"{row['layout']} · {row['metres']:g} m", "letter": f"{letter:.0f} px",
        "heap": f"{heap / 1e6:,.0f} MB" if isinstance(heap, int | float) else "–",
        "build": str(beat.get("build", "–"))[:12], "error": str(beat.get("error", ""))[:80] or "–",
        "do": html.Button(words("screens.revoke"), className="plain boxed", **attributes(data_revoke=row["name"]))
              if state in ("alive", "silent") else "",
    }  # fmt: skip
    return html.Tr([html.Td(cells[name]) for name in _COLUMNS], className=state)


def _known(name: str, words: Words) -> bool:
    try:
        return bool(words(f"wall.scene.{name}"))
    except KeyError:
        return False


def _data_age(told: Any, seen: datetime | None, lang: str, words: Words) -> str:
    at = pd.to_datetime(told, utc=True, errors="coerce")
    if seen is None or pd.isna(at):
        return "–"
    return words("wall.ago", age=span(max((seen - at).total_seconds(), 0), lang))
