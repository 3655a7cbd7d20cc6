"""The leader's review."""

from __future__ import annotations

from typing import Any

from dashboard.callbacks.asked import Asked
from dashboard.reports.figures import brief
from dashboard.services import Services
from gis.errors import InputFault
from gis.periods import KINDS, Period, last_complete, parse_period
from gis.scope import View
from layouts.brief import RANKINGS
from layouts.pages.review import review_layout


def asked_period(view: View, key: str) -> Period | None:
    """Return a period of the address; one that is none is not asked for."""
    told = view.own_value(key)
    try:
        return parse_period(told) if told else None
    except InputFault:
        return None


def build(services: Services, ask: Asked) -> Any:
    """Return the page."""
    view, district = services.settled(ask.view)
    kind = view.own_value("kind", "daily")
    kind = kind if kind in KINDS else "daily"
    rank = view.own_value("rank", "official")
    made = brief(services, view.code, kind, asked_period(view, "on"), asked_period(view, "b"))
    latest = last_complete(kind, district.local(services.moment(district)).date())
    rank = rank if rank in RANKINGS else "official"
    return review_layout(ask.view, made, rank, latest, ask.lang, ask.theme, ask.scale, ask.words)
