"""The demo's live feed as a program of its own: an HTTP client that outlives restarts of the server."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from db.demo.feed import DoorClosed, LiveFeed, Tally
from db.demo.story import Story

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_TIMEOUT_S = 10.0
_LISTED = 1000
_BUCKETS = ("unlocated", "outside", "cross_street")

_log = logging.getLogger(__name__)


class HttpDoor:
    """The product's HTTP interface as the feed needs it.

    Parameters
    ----------
    url
        Address of the server.
    streets
        Codes of the streets whose open cases are listed.
    client
        An httpx client; its transport can be replaced in tests.
    """

    def __init__(self, url: str, streets: list[str], client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(timeout=_TIMEOUT_S)
        self._base = url.rstrip("/") + "/api/v1"
        self._streets = streets

    def report(self, case: dict[str, Any]) -> str | None:
        """Report a case; return its number, or None when it was refused."""
        answer = self._ask("POST", "/cases", json=case)
        return str(answer.json()["number"]) if answer.is_success else None

    def step(self, number: str, step: dict[str, Any]) -> bool:
        """Move a case on; return whether it was accepted."""
        return self._ask("POST", f"/cases/{number}/events", json=step).is_success

    def beat(self, name: str) -> None:
        """Give a sign of life."""
        self._ask("POST", f"/feeds/{name}/beat")

    def open_cases(self) -> list[dict[str, Any]]:
        """Return the open cases, street by street and then those that lie in none."""
        asked: list[dict[str, Any]] = [{"scope": code} for code in self._streets]
        district = self._streets[0][:6] if self._streets else ""
        asked += [{"scope": district, "bucket": bucket} for bucket in _BUCKETS]
        found: dict[str, dict[str, Any]] = {}
        for query in asked:
            answer = self._ask("GET", "/cases", params={"which": "open", "limit": _LISTED, **query})
            if answer.is_success:
                found |= {row["number"]: row for row in answer.json()}
        return list(found.values())

    def _ask(self, method: str, path: str, **said: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, self._base + path, **said)
        except httpx.TransportError as error:
            raise DoorClosed(type(error).__name__) from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise DoorClosed(f"the server answered {answer.status_code}")
        if not answer.is_success:
            _log.warning("%s %s was refused: %s %s", method, path, answer.status_code, answer.text[:200])
        return answer


def run_feed(
    story: Story,
    url: str,
    *,
    rate: float,
    speed: float,
    stop: threading.Event,
    tell: Callable[[Tally], None] | None = None,
) -> Tally:
    """Keep the feed going until `stop` is set; a server that is away is tried again after a growing pause."""
    streets = sorted(code for code in story.names if len(code) == 9)
    feed = LiveFeed(story, HttpDoor(url, streets), rate=rate, speed=speed, now=lambda: datetime.now(UTC))
    pause = _FIRST_PAUSE_S
    while not stop.is_set():
        try:
            wait = feed.tick()
            pause = _FIRST_PAUSE_S
        except DoorClosed as error:
            feed.tally.outages += 1
            _log.warning("no way in (%s), next try in %.0f s", error, pause)
            wait, pause = pause, min(pause * 2, _LONGEST_PAUSE_S)
        if tell is not None:
            tell(feed.tally)
        stop.wait(wait)
    return feed.tally


def stopped_by_signal() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set, so that a feed ends between two requests."""
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    return stop
