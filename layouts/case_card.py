"""The card of one case: its clock, where it is, every step it went through, and what lies near."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from layouts.text import Words
from layouts.text.naming import span


def case_layout(
    view: View, case: dict[str, Any], state: str, now: datetime, place_name: str, zone_times: dict[str, str], lang: str,
    words: Words,
) -> list[Component]:  # fmt: skip
    """Return the head of a case.

    Parameters
    ----------
    state : overdue, near_due, in_time or done.
    place_name : the deepest area known, in words. zone_times : the case's times as local text.
    """
    kind = f"{case['major_en']} · {case['minor_en']}" if lang == "en" else f"{case['major_zh']} · {case['minor_zh']}"
    facts = [
        (words("case.category"), f"{words('family.' + case['family'])} · {kind}"),
        (words("case.place"), case["place"] or place_name),
        (words("case.reported"), zone_times["reported_at"]),
        (words("case.due"), zone_times.get("due_at") or words("case.no_due")),
        (words("case.channel"), words("channel." + case["channel"])),
        (words("case.chain"), words(f"chain.{case['lead_chain']}")),
    ]
    notes = []
    if case["location_status"] != "located":
        status = words(f"bucket.{case['location_status']}")
        notes.append(html.P(f"{status} · {place_name}", className="empty-note"))
    badges = [
        html.Span(words(f"state.{state}"), className=f"state {state}"),
        html.Span(words(f"stage.{case['stage']}"), className="badge"),
        html.Span(words(f"case.urgency.{case['urgency']}"), className="badge"),
    ]
    if case["is_repeat"]:
        badges.append(html.Span(words("case.repeat"), className="badge"))
    return [
        html.H1(case["title"]),
        html.Div([html.Span(case["number"], className="code"), *badges], className="facts"),
        html.P(_clock(case, state, now, lang, words), className=f"headline {state}"),
        html.Dl([part for name, value in facts for part in (html.Dt(name), html.Dd(value))], className="case-facts"),
        *notes,
        dcc.Link(words("up"), href=view.at(case["area_code"]).url, className="plain-link"),
    ]


def _clock(case: dict[str, Any], state: str, now: datetime, lang: str, words: Words) -> str:
    if state == "done":
        took = span((case["closed_at"] - case["reported_at"]).total_seconds(), lang)
        return f"{words('state.done')} · {words('case.after', t=took)}"
    if case["due_at"] is None:
        return words("case.no_due")
    left = (case["due_at"] - (case["handled_at"] or now)).total_seconds()
    return words("left" if left >= 0 else "late", t=span(left, lang))


def steps_layout(
    steps: list[dict[str, Any]], times: list[str], channel: str, lang: str, words: Words
) -> list[Component]:
    """Return the steps of a case, oldest first, with the time each took since the one before."""
    items = []
    for i, (step, shown) in enumerate(zip(steps, times, strict=True)):
        since = words("case.after", t=span((step["at"] - steps[i - 1]["at"]).total_seconds(), lang)) if i else ""
        if step["stage"] == "reported":  # its unit is the reporting system's own name
            step = step | {"unit": words(f"channel.{channel}")}
        who = " · ".join(part for part in (step["unit"], step["actor"], step["reason"]) if part)
        items.append(html.Li([
            html.B(words(f"stage.{step['stage']}")), html.Time(shown), html.Small(since),
            html.Div(who, className="muted") if who else None,
        ]))  # fmt: skip
    return [html.H2(words("case.steps")), html.Ol(items, className="steps")]


def near_layout(view: View, rows: list[dict[str, Any]], lang: str, words: Words) -> list[Component]:
    """Return other cases nearby: the same thing may have been reported before."""
    if not rows:
        return [html.H2(words("case.near")), html.P(words("case.near.none"), className="empty-note")]
    items = []
    for row in rows:
        title = row["title"] if lang != "en" else row["minor_en"]
        items.append(html.Li(dcc.Link(
            [html.Span(title, className="title"), html.Span(words(f"stage.{row['stage']}"), className="stage"),
             html.Span(words("metres", n=round(row["away_m"])), className="clock")],
            href=view.with_(page="case", case=row["number"], camera=None).url,
        )))  # fmt: skip
    return [html.H2(words("case.near")), html.Ol(items, className="case-list")]
