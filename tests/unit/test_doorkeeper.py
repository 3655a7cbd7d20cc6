"""Floods are turned away for a while, by sender; a body has its size."""

from __future__ import annotations

import asyncio
from typing import Any

from dashboard.doorkeeper import MOST_BYTES, Bucket, Doorkeeper


def test_sender_waits_once_its_tokens_are_used_and_others_do_not() -> None:
    now = [0.0]
    bucket = Bucket(3, lambda: now[0])
    assert [bucket.wait_s("a") for _ in range(3)] == [0, 0, 0]
    assert bucket.wait_s("a") == 20 and bucket.wait_s("b") == 0
    now[0] = 20.0
    assert bucket.wait_s("a") == 0 and bucket.wait_s("a") > 0


def _ask(door: Doorkeeper, body: bytes, key: str, parts: int = 1) -> int:
    size = len(body) // parts + 1
    pieces = [body[k * size : (k + 1) * size] for k in range(parts)]
    given = [{"type": "http.request", "body": one, "more_body": k < parts - 1} for k, one in enumerate(pieces)]
    told: list[Any] = []

    async def receive() -> Any:
        return given.pop(0)

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/cases", "headers": [(b"x-api-key", key.encode())]}
    asyncio.run(door(scope, receive, send))
    return int(told[0]["status"])


def test_flood_and_oversize_are_refused_before_the_door() -> None:
    seen: list[bytes] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        seen.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 201, "headers": []})

    door = Doorkeeper(app, per_minute=2)
    assert [_ask(door, b"x" * 10, "a", parts=3) for _ in range(3)] == [201, 201, 429]
    assert _ask(door, b"x" * (MOST_BYTES + 1), "b", parts=2) == 413
    assert seen == [b"x" * 10] * 2
