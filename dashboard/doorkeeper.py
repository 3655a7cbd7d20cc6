"""Before the doors of the API: a limit on the size of a body and on how many writes a minute one sender makes.

A sender is a key (`X-Api-Key`) or, without one, an address. The counts are those of one server process.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BYTES = 64 * 1024
"""Of one report or step."""

MOST_BATCH_BYTES = 8 * 1024 * 1024
_DOORS = ("/api/v1/cases", "/api/v1/feeds")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_MOST_SENDERS = 10_000


class Bucket:
    """Tokens of many senders: `per_minute` of them, refilled steadily, and no more senders than memory allows."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = float(per_minute), clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, sender: str) -> float:
        """Take a token and return 0, or return after how many seconds there will be one."""
        now = self._clock()
        left, since = self._left.pop(sender, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60)
        taken = left >= 1
        self._left[sender] = (left - 1 if taken else left, now)
        while len(self._left) > _MOST_SENDERS:
            self._left.popitem(last=False)
        return 0.0 if taken else (1 - left) * 60 / self._most


class Doorkeeper:
    """ASGI middleware before the doors of cases and feeds."""

    def __init__(self, app: Any, per_minute: int) -> None:
        self._app, self._bucket = app, Bucket(per_minute)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 413 or 429 in the one error shape."""
        if scope["type"] != "http" or scope["method"] not in _WRITES or not scope["path"].startswith(_DOORS):
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        wait = self._bucket.wait_s(_sender(scope, headers))
        if wait > 0:
            told = f"too many requests from this sender: try again in {wait:.1f} s"
            await _refuse(send, 429, "TooManyRequests", told, {b"retry-after": str(int(wait) + 1).encode()})
            return
        most = MOST_BATCH_BYTES if scope["path"].endswith("/batch") else MOST_BYTES
        said = headers.get(b"content-length", b"0")
        if said.isdigit() and int(said) > most:
            await _refuse(send, 413, "TooLarge", f"the body is larger than {most} bytes", {})
            return
        body = await _whole(receive, most)
        if body is None:
            await _refuse(send, 413, "TooLarge", f"the body is larger than {most} bytes", {})
            return
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return given.pop() if given else await receive()

        await self._app(scope, again, send)


def _sender(scope: Message, headers: dict[bytes, bytes]) -> str:
    key = headers.get(b"x-api-key", b"")
    if key:
        return hashlib.sha256(key).hexdigest()
    return str((scope.get("client") or ("?",))[0])


async def _whole(receive: Receive, most: int) -> bytes | None:
    """Return the body, or None when it is larger than allowed."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _refuse(send: Send, status: int, code: str, told: str, more: dict[bytes, bytes]) -> None:
    body = json.dumps({"error": {"code": code, "message": told, "fields": []}}).encode()
    headers = {b"content-type": b"application/json", b"content-length": str(len(body)).encode()} | more
    await send({"type": "http.response.start", "status": status, "headers": list(headers.items())})
    await send({"type": "http.response.body", "body": body})
