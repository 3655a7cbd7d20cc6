"""The tabs of balance and routing rules: who could help whom, and rules that are tried before they are switched on."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.routing import TIME_BANDS, Effect
from gis.scope import View
from gis.terms import CHAINS
from layouts.forms import field, form, form_button
from layouts.legend import number
from layouts.pages.chains import chain_mark, signed
from layouts.plain import plain
from layouts.text import Words

_FULLEST = 20


def balance_layout(suggested: pd.DataFrame, units: pd.DataFrame, words: Words) -> Any:
    """Return the tab: suggestions with the effect worked out and a button to accept, then the fullest units."""
    rows: list[list[Any]] = []
    for r in suggested.to_dict("records"):
        effect = words("chains.bal.effect", a=f"{r['from_before']:.1f}", b=f"{r['from_after']:.1f}",
                       c=f"{r['to_before']:.1f}", d=f"{r['to_after']:.1f}")  # fmt: skip
        spec = form(
            words("chains.bal.accept"), "/api/v1/chains/share",
            [field("count", words("chains.bal.count"), "number", required=True, value=str(r["cases"]), most=200),
             field("reason", words("chains.bal.reason"), "area", required=True, value=words("chains.bal.default"))],
            submit=words("chains.bal.submit"), fixed={"from_id": int(r["from_id"]), "to_id": int(r["to_id"])},
            note=words("chains.bal.note", a=r["from_name"], b=r["to_name"]), done=words("chains.bal.done"),
        )  # fmt: skip
        rows.append([
            html.Span([html.Span(chain_mark(r["chain"], words), className="chain-tag"), r["from_name"]]), r["to_name"],
            words("metres", n=number(r["distance_m"])), number(r["cases"]), effect,
            form_button(words("chains.bal.accept"), spec),
        ])  # fmt: skip
    first = _panel("help", ("full", "free", "away", "share", "effect", ""), rows, words)
    full = units[units["days"] < float("inf")].sort_values("days", ascending=False).head(_FULLEST)
    listed = [
        [html.Span([html.Span(chain_mark(r["chain"], words), className="chain-tag"), r["name_zh"]]), number(r["open"]),
         number(r["people"]), f"{r['per_day']:.1f}", f"{r['days']:.1f}"]
        for r in full.to_dict("records")
    ]  # fmt: skip
    second = _panel("units", ("unit", "waiting", "people", "per_day", "days"), listed, words)
    return plain([first, second])


def _panel(name: str, columns: tuple[str, ...], rows: list[list[Any]], words: Words) -> Component:
    head = [html.H2(words(f"chains.bal.{name}")), html.P(words(f"chains.bal.{name}.means"), className="muted")]
    if not rows:
        return html.Article([*head, html.P(words(f"chains.bal.{name}.none"))], className="chains-panel wide")
    top = [html.Th(words(f"chains.bal.col.{c}") if c else "") for c in columns]
    body = [html.Tr([html.Td(cell) for cell in row]) for row in rows]
    table = html.Table([html.Thead(html.Tr(top)), html.Tbody(body)], className="chains-plain")
    return html.Article([*head, html.Div(table, className="chains-scroll bare")], className="chains-panel wide")


def rules_layout(
    view: View, rules: pd.DataFrame, kinds: list[tuple[str, str, str]], tried: int, effect: Effect | None, past: int,
    areas: list[tuple[str, str]], lang: str, words: Words,
) -> Any:  # fmt: skip
    """Return the tab: rules in force first, each to be edited, tried and switched; then what the tried one would do.

    Parameters
    ----------
    areas : code and name of the district and its streets. past : how many cases of 30 days a rule was tried on.
    """
    names = dict(areas)
    kind_names = {code: (en if lang == "en" else zh) for code, zh, en in kinds}
    rows = [_rule(view, r, names, kind_names, tried, kinds, areas, lang, words) for r in rules.to_dict("records")]
    add = form_button(words("chains.rule.add"), _rule_form({}, kinds, areas, lang, words), look="act main")
    top = [html.Th(words(f"chains.rule.col.{c}") if c else "")
           for c in ("state", "name", "area", "kind", "band", "lead", "supports", "")]  # fmt: skip
    body = [html.Tr([html.Td(cell) for cell in row]) for row in rows]
    table = html.Table([html.Thead(html.Tr(top)), html.Tbody(body)], className="chains-plain")
    parts: list[Component] = [
        html.Article(
            [html.Div([html.H2(words("chains.rule.title")), add], className="list-head"),
             html.P(words("chains.rule.means"), className="muted"),
             html.Div(table, className="chains-scroll bare")],
            className="chains-panel wide",
        )
    ]  # fmt: skip
    if effect is not None:
        parts.append(_effect(rules[rules["id"] == tried].iloc[0]["name"], effect, past, words))
    return plain(parts)


def _rule(
    view: View, r: dict[Any, Any], names: dict[str, str], kind_names: dict[str, str], tried: int,
    kinds: list[tuple[str, str, str]], areas: list[tuple[str, str]], lang: str, words: Words,
) -> list[Any]:  # fmt: skip
    active = bool(r["is_active"])
    turn = form(
        words("chains.rule.off" if active else "chains.rule.on"), f"/api/v1/chains/rules/{r['id']}/switch", [],
        submit=words("chains.rule.off" if active else "chains.rule.on"), fixed={"active": not active},
        note=words("chains.rule.turn.note", name=r["name"]), done=words("chains.rule.turned"),
    )  # fmt: skip
    acts = html.Span(
        [
            dcc.Link(words("chains.rule.try"), href=view.with_own(**{"try": str(r["id"])}).url, className="chip-link"),
            form_button(words("chains.rule.edit"), _rule_form(r, kinds, areas, lang, words)),
            form_button(words("chains.rule.off" if active else "chains.rule.on"), turn),
        ],
        className="acts",
    )
    kind = kind_names.get(r["category"], r["category"]) or words("chains.rule.every")
    state = html.B(words("chains.rule.active")) if active else html.Span(words("chains.rule.draft"), className="muted")
    name = f"{r['name']} · {words('chains.rule.version', n=r['version'])}"
    return [
        state, html.B(name) if r["id"] == tried else name, names.get(r["area_code"], r["area_code"]), kind,
        words(f"chains.band.{r['time_band']}"), html.Span(chain_mark(int(r["lead_chain"]), words)),
        "、".join(words(f"chain.{c}") for c in r["support_chains"]) or "–", acts,
    ]  # fmt: skip


def _rule_form(
    r: dict[Any, Any], kinds: list[tuple[str, str, str]], areas: list[tuple[str, str]], lang: str, words: Words
) -> dict[str, Any]:
    chains = [(str(c), words(f"chain.full.{c}")) for c in CHAINS]
    majors = [(letter, words(f"family.{name}")) for letter, name in (("P", "part"), ("E", "event"), ("S", "social"))]
    minors = [(code, f"{code} {en if lang == 'en' else zh}") for code, zh, en in kinds]
    lead = field("lead_chain", words("chains.rule.col.lead"), "select", required=True,
                 value=str(r.get("lead_chain", 2)), options=chains)  # fmt: skip
    fields = [
        field("name", words("chains.rule.col.name"), required=True, value=str(r.get("name", "")), most=120),
        field("area_code", words("chains.rule.col.area"), "select", required=True,
              value=str(r.get("area_code", areas[0][0])), options=areas),
        field("category", words("chains.rule.col.kind"), "select", value=str(r.get("category", "")),
              options=[*majors, *minors]),
        field("time_band", words("chains.rule.col.band"), "select", required=True,
              value=str(r.get("time_band", "any")), options=[(b, words(f"chains.band.{b}")) for b in TIME_BANDS]),
        lead | {"int": True},
        field("support_chains", words("chains.rule.col.supports"), "many",
              value=",".join(str(c) for c in r.get("support_chains", [])), options=chains),
    ]  # fmt: skip
    fixed = {"replaces": int(r["id"])} if r else None
    return form(words("chains.rule.edit" if r else "chains.rule.add"), "/api/v1/chains/rules", fields,
                submit=words("chains.rule.save"), note=words("chains.rule.save.note"), fixed=fixed,
                done=words("chains.rule.saved"))  # fmt: skip


def _effect(name: str, effect: Effect, past: int, words: Words) -> Component:
    line = words("chains.rule.effect.line", name=name, past=number(past), matched=number(effect.matched),
                 changed=number(effect.changed))  # fmt: skip
    rows = []
    for chain, row in zip(effect.load.index, effect.load.to_numpy(dtype=int), strict=True):
        before, after, supports = (int(n) for n in row)
        rows.append(html.Tr([html.Td(chain_mark(int(chain), words)), html.Td(number(before), className="figure"),
                             html.Td(number(after), className="figure"),
                             html.Td(signed(after - before), className="figure"),
                             html.Td(number(supports), className="figure")]))  # fmt: skip
    names = ("chain", "before", "after", "change", "supports")
    top = [html.Th(words(f"chains.rule.effect.{c}"), className="" if i == 0 else "figure") for i, c in enumerate(names)]
    return html.Article(
        [html.H2(words("chains.rule.effect")), html.P(line),
         html.Table([html.Thead(html.Tr(top)), html.Tbody(rows)], className="chains-plain")],
        className="chains-panel wide",
    )  # fmt: skip


__all__ = ["balance_layout", "rules_layout"]
