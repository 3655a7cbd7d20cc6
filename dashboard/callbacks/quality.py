"""The data-quality page."""

from __future__ import annotations

from typing import Any

from dashboard import screens
from dashboard.callbacks.asked import Asked
from dashboard.distrust import distrust
from dashboard.services import Services
from layouts.figures.map import fitting
from layouts.pages.quality import quality_layout


def build(services: Services, ask: Asked) -> Any:
    """Return the page."""
    district = services.district_of(ask.view.code)
    found = distrust(services, district, ask.view.topic, services.moment(district))
    box = screens.box_of(services, ask.view.at(district.code), district)
    place = {
        "root": f"/geo/{district.code}/{district.geometry_version}",
        "box": box,
        "camera": fitting(box, (1100, 352), legend=False),
        "scale": ask.scale,
    }
    return quality_layout(ask.view, found.kind, found.counts, found.rows, district.timezone, place, ask.lang, ask.theme,
                          ask.words)  # fmt: skip
