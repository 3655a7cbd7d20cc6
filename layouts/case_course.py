"""The course of a case in sentences: who did what, when, after how long, and with which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.text import Words
from layouts.text.naming import span

Stamp = Callable[[datetime], str]
Place = Callable[[str], str]


def course_layout(
    course: list[dict[str, Any]], channel: str, stamp: Stamp, place: Place, lang: str, words: Words
) -> list[Component]:
    """Return the events of a case as a list of sentences, oldest first.

    Parameters
    ----------
    stamp : a moment as local text. place : an area's code as its name.
    """
    items = []
    for i, event in enumerate(course):
        since = span((event["at"] - course[i - 1]["at"]).total_seconds(), lang) if i else ""
        told = sentence(event, channel, stamp, place, words)
        beside = event["stage"] in ("noted", "photographed", "placed", "chained", "linked", "unlinked", "escalated")
        items.append(html.Li([
            html.B(words(f"stage.{event['stage']}")), html.Time(stamp(event["at"])),
            html.Small(words("case.after", t=since)) if since else None,
            html.Div(told, className="told") if told else None,
            html.Q(event["reason"]) if event["reason"] else None,
        ], className="beside" if beside else ""))  # fmt: skip
    return [html.H2(words("case.steps")), html.Ol(items, className="steps")]


def sentence(event: dict[str, Any], channel: str, stamp: Stamp, place: Place, words: Words) -> str:
    """Return one event in words."""
    word, held = event["stage"], event["payload"] or {}
    who = " ".join(part for part in (event["unit"], event["actor"]) if part) or words("told.someone")
    if not (event["unit"] or event["actor"] or held or word == "reported"):
        return ""  # the step alone is known, and its name stands above
    values: dict[str, Any] = {"who": who, "unit": event["unit"] or who, "channel": words(f"channel.{channel}")}
    match word:
        case "dispatched":
            values["who"] = event["actor"] or words("told.someone")
            values["unit"] = event["unit"] or words("told.no_unit")
        case "postponed":
            values |= {key: _moment(held.get(name), stamp) for key, name in (("due", "due_at"), ("was", "was_due_at"))}
        case "placed":
            was = held.get("was_location_status", "")
            values["place"] = place(held.get("area_code", ""))
            values["was"] = place(held.get("was_area_code", "")) if was == "located" else words(f"bucket.{was}")
        case "chained":
            helping = [words(f"chain.{chain}") for chain in held.get("supporting", [])]
            values |= {
                "lead": words(f"chain.{held['lead']}"), "was": words(f"chain.{held['was_lead']}"),
                "supporting": " ".join(helping) or words("told.none"),
            }  # fmt: skip
        case "linked":
            values["to"] = held.get("to", "")
        case "unlinked":
            values["source"] = held.get("from", "")
        case "photographed":
            values["n"] = held.get("count", 1)
        case "escalated":
            values["what"] = words(f"told.{held.get('kind', 'order')}", **held.get("told", {}))
    return words(f"told.{word}", **values)


def _moment(told: str | None, stamp: Stamp) -> str:
    return stamp(datetime.fromisoformat(told)) if told else "–"
