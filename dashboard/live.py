"""The live road: announced change -> tick on `/ws/live` -> the screen asks again for what it shows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from urllib.parse import urlsplit

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from dashboard import __version__
from dashboard.offload import offload
from dashboard.services import Services
from db import listen
from db.listen import Change
from gis.errors import QuanxiangError

log = logging.getLogger(__name__)

_BEAT_S = 5.0
_BATCH_S = 0.15
_LOCAL = ("case", "desk")
"""Changes that concern the screens of one area only."""


async def follow(services: Services) -> None:
    """Turn announced changes into ticks for as long as the server runs.

    Changes within a moment become one tick: a screen asks again once, however many cases arrived.
    """
    queue: asyncio.Queue[int | None] = asyncio.Queue()

    def lost() -> None:
        services.hub.connected = False  # every beat tells the screens so

    async def gather() -> None:
        async for announced in listen.announced(services.database.libpq_url, lost):
            services.hub.connected = True
            await queue.put(announced)

    gathering = asyncio.create_task(gather())
    try:
        while True:
            ids = [await queue.get()]
            await asyncio.sleep(_BATCH_S)
            while not queue.empty():
                ids.append(queue.get_nowait())
            await _announce(services, ids)
    finally:
        gathering.cancel()


async def _announce(services: Services, ids: list[int | None]) -> None:
    known = [one for one in ids if one is not None]
    try:
        found = await offload(_read, services, known) if known else []
    except QuanxiangError as fault:
        log.warning("announced changes could not be read: %s", fault)
        found = []
    if None in ids or any(change.kind not in _LOCAL for change in found) or len(found) < len(known):
        services.hub.publish({"type": "resync"})
    elif found:
        services.hub.publish({"type": "cases", "areas": sorted({change.area_code for change in found})})


def _read(services: Services, ids: list[int]) -> list[Change]:
    with services.database.reading() as conn:
        return listen.changes(conn, ids)


def _same_origin(socket: WebSocket) -> bool:
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


async def serve_screen(socket: WebSocket, services: Services) -> None:
    """Send ticks to one screen, a beat every five seconds, and the build so that it reloads after an upgrade."""
    if not _same_origin(socket):
        await socket.close(code=1008)
        return
    await socket.accept()
    subscription = services.hub.subscribe()
    try:
        await socket.send_json({"type": "hello", "build": __version__, "now": services.now().isoformat()})
        while True:
            try:
                tick = await asyncio.wait_for(subscription.queue.get(), _BEAT_S)
            except TimeoutError:
                tick = {"type": "beat", "now": services.now().isoformat(), "database": services.hub.connected}
            await socket.send_json(tick)
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        services.hub.unsubscribe(subscription)


def register(server: FastAPI, services: Services) -> None:
    """Add the live socket."""

    @server.websocket("/ws/live")
    async def live(socket: WebSocket) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await serve_screen(socket, services)
