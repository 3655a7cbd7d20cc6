"""One table from fault to status, one JSON shape for every error. A client never sees SQL or driver text."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gis import errors
from layouts.text import words_for

STATUS: dict[type[Exception], int] = {
    errors.AreaNotFound: 404,
    errors.CaseNotFound: 404,
    errors.ScenarioNotFound: 404,
    errors.MoveRefused: 409,
    errors.QueryTooSlow: 503,
    errors.DatabaseUnavailable: 503,
    errors.InputFault: 422,
    errors.SetupFault: 503,
    errors.QuanxiangError: 500,
}


def status_of(fault: Exception) -> int:
    """Return the status of the nearest class in the table, 500 for a fault that is not ours."""
    for kind in type(fault).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def body_of(status: int, code: str, message: str, fields: list[dict[str, str]] | None = None) -> JSONResponse:
    """Return the one error shape."""
    return JSONResponse({"error": {"code": code, "message": message, "fields": fields or []}}, status_code=status)


def told(fault: Exception, lang: str) -> str:
    """Return what went wrong: in the language of a page that asks for one and where it has words, else in English."""
    key = f"refused.{getattr(fault, 'why', '')}"
    if lang not in ("zh", "en") or not isinstance(fault, errors.QuanxiangError):
        return str(fault)
    words = words_for(lang)
    try:
        values = {name: words(f"stage.{value}") if name in ("word", "stage") else value
                  for name, value in fault.values.items()}  # fmt: skip
        return words(key, **values)
    except KeyError:
        return str(fault)


def register(server: FastAPI) -> None:
    """Answer every fault below `/api` in the one shape."""

    @server.exception_handler(errors.QuanxiangError)
    async def ours(request: Request, fault: errors.QuanxiangError) -> JSONResponse:
        message = told(fault, request.headers.get("x-language", ""))
        return body_of(status_of(fault), type(fault).__name__, message)

    @server.exception_handler(Exception)
    async def unforeseen(_request: Request, _fault: Exception) -> JSONResponse:
        return body_of(500, "InternalError", "something went wrong in the server; its log tells what")

    @server.exception_handler(RequestValidationError)
    async def malformed(_request: Request, fault: RequestValidationError) -> JSONResponse:
        fields = [{"field": ".".join(str(p) for p in e["loc"]), "message": e["msg"]} for e in fault.errors()]
        return body_of(422, "InputFault", "the request does not fit the schema", fields)

    @server.exception_handler(HTTPException)
    async def plain(_request: Request, fault: HTTPException) -> JSONResponse:
        return body_of(fault.status_code, "HttpError", str(fault.detail))
