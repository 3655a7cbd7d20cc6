"""The page of the response chains: one builder, and a callback that follows the live record."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import Dash, Input, Output, State, no_update

from dashboard import chainflow, chainnext, chainrules, chainwork, screens
from dashboard.callbacks.asked import Asked, asked
from dashboard.offload import offload
from dashboard.services import Services
from gis.codes import Level
from gis.errors import QuanxiangError
from layouts import ids
from layouts.figures.map import fitting
from layouts.pages.chains import cases_layout, chains_layout, first_layout, lead_line
from layouts.pages.chains_board import board_layout
from layouts.pages.chains_flow import flow_layout, paths_layout
from layouts.pages.chains_map import map_layout
from layouts.pages.chains_next import next_layout
from layouts.pages.chains_rules import balance_layout, rules_layout
from layouts.plain import plain
from layouts.text.naming import cell_name, short_name


def build(services: Services, ask: Asked) -> Any:
    """Return the page."""
    chosen = chainwork.ChainView.of(ask.view)
    shown = chainwork.work(services, ask.view)
    names = names_of(shown, ask.lang)
    lead = lead_line(shown.view, shown.board, names, ask.words)
    body = _body(services, ask, shown, chosen, names)
    return chains_layout(shown.view, chainwork.PARTS, chosen.part, lead, body, ask.words)


def _body(
    services: Services, ask: Asked, shown: chainwork.Work, chosen: chainwork.ChainView, names: dict[str, str]
) -> Any:
    if chosen.part == "flow":
        return _flow(services, ask, shown)
    if chosen.part == "paths":
        view, chain = shown.view, chainflow.chosen_chain(shown.view)
        found = chainflow.mined(services, view, shown.now)
        return paths_layout(view, chain, found.paths.case_count, found.paths.event_count, chainflow.days_of(view),
                            found.slow, found.paths.edges, found.paths.variants, found.loops, found.strange,
                            ask.words)  # fmt: skip
    if chosen.part == "balance":
        loads = chainrules.loads(services, shown)
        return balance_layout(chainrules.suggestions(loads), loads, ask.words)
    if chosen.part == "map":
        return _map(services, ask, shown, names)
    if chosen.part == "rules":
        return _rules(services, ask, shown)
    if chosen.part == "next":
        return _next(services, ask, shown, names)
    return _board(services, ask, shown, chosen, names)


def _next(services: Services, ask: Asked, shown: chainwork.Work, names: dict[str, str]) -> Any:
    told, late = chainnext.outlook(services, shown), chainnext.at_risk(services, shown)
    model = late.model
    risk = {"cases": late.cases, "expected": late.expected, "known": late.known, "table": None}
    if model is not None:
        risk |= {"table": model.table, "skill": model.skill, "brier": model.brier, "base_brier": model.base_brier}
    return next_layout(shown.view, told.chains, told.areas, told.hours, told.weeks, names, risk,
                       chainnext.START_WITHIN_H, shown.now, ask.theme, ask.lang, ask.words, ask.scale)  # fmt: skip


def _map(services: Services, ask: Asked, shown: chainwork.Work, names: dict[str, str]) -> Any:
    view, district, chain = shown.view, shown.district, chainflow.chosen_chain(shown.view)
    box = screens.box_of(services, view, district)
    place = {
        "root": f"/geo/{district.code}/{district.geometry_version}",
        "box": screens.box_of(services, view.at(district.code), district),
        "camera": fitting(box, (1100, 560), legend=False),
        "scale": ask.scale,
    }
    units, offers, needs = chainrules.on_map(services, shown, chain)
    cells: Any = shown.board.cells["open"]
    open_cases = cells.xs(chain, level="chain") if chain else cells.groupby("code").sum()
    codes = services.areas(district, shown.unit).index
    return map_layout(view, chain, shown.unit, codes, open_cases, names, units, offers, needs, place, ask.theme,
                      ask.lang, ask.words)  # fmt: skip


def _rules(services: Services, ask: Asked, shown: chainwork.Work) -> Any:
    told = chainrules.rules(services, shown)
    places = pd.concat([services.areas(shown.district, level) for level in (Level.DISTRICT, Level.STREET)])
    areas = [(str(code), short_name(row, ask.lang)) for code, row in places.iterrows()]
    return rules_layout(shown.view, told.rules, told.categories, told.tried, told.effect, told.cases, areas, ask.lang,
                        ask.words)  # fmt: skip


def _flow(services: Services, ask: Asked, shown: chainwork.Work) -> Any:
    view = shown.view
    ages = chainflow.ages(services, view, shown.now)
    line, span_days = chainflow.cumulative(services, view, shown.district, shown.now)
    moves = chainflow.between_chains(services, shown.district, chainflow.mined(services, view, shown.now).handovers)
    between = moves.groupby(["source", "target", "is_back"]).size().rename("n").reset_index()
    orders = chainflow.orders(services, view, shown.now)
    return flow_layout(view, chainflow.chosen_chain(view), ages, line, between, chainflow.escalations(moves), orders,
                       (span_days, chainflow.days_of(view)), ask.theme, ask.words, ask.scale)  # fmt: skip


def names_of(shown: chainwork.Work, lang: str) -> dict[str, str]:
    """Return the names of the board's areas in official order."""
    return {
        str(code): cell_name(str(code), lang) if len(str(code)) == 15 else short_name(row, lang)
        for code, row in shown.areas.iterrows()
    }


def _board(
    services: Services, ask: Asked, shown: chainwork.Work, chosen: chainwork.ChainView, names: dict[str, str]
) -> Any:
    words = ask.words
    table = board_layout(shown.view, chosen.show, shown.board, names, shown.per_person, shown.quantiles, shown.part,
                         shown.now, ask.lang, words)  # fmt: skip
    first = first_layout(shown.view, chainwork.exceptions(services, shown), chainwork.whistles(services, shown),
                         shown.now, ask.lang, words)  # fmt: skip
    if not chosen.which:
        return plain([table, first])
    count = chainwork.count_of(shown, chosen)
    place = names.get(chosen.at) or (words(f"bucket.{chosen.bucket}") if chosen.bucket else words("chains.all"))
    chain = words(f"chain.full.{chosen.chain}") if chosen.chain else words("chains.behind.all")
    what = words(f"chains.show.{chosen.which}") if chosen.which != "closed" else words("stage.closed")
    title = words("chains.behind", place=place, chain=chain, what=what, n=f"{count:,}")
    rows = chainwork.behind(services, shown, chosen)
    return plain([cases_layout(shown.view, title, count, rows, shown.now, ask.lang, words), table, first])


def register(app: Dash, services: Services) -> None:
    """Bind the callback that draws the page again when the record has changed."""

    @app.callback(
        Output(ids.CHAINS, "children"),
        Input(ids.CHAINS, "data-tick"),
        State(ids.URL, "pathname"),
        State(ids.URL, "search"),
        State(ids.PREFS, "data"),
        prevent_initial_call=True,
    )
    async def on_chains_live(_tick: Any, pathname: str, search: str, prefs: dict[str, Any]) -> Any:
        try:
            ask = asked(pathname, search, prefs)
            if ask.view.page != "chains":
                return no_update
            return (await offload(build, services, ask)).children
        except QuanxiangError:
            return no_update
