"""`/open311/v2` on the road.

One route takes every address below `/open311`, so that even a wrong one is answered as the standard says, in the
format that the address asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.convertors import PathConvertor, register_url_convertor

from dashboard.offload import offload
from dashboard.open311 import schemas
from dashboard.open311.asked import district_for, requests_asked, served
from dashboard.open311.errors import Refusal, bad, missing, refusal_of
from dashboard.open311.form import MOST_BYTES, form_of
from dashboard.open311.intake import accept
from dashboard.open311.xml import TYPES, rendered
from dashboard.services import Services
from db.read import open311 as read
from layouts.text import lang_of

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_ANYBODY = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class _Anything(PathConvertor):
    """The rest of a path, with line breaks too, which `path` leaves to the next route."""

    regex = r"[\s\S]*"


@dataclass(frozen=True)
class _Answer:
    """Root of the XML, and the content of both formats."""

    root: str
    content: Any


def router(services: Services) -> APIRouter:
    """Return the one route below `/open311`."""
    register_url_convertor("anything", _Anything())
    routes = APIRouter(prefix="/open311", include_in_schema=False)

    @routes.api_route("", methods=_METHODS)
    @routes.api_route("/{rest:anything}", methods=_METHODS)
    async def geo_report(request: Request, rest: str = "") -> Response:
        """Answer anything below `/open311`."""
        resource, form = _resource(rest)
        if request.method == "OPTIONS":
            allowed = {"Allow": "GET, HEAD, POST, OPTIONS", "Access-Control-Allow-Methods": "GET, POST",
                       "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key"}  # fmt: skip
            return Response(status_code=204, headers=_ANYBODY | allowed)
        headers, status = dict(_ANYBODY), 200
        try:
            body = await _body(request) if request.method == "POST" else b""
            content = await offload(_answered, services, request, resource, body, form)
        except Exception as fault:
            refused = refusal_of(fault)
            status, headers = refused.status, headers | refused.headers
            content = rendered("errors", refused.body, form)
        return Response(content, status_code=status, media_type=None, headers=headers | {"Content-Type": TYPES[form]})

    return routes


def _resource(rest: str) -> tuple[tuple[str, ...], str]:
    """Return the parts of an address below `/open311` without its format, and the format; XML unless JSON is told."""
    stem, dot, form = rest.rpartition(".")
    if not dot or form not in TYPES:
        return (), "xml"
    return tuple(stem.split("/", 2)), form


async def _body(request: Request) -> bytes:
    """Return a bounded body."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise bad(f"the body is larger than {MOST_BYTES} bytes", 413)
        parts.append(part)
    return b"".join(parts)


def _answered(services: Services, request: Request, resource: tuple[str, ...], body: bytes, form: str) -> bytes:
    answer = _answer(services, request, resource, body)
    return rendered(answer.root, answer.content, form)


def _answer(services: Services, request: Request, resource: tuple[str, ...], body: bytes) -> _Answer:
    """Find what an address means; a method that it does not take is a wrong request."""
    is_read = request.method in ("GET", "HEAD")
    lang = lang_of(request.query_params.get("locale", "").strip().lower(), request.headers.get("accept-language", ""))
    if resource in (("discovery",), ("v2", "discovery")):
        _only(is_read, "GET")
        return _discovery(services, f"{request.url.scheme}://{request.url.netloc}")
    if resource == ("v2", "services"):
        _only(is_read, "GET")
        return _services(services, request, lang)
    if resource == ("v2", "requests"):
        if request.method == "POST":
            return _reported(services, request, body)
        _only(is_read, "GET, POST")
        return _requests(services, request, lang)
    if len(resource) == 3 and resource[0] == "v2" and resource[1] in _ONE:
        _only(is_read, "GET")
        if not resource[2]:
            raise bad(f"{_ONE[resource[1]]} was not provided")
        one = {"services": _definition, "requests": _request, "tokens": _token}[resource[1]]
        return one(services, request, resource[2], lang)
    raise missing("there is nothing at this address; ask for /open311/v2/discovery.xml")


_ONE = {"services": "service_code", "requests": "service_request_id", "tokens": "token"}


def _only(is_taken: bool, methods: str) -> None:
    if not is_taken:
        refused = bad(f"this address takes {methods} only", 405)
        raise Refusal(*refused.faults, headers={"Allow": methods})


def _jurisdiction(request: Request) -> str:
    return request.query_params.get("jurisdiction_id", "").strip()


def _discovery(services: Services, base_url: str) -> _Answer:
    districts = served(services)
    with services.database.reading() as conn:
        changed = read.changed_at(conn, [one.code for one in districts])
    return _Answer("discovery", schemas.discovery(base_url, districts, changed))


def _services(services: Services, request: Request, lang: str) -> _Answer:
    district_for(services, _jurisdiction(request))
    with services.database.reading() as conn:
        rows = read.services(conn)
    return _Answer("services", [schemas.service(row, lang) for row in rows])


def _definition(services: Services, request: Request, code: str, lang: str) -> _Answer:
    district_for(services, _jurisdiction(request))
    with services.database.reading() as conn:
        if read.service(conn, code) is None:
            raise missing("the service_code provided was not found")
        rows = read.attributes(conn, code)
    return _Answer("service_definition", schemas.definition(code, rows, lang))


def _requests(services: Services, request: Request, lang: str) -> _Answer:
    district = district_for(services, _jurisdiction(request))
    asked = requests_asked(request.query_params, district, services.now(), services.moment(district))
    extended = request.query_params.get("extensions", "").strip().lower() == "true"
    with services.database.reading() as conn:
        rows = read.requests(conn, asked)
        notes = read.notes(conn, [row["id"] for row in rows]) if extended else {}
    return _Answer("service_requests", [schemas.request(row, district, lang, notes.get(row["id"])) for row in rows])


def _request(services: Services, request: Request, number: str, lang: str) -> _Answer:
    district = district_for(services, _jurisdiction(request))
    now = services.now()
    asked = read.RequestFilter(district_code=district.code, since=now, until=now, ids=(number,), limit=1)
    extended = request.query_params.get("extensions", "").strip().lower() == "true"
    with services.database.reading() as conn:
        rows = read.requests(conn, asked)
        notes = read.notes(conn, [row["id"] for row in rows]) if extended else {}
    if not rows:
        raise missing("the service_request_id provided was not found")
    return _Answer("service_requests", [schemas.request(row, district, lang, notes.get(row["id"])) for row in rows])


def _token(services: Services, request: Request, token: str, _lang: str) -> _Answer:
    district = district_for(services, _jurisdiction(request))
    with services.database.reading() as conn:
        number = read.number_of_token(conn, token, district.code)
    if number is None:
        raise missing("the token provided was not found")
    return _Answer("service_requests", [{"service_request_id": number, "token": token}])


def _reported(services: Services, request: Request, body: bytes) -> _Answer:
    form = form_of(request.headers.get("content-type", ""), body)
    if not form["jurisdiction_id"] and _jurisdiction(request):
        form.fields["jurisdiction_id"] = _jurisdiction(request)
    number, token, answers_token = accept(services, form, request.headers.get("idempotency-key", "").strip())
    return _Answer("service_requests", [schemas.receipt(number, token, answers_token=answers_token)])
