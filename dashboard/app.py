"""`create_app(settings)` builds the whole product: API, map layers, pages, live socket. Nothing happens at import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import plotly
from dash import Dash
from dash.development.base_component import Component
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from dashboard import __version__, circle_line, live, report_page, spotting, upkeep, watch
from dashboard.api import (
    areas,
    batch,
    briefs,
    cases,
    circles,
    community,
    desk,
    docs,
    errors,
    health,
    heat,
    kpi,
    plans,
    reports,
    screens,
    sites,
)
from dashboard.api import chains as chains_api
from dashboard.callbacks import chains, hotspots, page, panel, place, search, steering, timeline
from dashboard.callbacks import circles as circles_callbacks
from dashboard.callbacks import community as community_page
from dashboard.callbacks import map as map_callbacks
from dashboard.doorkeeper import Doorkeeper
from dashboard.first import FirstPicture, filled
from dashboard.open311 import routes as open311
from dashboard.packed import PackedAssets
from dashboard.request import Browser, browser_of
from dashboard.services import Services
from dashboard.settings import Settings
from dashboard.wall import alarms
from dashboard.wall import routes as wall
from db.engine import Database
from layouts.shell import shell_layout
from layouts.theme import css_variables

_INDEX = """<!DOCTYPE html>
<html>
<head>{%metas%}<meta name="viewport" content="width=device-width, initial-scale=1"><title>{%title%}</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml"><link rel="stylesheet" href="/theme.css">
<script src="/assets/early/theme.js"></script>{%css%}</head>
<body>{%app_entry%}<footer>{%config%}<script src="PLOTLY"></script>{%scripts%}{%renderer%}</footer></body>
</html>""".replace("PLOTLY", f"/_dash-component-suites/plotly/package_data/plotly.min.js?v={plotly.__version__}")
"""Dash would ask for plotly only when the first graph is drawn, and ask again at every load whether it has changed."""


def create_app(settings: Settings) -> FastAPI:
    """Return the server for one set of settings; call it as often as you like in one process."""
    services = Services(settings, Database(settings.database_url, pool_size=settings.pool_size,
                                           reading_timeout_ms=settings.reading_timeout_ms,
                                           writing_timeout_ms=settings.writing_timeout_ms))  # fmt: skip

    @asynccontextmanager
    async def lifespan(_server: FastAPI) -> AsyncIterator[None]:
        work = (live.follow, upkeep.keep_up, alarms.watch, spotting.watch, circle_line.keep_warm)
        running = [asyncio.create_task(one(services)) for one in work]
        yield
        for task in running:
            task.cancel()
        services.database.dispose()

    server = FastAPI(title="Quanxiang", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
                     openapi_url="/api/openapi.json")  # fmt: skip
    server.state.services = services
    errors.register(server)
    for router in (health.router(services), areas.router(services), areas.layers(services), cases.router(services),
                   circles.router(services), plans.router(services), sites.router(services), desk.router(services),
                   community.router(services),
                   heat.router(services), kpi.router(services), batch.router(services), docs.router()):  # fmt: skip
        server.include_router(router)
    server.include_router(open311.router(services))
    server.include_router(chains_api.router(services))
    server.include_router(wall.router(services))
    server.include_router(reports.router(services))
    server.include_router(report_page.router(services))
    server.include_router(screens.router(services))
    server.include_router(briefs.router(services))
    live.register(server, services)
    watch.register(server, services)
    _plain_routes(server)
    dash = _build_dash(server, services)
    server.add_middleware(FirstPicture, services=services)
    server.add_middleware(PackedAssets)
    server.add_middleware(Doorkeeper, per_minute=settings.writes_per_minute)
    server.state.dash = dash
    return server


def _plain_routes(server: FastAPI) -> None:
    """Routes that must come before the pages, which answer every other address."""

    @server.get("/theme.css", include_in_schema=False)
    async def theme_css() -> Response:
        return Response(css_variables(), media_type="text/css", headers={"Cache-Control": "max-age=300"})

    @server.api_route("/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def unknown(rest: str) -> JSONResponse:
        return errors.body_of(404, "NotFound", f"there is no /api/{rest}")


def _build_dash(server: FastAPI, services: Services) -> Dash:
    app = Dash(
        "quanxiang",
        server=server,  # type: ignore[arg-type]
        title="全响 Quanxiang",
        update_title=None,  # type: ignore[arg-type]
        assets_folder=str(Path(__file__).parent / "assets"),
        assets_path_ignore=["^early$", "^wall$", "^report$"],
        index_string=_INDEX,
        suppress_callback_exceptions=True,  # a page brings its own components,
        serve_locally=True,
    )

    def layout() -> Component:
        browser: Browser = browser_of()
        return filled(shell_layout(browser.lang, browser.theme, browser.scale, browser.map_size, browser.seen_s))

    app.layout = layout
    for module in (place, map_callbacks, panel, timeline, search, page, steering, circles_callbacks, chains,
                   community_page, hotspots):  # fmt: skip
        module.register(app, services)
    # Dash finishes itself before its first "/" or "/_dash-" request; a first request for /area/<code> would get a
    # page without our scripts.
    app._setup_server()
    return app
