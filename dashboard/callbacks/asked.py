"""What every callback is asked: the view of the address, and the language and theme of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash.development.base_component import Component

from dashboard.services import Services
from gis.errors import QuanxiangError
from gis.scope import View
from layouts.states import kind_of, state_layout
from layouts.text import Words, words_for


@dataclass(frozen=True)
class Asked:
    """One question of one page; `scale` enlarges what is drawn in pixels."""

    view: View
    lang: str
    theme: str
    scale: float
    map_size: tuple[int, int]
    words: Words
    seen: datetime | None = None


def asked(pathname: str | None, search: str | None, prefs: dict[str, Any]) -> Asked:
    """Return the view of an address with the page's language and theme.

    Raises
    ------
    CodeFault
        When the address names no page or no well-formed code.
    """
    lang = prefs["lang"]
    return Asked(
        View.from_url(pathname, search),
        lang,
        prefs["theme"],
        prefs["scale"],
        (prefs["map"][0], prefs["map"][1]),
        words_for(lang),
        datetime.fromtimestamp(prefs["seen"], UTC) if prefs.get("seen") else None,
    )


def fault_panel(services: Services, fault: Exception, prefs: dict[str, Any]) -> Component:
    """Return the panel that tells about a fault in the page's language."""
    words = words_for(prefs["lang"])
    kind = kind_of(fault)
    if kind == "not_found":
        try:
            kind = kind if services.districts() else "empty"
        except QuanxiangError:
            kind = "database"
    detail = str(fault) if kind in ("error", "slow") and isinstance(fault, QuanxiangError) else ""
    return state_layout(kind, words, detail=detail, time=f"{services.now():%H:%M:%S} UTC")
