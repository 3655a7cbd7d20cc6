"""The page that looks after the wall screens."""

from __future__ import annotations

from typing import Any

from dashboard.callbacks.asked import Asked
from dashboard.services import Services
from db.read import cases
from db.write.screens import list_screens
from layouts.pages.wall_screens import wall_screens_layout


def build(services: Services, ask: Asked) -> Any:
    """Return the page."""
    now, district = services.now(), services.district_of(ask.view.code)
    with services.database.writing() as conn:
        rows = list_screens(conn, now)
    with services.database.reading() as conn:
        names = cases.names_of(conn, [row["area_code"] for row in rows if row["area_code"]])
    return wall_screens_layout(ask.view, rows, names, district.code, now, ask.lang, ask.words)
