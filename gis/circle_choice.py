"""What a planner has chosen on the page of service circles, read from the address and checked."""

from __future__ import annotations

from dataclasses import dataclass

from gis.scope import View
from gis.terms import FACILITY_KINDS
from gis.walkers import NIGHT, WALKERS

MINUTES = (5, 10, 15, 20, 30)
WHO = tuple(name for name in WALKERS if not name.endswith(NIGHT))
BY = ("cell", "home")
_CUSTOM = "own"

RULESETS: dict[str, tuple[tuple[str, ...], int]] = {
    "beijing8": (FACILITY_KINDS[:8], 15),
    "mofcom_basic": ((*FACILITY_KINDS[:8], "pharmacy"), 15),
    "mofcom_more": (("elderly_care", "sports", "culture"), 15),
    "gb15": (("hospital", "culture", "metro_entrance"), 15),
    "gb10": (("primary_school", "market", "bus_stop"), 10),
    "gb5": (("kindergarten", "clinic", "elderly_care", "community_service", "sports"), 5),
}  # fmt: skip
"""Rule-set: kinds that are all wanted, and the minutes it means. The three levels of GB 50180 are tests of their own,
because a facility of a higher level does not stand in for one of a lower."""

MOMENTS: dict[str, tuple[int, int] | None] = {
    "any": None,
    "wd10": (2, 600),
    "wd19": (2, 1_140),
    "sun10": (6, 600),
    "wd22": (2, 1_320),
}
"""Weekday (0 is Monday) and minute of the day that facilities must be open at; `any` asks for no hours."""


@dataclass(frozen=True)
class Choice:
    """One question: which kinds, for whom, within what time, when; and what is looked at closely.

    `ruleset` is 'own' when the kinds are picked one by one. `facility`, `spot` (a cell's code, or `h` and a home's
    number) and `plan` (a scenario) are '' when none is.
    """

    ruleset: str
    kinds: tuple[str, ...]
    who: str
    minutes: int
    moment: str
    by: str
    facility: str
    spot: str
    plan: str

    @classmethod
    def of(cls, view: View) -> Choice:
        """Read the choice of an address; what is not understood means its default."""
        asked = [kind for kind in view.own_value("kinds").split(",") if kind in FACILITY_KINDS]
        named = view.own_value("set", "beijing8")
        ruleset = _CUSTOM if asked else (named if named in RULESETS else "beijing8")
        kinds, usual = (tuple(dict.fromkeys(asked)), 15) if asked else RULESETS[ruleset]
        told = view.own_value("min")
        who, moment, by = view.own_value("who", "adult"), view.own_value("at", "any"), view.own_value("by", "cell")
        return cls(
            ruleset=ruleset,
            kinds=kinds,
            who=who if who in WHO else "adult",
            minutes=int(told) if told.isdecimal() and int(told) in MINUTES else usual,
            moment=moment if moment in MOMENTS else "any",
            by=by if by in BY else "cell",
            facility=_number(view.own_value("fac")),
            spot=_spot(view.own_value("spot")),
            plan=_number(view.own_value("plan")),
        )

    @property
    def at(self) -> tuple[int, int] | None:
        """Weekday and minute that facilities must be open at, or None."""
        return MOMENTS[self.moment]

    @property
    def profile(self) -> str:
        """The walker's name; in the late evening what closes at night is closed to him."""
        return self.who + (NIGHT if self.moment == "wd22" else "")

    @property
    def speed_m_s(self) -> float:
        """Speed on the level."""
        return WALKERS[self.who].speed_m_s

    @property
    def limit_ds(self) -> int:
        """The minutes as tenths of a second."""
        return self.minutes * 600


def _number(text: str) -> str:
    return text if text.isdecimal() and len(text) <= 18 else ""


def _spot(text: str) -> str:
    plain = text.removeprefix("h")
    return text if plain.isdecimal() and len(plain) <= 18 else ""
