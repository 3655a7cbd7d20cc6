"""What the server does by itself now and then: putting rows of the kept counts together."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from dashboard.offload import offload
from dashboard.services import Services
from db.write.tallies import settle
from gis.dayblocks import SPANS
from gis.errors import QuanxiangError

EVERY_S = 600.0
_LOG = logging.getLogger(__name__)


async def keep_up(services: Services) -> None:
    """Settle the kept counts of lately changed days every ten minutes; a database that is away is asked again later."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await offload(_settle, services)
        except QuanxiangError as fault:
            _LOG.warning("kept counts were not settled: %s", fault)


def _settle(services: Services) -> int:
    since = services.now().date() - timedelta(days=2 * SPANS[-1])
    with services.database.writing(timeout_ms=60_000) as conn:
        return settle(conn, since=since)
