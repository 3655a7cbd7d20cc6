"""What a person who keeps the server running wants to know: counts, times and ages as Prometheus reads them.

`/metrics` is made from this process alone. Nothing in it names a person, an address or a case.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import __version__
from dashboard.logs import REQUEST_ID
from dashboard.offload import offload
from dashboard.services import Services
from db.read import quality
from gis.errors import QuanxiangError

log = logging.getLogger(__name__)

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW_S = 2.0
_GIVEN_ID = re.compile(rb"^[0-9A-Za-z_-]{8,64}$")


class Watched:
    """ASGI middleware: gives every request an id, measures it, and logs the slow and the failed ones."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._seconds = Histogram(
            "quanxiang_request_seconds", "Time to answer a request", ["route", "method"],
            buckets=_BUCKETS_S, registry=registry,
        )  # fmt: skip
        self._answers = Counter("quanxiang_answers", "Answers by status", ["route", "status"], registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        request_id = given.decode() if _GIVEN_ID.match(given) else uuid.uuid4().hex[:16]
        token = REQUEST_ID.set(request_id)
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id.encode())]}
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            took_s, route = time.perf_counter() - began, route_of(scope)
            self._seconds.labels(route, scope["method"]).observe(took_s)
            self._answers.labels(route, str(status)).inc()
            if status >= 500 or took_s > _SLOW_S:
                log.warning("%s %s answered %d after %.2f s", scope["method"], route, status, took_s)
            REQUEST_ID.reset(token)


def route_of(scope: Scope) -> str:
    """Return the route of a request with its parameters left open, so that there are few of them."""
    path: str = scope["path"]
    template = getattr(scope.get("route"), "path", "")
    if template and "path:" not in template:
        return template
    first = path.split("/")[1] if path.count("/") else ""
    return f"/{first}" if first.startswith("_dash") or first in ("assets", "api", "open311", "geo") else "page"


def register(server: FastAPI, services: Services) -> None:
    """Add the middleware and `/metrics`."""
    registry = CollectorRegistry()
    Gauge("quanxiang_build", "The running version", ["version"], registry=registry).labels(__version__).set(1)
    Gauge("quanxiang_screens", "Screens that follow live changes", registry=registry).set_function(
        lambda: len(services.hub)
    )
    Gauge("quanxiang_changes", "Changes announced since the start", registry=registry).set_function(
        lambda: services.hub.version
    )
    Gauge("quanxiang_listening", "1 while changes in the database are followed", registry=registry).set_function(
        lambda: float(services.hub.connected)
    )
    reachable = Gauge(
        "quanxiang_database_reachable", "1 when the last look at the database succeeded", registry=registry
    )
    newest = Gauge("quanxiang_newest_case_age_seconds", "Age of the newest case", ["district"], registry=registry)
    silence = Gauge(
        "quanxiang_feed_silence_seconds", "Time since a feed's last sign of life", ["feed"], registry=registry
    )

    def look() -> bytes:
        try:
            _ages(services, newest, silence)
            reachable.set(1)
        except QuanxiangError as fault:
            log.warning("metrics without the database: %s", fault)
            reachable.set(0)
        return generate_latest(registry)

    @server.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await offload(look), media_type=CONTENT_TYPE_LATEST)

    server.add_middleware(Watched, registry=registry)


def _ages(services: Services, newest: Any, silence: Any) -> None:
    now = services.now()
    for district in services.districts():
        at = services.newest(district)
        if at is not None:
            newest.labels(district.code).set((now - at).total_seconds())
    with services.database.reading(timeout_ms=2_000) as conn:
        for row in quality.feeds(conn):
            if row["beat_at"] is not None:
                silence.labels(row["name"]).set((now - row["beat_at"]).total_seconds())
