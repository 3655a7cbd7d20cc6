"""Whether the product is alive and what it runs on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import literal, select

from dashboard import __version__
from dashboard.offload import offload
from dashboard.services import Services
from db.schema import current_revision
from gis.errors import QuanxiangError


def router(services: Services) -> APIRouter:
    """Return the route `/api/health`."""
    routes = APIRouter(tags=["health"])

    def _look() -> dict[str, Any]:
        revision = services.kept.get("revision", 5.0, lambda: current_revision(services.settings.database_url))
        with services.database.reading(timeout_ms=2_000) as conn:
            conn.execute(select(literal(1)))
        return {
            "version": __version__,
            "status": "ok",
            "database": {"reachable": True, "migration": revision, "listening": services.hub.connected},
            "screens": len(services.hub),
            "districts": [
                {"code": one.code, "name": one.name_zh, "data": "demo" if one.is_demo else "own"}
                for one in services.districts()
            ],
        }

    @routes.get("/api/health")
    async def health() -> JSONResponse:
        """Tell version, database, migration, and what is loaded; 503 when the database is away."""
        try:
            return JSONResponse(await offload(_look))
        except QuanxiangError as fault:
            gone = {
                "version": __version__,
                "status": "degraded",
                "database": {"reachable": False, "reason": str(fault)},
            }
            return JSONResponse(gone, status_code=503)

    return routes
