"""Where the next ones go: asked once, looked at until it is proven, stopped at will."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from pydantic import Field as Limited

from dashboard.circles import answer_of, ground_of
from dashboard.offload import offload
from dashboard.services import Services
from dashboard.sites import MOST_SITES, Jobs
from gis.errors import InputFault
from gis.scenario import MOST_CHANGES, read_changes, standing
from gis.scope import View


class Sought(BaseModel):
    """How many new places of which kind, over what an address shows and a scenario's changes."""

    path: str = "/circles"
    search: str = ""
    kind: str
    most: int = Limited(default=3, ge=1, le=MOST_SITES)
    changes: list[dict[str, Any]] = Limited(default_factory=list, max_length=MOST_CHANGES)


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/circles/sites`."""
    routes = APIRouter(prefix="/api/v1/circles/sites", tags=["circles"])
    jobs = Jobs()

    def _begin(given: Sought) -> dict[str, Any]:
        view, district = services.settled(View.from_url(given.path, given.search))
        ground = ground_of(services, district)
        if ground is None:
            raise InputFault("walking times are still being worked out")
        answer = answer_of(services, view, district, ground)
        return jobs.begin(answer, standing(read_changes(given.changes)), given.kind, given.most).told()

    @routes.post("", status_code=201)
    async def begun(given: Sought) -> JSONResponse:
        """Return a choice at once; its proof goes on under the number of the job."""
        return JSONResponse(await offload(_begin, given), status_code=201)

    @routes.get("/{number}")
    async def looked(number: str) -> JSONResponse:
        """Return the best choice so far, its gap, and whether it is proven."""
        return JSONResponse(jobs.get(number).told(), headers={"Cache-Control": "no-store"})

    @routes.delete("/{number}", status_code=204)
    async def stopped(number: str) -> Response:
        """Stop the proof; the best choice so far stays."""
        jobs.get(number).stop.set()
        return Response(status_code=204)

    return routes
