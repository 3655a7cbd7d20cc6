"""The live road over gaps: a lost database is said, what came meanwhile is caught up, and two processes are as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from dashboard import live
from dashboard.services import Services
from dashboard.settings import Settings
from db.engine import Database
from db.tables import outbox

_PATIENCE_S = 20.0


def _services(database: Database, folder: Path) -> Services:
    url = database.url.render_as_string(hide_password=False)
    return Services(Settings(database_url=url, var_dir=folder), Database(url))


def _announce(database: Database, code: str) -> None:
    with database.owner() as conn:
        conn.execute(insert(outbox).values(kind="bulk" if len(code) == 6 else "case", area_code=code))


async def _until(so: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + _PATIENCE_S
    while not so():
        assert asyncio.get_running_loop().time() < end, "it never came to that"
        await asyncio.sleep(0.02)


def _taken(queue: asyncio.Queue[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    while not queue.empty():
        found.append(queue.get_nowait())
    return found


def test_gap_of_the_database_is_said_and_caught_up_once(database: Database, tmp_path: Path) -> None:
    services = _services(database, tmp_path)
    listeners = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'quanxiang listen'"
    )

    async def story() -> None:
        following = asyncio.create_task(live.follow(services))
        screen = services.hub.subscribe()
        await _until(lambda: services.hub.connected)
        await asyncio.sleep(0.5)
        _taken(screen.queue)
        _announce(database, "110102012")
        await _until(lambda: not screen.queue.empty())
        assert _taken(screen.queue) == [{"type": "cases", "areas": ["110102012"]}]
        with database.owner() as conn:
            conn.execute(listeners)
        await _until(lambda: not services.hub.connected)
        _announce(database, "110102013")  # nobody listens now: this announcement is lost
        await _until(lambda: services.hub.connected)
        await _until(lambda: not screen.queue.empty())
        await asyncio.sleep(0.5)
        # one tick that tells to ask for everything: ticks carry no rows, so nothing can be counted twice
        assert _taken(screen.queue) == [{"type": "resync"}]
        following.cancel()

    asyncio.run(story())
    services.database.dispose()


def test_two_processes_tell_their_screens_of_every_change(database: Database, tmp_path: Path) -> None:
    both = [_services(database, tmp_path / str(k)) for k in range(2)]

    async def story() -> None:
        following = [asyncio.create_task(live.follow(one)) for one in both]
        screens = [one.hub.subscribe() for one in both]
        await _until(lambda: all(one.hub.connected for one in both))
        await asyncio.sleep(0.5)
        for screen in screens:
            _taken(screen.queue)
        for code in ("110102012", "110102013"):
            _announce(database, code)
        await _until(lambda: all(not screen.queue.empty() for screen in screens))
        await asyncio.sleep(0.5)
        told = [{code for tick in _taken(screen.queue) for code in tick["areas"]} for screen in screens]
        assert told == [{"110102012", "110102013"}] * 2
        for one in following:
            one.cancel()

    asyncio.run(story())
    for one in both:
        one.database.dispose()
