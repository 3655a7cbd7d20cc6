"""What a wall screen is: how large its letters must be, how it is cut into tiles, which scene fills which tiles."""

from __future__ import annotations

from dataclasses import dataclass

from gis.errors import InputFault

MM_PER_METRE = 5.8
"""Height of a figure in millimetres per metre of viewing distance: 20 minutes of arc."""

CAP_HEIGHT = 0.72
"""Height of a capital or a figure as a share of the font size."""

MOST_NUMBERS, MOST_ROWS = 7, 8
"""What one scene may hold at most."""


@dataclass(frozen=True)
class Scene:
    """How long a scene stays and how often it is asked for again, in seconds."""

    dwell_s: int
    period_s: int


SCENES = {
    "numbers": Scene(20, 15),
    "map": Scene(40, 30),
    "queue": Scene(25, 15),
    "late": Scene(20, 30),
    "trend": Scene(20, 60),
    "hotspots": Scene(25, 60),
    "areas_1": Scene(20, 30),
    "areas_2": Scene(20, 30),
    "newest": Scene(20, 15),
    "sources": Scene(20, 15),
    "channels": Scene(20, 60),
}
"""Scenes by name; a map stays longest because it takes longest to read."""


@dataclass(frozen=True)
class Zone:
    """A rectangle of whole tiles with the scenes that take turns in it; `x`, `y` count from the top left."""

    x: int
    y: int
    wide: int
    high: int
    scenes: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """A wall of `columns` x `rows` tiles; only a map may fill more than one tile, so no text crosses a bezel."""

    columns: int
    rows: int
    zones: tuple[Zone, ...]


LAYOUTS = {
    "1x1": Layout(1, 1, (Zone(0, 0, 1, 1, ("numbers", "map", "queue", "late", "hotspots", "trend")),)),
    "3x1": Layout(3, 1, (
        Zone(0, 0, 1, 1, ("numbers", "trend")),
        Zone(1, 0, 1, 1, ("map",)),
        Zone(2, 0, 1, 1, ("queue", "late", "hotspots")),
    )),
    "6x3": Layout(6, 3, (
        Zone(0, 0, 1, 1, ("numbers",)), Zone(1, 0, 1, 1, ("queue",)),
        Zone(0, 1, 1, 1, ("trend",)), Zone(1, 1, 1, 1, ("late",)),
        Zone(0, 2, 1, 1, ("sources",)), Zone(1, 2, 1, 1, ("newest",)),
        Zone(2, 0, 3, 3, ("map",)),
        Zone(5, 0, 1, 1, ("areas_1",)), Zone(5, 1, 1, 1, ("areas_2",)), Zone(5, 2, 1, 1, ("hotspots", "channels")),
    )),
}  # fmt: skip
"""What must be read first stands in the upper rows: the lowest is below eye height."""


def font_px(distance_m: float, mm_per_px: float) -> float:
    """Return the least font size in pixels that the farthest viewer still reads.

    Parameters
    ----------
    distance_m
        From the wall to the farthest viewer.
    mm_per_px
        Size of one pixel of the display.

    Raises
    ------
    InputFault
        When one of them is out of range: 0.5 to 60 m, 0.05 to 5 mm.

    References
    ----------
    U.S. NRC, NUREG-0700: letters of at least 16 minutes of arc for the farthest viewer; ISO 9241-3 prefers 20 to 22.
    """
    if not 0.5 <= distance_m <= 60:
        raise InputFault("the viewing distance is from 0.5 to 60 metres")
    if not 0.05 <= mm_per_px <= 5:
        raise InputFault("a pixel is from 0.05 to 5 millimetres")
    return distance_m * MM_PER_METRE / mm_per_px / CAP_HEIGHT
