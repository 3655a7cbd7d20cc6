"""Rule-sets of the 15-minute circle as data: which kinds, in how many minutes, and how sure the source is.

Several different things share the name, so a screen always says which one it shows. Nothing here is made up: what
a source does not give is listed as missing, to be filled in from the text of the rule.

References
----------
.. [1] Beijing's eight basics of convenience services, China News, 2022-07-11.
.. [2] Ministry of Commerce, guide to building the 15-minute convenience circle, 2021-07-20.
.. [3] GB 50180-2018, standard for urban residential area planning and design.
.. [4] Beijing government document 25 of 2025, allocation indicators of residential public service facilities, in force
   2025-12-01.
"""

from __future__ import annotations

from dataclasses import dataclass

from gis.errors import InputFault

SURENESS = ("text", "press", "secondary", "missing")
"""Read in the rule's own text or an encyclopedia; reported by the press; taken from secondary tables; not found."""


@dataclass(frozen=True)
class Item:
    """One thing that a rule-set asks for.

    Attributes
    ----------
    name : str
        Machine word; `layouts.text` has the words people read.
    kinds : tuple of str
        Kinds of `gis.terms.FACILITY_KINDS` that fulfil it, any of them; empty when the product has no kind for it yet.
    minutes : float
        Walking time asked for.
    radius_m : float
        Distance that the rule gives instead of a time, 0 where it gives minutes.
    sure : str
        One of `SURENESS`.
    """

    name: str
    kinds: tuple[str, ...]
    minutes: float
    radius_m: float = 0.0
    sure: str = "text"


@dataclass(frozen=True)
class Basket:
    """A level or group of a rule-set that is judged on its own."""

    name: str
    items: tuple[Item, ...]

    @property
    def limits_min(self) -> dict[str, float]:
        """Minutes by item, of the items that some kind of the product fulfils."""
        return {item.name: item.minutes for item in self.items if item.kinds}

    @property
    def missing(self) -> tuple[str, ...]:
        """Items that no kind of the product fulfils yet: they are named on the screen and count for nobody."""
        return tuple(item.name for item in self.items if not item.kinds)


