"""Which builder makes which page: one line a page. A builder reads what it needs and returns one component."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.callbacks import chains, circles, community, hotspots, measures, quality, review, wall_screens
from dashboard.callbacks.asked import Asked
from dashboard.services import Services

Builder = Callable[[Services, Asked], Any]


def builders() -> dict[str, Builder]:
    """Return the builder of every page that fills the room beside the rail; they run off the event loop."""
    return {
        "hotspots": hotspots.build,
        "circles": circles.build,
        "measures": measures.build,
        "quality": quality.build,
        "review": review.build,
        "screens": wall_screens.build,
        "chains": chains.build,
        "community": community.build,
    }
