"""The doors of the wall: its page, its scenes, the state each screen asks for, enrolment and heartbeat."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from dashboard.offload import offload
from dashboard.services import Services
from dashboard.wall import alarms, page, scenes
from dashboard.wall.doors import COOKIE, KEEP_S, Door, ScreenUnknown, door_of, holder, token_of
from db.write import screens
from gis.wall import LAYOUTS
from layouts.text import words_for

Lang = Literal["zh", "en"]
LayoutName = Literal[*LAYOUTS]  # type: ignore[valid-type]
_FRESH = {"Cache-Control": "no-store"}


def router(services: Services) -> APIRouter:
    """Return the routes `/wall` and `/api/v1/wall`."""
    routes = APIRouter(include_in_schema=False)
    build = page.build_id()

    def _opened(target: str, token: str, lang: str, settings: dict[str, Any] | None = None) -> Door:
        return door_of(services, target, token) or Door(target, settings or {}, lang)

    def _page(target: str, token: str, settings: dict[str, Any], lang: str) -> str:
        door = _opened(target, token, lang, settings)
        config = page.wall_config(services, target, door.code, door.settings, door.lang, build)
        return page.wall_page(config | {"screen": door.screen_id is not None})

    def _scene(target: str, name: str, token: str, lang: str) -> dict[str, Any]:
        door = _opened(target, token, lang)
        return scenes.scene(services, name, door.code, door.lang, words_for(door.lang))

    def _state(target: str, token: str, lang: str) -> dict[str, Any]:
        door = _opened(target, token, lang)
        district = services.district_of(door.code)
        key = ("alarms", door.code, door.lang)
        ringing = services.kept.get(key, 2.0, lambda: alarms.told(services, door.code, door.lang, words_for(door.lang)))
        root = f"/geo/{district.code}/{district.geometry_version}"
        return scenes.clocks(services, district) | {"build": build, "root": root} | ringing

    def _beat(target: str, token: str, said: dict[str, Any]) -> None:
        door = door_of(services, target, token)
        if door is None or door.screen_id is None:
            return
        with services.database.writing() as conn:
            screens.beat_screen(conn, door.screen_id, said, services.now())

    def _enrol() -> tuple[str, str]:
        with services.database.writing() as conn:
            return screens.enrol_screen(conn, services.now())

    def _stands(token: str) -> dict[str, Any]:
        found = holder(services, token)
        if found is not None:
            return {"name": found["name"], "code": None}
        with services.database.writing() as conn:
            return {"name": None, "code": screens.waiting_code(conn, token, services.now()) if token else None}

    @routes.get("/wall")
    async def enrolment(request: Request, lang: Lang = "zh") -> Response:
        """Send an enrolled screen to its scenes, show any other one its code."""
        found = await offload(_stands, token_of(request))
        if found["name"]:
            return RedirectResponse(f"/wall/{found['name']}", status_code=303)
        return HTMLResponse(page.enrol_page(lang, build), headers=_FRESH)

    @routes.get("/wall/{target}")
    async def wall(
        request: Request, target: str, lang: Lang = "zh", layout: LayoutName = "1x1",
        metres: float = Query(4.0, ge=0.5, le=60), mm: float | None = Query(None, ge=0.05, le=5),
    ) -> Response:  # fmt: skip
        """Return the page of a screen, or of one area as seen from the desk."""
        settings = {"layout": layout, "metres": metres, "mm_per_px": mm}
        try:
            return HTMLResponse(await offload(_page, target, token_of(request), settings, lang), headers=_FRESH)
        except ScreenUnknown:
            return HTMLResponse(page.enrol_page(lang, build), headers=_FRESH)

    @routes.get("/api/v1/wall/{target}/state")
    async def state(request: Request, target: str, lang: Lang = "zh") -> JSONResponse:
        """Return clocks, build and alarm."""
        return await _answer(_state, target, token_of(request), lang)

    @routes.get("/api/v1/wall/{target}/scene/{name}")
    async def scene(request: Request, target: str, name: str, lang: Lang = "zh") -> JSONResponse:
        """Return what one scene shows."""
        return await _answer(_scene, target, name, token_of(request), lang)

    @routes.post("/api/v1/wall/{target}/beat")
    async def beat(request: Request, target: str, said: Annotated[dict[str, Any], Body()]) -> JSONResponse:
        """Note what a screen says of itself."""
        return await _answer(_beat, target, token_of(request), said)

    @routes.post("/api/v1/screens/enrol")
    async def enrol(request: Request) -> JSONResponse:
        """Begin an enrolment: the code to show, and a cookie that opens nothing yet."""
        code, token = await offload(_enrol)
        made = JSONResponse({"code": code}, headers=_FRESH)
        made.set_cookie(COOKIE, token, max_age=KEEP_S, httponly=True, samesite="strict", path="/",
                        secure=request.url.scheme == "https")  # fmt: skip
        return made

    @routes.get("/api/v1/screens/me")
    async def stands(request: Request) -> JSONResponse:
        """Tell a screen its name once it is approved, or the code that it should still show."""
        return JSONResponse(await offload(_stands, token_of(request)), headers=_FRESH)

    return routes


async def _answer(work: Any, *args: Any) -> JSONResponse:
    try:
        return JSONResponse(await offload(work, *args), headers=_FRESH)
    except ScreenUnknown as fault:
        shown = {"error": {"code": "ScreenUnknown", "message": str(fault), "fields": []}}
        return JSONResponse(shown, status_code=401, headers=_FRESH)
