"""Cases in and out: report one, move one, read one, and the points of a map window."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from dashboard.api.schemas import CaseReceipt, CaseReport, CaseStep
from dashboard.offload import offload
from dashboard.services import Services
from db.read import cases as read
from db.read import sla
from db.write import cases as write
from db.write.desk import later_deadline
from gis.errors import InputFault
from gis.scope import View

_POINTS = 2_000
_Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200, description="a replay changes nothing")]


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1`."""
    routes = APIRouter(prefix="/api/v1", tags=["cases"])

    def _report(report: dict[str, Any]) -> tuple[str, bool]:
        now = services.now()
        with services.database.writing() as conn:
            number, created = write.report_case(conn, report, now, services.calendar)
            write.beat(conn, report["source"], now, received=int(created))
        return number, created

    def _move(number: str, step: dict[str, Any]) -> bool:
        with services.database.writing() as conn:
            days = step.pop("work_days", None)
            if days is not None and step["stage"] == "postponed" and "due_at" not in step:
                step["due_at"] = later_deadline(conn, number, days, services.calendar)
            return write.move_case(conn, number, step, services.now(), services.calendar)

    def _beat(name: str) -> None:
        with services.database.writing() as conn:
            write.beat(conn, name, services.now())

    def _one(number: str) -> dict[str, Any]:
        with services.database.reading() as conn:
            found = read.one_case(conn, number)
            voices = read.voices_of(conn, found["id"])
            clocks = [{k: v for k, v in one.items() if k != "case_id"} for one in sla.clocks_of(conn, found["id"])]
            return found | voices | {"events": read.events_of(conn, found["id"]), "clocks": clocks}

    def _listed(view: View, which: str, limit: int, offset: int) -> list[dict[str, Any]]:
        settled, _district = services.settled(view)
        with services.database.reading() as conn:
            frame = read.listed(conn, settled.code, settled, services.now(), which, limit, offset)
        plain: Any = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return plain  # type: ignore[no-any-return]

    def _points(view: View, box: tuple[float, float, float, float] | None) -> dict[str, Any]:
        return points_collection(services, view, box)

    @routes.post("/cases", status_code=201, response_model=CaseReceipt)
    async def report_case(report: CaseReport, response: Response, idempotency_key: _Key = "") -> CaseReceipt:
        """Report one case. A replay (same source and external_id, or key) answers 200 with the number given before."""
        given = report.model_dump(exclude_none=True)
        if "external_id" not in given:
            if not idempotency_key:
                raise InputFault("external_id or the header Idempotency-Key is needed, so that a replay is recognised")
            given["external_id"] = f"key {_digest(idempotency_key)}"
        number, created = await offload(_report, given)
        response.status_code = 201 if created else 200
        return CaseReceipt(number=number, created=created, received_at=services.now())

    @routes.post("/cases/{number}/events", status_code=201)
    async def move_case(number: str, step: CaseStep, response: Response, idempotency_key: _Key = "") -> dict[str, str]:
        """Append one step to a case; 409 with the reason when it may not take it, 200 when the key was used for it."""
        given = step.model_dump(exclude_none=True)
        if idempotency_key:
            given["key"] = _digest(idempotency_key)
        response.status_code = 201 if await offload(_move, number, given) else 200
        return {"number": number, "stage": step.stage}

    @routes.get("/cases")
    async def list_cases(
        response: Response,
        scope: str = "",
        which: str = Query("open", pattern="^(open|overdue|near_due|new|closed)$"),
        window: str = "24h",
        bucket: str = "",
        unit: Literal["street", "community", "cell"] = "cell",
        limit: int = Query(100, ge=1, le=1000),
        offset: int = Query(0, ge=0, le=1_000_000),
    ) -> list[dict[str, Any]]:
        """List the cases behind a number of a scope, newest first; a bucket holds what lies in no area of `unit`.

        When a page is full, the header X-Next-Offset tells where the next one begins.
        """
        view = View.from_url(f"/area/{scope}" if scope else "/", f"?w={window}&bucket={bucket}&bu={unit}")
        rows = await offload(_listed, view, which, limit, offset)
        if len(rows) == limit:
            response.headers["X-Next-Offset"] = str(offset + limit)
        return rows

    @routes.get("/cases/{number}")
    async def one_case(number: str) -> dict[str, Any]:
        """Return one case with every step it went through, and how many voices its matter has."""
        return await offload(_one, number)

    @routes.get("/cases/{number}/events")
    async def events(number: str) -> list[dict[str, Any]]:
        """Return every step that a case went through, oldest first."""
        found: list[dict[str, Any]] = (await offload(_one, number))["events"]
        return found

    @routes.post("/feeds/{name}/beat", status_code=204)
    async def beat(name: str) -> Response:
        """Note that a source is alive although it has nothing to report."""
        if len(name) > 60:
            raise InputFault("a feed's name has at most 60 characters")
        await offload(_beat, name)
        return Response(status_code=204)

    @routes.get("/points", include_in_schema=False)
    async def points(path: str = "/", search: str = "", box: str = "") -> JSONResponse:
        """Return open and recent cases of a map window as GeoJSON."""
        corners = _corners(box)
        made = await offload(_points, View.from_url(path, search), corners)
        return JSONResponse(made, headers={"Cache-Control": "no-store"})

    return routes


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def points_collection(services: Services, view: View, box: tuple[float, float, float, float] | None) -> dict[str, Any]:
    """Return open and recent cases inside a view and a box as GeoJSON with the state of each for its symbol."""
    settled, _district = services.settled(view)
    now = services.now()
    with services.database.reading() as conn:
        rows = conn.execute(read.points_stmt(settled.code, settled, now, box, _POINTS)).mappings().all()
    return {
        "type": "FeatureCollection",
        "complete": len(rows) < _POINTS,
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [round(row["lon"], 6), round(row["lat"], 6)]},
                "properties": {
                    "n": row["number"],
                    "t": row["title"],
                    "s": state_of(row, now),
                    "new": int(row["reported_at"] > now - timedelta(minutes=60)),
                    "at": row["reported_at"].isoformat(),
                },
            }
            for row in rows
        ],
    }


def state_of(row: Any, now: Any) -> str:
    """Return overdue, near_due, in_time or done: the word that gives a case its colour and its shape."""
    if not row["is_open"]:
        return "done"
    due = row["due_at"]
    if due is None:
        return "in_time"
    if due < (row["handled_at"] or row["hung_since"] or now):
        return "overdue"
    waits = row["handled_at"] is None and row["hung_since"] is None
    return "near_due" if waits and row["near_at"] is not None and row["near_at"] < now else "in_time"


def _corners(box: str) -> tuple[float, float, float, float] | None:
    if not box:
        return None
    try:
        west, south, east, north = (float(part) for part in box.split(","))
    except ValueError:
        raise InputFault("box is not west,south,east,north in degrees") from None
    return west, south, east, north
