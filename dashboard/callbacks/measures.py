"""The page of measures."""

from __future__ import annotations

import math
from typing import Any

from dash.development.base_component import Component

from dashboard import measuring
from dashboard.callbacks.asked import Asked
from dashboard.measuring import Report
from dashboard.services import Services
from db.read import cases, sla
from db.read import kpi as read
from gis.codes import ancestors
from gis.kpi import BY_KEY, Kpi
from gis.scope import View
from gis.terms import FAMILIES
from layouts.figures.trend import build_trend
from layouts.legend import number
from layouts.pages.measures import (
    areas_layout,
    card,
    cases_layout,
    entry_layout,
    link_of,
    measures_layout,
    shown,
    table_layout,
    trend_layout,
)
from layouts.pages.rules import rules_layout
from layouts.text.naming import short_name, span

_LISTED = 200


def build(services: Services, ask: Asked) -> Any:
    """Return the page."""
    view = services.settled(ask.view)[0]
    if view.own_value("show") == "rules":
        with services.database.reading() as conn:
            return rules_layout(ask.view, sla.table(conn), ask.lang, ask.words)
    chosen = BY_KEY.get(view.own_value("k"), BY_KEY["on_time_rate"])
    period = measuring.period_of(services, view)
    told = measuring.report(services, period)
    side = _cases(services, ask, period, chosen) if view.own_value("of") in ("num", "den") else []
    if not side:
        side = _entry(services, ask, period, chosen)
    table = table_layout(ask.view, chosen, told.whole, told.before, told.on_hold, ask.words)
    return measures_layout(ask.view, _lead(services, ask, view, told), _cards(ask, told), table, side, ask.words)


def _entry(services: Services, ask: Asked, period: read.Period, chosen: Kpi) -> list[Component]:
    district = services.district_of(period.code)
    areas = measuring.by_area(services, period, chosen, district)
    steps = measuring.trend(services, period, chosen)
    parts = [entry_layout(chosen, ask.words)]
    if len(steps) > 1:
        figure = build_trend(steps, chosen.kind, district.timezone, ask.theme)
        parts.append(trend_layout(figure, ask.words))
    return [*parts, areas_layout(ask.view, chosen, areas, ask.lang, ask.words)]


def _cases(services: Services, ask: Asked, period: read.Period, chosen: Kpi) -> list[Component]:
    view = ask.view
    family, area, part = view.own_value("fam"), view.own_value("at"), view.own_value("of")
    if family in FAMILIES:
        period = read.Period(period.code, period.view.with_(families=(family,)), period.start, period.end)
    area = area if area.isdigit() and area.startswith(period.code) else ""
    with services.database.reading() as conn:
        total, rows = read.behind(conn, period, chosen, part, key=area, limit=_LISTED)
    zone = services.district_of(period.code).timezone
    return [cases_layout(view, chosen, part, total, rows, period.end, zone, ask.lang, ask.words)]


def _lead(services: Services, ask: Asked, view: View, told: Report) -> str:
    words = ask.words
    with services.database.reading() as conn:
        names = cases.names_of(conn, ancestors(view.code))
    place = short_name(names[view.code], ask.lang) if view.code in names else view.code
    rate, n = told.whole["on_time_rate", ""], told.whole["duplicate_rate", ""].n
    window = words(f"window.{view.window}")
    if not n:
        return words("measures.lead.empty", place=place, window=window)
    return words(
        "measures.lead", place=place, window=window, n=number(n), rate=shown(BY_KEY["on_time_rate"], rate.value, words),
        late=number(told.whole["overdue", ""].hits), age=_age(told, ask),
    )  # fmt: skip


def _age(told: Report, ask: Asked) -> str:
    if told.oldest is None:
        return ask.words("measures.none")
    return span((told.period.end - told.oldest["reported_at"]).total_seconds(), ask.lang)


def _cards(ask: Asked, told: Report) -> list[Component]:
    """Return the five failures that come first."""
    words, view, whole = ask.words, ask.view, told.whole
    overdue, p90, slow = whole["overdue", ""], whole["handling_p90", ""], BY_KEY["handling_p90"]
    old = view.with_(page="case", code="", case=told.oldest["number"], own=()).url if told.oldest else view.url
    made = [
        card(words("measures.card.overdue"), number(overdue.hits),
             words("measures.of", hits=number(overdue.hits), n=number(whole["open", ""].hits)),
             link_of(view, BY_KEY["overdue"]), "overdue" if overdue.hits else ""),
        card(words("measures.card.oldest"), _age(told, ask), told.oldest["number"] if told.oldest else "", old),
        card(words("measures.card.p90"), shown(slow, p90.value, words),
             words("measures.of", hits=number(p90.hits), n=number(p90.n)), link_of(view, slow, "den")),
    ]  # fmt: skip
    for name, key in (("rework", "rework_rate"), ("repeat", "repeat_rate")):
        one = whole[key, ""]
        share = shown(BY_KEY[key], one.value, words) if math.isfinite(one.value) else words("measures.none")
        note = words("measures.of", hits=number(one.hits), n=number(one.n))
        made.append(card(words(f"measures.card.{name}"), share, note, link_of(view, BY_KEY[key])))
    return made
