"""Following the outbox: every committed change announces its outbox id, whoever made it and by whatever door."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import psycopg
from sqlalchemy import Connection, select

from db.tables import outbox

CHANNEL = "quanxiang"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """One announced change. `area_code` is the deepest area it touches; `case_id` is None for a bulk change."""

    id: int
    kind: str
    case_id: int | None
    area_code: str


async def announced(libpq_url: str, lost: Callable[[], None] = lambda: None) -> AsyncIterator[int | None]:
    """Yield outbox ids as they are committed; None once after every (re)connection, since some may have been missed.

    `lost` is called whenever the connection is gone. Never ends by itself: a lost database is tried again, from half a
    second up to ten seconds apart.
    """
    wait_s = 0.5
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                libpq_url, autocommit=True, connect_timeout=5, application_name="quanxiang listen"
            ) as conn:
                await conn.execute(f"LISTEN {CHANNEL}")
                wait_s = 0.5
                yield None
                async for note in conn.notifies():
                    if note.payload.isdigit():
                        yield int(note.payload)
        except psycopg.Error as fault:
            log.warning("the change listener lost the database: %s", type(fault).__name__)
        lost()
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, 10.0)


def changes(conn: Connection, ids: list[int]) -> list[Change]:
    """Return the announced changes of the given ids."""
    stmt = select(outbox.c.id, outbox.c.kind, outbox.c.case_id, outbox.c.area_code).where(outbox.c.id.in_(ids))
    return [Change(*row) for row in conn.execute(stmt.limit(1_000))]
