"""The community page, and the following of what changes on it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from dashboard.callbacks.asked import Asked, asked, fault_panel
from dashboard.offload import offload
from dashboard.services import District, Services
from db.read import cases, casework, open311
from db.read import community as read
from gis.codes import Level
from gis.errors import QuanxiangError
from gis.supervision import WAITS_FOR_RECEIVER
from layouts import ids
from layouts.pages.community import Shown, community_layout
from layouts.plain import plain
from layouts.text.naming import short_name

_LISTED = 60


def build(services: Services, ask: Asked) -> Any:
    """Return the page: a box that follows the record, with its first content."""
    return html.Div([dcc.Store(id=ids.COMMUNITY_TICK), html.Div(content(services, ask), id=ids.COMMUNITY)])


def content(services: Services, ask: Asked) -> Any:
    """Return what the page shows at this moment."""
    view, district = services.settled(ask.view)
    view = view.with_(code=view.code[: int(Level.COMMUNITY)])
    kind = view.own_value("kind", read.KINDS[0])
    kind = kind if kind in read.KINDS else read.KINDS[0]
    state = view.own_value("state", read.STATES[kind][0])
    state = state if state in read.STATES[kind] else read.STATES[kind][0]
    shown = _shown(services, ask, view.code, district, kind, state)
    return plain(community_layout(view, shown, read.STATES[kind], ask.lang, ask.words))


def _shown(services: Services, ask: Asked, scope: str, district: District, kind: str, state: str) -> Shown:
    now, lang, words = services.now(), ask.lang, ask.words
    child = Level.STREET if len(scope) == Level.DISTRICT else Level.COMMUNITY
    number = ask.view.own_value("id")
    with services.database.reading() as conn:
        counts = read.counts_by_area(conn, scope, int(child), now)
        rows, total = read.listed(conn, kind, scope, state, now, _LISTED)
        links = read.meeting_links(conn, [row["id"] for row in rows]) if kind == "meetings" else {}
        late, _ = read.listed(conn, "orders", scope, "overdue", now, 1)
        way = read.order_way(conn, number) if number else None
        streets = casework.streets_of(conn, district.code)
        communities = read.communities_in(conn, scope)
        classes = open311.services(conn)
        own = cases.names_of(conn, [scope, district.code])
    named = {row["code"]: short_name(row, lang) for row in (*own.values(), *streets, *communities)}
    inside = [row["code"] for row in (streets if child == Level.STREET else communities)]
    listed = [code for code in inside if code.startswith(scope)]
    table = [(code, named[code], counts.get(code) or dict.fromkeys(read.COUNTS, 0)) for code in listed]
    for code, mine in counts.items():  # what belongs to the scope itself, so that the sum is whole
        if code not in listed:
            table.append(("", words("com.own", name=named.get(code, code)), mine))
    return Shown(
        title=named[scope], level=words(f"level.{int(child)}"), kind=kind, state=state, rows=table,
        total={name: sum(mine[name] for _, _, mine in table) for name in read.COUNTS}, listed=rows, count=total,
        links=links, longest_s=_late_s(late, now), way=way,
        communities=[(row["code"], short_name(row, lang)) for row in communities],
        streets=[(row["code"], short_name(row, lang)) for row in streets if scope.startswith(row["code"])
                 or row["code"].startswith(scope)],
        categories=[(row["code"], row["minor_en" if lang == "en" else "minor_zh"]) for row in classes], now=now,
        name=_namer(services, district, named, lang), stamp=lambda at: f"{district.local(at):%m-%d %H:%M}",
    )  # fmt: skip


def _late_s(late: list[dict[str, Any]], now: Any) -> float | None:
    waits = [row for row in late if row["status"] in WAITS_FOR_RECEIVER]
    return (now - waits[0]["due_at"]).total_seconds() if waits else None


def _namer(services: Services, district: District, named: dict[str, str], lang: str) -> Any:
    """Return a function from code to name that asks the kept areas for what the page itself does not name."""

    def name(code: str) -> str:
        if code in named:
            return named[code]
        level = Level(len(code)) if len(code) in [int(one) for one in Level] else None
        frame = services.areas(district, level) if level else None
        if frame is None or code not in frame.index:
            return code
        return short_name(frame.loc[code], lang)

    return name


def register(app: Dash, services: Services) -> None:
    """Bind the callback."""

    @app.callback(
        Output(ids.COMMUNITY, "children"),
        Input(ids.COMMUNITY_TICK, "data"),
        State(ids.URL, "pathname"),
        State(ids.URL, "search"),
        State(ids.PREFS, "data"),
        prevent_initial_call=True,
    )
    async def on_community_tick(_tick: Any, pathname: str, search: str, prefs: dict[str, Any]) -> Any:
        try:
            return await offload(content, services, asked(pathname, search, prefs))
        except QuanxiangError as fault:
            return await offload(fault_panel, services, fault, prefs)
