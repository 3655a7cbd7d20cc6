"""Opening hours as OpenStreetMap writes them, asked for one moment: on Sunday, at 19:00.

The part of the language that practice uses: weekdays and their ranges, public holidays (PH), times and spans over
midnight, `24/7`, `off`, rules after `;` that replace and after `,` that add. What goes beyond it (months, weeks,
sunrise) is answered with None: unknown, never guessed.

References
----------
.. [1] https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAY_MIN = 1440
_PH = 7

_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_SELECTOR = re.compile(rf"^((?:{_DAY}(?:\s*-\s*{_DAY})?|PH|SH)(?:\s*,\s*(?:{_DAY}(?:\s*-\s*{_DAY})?|PH|SH))*)\s*:?\s*")
_SPAN = re.compile(r"^(\d{1,2}):(\d{2})(?:\s*-\s*(\d{1,2}):(\d{2}))?(\+)?$")
_NEXT_RULE = re.compile(rf",\s*(?=(?:{_DAY}|PH)\b)")


@dataclass(frozen=True)
class Hours:
    """Open spans of each day: Monday to Sunday, then a public holiday (None: as any weekday).

    Spans are minutes from the day's midnight, (begin, end); an end above 1440 runs into the next day.
    """

    days: tuple[tuple[tuple[int, int], ...], ...]
    holiday: tuple[tuple[int, int], ...] | None

    def open_at(self, weekday: int, minute: int, *, holiday: bool = False) -> bool:
        """Return whether it is open.

        Parameters
        ----------
        weekday : int
            0 is Monday.
        minute : int
            Of the day, 0 to 1439.
        holiday : bool
            Whether the day is a public holiday.
        """
        today = self.holiday if holiday and self.holiday is not None else self.days[weekday]
        before = self.days[(weekday - 1) % 7]
        return any(begin <= minute < end for begin, end in today) or any(
            begin <= minute + DAY_MIN < end for begin, end in before
        )


@lru_cache(maxsize=4096)
def parse_hours(text: str) -> Hours | None:
    """Return the hours of a text, or None when it is empty or says more than is understood."""
    week: list[list[tuple[int, int]]] = [[] for _ in range(8)]
    told = [False] * 8
    rules = [rule.strip() for rule in text.split("||")[0].split(";") if rule.strip()]
    if not rules:
        return None
    for rule in rules:
        for number, piece in enumerate(_additions(rule)):
            parsed = _rule(piece)
            if parsed is None:
                return None
            days, spans = parsed
            for day in days:
                # What follows a semicolon replaces the day, what follows a comma adds to it.
                week[day] = [*(week[day] if number else []), *spans]
                told[day] = True
    if not any(told[:_PH]):
        return None
    holiday = tuple(week[_PH]) if told[_PH] else None
    return Hours(tuple(tuple(spans) for spans in week[:_PH]), holiday)


def open_at(text: str, weekday: int, minute: int, *, holiday: bool = False) -> bool | None:
    """Return whether a place with these hours is open, None when the text is empty or not understood."""
    hours = parse_hours(text)
    return None if hours is None else hours.open_at(weekday, minute, holiday=holiday)


def open_share(texts: Sequence[str], weekday: int, minute: int) -> tuple[int, int, int]:
    """Return how many of several places are open, closed, and unknown."""
    found = [open_at(text, weekday, minute) for text in texts]
    return found.count(True), found.count(False), found.count(None)


def _additions(rule: str) -> list[str]:
    """Split a rule at commas that begin another one; commas between days or between times do not."""
    pieces: list[str] = []
    rest = rule
    while True:
        # A list of days at the beginning is one selector, so look for the next rule only after a time was named.
        named = re.search(r"\d:\d\d|\boff\b|\bclosed\b|\bopen\b", rest)
        following = _NEXT_RULE.search(rest, named.end()) if named else None
        if following is None:
            return [*pieces, rest]
        pieces.append(rest[: following.start()].strip())
        rest = rest[following.end() :].strip()


def _rule(text: str) -> tuple[list[int], list[tuple[int, int]]] | None:
    if text in ("24/7", "open"):
        return list(range(8)), [(0, DAY_MIN)]
    days = list(range(7))
    selector = _SELECTOR.match(text)
    if selector:
        days = _days(selector.group(1))
        text = text[selector.end() :].strip()
    text = re.sub(r"\s+open$", "", text)
    if text in ("off", "closed"):
        return days, []
    if text in ("", "24/7", "open", "00:00-24:00"):
        return (days, [(0, DAY_MIN)]) if selector or text else None
    spans = []
    for piece in text.split(","):
        span = _SPAN.match(piece.strip())
        if span is None:
            return None
        begin = int(span[1]) * 60 + int(span[2])
        if span[3] is None:
            if not span[5]:
                return None
            spans.append((begin, DAY_MIN))
            continue
        end = int(span[3]) * 60 + int(span[4])
        spans.append((begin, end if end > begin else end + DAY_MIN))
    return days, spans


def _days(selector: str) -> list[int]:
    found: list[int] = []
    for piece in re.split(r"\s*,\s*", selector):
        if piece == "PH":
            found.append(_PH)
        elif piece != "SH":
            first, _, last = piece.replace(" ", "").partition("-")
            at, end = DAYS.index(first), DAYS.index(last or first)
            found += [(at + step) % 7 for step in range((end - at) % 7 + 1)]
    return found
