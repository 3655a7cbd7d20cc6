"""Opening hours: on Sunday, at 19:00, over midnight, on holidays; what is not understood is unknown."""

from __future__ import annotations

import pytest

from gis.opening import DAYS, open_at, open_share, parse_hours


def _at(text: str, when: str, *, holiday: bool = False) -> bool | None:
    day, clock = when.split()
    hour, minute = clock.split(":")
    return open_at(text, DAYS.index(day), int(hour) * 60 + int(minute), holiday=holiday)


@pytest.mark.parametrize(
    ("text", "when", "answer"),
    [
        ("24/7", "Su 03:00", True),
        ("Mo-Fr 08:00-18:00", "We 17:59", True),
        ("Mo-Fr 08:00-18:00", "We 18:00", False),
        ("Mo-Fr 08:00-18:00", "Sa 12:00", False),
        ("Mo-Fr 08:00-18:00; Sa 09:00-13:00", "Sa 12:00", True),
        ("Mo-Fr 08:00-12:00,14:00-19:30", "Mo 13:00", False),
        ("Mo-Fr 08:00-12:00,14:00-19:30", "Mo 19:00", True),
        ("08:00-22:00", "Su 19:00", True),
        ("Mo-Su 08:00-22:00; Su off", "Su 19:00", False),
        ("Mo-Su 08:00-22:00; We closed", "We 10:00", False),
        ("Mo,We,Fr 10:00-20:00", "We 19:00", True),
        ("Mo,We,Fr 10:00-20:00", "Th 19:00", False),
        ("Fr-Mo 10:00-20:00", "Su 19:00", True),
        ("Fr-Sa 20:00-02:00", "Su 01:30", True),
        ("Fr-Sa 20:00-02:00", "Fr 01:30", False),
        ("Mo-Fr 08:00-18:00, Sa 10:00-14:00", "Sa 11:00", True),
        ("Mo-Sa 09:00-18:00, We 19:00-21:00", "We 10:00", True),
        ("Mo-Sa 09:00-18:00, We 19:00-21:00", "We 20:00", True),
        ("Mo 18:00+", "Mo 23:00", True),
        ("Tu-Su", "Mo 12:00", False),
        ("Apr-Oct 08:00-20:00", "Mo 12:00", None),
        ("Mo-Fr sunrise-sunset", "Mo 12:00", None),
        ("by appointment", "Mo 12:00", None),
        ("", "Mo 12:00", None),
        ("Mo-Fr 08:00-18:00 || by appointment", "Mo 12:00", True),
    ],
)
def test_open_at(text: str, when: str, answer: bool | None) -> None:
    assert _at(text, when) is answer


def test_public_holidays_follow_their_own_rule_or_the_weekday() -> None:
    assert _at("Mo-Su 08:00-20:00; PH off", "We 12:00", holiday=True) is False
    assert _at("Mo-Su 08:00-20:00; PH off", "We 12:00") is True
    assert _at("Mo-Fr 08:00-20:00, PH 10:00-12:00", "Su 11:00", holiday=True) is True
    assert _at("Mo-Fr 08:00-20:00", "We 12:00", holiday=True) is True
    assert parse_hours("PH off") is None  # says nothing about a weekday


def test_unknown_hours_are_counted_apart() -> None:
    assert open_share(["24/7", "Mo-Fr 08:00-12:00", "", "Apr off"], 6, 600) == (1, 1, 2)
