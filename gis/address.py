"""Parts of an address read as values; what is not well formed means the default, because anyone can type an address."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from gis.codes import Level, level_from_word
from gis.errors import CodeFault

NUMBER = re.compile(r"^[0-9A-Za-z_-]{1,40}$")
LONGEST = timedelta(days=400)
"""The longest time window that a person may set."""

_CAMERA = re.compile(r"^(-?\d{1,3}(?:\.\d+)?),(-?\d{1,2}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)$")
_CATEGORY = re.compile(r"\b[A-Z][0-9A-Z]{1,11}\b")
_STAMP = "%Y%m%dT%H%MZ"
_MOST_CATEGORIES = 60


def one_of(value: str | None, allowed: tuple[str, ...] | None, default: str) -> str:
    """Return the value if it is one of those allowed (any word when None), else the default."""
    if value is None:
        return default
    if allowed is None:
        return value if NUMBER.match(value) else default
    return value if value in allowed else default


def some_of(value: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the allowed words a list joined by commas names, in their own order."""
    asked = set((value or "").split(","))
    return tuple(word for word in allowed if word in asked)


def span_of(since: str | None, until: str | None) -> tuple[datetime, datetime] | None:
    """Return two moments like 20261123T0800Z as aware times, or None when they are no window."""
    try:
        start, end = (datetime.strptime(part or "", _STAMP).replace(tzinfo=UTC) for part in (since, until))
    except ValueError:
        return None
    return (start, end) if timedelta() < end - start <= LONGEST else None


def stamp(moment: datetime | None) -> str:
    """Return a moment as `span_of` reads it; '' for none."""
    return f"{moment.astimezone(UTC):{_STAMP}}" if moment is not None else ""


def unit_of(value: str | None) -> Level | None:
    """Return the level that a word names, or None; a district is no unit of a map."""
    try:
        unit = level_from_word(value or "")
    except CodeFault:
        return None
    return unit if unit is not Level.DISTRICT else None


def camera_of(value: str | None) -> tuple[float, float, float] | None:
    """Return longitude, latitude and zoom, or None."""
    found = _CAMERA.match(value or "")
    if not found:
        return None
    lon, lat, zoom = (float(part) for part in found.groups())
    return (lon, lat, zoom) if abs(lon) <= 180 and abs(lat) <= 85 and zoom <= 22 else None


def categories_of(value: str | None) -> tuple[str, ...]:
    """Return the codes of small classes that a list names, sorted, each once, bounded."""
    return tuple(sorted(set(_CATEGORY.findall(value or "")))[:_MOST_CATEGORIES])
