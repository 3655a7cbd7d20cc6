"""Many reports at once as lines of JSON: every line has its own answer, and a bad one keeps no good one out."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from dashboard.api.errors import status_of
from dashboard.api.schemas import CaseReport
from dashboard.offload import offload
from dashboard.services import Services
from db.write import cases as write
from gis.errors import InputFault, QuanxiangError

MOST_LINES = 2_000


def router(services: Services) -> APIRouter:
    """Return the route `/api/v1/cases/batch`."""
    routes = APIRouter(prefix="/api/v1", tags=["cases"])

    def _all(body: bytes) -> bytes:
        lines = [(place, line) for place, line in enumerate(body.split(b"\n"), 1) if line.strip()]
        if not lines or len(lines) > MOST_LINES:
            raise InputFault(f"a batch has 1 to {MOST_LINES} lines of JSON, not {len(lines)}")
        now, turned_away = services.now(), 0
        brought: dict[str, int] = {}
        answers: list[dict[str, Any]] = []
        # one transaction: nothing is acknowledged before all that is acknowledged is stored
        with services.database.writing(timeout_ms=60_000) as conn:
            for place, line in lines:
                try:
                    report = _read(line)
                    with conn.begin_nested():
                        number, created = write.report_case(conn, report, now, services.calendar)
                except (QuanxiangError, ValidationError) as fault:
                    turned_away += 1
                    answers.append({"line": place} | _refusal(fault))
                    continue
                brought[report["source"]] = brought.get(report["source"], 0) + int(created)
                answers.append({"line": place, "status": 201 if created else 200, "number": number, "created": created})
            for source, count in brought.items():
                write.beat(conn, source, now, received=count, rejected=turned_away if len(brought) == 1 else 0)
        return b"".join(json.dumps(answer, ensure_ascii=False).encode() + b"\n" for answer in answers)

    @routes.post(
        "/cases/batch",
        response_class=Response,
        openapi_extra={"requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": {
            "type": "string", "description": "one CaseReport a line"}}}}},
        responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
    )  # fmt: skip
    async def report_batch(request: Request) -> Response:
        """Report many cases, one JSON object a line; each is answered by a line: status, and number or error."""
        return Response(await offload(_all, await request.body()), media_type="application/x-ndjson")

    return routes


def _read(line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise InputFault("the line is not JSON in UTF-8") from None
    report = CaseReport.model_validate(given).model_dump(exclude_none=True)
    if "external_id" not in report:
        raise InputFault("external_id is needed, so that a replay is recognised")
    return report


def _refusal(fault: QuanxiangError | ValidationError) -> dict[str, Any]:
    if isinstance(fault, ValidationError):
        fields = [{"field": ".".join(str(p) for p in e["loc"]), "message": e["msg"]} for e in fault.errors()]
        error = {"code": "InputFault", "message": "the line does not fit the schema", "fields": fields}
        return {"status": 422, "error": error}
    return {"status": status_of(fault), "error": {"code": type(fault).__name__, "message": str(fault), "fields": []}}
