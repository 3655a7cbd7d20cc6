"""The heat picture of a view with its place on the map, and the cases of a day for playing it."""

from __future__ import annotations

import base64
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from dashboard.heatwork import heat_of, played
from dashboard.offload import offload
from dashboard.services import Services
from gis.codes import level_of
from gis.errors import AreaNotFound
from gis.heat import BREAKS, LEAST_CASES
from gis.scope import View
from layouts.figures.heat import build_heat_png, palette_of
from layouts.legend import heat_note
from layouts.text import words_for

_KEPT_S = 5.0


def router(services: Services) -> APIRouter:
    """Return the route `/api/v1/heat`."""
    routes = APIRouter(prefix="/api/v1", include_in_schema=False)

    def _picture(view: View, theme: str, lang: str) -> dict[str, Any]:
        settled, district = services.settled(view)
        if settled.code not in services.areas(district, level_of(settled.code)).index:
            raise AreaNotFound(f"no area in force has the code {settled.code}")
        now = services.moment(district)

        def make() -> dict[str, Any]:
            made = heat_of(services, settled, now)
            png = base64.b64encode(build_heat_png(made.heat, theme)).decode()
            note = heat_note(made.cases, made.set_aside, words_for(lang))
            return {"url": f"data:image/png;base64,{png}", "corners": made.grid.corners, "cases": made.cases,
                    "set_aside": made.set_aside, "note": note}  # fmt: skip

        key = ("heat", settled.narrowed(district.code), settled.bandwidth_m, theme, lang, services.hub.version)
        found: dict[str, Any] = services.kept.get(key, _KEPT_S, make)
        return found

    def _played(view: View, theme: str) -> dict[str, Any]:
        settled, district = services.settled(view)
        now = services.moment(district)
        return {**played(services, settled, now), "palette": palette_of(theme), "breaks": BREAKS, "least": LEAST_CASES}

    @routes.get("/heat/play")
    async def play(path: str = "/", search: str = "", theme: str = "dark") -> JSONResponse:
        """Return the cases of the window as pixels and minutes: the browser makes the frames itself."""
        made = await offload(_played, View.from_url(path, search), theme)
        return JSONResponse(made, headers={"Cache-Control": "no-store"})

    @routes.get("/heat")
    async def picture(path: str = "/", search: str = "", theme: str = "dark", lang: str = "zh") -> JSONResponse:
        """Return the heat of the window's cases: a picture, its corners (north-west first, clockwise), its cases."""
        made = await offload(_picture, View.from_url(path, search), theme, "en" if lang == "en" else "zh")
        return JSONResponse(made, headers={"Cache-Control": "no-store"})

    return routes
