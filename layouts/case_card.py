"""The card of one case: its clock, where it is, who is on it, and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from gis.workflow import CaseState
from layouts.case_actions import join_button, share_used
from layouts.text import Words
from layouts.text.naming import span


@dataclass(frozen=True)
class Matter:
    """A case among others: how many voices its matter has, the first report, and the chains that support it."""

    voices: int
    first: str
    supporting: list[int]
    standing: CaseState
    caller: str = ""


def case_layout(
    view: View, case: dict[str, Any], state: str, now: datetime, place_name: str, zone_times: dict[str, str], lang: str,
    words: Words, matter: Matter,
) -> list[Component]:  # fmt: skip
    """Return the head of a case.

    Parameters
    ----------
    state : overdue, near_due, in_time or done.
    place_name : the deepest area known, in words. zone_times : the case's times as local text.
    """
    kind = f"{case['major_en']} · {case['minor_en']}" if lang == "en" else f"{case['major_zh']} · {case['minor_zh']}"
    helping = " · ".join(words(f"chain.{chain}") for chain in matter.supporting)
    facts: list[tuple[str, Any]] = [
        (words("case.category"), f"{words('family.' + case['family'])} · {kind}"),
        (words("case.place"), [case["place"] or place_name, _off_map(case, place_name, words)]),
        (words("case.reported"), zone_times["reported_at"]),
        (words("case.due"), zone_times.get("due_at") or words("case.no_due")),
        (words("case.channel"), words("channel." + case["channel"])),
        (words("case.chain"), words(f"chain.{case['lead_chain']}")),
    ]
    if helping:
        facts.append((words("case.support"), helping))
    if matter.standing.unit:
        facts.append((words("case.unit"), matter.standing.unit))
    if matter.caller:
        facts.append((words("case.caller"), matter.caller))
    if matter.first:
        link = dcc.Link(matter.first, href=view.with_(page="case", case=matter.first, camera=None).url)
        facts.append((words("case.repeats"), link))
    badges = [
        html.Span(words(f"state.{state}"), className=f"state {state}"),
        html.Span(words(f"stage.{case['stage']}"), className="badge"),
        html.Span(words(f"case.urgency.{case['urgency']}"), className="badge"),
    ]
    if case["is_repeat"]:
        badges.append(html.Span(words("case.repeat"), className="badge"))
    if matter.voices > 1:
        hint = words("case.voices.hint")
        badges.append(html.Span(words("case.voices", n=matter.voices), className="badge voices", title=hint))
    return [
        html.H1(case["title"]),
        html.Div([html.Span(case["number"], className="code"), *badges], className="facts"),
        html.P(_clock(case, state, now, lang, words), className=f"headline {state}"),
        _meter(case, state, now, words),
        _hung(matter.standing, now, lang, words),
        html.Dl([part for name, value in facts for part in (html.Dt(name), html.Dd(value))], className="case-facts"),
        dcc.Link(words("up"), href=view.at(case["area_code"]).url, className="plain-link"),
    ]


def _off_map(case: dict[str, Any], place_name: str, words: Words) -> Any:
    if case["location_status"] == "located":
        return None
    note = f"{words('bucket.' + case['location_status'])} · {place_name}"
    return html.Div(note, className="near_due")


def _clock(case: dict[str, Any], state: str, now: datetime, lang: str, words: Words) -> str:
    if state == "done":
        took = span((case["closed_at"] - case["reported_at"]).total_seconds(), lang)
        return f"{words('state.done')} · {words('case.after', t=took)}"
    if case["due_at"] is None:
        return words("case.no_due")
    if case["hung_since"] is not None:
        return words("case.hung", t=span((now - case["hung_since"]).total_seconds(), lang))
    left = (case["due_at"] - (case["handled_at"] or now)).total_seconds()
    return words("left" if left >= 0 else "late", t=span(left, lang))


def _meter(case: dict[str, Any], state: str, now: datetime, words: Words) -> Any:
    share = share_used(case, now)
    if share is None or not case["is_open"]:
        return None
    told = words("case.limit", share=round(100 * share))
    bar = html.Span(className=f"used {state}", style={"width": f"{min(100.0, 100 * share):.0f}%"})
    return html.Div([html.Div(bar, className="limit-bar"), html.Small(told)], className="limit")


def _hung(standing: CaseState, now: datetime, lang: str, words: Words) -> Any:
    if standing.hung_since is None:
        return None
    lasts = span((now - standing.hung_since).total_seconds(), lang)
    return html.P(f"⏸ {words('case.hung_since', t=f'{standing.hung_since:%m-%d}')} · {lasts}", className="near_due")


def related_layout(
    view: View, number: str, groups: dict[str, list[dict[str, Any]]], may_join: bool, lang: str, words: Words
) -> list[Component]:
    """Return what belongs to a case, group by group; a near case of the same class can be the one it repeats."""
    made: list[Component] = []
    for name, rows in groups.items():
        if not rows:
            continue
        made += [html.H2(words(f"case.{name}")), html.Ol([
            html.Li([_line(view, row, lang, words), join_button(number, row["number"], words)
                     if may_join and row["is_open"] and name in ("same_place", "near") else None]) for row in rows
        ], className="case-list")]  # fmt: skip
    return made or [html.P(words("case.related.none"), className="empty-note")]


def photos_layout(photos: list[str], words: Words) -> list[Component]:
    """Return the photos of a case; each opens by itself."""
    add = html.Label(
        [words("case.photos.add"), html.Span(className="photo-input")], className="act small photo-add"
    )  # fmt: skip
    shown = [
        html.A(html.Img(src=f"/photos/{sha256}.jpg", alt=words("case.photos")), href=f"/photos/{sha256}.jpg",
               target="_blank")
        for sha256 in photos
    ]  # fmt: skip
    return [html.H2(words("case.photos")), html.Div([*shown, add], className="case-photos")]


def _line(view: View, row: dict[str, Any], lang: str, words: Words) -> Component:
    title = row["title"] if lang != "en" else row["minor_en"]
    away = [html.Span(words("metres", n=round(row["away_m"])), className="clock")] if "away_m" in row else []
    return dcc.Link(
        [html.Span(title, className="title"), html.Span(words(f"stage.{row['stage']}"), className="stage"), *away],
        href=view.with_(page="case", case=row["number"], camera=None).url,
    )
