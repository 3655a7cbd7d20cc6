"""The forms of the community's instruments, as data for `layouts.forms`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash.development.base_component import Component

from gis.community import DEPARTMENTS, DIARY_CHANNELS, GROUPS, TOPIC_CATEGORY, TOPICS, WHISTLE_KINDS
from gis.supervision import next_moves
from layouts.forms import Option, field, form, form_button
from layouts.text import Words

_AT = "/api/v1/community"


def new_buttons(here: str, words: Words) -> list[Component]:
    """Return the buttons that begin a diary entry, a meeting, an order and a whistle; `here` is the area in view.

    The page holds the lists `communities`, `places` (communities and streets) and `categories`.
    """
    mine = here if len(here) == 12 else ""
    community = field("community_code", words("com.field.community"), "select", required=True, value=mine,
                      listed="communities")  # fmt: skip
    urgency = [(str(n), words(f"case.urgency.{n}")) for n in (3, 2, 1)]
    diary = form(words("com.new.diary"), f"{_AT}/diary", [
        community,
        field("text", words("com.field.text"), "area", required=True, most=2000),
        field("topic", words("com.field.topic"), "select", required=True, options=_named("topic", TOPICS, words)),
        field("channel", words("com.field.channel"), "select", required=True, value="visit",
              options=_named("channel", DIARY_CHANNELS, words)),
        field("population_group", words("com.field.group"), "select", options=_named("group", GROUPS, words)),
        field("urgency", words("com.field.urgency"), "select", required=True, value="3", options=urgency),
    ], submit=words("com.new.diary"), done=words("form.done"))  # fmt: skip
    meeting = form(words("com.new.meeting"), f"{_AT}/meetings", [
        community,
        field("topic", words("com.field.topic"), required=True, most=120),
        field("present", words("com.field.present"), "number", required=True, most=2000),
        field("participants", words("com.field.participants"), most=500),
        field("decision", words("com.field.decision"), "area", most=2000),
        field("follow_up", words("com.field.follow_up"), most=300),
        field("follow_up_on", words("com.field.follow_up_on"), "date"),
        field("cases", words("com.field.cases"), most=400),
        field("diary", words("com.field.diary"), most=200),
    ], submit=words("com.new.meeting"), done=words("form.done"))  # fmt: skip
    order = order_form(here if len(here) in (9, 12) else "", words)
    whistle = whistle_form(here if len(here) in (9, 12) else "", words)
    return [
        form_button(words("com.new.diary"), diary, "act main"),
        form_button(words("com.new.meeting"), meeting, "act"),
        form_button(words("com.new.order"), order, "act"),
        form_button(words("com.new.whistle"), whistle, "act"),
    ]


def order_form(here: str, words: Words, *, topic: str = "", **fixed: Any) -> dict[str, Any]:
    """Return the form of a supervision order; `fixed` names the case or the diary entry it is about."""
    return form(words("com.new.order"), f"{_AT}/orders", [
        field("from_code", words("com.field.from"), "select", required=True, listed="places", value=here),
        field("topic", words("com.field.topic"), required=True, most=120, value=topic),
        field("reason", words("com.field.why"), "area", required=True, most=500),
        field("owner", words("com.field.owner"), most=120),
        field("work_days", words("com.field.days"), "number", most=60),
    ], submit=words("com.new.order"), note=words("com.note.order"), fixed=fixed or None,
        done=words("form.done"))  # fmt: skip


def whistle_form(here: str, words: Words, **fixed: Any) -> dict[str, Any]:
    """Return the form of a whistle; `fixed` names the case it is about."""
    hint = " ".join(words(f"com.department.{name}") for name in DEPARTMENTS)
    return form(words("com.new.whistle"), f"{_AT}/whistles", [
        field("kind", words("com.field.kind"), "select", required=True, value="daily",
              options=[(kind, words(f"com.state.whistles.{kind}")) for kind in WHISTLE_KINDS]),
        field("area_code", words("com.field.community"), "select", required=True, listed="places", value=here),
        field("departments", words("com.field.departments"), required=True, most=300, hint=hint),
        field("reason", words("com.field.reason"), "area", required=True, most=500),
        field("place", words("com.field.place"), most=200),
    ], submit=words("com.new.whistle"), note=words("com.note.whistle"), fixed=fixed or None,
        done=words("form.done"))  # fmt: skip


def order_buttons(order: dict[str, Any], words: Words) -> list[Component]:
    """Return a button for each step that an order may take now."""
    made = []
    for move in next_moves(order["status"], order["to_code"]):
        label = words(f"com.word.{move.word}")
        fields = []
        if "owner" in move.needs:
            fields.append(field("owner", words("com.field.owner"), required=True, value=order["owner"], most=120))
        says = {"answered": "com.field.answer", "forwarded": "com.field.why"}.get(move.word, "field.reason")
        fields.append(field("reason", words(says), "area", required="reason" in move.needs, most=500))
        if move.word == "forwarded":
            fields.append(field("work_days", words("com.field.days"), "number", most=60))
        spec = form(f"{label} · {order['number']}", f"{_AT}/orders/{order['number']}/events", fields, submit=label,
                    fixed={"word": move.word}, done=words("form.done"))  # fmt: skip
        made.append(form_button(label, spec, "act tiny", data_word=move.word))
    return made


def diary_buttons(row: dict[str, Any], words: Words) -> list[Component]:
    """Return what may become of an entry that waits."""
    at = f"{_AT}/diary/{row['id']}"
    short = row["text"][:40]
    case = form(words("com.act.case"), f"{at}/case", [
        field("title", words("com.field.title"), required=True, value=short, most=200),
        field("category", words("com.field.category"), "select", required=True, listed="categories",
              value=TOPIC_CATEGORY[row["topic"]]),
        field("place", words("com.field.place"), most=200),
    ], submit=words("com.act.case"), go="/case/{number}")  # fmt: skip
    solved = form(words("com.act.solved"), f"{at}/outcome", [
        field("reason", words("com.field.said"), "area", required=True, most=500)
    ], submit=words("com.act.solved"), fixed={"outcome": "solved"}, done=words("form.done"))  # fmt: skip
    order = order_form(row["community_code"], words, topic=short, diary=row["id"])
    return [
        form_button(words("com.act.case"), case, "act tiny", data_word="case"),
        form_button(words("com.act.solved"), solved, "act tiny"),
        form_button(words("com.act.order"), order, "act tiny"),
    ]


def meeting_buttons(row: dict[str, Any], words: Words) -> list[Component]:
    """Return whether what was decided was kept, to be told once."""
    if row["is_kept"] is not None or not row["decision"]:
        return []
    return [
        form_button(words(f"com.act.{name}"), form(words(f"com.act.{name}"), f"{_AT}/meetings/{row['id']}/kept", [],
                    submit=words(f"com.act.{name}"), fixed={"is_kept": kept}, done=words("form.done")), "act tiny")
        for name, kept in (("kept", True), ("broken", False))
    ]  # fmt: skip


def whistle_buttons(row: dict[str, Any], absent: Iterable[str], words: Words) -> list[Component]:
    """Return a button for each department that is not there yet, and the end."""
    if row["ended_at"] is not None:
        return []
    at = f"{_AT}/whistles/{row['number']}"
    made = []
    for name in absent:
        label = words("com.act.arrive", who=name)
        spec = form(label, f"{at}/arrivals", [], submit=label, fixed={"department": name}, done=words("form.done"))
        made.append(form_button(label, spec, "act tiny"))
    result = field("reason", words("com.field.result"), "area", required=True, most=500)
    end = form(words("com.act.end"), f"{at}/end", [result], submit=words("com.act.end"), done=words("form.done"))
    return [*made, form_button(words("com.act.end"), end, "act tiny")]


def _named(kind: str, known: Iterable[str], words: Words) -> list[Option]:
    return [(name, words(f"com.{kind}.{name}")) for name in known]
