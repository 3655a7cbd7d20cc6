"""The community page: a sentence, who waits for whom, counts of every area, and the list of one instrument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from gis.supervision import WAITS_FOR_RECEIVER
from layouts import community_forms as forms
from layouts.forms import Option, option_lists
from layouts.legend import number
from layouts.text import Words
from layouts.text.naming import span

_TALLY = {"orders": ("orders_street", "orders_district", "orders_answered"), "diary": ("diary_waits",),
          "meetings": ("meetings_month",), "whistles": ("whistles_open",)}  # fmt: skip
_LEADS = {
    "diary_waits": ("diary", "waits"), "diary_month": ("diary", "all"), "meetings_month": ("meetings", "all"),
    "orders_street": ("orders", "street"), "orders_district": ("orders", "district"),
    "orders_overdue": ("orders", "overdue"), "orders_answered": ("orders", "answered"),
    "whistles_open": ("whistles", "open"), "whistles_late": ("whistles", "late"),
}  # fmt: skip
_PRESSING = ("orders_overdue", "whistles_late")


@dataclass(frozen=True)
class Shown:
    """What the page shows, read and named already.

    Attributes
    ----------
    rows : (code, name, counts) of every child area in official order; total : counts of the whole scope.
    listed : rows of the open list; count : how many there are. way : hops of the order that is looked at.
    name : an area's code as its name. stamp : a moment as local text.
    """

    title: str
    level: str
    kind: str
    state: str
    rows: list[tuple[str, str, dict[str, int]]]
    total: dict[str, int]
    listed: list[dict[str, Any]]
    count: int
    links: dict[int, list[tuple[str, str]]]
    longest_s: float | None
    way: list[dict[str, Any]] | None
    communities: list[Option]
    streets: list[Option]
    categories: list[Option]
    now: datetime
    name: Callable[[str], str]
    stamp: Callable[[datetime], str]


def community_layout(view: View, shown: Shown, states: tuple[str, ...], lang: str, words: Words) -> Component:
    """Return the page."""
    new = [*forms.new_buttons(view.code, words), html.A(words("report.desk"), href="/report", className="plain-link")]
    return html.Div(
        [
            html.Div(
                [html.H1(words("com.title", name=shown.title)),
                 html.P(headline(shown, lang, words), className="headline"), html.Div(new, className="acts")],
                className="com-head",
            ),
            html.Nav([_card(view, shown, kind, words) for kind in _TALLY], className="quality-kinds com-kinds"),
            html.Div([_areas(view, shown, words), _list(view, shown, states, lang, words)], className="com-body"),
            _way(view, shown, lang, words) if shown.way is not None else None,
            option_lists(communities=shown.communities, places=[*shown.streets, *shown.communities],
                         categories=shown.categories),
        ],
        className="quality community",
    )  # fmt: skip


def headline(shown: Shown, lang: str, words: Words) -> str:
    """Return what waits for whom, in words."""
    total = shown.total
    waiting = total["orders_street"] + total["orders_district"]
    if total["orders_overdue"]:
        parts = [words("com.lead.late", n=total["orders_overdue"], t=span(shown.longest_s or 0, lang))]
    else:
        parts = [words("com.lead.wait", n=waiting) if waiting else words("com.lead.none")]
    if total["whistles_late"]:
        parts.append(words("com.lead.whistles", n=total["whistles_late"]))
    if total["diary_waits"]:
        parts.append(words("com.lead.diary", n=total["diary_waits"]))
    return "".join(parts)


def _card(view: View, shown: Shown, kind: str, words: Words) -> Component:
    n = sum(shown.total[name] for name in _TALLY[kind])
    late = {"orders": "orders_overdue", "whistles": "whistles_late"}.get(kind)
    note = f" · {words(f'com.col.{late}')} {shown.total[late]}" if late and shown.total[late] else ""
    return dcc.Link(
        [html.Span(words(f"com.kind.{kind}")), html.B(number(n)),
         html.Small([words(f"com.means.{kind}"), html.Span(note, className="overdue")])],
        href=view.with_own(kind=kind, state="", id="").url, className="on" if kind == shown.kind else "",
    )  # fmt: skip


def _areas(view: View, shown: Shown, words: Words) -> Component:
    head = [html.Th(words("com.col.area"))] + [html.Th(words(f"com.col.{n}"), className="figure") for n in _LEADS]

    def line(code: str, name: str, counts: dict[str, int], look: str = "") -> Component:
        at = view.with_(code=code)
        cells = [html.Td(dcc.Link(name, href=at.with_own(id="").url) if code else name)]
        for key, (kind, state) in _LEADS.items():
            href = at.with_own(kind=kind, state=state, id="").url
            mark = "overdue" if key in _PRESSING and counts[key] else ""
            shown_n = dcc.Link(number(counts[key]), href=href, className=mark) if counts[key] else "0"
            cells.append(html.Td(shown_n, className="figure"))
        return html.Tr(cells, className=look)

    body = [line(code, name, counts) for code, name, counts in shown.rows]
    foot = line(view.code, words("com.total"), shown.total, "total")
    return html.Div(
        html.Table([html.Thead(html.Tr(head)), html.Tbody([*body, foot])]), className="quality-list com-table",
        tabIndex="0",
    )  # fmt: skip


def _list(view: View, shown: Shown, states: tuple[str, ...], lang: str, words: Words) -> Component:
    tabs = [
        dcc.Link(words(f"com.state.{shown.kind}.{state}"), href=view.with_own(state=state, id="").url,
                 className="tab on" if state == shown.state else "tab")
        for state in states
    ]  # fmt: skip
    draw = {"orders": _order, "diary": _diary, "meetings": _meeting, "whistles": _whistle}[shown.kind]
    rows = [html.Li(draw(view, shown, row, lang, words)) for row in shown.listed]
    hidden = shown.count - len(rows)
    note = html.P(words("com.shown", n=len(rows), hidden=hidden), className="muted") if hidden > 0 else None
    body = html.Ol(rows, className="com-list") if rows else html.P(words("com.none"), className="empty-note")
    return html.Section([html.Nav(tabs, className="tabs"), body, note], className="com-rows")


def _order(view: View, shown: Shown, row: dict[str, Any], lang: str, words: Words) -> list[Any]:
    sides = {"a": shown.name(row["from_code"]), "b": shown.name(row["to_code"])}
    left = (row["due_at"] - shown.now).total_seconds()
    waits = row["status"] in WAITS_FOR_RECEIVER
    state = ("overdue" if left < 0 else "in_time") if waits else "done"
    clock = words(f"com.status.{row['status']}")
    if waits:
        clock = words("left" if left >= 0 else "late", t=span(left, lang))
    who = words("com.waits.receiver", **sides) if waits else ""
    if row["status"] == "answered":
        who = words("com.waits.issuer", **sides)
    return [
        html.Div([html.B(clock, className=f"clock {state}"), html.Span(row["topic"], className="title"),
                  html.Span(words(f"com.status.{row['status']}"), className="badge"), _simulated(row, words)]),
        html.Div([html.Span(who), row["owner"] and html.Span(row["owner"]),
                  html.Span(shown.name(row["community_code"])), _case(row, view, words),
                  dcc.Link(row["number"], href=view.with_own(id=row["number"]).url)], className="com-facts"),
        html.Q(row["answer"] or row["reason"]),
        html.Div(forms.order_buttons(row, words), className="acts"),
    ]  # fmt: skip


def _diary(view: View, shown: Shown, row: dict[str, Any], lang: str, words: Words) -> list[Any]:
    place = shown.name(row["community_code"])
    age = span((shown.now - row["heard_at"]).total_seconds(), lang)
    group = words(f"com.group.{row['population_group']}") if row["population_group"] else ""
    facts = [place, words(f"com.channel.{row['channel']}"), group, row["author"], shown.stamp(row["heard_at"])]
    waits = row["outcome"] == "waits"
    buttons = forms.diary_buttons(row, words) if waits else []
    urgent = html.Span(words("case.urgency.1"), className="badge urgent") if row["urgency"] == 1 else None
    return [
        html.Div([html.B(age if waits else words(f"com.state.diary.{row['outcome']}"), className="clock"), urgent,
                  html.Span(row["text"], className="com-text"),
                  html.Span(words(f"com.topic.{row['topic']}"), className="badge"), _simulated(row, words)]),
        html.Div([*[html.Span(part) for part in facts if part], _case(row, view, words)], className="com-facts"),
        html.Q(row["outcome_text"]) if row["outcome"] in ("solved", "meeting") and row["outcome_text"] else None,
        html.Div(buttons, className="acts") if buttons else None,
    ]  # fmt: skip


def _meeting(view: View, shown: Shown, row: dict[str, Any], lang: str, words: Words) -> list[Any]:
    name = {True: "kept", False: "broken", None: "unknown"}[row["is_kept"]]
    due = row["follow_up_on"]
    look = "near_due" if row["is_kept"] is None and isinstance(due, date) and due <= shown.now.date() else ""
    facts = [shown.name(row["community_code"]), words("com.present", n=row["present"]), row["participants"]]
    links: list[Any] = []
    for kind, told in shown.links.get(row["id"], []):
        case = dcc.Link(words("com.case", number=told), href=view.with_(page="case", code="", case=told, own=()).url)
        links.append(case if kind == "case" else html.Span(told[:30]))
    follow = words("com.follow", who=row["follow_up"] or "–", on=f"{due:%m-%d}") if due else row["follow_up"]
    buttons = forms.meeting_buttons(row, words)
    return [
        html.Div([html.B(shown.stamp(row["held_at"]), className="clock"), html.Span(row["topic"], className="title"),
                  html.Span(words(f"com.state.meetings.{name}"), className="badge"), _simulated(row, words)]),
        html.Div([*[html.Span(part) for part in facts if part], *links], className="com-facts"),
        html.Q(row["decision"]) if row["decision"] else None,
        html.Div(follow, className=f"com-facts {look}") if follow else None,
        html.Div(buttons, className="acts") if buttons else None,
    ]  # fmt: skip


def _whistle(view: View, shown: Shown, row: dict[str, Any], lang: str, words: Words) -> list[Any]:
    calls = [(name, at and datetime.fromisoformat(at)) for name, at in row["calls"] or []]
    absent = [name for name, at in calls if at is None]
    left = (row["due_at"] - shown.now).total_seconds()
    late = row["ended_at"] is None and absent and left < 0
    clock = words("com.state.whistles.ended") if row["ended_at"] else words("left" if left >= 0 else "late",
                                                                            t=span(left, lang))  # fmt: skip
    if row["ended_at"] is None and not absent:
        clock = words("com.state.whistles.open")
    there = [
        html.Span([html.B(name), " ", words("com.arrived", t=span((at - row["blown_at"]).total_seconds(), lang))
                   if at else words("com.absent")], className="" if at else "overdue" if late else "near_due")
        for name, at in calls
    ]  # fmt: skip
    buttons = forms.whistle_buttons(row, absent, words)
    return [
        html.Div([html.B(clock, className=f"clock {'overdue' if late else ''}"),
                  html.Span(row["reason"], className="title"),
                  html.Span(words(f"com.state.whistles.{row['kind']}"), className="badge"), _simulated(row, words)]),
        html.Div([html.Span(shown.name(row["community_code"])), row["place"] and html.Span(row["place"]),
                  html.Span(shown.stamp(row["blown_at"])), html.Span(row["number"], className="code"),
                  _case(row, view, words)], className="com-facts"),
        html.Div(there, className="com-facts"),
        html.Q(row["result"]) if row["result"] else None,
        html.Div(buttons, className="acts") if buttons else None,
    ]  # fmt: skip


def _way(view: View, shown: Shown, lang: str, words: Words) -> Component:
    """Return every hop of an order with its events, each timed: where it sticks is where the time went."""
    close = dcc.Link(words("com.way.close"), href=view.with_own(id="").url, className="plain-link")
    if not shown.way:
        return html.Aside([html.P(words("com.way.none"), className="empty-note"), close], className="com-way")
    made: list[Any] = [html.H2(words("com.way", number=view.own_value("id")))]
    for i, hop in enumerate(shown.way, 1):
        spent = span(((hop["ended_at"] or shown.now) - hop["issued_at"]).total_seconds(), lang)
        a, b = shown.name(hop["from_code"]), shown.name(hop["to_code"])
        timed = words("com.hop.took" if hop["ended_at"] else "com.hop.lasts", t=spent)
        made.append(html.H3([words("com.hop", n=i, a=a, b=b), " · ", hop["number"], " · ", timed]))
        made.append(html.Ol([
            html.Li([html.B(words(f"com.word.{event['word']}")), html.Time(shown.stamp(event["at"])),
                     html.Div(" ".join(p for p in (event["unit"], event["actor"]) if p), className="told"),
                     html.Q(event["reason"]) if event["reason"] else None])
            for event in hop["events"]
        ], className="steps"))  # fmt: skip
    return html.Aside([*made, close], className="com-way")


def _case(row: dict[str, Any], view: View, words: Words) -> Any:
    if not row.get("case_number"):
        return None
    href = view.with_(page="case", code="", case=row["case_number"], own=(), topic="").url
    return dcc.Link(words("com.case", number=row["case_number"]), href=href)


def _simulated(row: dict[str, Any], words: Words) -> Any:
    return html.Span(words("com.simulated"), className="badge muted") if row["is_simulated"] else None
