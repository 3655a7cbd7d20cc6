"""The doors of the wall: its page, its scenes, and the state that each screen asks for every few seconds."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse

from dashboard.offload import offload
from dashboard.services import Services
from dashboard.wall import page, scenes
from gis.codes import level_of
from gis.wall import LAYOUTS
from layouts.text import words_for

Lang = Literal["zh", "en"]
LayoutName = Literal[*LAYOUTS]  # type: ignore[valid-type]


def router(services: Services) -> APIRouter:
    """Return the routes `/wall` and `/api/v1/wall`."""
    routes = APIRouter(include_in_schema=False)
    build = page.build_id()

    def _page(target: str, settings: dict[str, Any], lang: str) -> str:
        level_of(target)
        return page.wall_page(page.wall_config(services, target, target, settings, lang, build))

    def _scene(target: str, name: str, lang: str) -> dict[str, Any]:
        level_of(target)
        return scenes.scene(services, name, target, lang, words_for(lang))

    def _state(target: str, lang: str) -> dict[str, Any]:
        district = services.district_of(target)
        root = f"/geo/{district.code}/{district.geometry_version}"
        return scenes.clocks(services, district) | {"build": build, "root": root, "alarm": None, "waiting": 0}

    @routes.get("/wall/{target}")
    async def wall(
        target: str, lang: Lang = "zh", layout: LayoutName = "1x1", metres: float = Query(4.0, ge=0.5, le=60),
        mm: float | None = Query(None, ge=0.05, le=5),
    ) -> HTMLResponse:  # fmt: skip
        """Return the page of a wall that shows one area."""
        settings = {"layout": layout, "metres": metres, "mm_per_px": mm}
        return HTMLResponse(await offload(_page, target, settings, lang), headers={"Cache-Control": "no-store"})

    @routes.get("/api/v1/wall/{target}/state")
    async def state(target: str, lang: Lang = "zh") -> JSONResponse:
        """Return clocks, build and alarm."""
        return JSONResponse(await offload(_state, target, lang), headers={"Cache-Control": "no-store"})

    @routes.get("/api/v1/wall/{target}/scene/{name}")
    async def scene(target: str, name: str, lang: Lang = "zh") -> JSONResponse:
        """Return what one scene shows."""
        return JSONResponse(await offload(_scene, target, name, lang), headers={"Cache-Control": "no-store"})

    return routes
