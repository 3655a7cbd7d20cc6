"""Coverage in the card of every area, and the walking record made ready before somebody asks for it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pandas as pd

from dashboard.circles import ground_of, homes_of, times_of
from dashboard.grounds import Ground
from dashboard.offload import offload
from dashboard.services import Services
from gis import baskets
from gis.circle_choice import Choice
from gis.errors import QuanxiangError
from gis.scope import View

WARM_AFTER_S = 12.0
"""The first pages of a server that has just started are not made to wait for this."""

_LOG = logging.getLogger(__name__)


async def keep_warm(services: Services) -> None:
    """Make the walking record of the default district ready some seconds after the start."""
    await asyncio.sleep(WARM_AFTER_S)
    try:
        await offload(_warm, services)
    except QuanxiangError as fault:
        _LOG.info("no service circles yet: %s", fault)


def _warm(services: Services) -> None:
    ground_of(services, services.district_of(""))


def coverage_of(services: Services, code: str) -> pd.Series | None:
    """Return who of an area is covered by the usual rule-set, or None while times are not there or cannot be.

    Nothing is begun here: a card must not wait, and shows it the next time.
    """
    ground = services.grounds.ready(services.district_of(code).code)
    return usual_coverage(ground, code) if ground is not None else None


def usual_coverage(ground: Ground, code: str) -> pd.Series | None:
    """Return people, over-60s and homes of an area with those covered by the usual rule-set; kept."""
    choice = Choice.of(View(page="circles"))

    def make() -> Any:
        last = ground.once("usual", lambda: baskets.of_last(list(times_of(ground, choice).values())))
        found = baskets.shares(homes_of(ground), last, choice.limit_ds, len(code), code)
        return found.iloc[0] if len(found) else None

    made: pd.Series | None = ground.once(("usual", code), make)
    return made
