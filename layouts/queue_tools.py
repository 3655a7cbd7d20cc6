"""What an operator works the queue with: saved views, many cases at once, and the hand-over between shifts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from gis.workflow import next_moves
from layouts.attributes import attributes
from layouts.forms import field, form, form_button
from layouts.text import Words

_SINGLY = ("postponed", "closed", "evaluated")
"""Steps that want a look at each case: no list offers them."""

_WITH_UNIT = ("dispatched", "handling", "checking")


def moves_of(row: dict[str, Any], *, is_hung: bool) -> str:
    """Return the words of the steps that many cases at once may take, for the row of one."""
    words = {move.word for move in next_moves(row["stage"], row["family"], row["channel"], is_hung=is_hung)}
    return " ".join(sorted(words - set(_SINGLY)))


def tools_layout(view_name: str, units: Iterable[str], area_code: str, words: Words) -> Component:
    """Return the bar above the list; what it says about the choice is filled in by `46_queue_tools.js`."""
    words_there = {
        "labels": {word: words(f"act.{word}") for word in _MOVES}, "units": list(units),
        "needs": {"reason": ["returned", "rework", "void", "hung"], "unit": list(_WITH_UNIT),
                  "onwards": list(_MOVES[:6])},
        "words": {key: words(f"queue.{key}") for key in (
            "chosen", "bulk", "bulk.move", "bulk.able", "bulk.note", "bulk.moved", "bulk.refused", "act", "clear",
            "views.name", "views.hint", "views.save", "views.drop")}
        | {"unit": words("field.unit"), "reason": words("field.reason")},
        "name": view_name,
    }  # fmt: skip
    note = form(
        words("queue.handover.title", name=view_name), "/api/v1/desk/handovers",
        [field("reason", words("queue.handover.text"), "area", required=True, most=2000)],
        submit=words("queue.handover"), note=words("queue.handover.hint"), fixed={"area_code": area_code},
        done=words("form.done"),
    )  # fmt: skip
    return html.Div(
        [
            html.Span(className="chosen", **attributes(aria_live="polite")),
            html.Button(words("queue.act"), className="act small bulk", type="button"),
            html.Button(words("queue.all"), className="act small all", type="button"),
            html.Button(words("queue.clear"), className="act small clear", type="button"),
            html.Span(className="views", title=words("queue.views.hint")),
            html.Button(words("queue.views.save"), className="act small save-view", type="button"),
            form_button(words("queue.handover"), note, "act small"),
        ],
        className="queue-tools",
        **attributes(data_tools=json.dumps(words_there, ensure_ascii=False)),
    )


_MOVES = (
    "accepted", "verifying", "filed", "dispatched", "handling", "checking", "returned", "rework", "hung", "resumed",
    "supervised", "revisited", "void",
)  # fmt: skip


def handover_layout(
    notes: list[dict[str, Any]], counts: dict[str, int] | None, stamp: Callable[[datetime], str], words: Words
) -> Any:
    """Return the note of the shift before, with what has become of its counts, and the earlier ones folded away."""
    if not notes:
        return None
    last, *earlier = notes

    def head(note: dict[str, Any]) -> str:
        who = " ".join(part for part in (note["unit"], note["actor"]) if part)
        return words("queue.handover.last", at=stamp(note["at"]), who=who)

    def told(note: dict[str, Any], now: dict[str, int] | None) -> str:
        parts = [
            words("queue.handover.now" if now and now.get(band) != n else "queue.handover.count",
                  band=words(f"queue.{band}").strip(), n=n, now=(now or {}).get(band, n))
            for band, n in note["counts"].items()
        ]  # fmt: skip
        return words("queue.handover.then", counts=" · ".join(parts))

    older = [html.Li([html.B(head(note)), html.P(note["text"]), html.Small(told(note, None))]) for note in earlier]
    return html.Div(
        [
            html.B(head(last)), html.P(last["text"]), html.Small(told(last, counts)),
            html.Details([html.Summary(words("queue.handover.earlier", n=len(older))), html.Ul(older)])
            if older else None,
        ],
        className="handover",
    )  # fmt: skip
