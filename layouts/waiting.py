"""The queue page: a sentence, bands with their counts, and the cases of one band, the next to run out on top."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from layouts.attributes import attributes
from layouts.legend import number
from layouts.queue_tools import moves_of
from layouts.text import Words
from layouts.text.naming import short_name, span

_STATES = {"near_due": "near_due", "overdue": "overdue"}


def queue_head(view: View, place_name: str, counts: dict[str, int], first: dict[str, Any] | None, now: datetime,
               lang: str, words: Words) -> list[Component]:  # fmt: skip
    """Return the title and what to do next in one sentence; `first` is the case that runs out next."""
    parts = [words("queue.counts", near=number(counts["near_due"]), late=number(counts["overdue"]))]
    if first is not None:
        kind = first["minor_en" if lang == "en" else "minor_zh"]
        left = span((first["due_at"] - now).total_seconds(), lang)
        parts.append(words("queue.next", what=f"{kind} · {first['place']}" if first["place"] else kind, left=left))
    return [html.H1(words("queue.title", name=place_name)), html.P("".join(parts), className="headline")]


def bands_layout(view: View, band: str, counts: dict[str, int], words: Words) -> list[Component]:
    """Return the bands as tabs with their counts; a band is an address."""
    return [
        dcc.Link(
            [words(f"queue.{name}"), html.B(number(n))],
            href=view.with_(topic=name).url,
            className=f"tab {'on' if name == band else ''} {_STATES.get(name, '') if n else ''}".strip(),
        )
        for name, n in counts.items()
    ]


def queue_table(
    view: View, rows: list[dict[str, Any]], total: int, now: datetime, lang: str, words: Words, hung: set[int]
) -> Component:
    """Return the cases of a band; the row under the pointer or the arrow keys is marked on the map.

    `hung` are the ids of the cases that are on hold.
    """
    if not rows:
        return html.P(words("queue.none"), className="empty-note")
    head = [html.Th(words(f"queue.col.{name}")) for name in ("clock", "what", "area", "stage", "channel", "age")]
    body = [_row(view, row, now, lang, words, row["id"] in hung) for row in rows]
    hidden = number(max(0, total - len(rows)))
    note = html.P(words("queue.shown", n=number(len(rows)), hidden=hidden), className="muted")
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="queue-table")
    return html.Div([table, note if total > len(rows) else None])


def _row(view: View, row: dict[str, Any], now: datetime, lang: str, words: Words, is_hung: bool) -> Component:
    due = row["due_at"]
    left = (due - (row["hung_since"] or now)).total_seconds() if due is not None else None
    state = "done" if left is None else "overdue" if left < 0 else "near_due" if _is_near(row, now) else "in_time"
    clock = words("case.no_due.short") if left is None else words("left" if left >= 0 else "late", t=span(left, lang))
    if row["hung_since"] is not None:
        clock = words("case.hung.short")
    kind = row["minor_en" if lang == "en" else "minor_zh"]
    href = view.with_(page="case", case=row["number"], camera=None, topic="").url
    what = [html.B(kind), html.Span(row["place"])]
    if row["urgency"] == 1:
        what.insert(0, html.Span(words("case.urgency.1"), className="badge urgent"))
    if row["is_repeat"]:
        what.append(html.Span(words("case.repeat"), className="badge"))
    where = short_name(row, lang) if row["name_zh"] else "–"
    if is_hung:
        what.append(html.Span(words("stage.hung"), className="badge"))
    place = attributes(data_lon=str(row["lon"] or ""), data_lat=str(row["lat"] or ""), data_number=row["number"],
                       data_moves=moves_of(row, is_hung=is_hung))  # fmt: skip
    named = attributes(aria_checked="false", aria_label=f"{words('queue.select')} {row['number']}")
    pick = html.Span(className="pick", role="checkbox", title=words("queue.select"), **named)
    return html.Tr(
        [
            html.Td([pick, dcc.Link(clock, href=href, className=f"clock {state}", title=row["title"])]),
            html.Td(html.Div(what, className="what")),
            html.Td(where),
            html.Td(words(f"stage.{row['stage']}")),
            html.Td(words(f"channel.{row['channel']}")),
            html.Td(span((now - row["reported_at"]).total_seconds(), lang)),
        ],
        className="queue-row",
        **place,
    )


def _is_near(row: dict[str, Any], now: datetime) -> bool:
    return row["hung_since"] is None and row["near_at"] is not None and bool(row["near_at"] < now)
