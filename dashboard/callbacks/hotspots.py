"""The hot-spot page: what piles up, whether it is real, who decides; and the form that writes a decision."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard import screens, spot_review
from dashboard.callbacks.asked import Asked, asked, fault_panel
from dashboard.offload import offload
from dashboard.services import District, Services
from db.read import cases, hotspots
from db.write.hotspots import decide
from gis.errors import InputFault, QuanxiangError
from layouts import ids
from layouts.figures.hotspots import VERDICTS, build_hotspots
from layouts.figures.map import fitting
from layouts.pages.hotspot_detail import detail_layout
from layouts.pages.hotspots import Page, hotspots_layout

_MAP_PX = (760, 460)


def build(services: Services, ask: Asked) -> Any:
    """Return the page."""
    view, district = services.settled(ask.view)
    now = services.moment(district)
    base = view.own_value("base") if view.own_value("base") in spot_review.BASES else spot_review.BASES[0]
    back = 1 if view.own_value("period") == "before" else 0
    rows = spot_review.listed(services, view, district, now)
    both = [spot_review.verdicts(services, view, district, now, base, k) for k in (0, 1)]
    silent, found = spot_review.silent(services, district, now), spot_review.patterns(services, view, district, now)
    codes = {view.code, *(row["place_code"][:12] for row in rows), *silent["area_code"].str[:12], *found["place"]}
    with services.database.reading() as conn:
        last = hotspots.last_run(conn, district.code)
        reviewed = hotspots.last_decided_at(conn, district.code) or now - timedelta(days=7)
        changes = hotspots.changes(conn, district.code, reviewed)
        names = cases.names_of(conn, sorted(codes))
    chosen = next((row for row in rows if str(row["id"]) == view.own_value("id")), None)
    page = Page(
        view=view, rows=rows, chosen=chosen, changes=changes, names=names, run=last, silent=silent, patterns=found,
        minutes=services.settings.hotspot_minutes, base=base, back=back, hours=spot_review.window_h(view),
        counts=[one.counts(VERDICTS) for one in both], neighbours=both[back].neighbours, is_young=both[back].is_young,
        reviewed=f"{district.local(reviewed):%m-%d %H:%M}",
        searched=f"{district.local(last['at']):%m-%d %H:%M}" if last else "",
    )  # fmt: skip
    figure = _figure(services, ask, district, rows, both[back], chosen)
    detail = _detail(services, ask, district, chosen, names) if chosen else None
    return hotspots_layout(page, figure, detail, ask.lang, ask.words)


def _figure(
    services: Services, ask: Asked, district: District, rows: list[dict[str, Any]], test: spot_review.Verdicts,
    chosen: dict[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    outlines = spot_review.shapes(services, district, rows)
    number = chosen["id"] if chosen else None
    box = screens.box_of(services, ask.view.at(district.code), district)
    here = screens.box_of(services, ask.view, district) if len(ask.view.code) > 6 else box
    if number in outlines:
        west, south, east, north = outlines[number].bounds
        here = (west - 0.006, south - 0.004, east + 0.006, north + 0.004)
    hover = [
        ask.words("hot.map.hover", name=code, n=int(n), usual=f"{usual:.1f}", verdict=ask.words(f"hot.class.{verdict}"))
        for code, n, usual, verdict in zip(test.codes, test.observed, test.expected, test.verdict, strict=True)
    ]
    layer = "cells" if len(test.codes) and len(test.codes[0]) == 15 else "streets"
    return build_hotspots(
        list(test.codes), list(test.verdict), hover, outlines, number, layer=layer, theme=ask.theme, lang=ask.lang,
        root=f"/geo/{district.code}/{district.geometry_version}", box=box, camera=fitting(here, _MAP_PX, legend=False),
        scale=ask.scale,
    )  # fmt: skip


def _detail(
    services: Services, ask: Asked, district: District, row: dict[str, Any], names: dict[str, dict[str, str]]
) -> Any:
    with services.database.reading() as conn:
        inside = hotspots.cases_of(conn, row["id"])
        decisions = hotspots.decisions_of(conn, row["id"])
        sightings = hotspots.sightings_of(conn, row["id"])
        classes = hotspots.class_names(conn, [code for code, _ in row["mix"]])
    return detail_layout(
        ask.view, row, inside, decisions, len(sightings), classes, names, district.local, ask.lang, ask.words
    )


def _written(services: Services, ask: Asked, number: str, texts: list[Any], days: list[Any]) -> str:
    """Write one decision; return what is wrong with it, '' when it stands."""
    owner, decision, outcome = (str(part or "").strip() for part in texts)
    due_on, follow_up_on = (date.fromisoformat(day) if day else None for day in days)
    if not owner or not decision:
        return ask.words("hot.f.need")
    if due_on and follow_up_on and follow_up_on < due_on:
        return ask.words("hot.f.days")
    with services.database.writing() as conn:
        decide(conn, int(number), services.now(), owner=owner, decision=decision, due_on=due_on,
               follow_up_on=follow_up_on, outcome=outcome)  # fmt: skip
    return ""


def register(app: Dash, services: Services) -> None:
    """Bind the form."""

    @app.callback(
        Output(ids.PAGE, "children", allow_duplicate=True),
        Output(ids.HOTSPOT_SAID, "children"),
        Input(ids.HOTSPOT_SAVE, "n_clicks"),
        State(ids.HOTSPOT_OWNER, "value"),
        State(ids.HOTSPOT_DECISION, "value"),
        State(ids.HOTSPOT_OUTCOME, "value"),
        State(ids.HOTSPOT_DUE, "value"),
        State(ids.HOTSPOT_FOLLOW, "value"),
        State(ids.URL, "pathname"),
        State(ids.URL, "search"),
        State(ids.PREFS, "data"),
        prevent_initial_call=True,
    )
    async def on_decide(clicks: int, owner: Any, decision: Any, outcome: Any, due: Any, follow: Any, pathname: str,
                        search: str, prefs: dict[str, Any]) -> Any:  # fmt: skip
        if not clicks:
            return no_update, no_update
        ask = asked(pathname, search, prefs)
        number = ask.view.own_value("id")
        try:
            wrong = await offload(_written, services, ask, number, [owner, decision, outcome], [due, follow])
            return (no_update, wrong) if wrong else (await offload(build, services, ask), no_update)
        except (InputFault, ValueError) as fault:
            return no_update, ask.words("hot.f.fault", detail=str(fault))
        except QuanxiangError as fault:
            return await offload(fault_panel, services, fault, prefs), no_update
