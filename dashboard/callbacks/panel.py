"""The side panel: card, what needs a hand, tabs and table; and the page that a fault becomes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard import pictures, screens
from dashboard.callbacks.asked import Asked, asked, fault_panel
from dashboard.casework import case_parts, units_known
from dashboard.circle_line import coverage_of
from dashboard.offload import offload
from dashboard.services import Services
from db.read import cases, casework, news, queue
from gis.codes import Level
from gis.errors import QuanxiangError
from gis.scope import MAP_PAGES, View
from layouts import card, ids, queue_tools, tabs, waiting
from layouts.circle_panel import circle_line
from layouts.news import news_layout
from layouts.plain import plain
from layouts.text.naming import cell_name, short_name

_URGENT = 4
_LISTED = 60


HEAD = ((ids.PANEL_HEAD, "children"), (ids.PANEL_URGENT, "children"), (ids.PANEL_TABS, "children"))
"""Components and their properties that `area_card` gives, in its order."""


def area_card(services: Services, ask: Asked) -> tuple[Any, ...]:
    """Return the card of an area, what needs a hand now, and its tabs."""
    now = services.moment(services.district_of(ask.view.code))
    shown = pictures.picture(services, ask.view, now)
    view = shown.view
    with services.database.reading() as conn:
        near = cases.due_soon(conn, view.code, view, now, _URGENT)
        late = cases.overdue_longest(conn, view.code, view, now, _URGENT)
    head = card.head_layout(view, shown.place, shown.total, shown.rows, ask.lang, ask.words)
    urgent = card.urgent_layout(view, near, late, now, ask.lang, ask.words)
    head = [*head, *circle_line(view, coverage_of(services, view.code), ask.words)]
    return plain(head), plain(urgent), plain(tabs.tabs_layout(view, shown.unit, ask.words))


def _queue(services: Services, ask: Asked) -> tuple[Any, Any, Any]:
    """Return head, bands and table of the queue."""
    view, district = services.settled(ask.view)
    now = services.moment(district)
    midnight = district.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with services.database.reading() as conn:
        counts = queue.band_counts(conn, view.code, view, now, midnight)
        band = view.topic if view.topic in counts else next((name for name, n in counts.items() if n), queue.BANDS[0])
        rows = queue.waiting(conn, view.code, view, band, now, midnight)
        first = queue.waiting(conn, view.code, view, "near_due", now, midnight, limit=1)
        hung = casework.hung_among(conn, [row["id"] for row in rows])
        notes = casework.handovers(conn, view.code)
        names = cases.names_of(conn, [view.code])
    name = cell_name(view.code, ask.lang) if len(view.code) == Level.CELL else short_name(names[view.code], ask.lang)
    head = waiting.queue_head(view, name, counts, next(iter(first), None), now, ask.lang, ask.words)
    stamp = lambda at: f"{district.local(at):%m-%d %H:%M}"  # noqa: E731
    head.append(queue_tools.handover_layout(notes, None if view.filter_count else counts, stamp, ask.words))
    head.append(queue_tools.tools_layout(name, units_known(services), view.code, ask.words))
    bands = waiting.bands_layout(view, band, counts, ask.words)
    table = waiting.queue_table(view, rows, counts[band], now, ask.lang, ask.words, hung)
    return plain(head), plain(bands), plain(table)


def _body(services: Services, ask: Asked) -> tuple[Any, list[dict[str, Any]], list[dict[str, Any]], str]:
    """Return the open tab's content, the table's rows, its pinned total, and which of the two shows."""
    now = services.moment(services.district_of(ask.view.code))
    shown = pictures.picture(services, ask.view, now)
    view = shown.view
    tab = tabs.open_tab(view, shown.unit)
    if tab == "elements":
        held = screens.elements(services, view)
        return (
            plain(tabs.elements_layout(shown.place, held.counts, held.buildings, held.lineage, held.summary,
                                       held.neighbours, view, ask.lang, ask.words)),
            [], [], "body",
        )  # fmt: skip
    if tab == "cases":
        which = view.topic or "open"
        with services.database.reading() as conn:
            parts = cases.breakdown(conn, view.code, view, now)
            listed = cases.listed(conn, view.code, view, now, which, _LISTED)
        return plain(tabs.cases_layout(view, parts, listed, which, now, ask.lang, ask.words)), [], [], "body"
    if tab == "news":
        return plain(_news(services, ask, view, now)), [], [], "body"
    if tab == "trend":
        line = screens.timeline(services, view.with_(window="30d", since=None, until=None), now)
        return (
            tabs.trend_layout(line.arrivals, line.closings, line.ticks, ask.theme, ask.words, ask.scale),
            [],
            [],
            "body",
        )
    rows = tabs.area_rows(shown.rows, shown.rolled.buckets, ask.lang, ask.words)
    total = tabs.total_row(shown.total, shown.place["population"], ask.words)
    return [], rows, [total], "table"


def _news(services: Services, ask: Asked, view: View, now: datetime) -> list[Any]:
    with services.database.reading() as conn:
        since = news.since(conn, view.code, view, ask.seen, now) if ask.seen else None
        newest, untouched = news.newest(conn, view.code, view, now), news.untouched(conn, view.code, view, now)
    seen = f"{services.district_of(view.code).local(ask.seen):%m-%d %H:%M}" if ask.seen else ""
    return news_layout(view, since, seen, newest, untouched, now, ask.lang, ask.words)


def register(app: Dash, services: Services) -> None:
    """Bind the callbacks."""

    @app.callback(
        *[Output(component, prop) for component, prop in HEAD],
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        Input(ids.LIVE_TICK, "data"),
        State(ids.PREFS, "data"),
    )
    async def on_panel(pathname: str, search: str, _tick: Any, prefs: dict[str, Any]) -> Any:
        try:
            ask = asked(pathname, search, prefs)
            if ask.view.page not in MAP_PAGES:
                return no_update, no_update, no_update
            if ask.view.page == "queue":
                head, bands, _table = await offload(_queue, services, ask)
                return head, [], bands
            return await offload(case_parts if ask.view.page == "case" else area_card, services, ask)
        except QuanxiangError as fault:
            return await offload(fault_panel, services, fault, prefs), [], []

    @app.callback(
        Output(ids.PANEL_BODY, "children"),
        Output(ids.TABLE, "rowData"),
        Output(ids.TABLE, "dashGridOptions"),
        Output(ids.PANEL, "data-tab"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        Input(ids.LIVE_TICK, "data"),
        State(ids.PREFS, "data"),
        State(ids.TABLE, "dashGridOptions"),
    )
    async def on_tab(pathname: str, search: str, _tick: Any, prefs: dict[str, Any], options: dict[str, Any]) -> Any:
        try:
            ask = asked(pathname, search, prefs)
            if ask.view.page == "queue":
                return (await offload(_queue, services, ask))[2], no_update, no_update, "queue"
            if ask.view.page != "map":
                return [], no_update, no_update, "case"
            body, rows, pinned, which = await offload(_body, services, ask)
            if which == "body":
                return body, no_update, no_update, which
            return body, rows, options | {"pinnedBottomRowData": pinned}, which
        except QuanxiangError:
            return [], no_update, no_update, "fault"
