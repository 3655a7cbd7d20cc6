"""The first picture in the first answer: a page's layout comes with its map and card already filled in.

Without it the browser would first build an empty page, then ask for every part, then draw the map. The parts are made
beside the event loop while the request for the layout waits; the callbacks that follow find nothing to change.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from dash.development.base_component import Component
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.callbacks import map as map_callbacks
from dashboard.callbacks import panel, place
from dashboard.callbacks.asked import asked
from dashboard.offload import offload
from dashboard.request import browser_for
from dashboard.services import Services
from gis.errors import QuanxiangError

_LOG = logging.getLogger(__name__)

Answers = dict[str, dict[str, Any]]
_first: ContextVar[Answers | None] = ContextVar("first", default=None)


class FirstPicture:
    """ASGI middleware: makes the answers of a map page before its layout is built."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; before `/_dash-layout` make the first answers."""
        if scope["type"] == "http" and scope["path"] == "/_dash-layout":
            try:
                _first.set(await offload(first_answers, self._services, Request(scope)))
            except Exception:  # the callbacks that follow answer, or tell what is wrong
                _LOG.exception("the first picture could not be made")
        await self._app(scope, receive, send)


def first_answers(services: Services, request: Request) -> Answers:
    """Return what the callbacks of a map page would answer first, by component and property; nothing at any fault."""
    browser, page = browser_for(request), urlsplit(request.headers.get("referer", ""))
    prefs = {"lang": browser.lang, "theme": browser.theme, "scale": browser.scale, "map": list(browser.map_size),
             "seen": browser.seen_s}  # fmt: skip
    try:
        ask = asked(page.path, "?" + page.query, prefs)
        if ask.view.page not in ("map", "queue"):
            return {}
        parts = [*zip(map_callbacks.SHOWN, map_callbacks.answer(services, ask, None, None), strict=True),
                 *zip(place.SHOWN, place.answer(services, ask), strict=True)]  # fmt: skip
        if ask.view.page == "map":
            parts += zip(panel.HEAD, panel.area_card(services, ask), strict=True)
    except QuanxiangError:
        return {}
    made: Answers = {}
    for (component, prop), value in parts:
        made.setdefault(component, {})[prop] = value
    return made


def filled(layout: Component) -> Component:
    """Put the answers made for this request into a layout."""
    made = _first.get()
    if made:
        for component in layout._traverse():
            for prop, value in made.get(str(getattr(component, "id", "")), {}).items():
                setattr(component, prop, value)
    return layout
