"""Scripts and styles gzipped once and kept, instead of for every request."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIXES = ("/_dash-component-suites/", "/assets/", "/theme.css")
_CALLBACKS = "/_dash-update-component"
_TEXT = (b"javascript", b"css", b"json", b"svg", b"html")
_LEAST = 1_000


class PackedAssets:
    """ASGI middleware: compresses text answers; those of fixed assets are kept in memory by their address.

    Compressing plotly's 5 MB takes a tenth of a second of a core, so it is done once per process, beside the event
    loop; answers of callbacks are compressed lightly.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[Message, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass on and compress."""
        if scope["type"] != "http" or b"gzip" not in _header(scope["headers"], b"accept-encoding"):
            await self._app(scope, receive, send)
            return
        address = scope["path"] + "?" + scope["query_string"].decode("latin-1")
        fixed = scope["method"] == "GET" and scope["path"].startswith(_PREFIXES)
        conditional = bool(_header(scope["headers"], b"if-none-match") or _header(scope["headers"], b"range"))
        if fixed and not conditional and address in self._kept:
            start, body = self._kept[address]
            await send(start)
            await send({"type": "http.response.body", "body": body})
            return
        untold = b"application/json" if scope["path"] == _CALLBACKS else b""
        await self._app(scope, receive, _Packer(self, send, address if fixed else None, untold))

    def keep(self, address: str, start: Message, body: bytes) -> None:
        """Remember a packed answer."""
        self._kept[address] = (start, body)


class _Packer:
    """Collects one answer; `untold` is its content type where the answer names none, as those of callbacks do."""

    def __init__(self, owner: PackedAssets, send: Send, address: str | None, untold: bytes) -> None:
        self._owner, self._send, self._address, self._untold = owner, send, address, untold
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            kind = _header(headers, b"content-type")
            if not kind and self._untold and message["status"] == 200:
                kind = self._untold
                message = {**message, "headers": [*headers, (b"content-type", kind)]}
            packable = (
                message["status"] == 200
                and any(word in kind for word in _TEXT)
                and not _header(headers, b"content-encoding")
            )
            if packable:
                self._start = message
            else:
                await self._send(message)
            return
        if self._start is None:
            await self._send(message)
            return
        self._parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        await self._finish(self._start, b"".join(self._parts))

    async def _finish(self, start: Message, body: bytes) -> None:
        if len(body) >= _LEAST:
            level = 6 if self._address else 3  # 9 takes three times as long as 6 for two parts in a hundred
            body = await asyncio.to_thread(gzip.compress, body, level, mtime=0)
            headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding"),
                        (b"content-length", str(len(body)).encode())]  # fmt: skip
            start = {**start, "headers": headers}
            if self._address and "?v=" in self._address:  # the address changes with the content
                headers = [(k, v) for k, v in headers if k.lower() != b"cache-control"]
                start["headers"] = [*headers, (b"cache-control", b"public, max-age=31536000, immutable")]
            if self._address:
                self._owner.keep(self._address, start, body)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _header(headers: Any, name: bytes) -> bytes:
    for key, value in headers:
        if key.lower() == name:
            return bytes(value)
    return b""
