"""What is new in an area: since the last look, the newest cases, and those that nobody touched for longest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from layouts.legend import number
from layouts.text import Words
from layouts.text.naming import span


def news_layout(
    view: View, since: dict[str, int] | None, seen: str, newest: list[dict[str, Any]],
    untouched: list[dict[str, Any]], now: datetime, lang: str, words: Words,
) -> list[Component]:  # fmt: skip
    """Return the tab.

    Parameters
    ----------
    since : counts since the last look, or None on a first visit. seen : when that was, in words.
    untouched : open cases with `touched_at`, the one that waits longest first.
    """
    told = words("news.first")
    if since is not None:
        told = words("news.since", seen=seen, **{name: number(n) for name, n in since.items()})
    return [
        html.P(told, className="headline"),
        html.H3(words("news.newest")),
        _list(view, newest, "reported_at", now, lang, words),
        html.H3(words("news.untouched")),
        _list(view, untouched, "touched_at", now, lang, words),
    ]


def _list(view: View, rows: list[dict[str, Any]], by: str, now: datetime, lang: str, words: Words) -> Component:
    if not rows:
        return html.P(words("cases.none"), className="empty-note")
    items = []
    for row in rows:
        kind = row["minor_en" if lang == "en" else "minor_zh"]
        title = f"{kind} · {row['place']}" if row["place"] else kind
        age = words("news.ago", t=span((now - row[by]).total_seconds(), lang))
        items.append(html.Li(dcc.Link(
            [html.Span(title, className="title"), html.Span(words(f"stage.{row['stage']}"), className="stage"),
             html.Span(age, className="clock")],
            href=view.with_(page="case", case=row["number"], camera=None).url, title=row["title"],
        )))  # fmt: skip
    return html.Ol(items, className="case-list")
