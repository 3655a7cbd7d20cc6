"""Areas and their numbers: the very numbers that the screens show."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Query, Response

from dashboard import pictures
from dashboard.offload import offload
from dashboard.services import Services
from db.read import areas, geometry
from gis.codes import Level, level_from_word, level_of
from gis.scope import WINDOWS_H, View

Word = Literal["district", "street", "community", "cell"]
Window = Literal[*WINDOWS_H]  # type: ignore[valid-type]


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/areas`."""
    routes = APIRouter(prefix="/api/v1/areas", tags=["areas"])

    def _all(level: Level, scope: str, window: str) -> dict[str, Any]:
        if scope:
            level_of(scope)
        view = View(code=scope, window=window)
        shown = pictures.as_plain(pictures.picture(services, view, services.moment(services.district_of(scope)), level))
        return {key: shown[key] for key in ("window", "data_time", "unit", "children", "buckets", "counts")}

    def _one(code: str, window: str) -> dict[str, Any]:
        level_of(code)
        return pictures.as_plain(
            pictures.picture(services, View(code=code, window=window), services.moment(services.district_of(code)))
        )

    def _search(asked: str) -> list[dict[str, Any]]:
        with services.database.reading() as conn:
            return areas.search(conn, asked, services.district_of("").code)

    @routes.get("")
    async def list_areas(level: Word = "street", scope: str = "", window: Window = "24h") -> dict[str, Any]:
        """List the areas of a level inside a scope (the district unless told) with their numbers and the buckets."""
        return await offload(_all, level_from_word(level), scope, window)

    @routes.get("/search")
    async def search(q: str = Query("", max_length=60)) -> list[dict[str, Any]]:
        """Find areas by name, short name, pinyin, initials or code."""
        return await offload(_search, q)

    @routes.get("/{code}")
    async def one_area(code: str, window: Window = "24h") -> dict[str, Any]:
        """Return one area with its numbers, its children and its buckets."""
        return await offload(_one, code, window)

    return routes


def layers(services: Services) -> APIRouter:
    """Return the map layers below `/geo`, each kept by browsers for ever under its version."""
    routes = APIRouter(prefix="/geo", include_in_schema=False)

    @routes.get("/{district}/{version}/{layer}.json")
    async def layer(district: str, version: str, layer: str) -> Response:
        """Return one layer; `version` only makes the address change with the content."""
        body = await offload(services.layer, district, layer)
        return Response(
            body,
            media_type="application/geo+json",
            headers={"Content-Encoding": "gzip", "Cache-Control": "public, max-age=31536000, immutable"},
        )

    def _lineage(code: str) -> str:
        level_of(code)
        with services.database.reading() as conn:
            return geometry.lineage_layer(conn, code)

    @routes.get("/lineage/{code}.json")
    async def lineage(code: str) -> Response:
        """Return the outlines of the source cells that a unified cell came from."""
        return Response(await offload(_lineage, code), media_type="application/geo+json")

    return routes
