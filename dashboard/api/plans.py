"""Scenarios: kept by name, tried out while something is dragged, compared."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from pydantic import Field as Limited

from dashboard.api.circles import plain
from dashboard.circles import answer_of, child_unit, ground_of
from dashboard.offload import offload
from dashboard.plans import numbers_of, outcome_of, picture_of
from dashboard.services import Services
from db.write import scenarios
from gis.codes import Level
from gis.errors import InputFault
from gis.scenario import MOST_CHANGES, read_changes, standing
from gis.scope import View


class Tried(BaseModel):
    """Changes to try out over what an address shows."""

    path: str = "/circles"
    search: str = ""
    show: str = "after"
    changes: list[dict[str, Any]] = Limited(default_factory=list, max_length=MOST_CHANGES)


class Plan(BaseModel):
    """A scenario to keep."""

    name: str = Limited(max_length=60)
    owner: str = Limited(default="", max_length=60)
    changes: list[dict[str, Any]] = Limited(default_factory=list, max_length=MOST_CHANGES)


class Changes(BaseModel):
    """What a scenario holds from now on."""

    changes: list[dict[str, Any]] = Limited(max_length=MOST_CHANGES)


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/scenarios`, and `/api/v1/circles/try`."""
    routes = APIRouter(prefix="/api/v1", tags=["circles"])

    def _list(district: str) -> list[dict[str, Any]]:
        with services.database.reading() as conn:
            return [_told(row) for row in scenarios.scenarios(conn, services.district_of(district).code)]

    @routes.get("/scenarios")
    async def listed(district: str = "") -> list[dict[str, Any]]:
        """List the scenarios of a district, the last changed first."""
        return await offload(_list, district)

    def _create(district: str, plan: Plan) -> dict[str, Any]:
        changes, code = read_changes(plan.changes), services.district_of(district).code
        with services.database.writing() as conn:
            number = scenarios.create_scenario(conn, code, plan.name, plan.owner, changes)
            return _told(scenarios.one_scenario(conn, code, number))

    @routes.post("/scenarios", status_code=201)
    async def created(plan: Plan, district: str = "") -> dict[str, Any]:
        """Keep a new scenario under a name."""
        return await offload(_create, district, plan)

    def _change(district: str, number: int, given: Changes) -> dict[str, Any]:
        changes, code = read_changes(given.changes), services.district_of(district).code
        with services.database.writing() as conn:
            scenarios.change_scenario(conn, code, number, changes)
            return _told(scenarios.one_scenario(conn, code, number))

    @routes.put("/scenarios/{number}")
    async def changed(number: int, given: Changes, district: str = "") -> dict[str, Any]:
        """Keep other changes under a scenario."""
        return await offload(_change, district, number, given)

    def _remove(district: str, number: int) -> None:
        with services.database.writing() as conn:
            scenarios.remove_scenario(conn, services.district_of(district).code, number)

    @routes.delete("/scenarios/{number}", status_code=204)
    async def removed(number: int, district: str = "") -> Response:
        """Remove a scenario."""
        await offload(_remove, district, number)
        return Response(status_code=204)

    @routes.post("/circles/try")
    async def tried(given: Tried) -> JSONResponse:
        """Return the map's classes and the numbers as they would be with these changes; nothing is kept."""
        return JSONResponse(plain(await offload(try_out, services, given)), headers={"Cache-Control": "no-store"})

    return routes


def try_out(services: Services, given: Tried) -> dict[str, Any]:
    """Return classes (or differences) and numbers for changes over what an address shows.

    Raises
    ------
    InputFault
        When times are not there yet, or a change is not understood.
    """
    view, district = services.settled(View.from_url(given.path, given.search))
    ground = ground_of(services, district)
    if ground is None:
        raise InputFault("walking times are still being worked out")
    answer = answer_of(services, view, district, ground)
    outcome = outcome_of(answer, standing(read_changes(given.changes)), child_unit(services, view, district))
    codes = [str(code) for code in services.areas(district, Level.CELL).index]
    return {"classes": picture_of(answer, outcome, given.show, codes)} | numbers_of(outcome)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: row[name].isoformat(timespec="seconds") for name in ("created_at", "changed_at")}
