"""The heat picture of a view, with its place on the map."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from dashboard.offload import offload
from dashboard.services import Services
from db.read import areas
from db.read import cases as read
from gis import heat
from gis.scope import View
from layouts.figures.heat import build_heat_png

_MOST = 50_000


def router(services: Services) -> APIRouter:
    """Return the route `/api/v1/heat`."""
    routes = APIRouter(prefix="/api/v1", include_in_schema=False)

    def _picture(view: View, theme: str) -> dict[str, Any]:
        settled, district = services.settled(view)
        now = services.moment(district)

        def ask() -> dict[str, Any]:
            with services.database.reading() as conn:
                box = areas.one_area(conn, settled.code)
                points = conn.execute(read.heat_stmt(settled.code, settled, now, _MOST)).all()
            corners = (box["west"], box["south"], box["east"], box["north"])
            lonlat = np.array([(row.lon, row.lat) for row in points], dtype=float).reshape(-1, 2)
            raster = heat.density(lonlat[:, 0], lonlat[:, 1], corners)
            png = base64.b64encode(build_heat_png(raster, theme)).decode()
            return {"url": f"data:image/png;base64,{png}", "corners": raster.corners, "cases": len(points)}

        key = ("heat", settled.with_(camera=None, tab="areas", lang="", layers=()).url, theme, services.hub.version)
        return services.kept.get(key, 5.0, ask)

    @routes.get("/heat")
    async def picture(path: str = "/", search: str = "", theme: str = "dark") -> JSONResponse:
        """Return the heat of open cases and those of the time window as a picture with its corners in degrees."""
        made = await offload(_picture, View.from_url(path, search), theme)
        return JSONResponse(made, headers={"Cache-Control": "no-store"})

    return routes