@dataclass(frozen=True)
class RuleSet:
    """A rule-set.

    Attributes
    ----------
    name : str
        Machine word.
    source : str
        Document and date.
    baskets : tuple of Basket
        Groups; of GB 50180 the levels, of which none stands in for another.
    levels_apart : bool
        Whether a facility counts only at the level it belongs to.
    complete : bool
        Whether all items of the rule are here.
    """

    name: str
    source: str
    baskets: tuple[Basket, ...]
    levels_apart: bool = False
    complete: bool = True

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds that the rule-set looks at, each once, in its order."""
        return tuple(dict.fromkeys(kind for basket in self.baskets for item in basket.items for kind in item.kinds))


def _items(minutes: float, sure: str, *pairs: tuple[str, tuple[str, ...]]) -> tuple[Item, ...]:
    return tuple(Item(name, kinds, minutes, sure=sure) for name, kinds in pairs)


_EIGHT = ("market", "convenience", "breakfast", "housekeeping", "hairdresser", "parcel", "repair", "laundry")

_BEIJING_EIGHT = RuleSet(
    "beijing_eight",
    "Beijing's eight basic convenience services, China News 2022-07-11",
    (Basket("basics", tuple(Item(kind, (kind,), 15.0, sure="press") for kind in _EIGHT)),),
)

_COMMERCE = RuleSet(
    "commerce_2021",
    "Ministry of Commerce, guide to the 15-minute convenience circle, 2021-07-20",
    (
        Basket(
            "basic",
            _items(
                15.0, "text",
                ("convenience_store", ("convenience",)),
                ("supermarket", ()),
                ("food_market", ("market",)),
                ("fresh_food_store", ("market",)),
                ("breakfast", ("breakfast",)),
                ("laundry", ("laundry",)),
                ("hairdresser", ("hairdresser",)),
                ("photo_print", ()),
                ("housekeeping", ("housekeeping",)),
                ("repair", ("repair",)),
                ("pharmacy", ("pharmacy",)),
                ("parcel", ("parcel",)),
            ) + _items(15.0, "missing", ("recycling", ()), ("forward_store", ())),
        ),
        Basket(
            "quality",
            _items(
                15.0, "secondary",
                ("elderly_care", ("elderly_care",)),
                ("restaurant", ()),
                ("bakery", ()),
                ("bookshop", ()),
                ("fitness", ("sports",)),
                ("health_care", ()),
                ("flowers_gifts", ()),
                ("tea_coffee", ()),
                ("pets", ()),
                ("child_care", ("kindergarten",)),
                ("training", ()),
                ("travel", ()),
            ),
        ),
    ),
    complete=False,
)  # fmt: skip

_GB_50180 = RuleSet(
    "gb_50180_2018",
    "GB 50180-2018, standard for urban residential area planning and design",
    (
        Basket(
            "minutes_15",
            (
                Item("middle_school", (), 15.0, 1000.0, "press"),
                Item("health_centre", ("hospital",), 15.0, 1000.0, "secondary"),
                Item("culture_centre", ("culture",), 15.0, 1000.0, "secondary"),
                Item("large_sports_ground", (), 15.0, 1000.0, "secondary"),
                Item("metro_station", ("metro_entrance",), 15.0, 800.0, "secondary"),
            ),
        ),
        Basket(
            "minutes_10",
            (
                Item("primary_school", ("primary_school",), 10.0, 500.0, "press"),
                Item("food_market", ("market",), 10.0, 500.0, "secondary"),
                Item("shopping", (), 10.0, 500.0, "secondary"),
                Item("medium_sports_ground", ("sports",), 10.0, 500.0, "secondary"),
                Item("bus_stop", ("bus_stop",), 10.0, 500.0, "secondary"),
            ),
        ),
        Basket(
            "minutes_5",
            (
                Item("kindergarten", ("kindergarten",), 5.0, 300.0, "press"),
                Item("community_service", ("community_service",), 5.0, 300.0, "secondary"),
                Item("elderly_day_care", ("elderly_care",), 5.0, 300.0, "secondary"),
                Item("health_station", ("clinic",), 5.0, 300.0, "secondary"),
                Item("neighbourhood_shop", ("convenience",), 5.0, 300.0, "secondary"),
                Item("small_sports_ground", (), 5.0, 300.0, "secondary"),
                Item("culture_station", (), 5.0, 500.0, "secondary"),
            ),
        ),
    ),
    levels_apart=True,
    complete=False,
)

_BEIJING_2025 = RuleSet(
    "beijing_2025_25",
    "Beijing government document 25 of 2025, in force 2025-12-01: 12 categories, 66 items",
    (
        Basket(
            "categories",
            _items(
                15.0, "missing",
                ("general_service", ("community_service",)),
                ("basic_education", ("kindergarten", "primary_school")),
                ("health", ("clinic", "hospital")),
                ("welfare", ("elderly_care",)),
                ("culture", ("culture",)),
                ("sports", ("sports",)),
                ("convenience_commerce", ("convenience", "market")),
                ("post_parcel", ("parcel",)),
                ("transport", ("bus_stop", "metro_entrance")),
                ("utilities", ()),
                ("park_green", ("park",)),
                ("public_safety", ()),
            ),
        ),
    ),
    complete=False,
)  # fmt: skip
"""The twelve categories are sourced; minutes, sizes and levels of the 66 items are still to be filled in."""

RULE_SETS: dict[str, RuleSet] = {rule.name: rule for rule in (_BEIJING_EIGHT, _COMMERCE, _GB_50180, _BEIJING_2025)}


def rule_set(name: str) -> RuleSet:
    """Return a rule-set by name.

    Raises
    ------
    InputFault
        When there is none of that name.
    """
    if name not in RULE_SETS:
        raise InputFault(f"there is no rule-set {name!r}: choose from {', '.join(RULE_SETS)}")
    return RULE_SETS[name]
