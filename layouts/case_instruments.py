"""What the community's instruments have to do with a case: orders, whistles, diary entries, meetings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from layouts.forms import Option, option_lists
from layouts.text import Words


def instruments_layout(
    view: View, belongs: dict[str, list[dict[str, Any]]], stamp: Callable[[datetime], str], words: Words
) -> list[Component]:
    """Return one line for each instrument that belongs to a case; nothing when there is none."""
    at = view.with_(page="community", code="", case="", camera=None, topic="")
    lines = [
        (f"{words('com.kind.orders')} {row['number']}", words(f"com.status.{row['status']}"), row["issued_at"],
         at.with_own(kind="orders", id=row["number"]).url)
        for row in belongs["orders"]
    ]  # fmt: skip
    lines += [
        (f"{words('com.state.whistles.' + row['kind'])} {row['number']}",
         words("com.state.whistles.ended" if row["ended_at"] else "com.state.whistles.open"), row["blown_at"],
         at.with_(code=row["community_code"]).with_own(kind="whistles", state=row["kind"]).url)
        for row in belongs["whistles"]
    ]  # fmt: skip
    lines += [
        (f"{words('com.kind.diary')} · {row['text'][:30]}", row["author"], row["heard_at"],
         at.with_(code=row["community_code"]).with_own(kind="diary", state="case").url)
        for row in belongs["diary"]
    ]  # fmt: skip
    lines += [
        (f"{words('com.kind.meetings')} · {row['topic']}", words("com.present", n=row["present"]), row["held_at"],
         at.with_(code=row["community_code"]).with_own(kind="meetings").url)
        for row in belongs["meetings"]
    ]  # fmt: skip
    if not lines:
        return []
    items = [
        html.Li(dcc.Link([html.Span(title, className="title"), html.Span(state, className="stage"),
                          html.Span(stamp(moment), className="clock")], href=href))
        for title, state, moment, href in lines
    ]  # fmt: skip
    return [html.H2(words("com.of_case")), html.Ol(items, className="case-list")]


def places_layout(area_code: str, streets: list[Option], place: Callable[[str], str]) -> Component:
    """Return the unseen list of places that an order or a whistle about a case may come from."""
    own = [(area_code[:12], place(area_code[:12]))] if len(area_code) >= 12 else []
    mine = [(code, name) for code, name in streets if area_code.startswith(code)]
    return option_lists(places=[*own, *(mine or streets)])
