"""Official area codes: 6 digits district, 9 street, 12 community, 15 grid cell.

A code is its own ancestry: the first 12 digits of a cell's code are its community, the first 9 its street,
the first 6 its district (Beijing DB11 grid-cell rule on top of the national statistical division codes).
"""

from __future__ import annotations

from enum import IntEnum

from gis.errors import CodeFault


class Level(IntEnum):
    """The four levels of an area; the value is the number of digits in its code."""

    DISTRICT = 6
    STREET = 9
    COMMUNITY = 12
    CELL = 15

    @property
    def child(self) -> Level | None:
        """The level below, or None for a cell."""
        order = list(Level)
        index = order.index(self)
        return order[index + 1] if index + 1 < len(order) else None

    @property
    def parent(self) -> Level | None:
        """The level above, or None for a district."""
        order = list(Level)
        index = order.index(self)
        return order[index - 1] if index > 0 else None

    @property
    def word(self) -> str:
        """The lower-case name that addresses and file formats use."""
        return self.name.lower()


def level_of(code: str) -> Level:
    """Return the level that a code addresses.

    Raises
    ------
    CodeFault
        When the code is not 6, 9, 12 or 15 ASCII digits.
    """
    if code.isascii() and code.isdigit() and len(code) in tuple(Level):
        return Level(len(code))
    raise CodeFault(f"area code {code!r} is not 6, 9, 12 or 15 digits")


def level_from_word(word: str) -> Level:
    """Return the level for `district`, `street`, `community` or `cell`.

    Raises
    ------
    CodeFault
        When the word is none of the four.
    """
    try:
        return Level[word.upper()]
    except KeyError:
        raise CodeFault(f"level {word!r} is not one of district, street, community, cell") from None


def parent_code(code: str) -> str | None:
    """Return the code of the area above, or None for a district."""
    parent = level_of(code).parent
    return code[: int(parent)] if parent is not None else None


def ancestors(code: str) -> list[str]:
    """Return the codes from the district down to and including `code`."""
    own = level_of(code)
    return [code[: int(level)] for level in Level if level <= own]


def is_within(code: str, scope: str) -> bool:
    """Return whether `code` is `scope` itself or lies inside it."""
    return code.startswith(scope)
