"""The desk's door to the wall screens: approve one by its code, revoke one."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from dashboard.offload import offload
from dashboard.services import Services
from db.write import screens
from gis.wall import LAYOUTS


class Approval(BaseModel):
    """Which screen may show what."""

    code: str = Field(pattern=r"^\d{6}$")
    name: str = Field(max_length=40)
    scope: str = Field(max_length=15)
    layout: Literal[*LAYOUTS] = "1x1"  # type: ignore[valid-type]
    metres: float = Field(4.0, ge=0.5, le=60)
    mm_per_px: float | None = Field(None, ge=0.05, le=5)
    lang: Literal["zh", "en"] = "zh"


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/screens` that change something."""
    routes = APIRouter(prefix="/api/v1/screens", include_in_schema=False)

    def _approve(wish: Approval) -> None:
        with services.database.writing() as conn:
            screens.approve_screen(conn, wish.code, wish.name, wish.scope, services.now(), layout=wish.layout,
                                   metres=wish.metres, mm_per_px=wish.mm_per_px, lang=wish.lang)  # fmt: skip

    def _revoke(name: str) -> None:
        with services.database.writing() as conn:
            screens.revoke_screen(conn, name, services.now())

    @routes.post("/approve", status_code=204)
    async def approve(wish: Approval) -> Response:
        """Approve the screen that shows a code."""
        await offload(_approve, wish)
        return Response(status_code=204)

    @routes.post("/{name}/revoke", status_code=204)
    async def revoke(name: str) -> Response:
        """Close a screen's door at once."""
        await offload(_revoke, name)
        return Response(status_code=204)

    return routes
