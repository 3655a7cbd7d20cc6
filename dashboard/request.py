"""What a page is drawn for: language, theme and enlargement, from its address, its cookies, the browser's wish."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from dash.backends._fastapi import get_current_request
from starlette.requests import Request

from gis.errors import CodeFault
from gis.scope import LANGS, THEMES, View
from layouts.text import lang_of


@dataclass(frozen=True)
class Browser:
    """What a page is drawn for."""

    lang: str
    theme: str
    scale: float = 1.0
    map_size: tuple[int, int] = (1376, 864)
    seen_s: int = 0


def browser_of() -> Browser:
    """Return language and theme for the request that is being answered.

    The page's own address stands in the Referer of the request for its layout.
    """
    try:
        return browser_for(get_current_request())
    except RuntimeError:
        return Browser("zh", "dark")


def browser_for(request: Request) -> Browser:
    """Return language and theme for a request for the layout."""
    parts = urlsplit(request.headers.get("referer", ""))
    try:
        view = View.from_url("/", parts.query)
    except CodeFault:
        view = View()
    lang = view.lang or _known(request.cookies.get("qx_lang"), LANGS)
    theme = view.theme or _known(request.cookies.get("qx_theme"), THEMES) or "dark"
    wished = request.headers.get("accept-language", "")
    scale, size = _scale(request.cookies.get("qx_scale")), _size(request.cookies.get("qx_map"))
    return Browser(lang_of(lang, wished), theme, scale, size, _seconds(request.cookies.get("qx_seen")))


def _scale(value: str | None) -> float:
    """The enlargement that the browser asked for, 1 to 8; a cookie can hold anything."""
    try:
        return min(max(float(value or 1.0), 1.0), 8.0)
    except ValueError:
        return 1.0


def _seconds(value: str | None) -> int:
    """When the browser was here last, in seconds since 1970, or 0."""
    digits = value or ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else 0


def _size(value: str | None) -> tuple[int, int]:
    """Width and height of the map in pixels as the browser foresees them."""
    width, _, height = (value or "").partition("x")
    if width.isascii() and height.isascii() and width.isdigit() and height.isdigit():
        return min(max(int(width), 200), 20_000), min(max(int(height), 200), 20_000)
    return Browser.map_size


def _known(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ""
