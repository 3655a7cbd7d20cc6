"""What may be done with a case: a button for each step that is allowed now, and in words why the others are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from gis.offers import Denial, Offer
from gis.terms import CHAINS
from layouts.attributes import attributes
from layouts.community_forms import order_form, whistle_form
from layouts.forms import Option, Spec, field, form, form_button
from layouts.text import Words

_ONWARDS = ("accepted", "verifying", "filed", "dispatched", "handling", "checking", "closed", "evaluated", "resumed")


@dataclass(frozen=True)
class Desk:
    """What the buttons need to know: units to dispatch to, streets to name, the case's chains and its first report."""

    units: list[str]
    streets: list[Option]
    supporting: list[int]
    unit: str
    due: str
    first: str
    area_code: str = ""


def actions_layout(
    case: dict[str, Any], allowed: Iterable[Offer], denied: Iterable[Denial], desk: Desk, words: Words
) -> Component:
    """Return the buttons: onwards first, then the rest, then what may not be done and why."""
    allowed = list(allowed)
    onwards = [offer for offer in allowed if offer.word in _ONWARDS]
    rest = [offer for offer in allowed if offer.word not in _ONWARDS]
    first = [
        _step(case, offer, desk, words, "act main" if i == 0 else "act") for i, offer in enumerate(onwards)
    ] or [html.Span(words("act.none"), className="muted")]  # fmt: skip
    second = [_step(case, offer, desk, words, "act small") for offer in rest]
    why = [html.Li([html.B(words(f"act.{one.word}")), _why(one, words)]) for one in denied]
    return html.Section(
        [
            html.H2(words("act.title")),
            html.Div(first, className="acts"),
            html.Div([*second, *_beside(case, desk, words)], className="acts"),
            html.Details([html.Summary(words("act.denied")), html.Ul(why)], className="denied") if why else None,
            html.P(className="who-line", **attributes(data_who=words("who.label"))),
        ],
        className="case-actions",
    )


def _why(denial: Denial, words: Words) -> str:
    named = ("word", "stage")
    values = {key: words(f"stage.{value}") if key in named else value for key, value in denial.values.items()}
    return words(f"refused.{denial.why}", **values)


def step_fields(needs: Iterable[str], desk: Desk, words: Words, word: str) -> list[Spec]:
    """Return the fields that a step asks for."""
    needs = tuple(needs)
    fields = []
    if "unit" in needs:
        units = [(unit, unit) for unit in desk.units]
        fields.append(
            field("unit", words("field.unit"), "combo", required=True, value=desk.unit, options=units, most=120)
        )
    if "due_at" in needs:
        hint = words("form.due", due=desk.due) if desk.due else ""
        fields.append(field("work_days", words("field.days"), "number", required=True, value="3", hint=hint, most=60))
    label = "field.reason" if "reason" in needs else "field.remark"
    label = "field.answer" if word == "closed" and "reason" in needs else label
    fields.append(field("reason", words(label), "area", required="reason" in needs, most=500,
                        hint=words("form.reason.hint") if "reason" in needs else ""))  # fmt: skip
    return fields


def _step(case: dict[str, Any], offer: Offer, desk: Desk, words: Words, look: str) -> Component:
    label = words(f"act.{offer.word}")
    spec = form(
        f"{label} · {case['number']}", f"/api/v1/cases/{case['number']}/events",
        step_fields(offer.needs, desk, words, offer.word), submit=label, fixed={"stage": offer.word},
        unit="field" if "unit" in offer.needs else "own", done=words("form.done"),
    )  # fmt: skip
    return form_button(label, spec, look, data_word=offer.word)


def _beside(case: dict[str, Any], desk: Desk, words: Words) -> list[Component]:
    """Buttons for what stands beside the course of a case."""
    at = f"/api/v1/cases/{case['number']}"
    reason = field("reason", words("field.reason"), "area", required=True, most=500)
    remark = field("reason", words("field.remark"), "area", most=500)
    made = []
    place = words("act.replace" if case["location_status"] == "located" else "act.place")
    made.append((place, "place", form(place, f"{at}/place", [remark], submit=place, pick=words("form.pick"))))
    if case["location_status"] in ("cross_street", "unlocated"):
        label = words("act.street")
        street = field("street_code", words("field.street"), "select", required=True, options=desk.streets)
        spec = form(label, f"{at}/place", [street, remark], submit=label, note=words("form.pick.street"))
        made.append((label, "street", spec))
    chains = [(str(chain), words(f"chain.{chain}")) for chain in CHAINS]
    fields = [
        field("lead", words("field.lead"), "select", required=True, value=str(case["lead_chain"]), options=chains),
        field("supporting", words("field.supporting"), "many", options=chains,
              value=",".join(map(str, desk.supporting))),
        reason,
    ]  # fmt: skip
    label = words("act.chains")
    made.append((label, "chains", form(label, f"{at}/chains", fields, submit=label, note=words("form.chains.note"))))
    if desk.first:
        label = words("act.unlink", number=desk.first)
        made.append((label, "unlink", form(label, f"{at}/unlink", [reason], submit=label)))
    else:
        label = words("act.link")
        other = field("other", words("field.other"), required=True, most=40)
        made.append((label, "link", form(label, f"{at}/link", [other, remark], submit=label)))
    label = words("act.note")
    note = field("reason", words("field.note"), "area", required=True, most=500)
    made.append((label, "note", form(label, f"{at}/notes", [note], submit=label)))
    mine = desk.area_code[: 12 if len(desk.area_code) >= 12 else 9]
    here = mine if len(mine) >= 9 else ""
    order = order_form(here, words, topic=case["title"][:100], case=case["number"])
    made.append((words("act.order"), "order", order))
    made.append((words("act.whistle"), "whistle", whistle_form(here, words, case=case["number"])))
    return [
        form_button(name, spec | {"done": words("form.done")}, "act small", data_word=key) for name, key, spec in made
    ]


def join_button(number: str, other: str, words: Words) -> Component:
    """Return the button that joins a case to one beside it."""
    remark = field("reason", words("field.remark"), "area", most=500)
    spec = form(f"{words('act.join')} → {other}", f"/api/v1/cases/{number}/link", [remark], submit=words("act.join"),
                fixed={"other": other}, done=words("form.done"))  # fmt: skip
    return form_button(words("act.join"), spec, "act tiny", data_word="join")


def share_used(case: dict[str, Any], now: datetime) -> float | None:
    """Return how much of the time between report and deadline is used, 0 to 1 and beyond; None without a deadline."""
    if case["due_at"] is None:
        return None
    limit = (case["due_at"] - case["reported_at"]).total_seconds()
    if limit <= 0:  # a file may say that a case was due before it was reported
        return None
    return ((case["handled_at"] or now) - case["reported_at"]).total_seconds() / limit  # type: ignore[no-any-return]
