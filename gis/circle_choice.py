"""What a planner has chosen on the page of service circles, read from the address and checked."""

from __future__ import annotations

from dataclasses import dataclass

from gis.scope import View
from gis.standards import RULE_SETS, Basket, RuleSet
from gis.terms import FACILITY_KINDS
from gis.walkers import NIGHT, WALKERS

MINUTES = (5, 10, 15, 20, 30)
WHO = tuple(name for name in WALKERS if not name.endswith(NIGHT))
BY = ("cell", "home")
_CUSTOM = "own"
USUAL = "beijing_eight.basics"

BASKETS: dict[str, tuple[RuleSet, Basket]] = {
    f"{rules.name}.{basket.name}": (rules, basket) for rules in RULE_SETS.values() for basket in rules.baskets
}
"""Rule-set and group of it that is judged on its own: of GB 50180 no level stands in for another."""

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

    `items` are what is wanted, each with the kinds that fulfil it, any of them; `absent` what the rule-set names but
    no kind on record fulfils. `ruleset` is 'own' when the kinds are picked one by one. `facility`, `spot` (a cell's
    code, or `h` and a home's number) and `plan` (a scenario) are '' when none is.
    """

    ruleset: str
    items: tuple[tuple[str, tuple[str, ...]], ...]
    absent: tuple[str, ...]
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
        named = view.own_value("set", USUAL)
        ruleset = _CUSTOM if asked else (named if named in BASKETS else USUAL)
        items, absent, usual = _picked(asked) if asked else _wanted(BASKETS[ruleset][1])
        told = view.own_value("min")
        who, moment, by = view.own_value("who", "adult"), view.own_value("at", "any"), view.own_value("by", "cell")
        return cls(
            ruleset=ruleset,
            items=items,
            absent=absent,
            who=who if who in WHO else "adult",
            minutes=int(told) if told.isdecimal() and int(told) in MINUTES else usual,
            moment=moment if moment in MOMENTS else "any",
            by=by if by in BY else "cell",
            facility=_number(view.own_value("fac")),
            spot=_spot(view.own_value("spot")),
            plan=_number(view.own_value("plan")),
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds that fulfil an item, each once."""
        return tuple(dict.fromkeys(kind for _, kinds in self.items for kind in kinds))

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


_Wanted = tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...], int]


def _picked(kinds: list[str]) -> _Wanted:
    return tuple((kind, (kind,)) for kind in dict.fromkeys(kinds)), (), 15


def _wanted(basket: Basket) -> _Wanted:
    """Return the items of a basket that something on record fulfils, the others, and the minutes it means.

    Items that the same kinds fulfil stand as one: a market is not asked for twice.
    """
    items: dict[tuple[str, ...], str] = {}
    for item in basket.items:
        if item.kinds:
            items.setdefault(item.kinds, item.name if len(item.kinds) > 1 else item.kinds[0])
    return tuple((name, kinds) for kinds, name in items.items()), basket.missing, round(basket.items[0].minutes)


def _number(text: str) -> str:
    return text if text.isdecimal() and len(text) <= 18 else ""


def _spot(text: str) -> str:
    plain = text.removeprefix("h")
    return text if plain.isdecimal() and len(plain) <= 18 else ""
