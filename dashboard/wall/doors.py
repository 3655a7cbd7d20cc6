"""Who may see which wall: an area by its code from the desk, a screen by the token that its cookie carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from dashboard.services import Services
from db.write import screens
from gis.codes import level_of
from gis.errors import QuanxiangError

COOKIE = "qx_screen"
KEEP_S = 90 * 24 * 3600


class ScreenUnknown(QuanxiangError):
    """A browser is not an enrolled screen, or is one no longer."""


@dataclass(frozen=True)
class Door:
    """What a wall address opens; `screen_id` is None for a look from the desk."""

    code: str
    settings: dict[str, Any]
    lang: str
    screen_id: int | None = None


def token_of(request: Request) -> str:
    """Return the token that the browser sent, or ''."""
    return request.cookies.get(COOKIE, "")[:200]


def door_of(services: Services, target: str, token: str) -> Door | None:
    """Return what an address opens: an area's code needs no token, a screen's name needs its own.

    Raises
    ------
    ScreenUnknown
        When the token is not that of this screen.
    """
    if target[:1].isdigit():
        level_of(target)
        return None
    row = holder(services, token)
    if row is None or row["name"] != target:
        raise ScreenUnknown("this screen is not enrolled, or was revoked")
    settings = {key: row[key] for key in ("layout", "metres", "mm_per_px")}
    return Door(row["area_code"], settings, row["lang"], row["id"])


def holder(services: Services, token: str) -> dict[str, Any] | None:
    """Return the approved screen that holds a token, looked up anew each time so that revoking works at once."""
    if not token:
        return None
    with services.database.writing() as conn:
        return screens.find_screen(conn, token, services.now())
