"""What the tabs of balance and rules need: load of units with suggestions, rules, and what one of them would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from dashboard.chainwork import Work, units_of
from dashboard.services import Services
from db.read import chains
from db.read import routing as stored
from gis import balance, routing
from gis.codes import Level

REACH_M = {1: 1500.0, 2: 4000.0, 4: 4000.0, 5: 4000.0, 6: 4000.0, 7: 4000.0, 8: 4000.0}
"""How far a helping unit may be away in a straight line, by chain; departments answer for the whole district."""

_PAST = timedelta(days=30)


def loads(services: Services, shown: Work) -> pd.DataFrame:
    """Return the units inside a scope that answer for one place, by id, with `open` cases not yet handled and `days`.

    A case known to lie in a street only belongs to no committee; it counts for the street's own units.
    """
    units = units_of(services, shown.district)
    own = units[units["duty"].fillna("").str.startswith(shown.view.code) & units["chain"].isin(REACH_M)]
    own = own[own["duty"].str.len() >= int(Level.STREET)].set_index("id")

    def ask() -> pd.DataFrame:
        with services.database.reading() as conn:
            return stored.waiting_by_place(conn, shown.view.code)

    waits: pd.DataFrame = services.kept.get(("chain-waits", shown.view.code, services.hub.version), 5.0, ask)
    known = []
    for digits in (int(Level.STREET), int(Level.COMMUNITY)):
        deep = waits[waits["code"].str.len() >= digits]
        known.append(deep.groupby([deep["chain"], deep["code"].str[:digits]])["n"].sum())
    table = pd.concat(known)
    keys = pd.MultiIndex.from_arrays([own["chain"], own["duty"]])
    made = own.assign(open=table.reindex(keys).fillna(0).to_numpy(dtype=int))
    return made.assign(days=balance.load_days(made))


def on_map(services: Services, shown: Work, chain: int) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Return units with a place and offers inside a scope, of one chain or of all, and open cases by category."""
    units = loads(services, shown)
    units = units[units["lon"].notna()]
    with services.database.reading() as conn:
        offers = chains.offers(conn, shown.view.code)
        needs = stored.open_by_category(conn, shown.view.code)
    if chain:
        units, offers = units[units["chain"] == chain], offers[offers["chain"] == chain]
    return units, offers, needs


def suggestions(units: pd.DataFrame) -> pd.DataFrame:
    """Return who could help whom, the fullest unit first, with the names of both."""
    parts = []
    for chain, reach_m in REACH_M.items():
        own = units[(units["chain"] == chain) & units["lon"].notna()]
        if len(own) > 1:
            parts.append(balance.suggest(own, reach_m).assign(chain=chain))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["from_id", "from_before"])
    found = found.sort_values("from_before", ascending=False, ignore_index=True)
    names = units["name_zh"]
    return found.assign(from_name=found["from_id"].map(names), to_name=found["to_id"].map(names))


@dataclass(frozen=True)
class Rules:
    """Every rule of the district, and what trying one would change."""

    rules: pd.DataFrame
    categories: list[tuple[str, str, str]]
    tried: int
    effect: routing.Effect | None
    cases: int


def rules(services: Services, shown: Work) -> Rules:
    """Return the rules; the one that the address names is tried on the last 30 days together with those in force."""
    with services.database.reading() as conn:
        every = stored.rules(conn, shown.district.code)
        kinds = stored.categories(conn)
    said = shown.view.own_value("try")
    tried = int(said) if said.isdigit() and int(said) in set(every["id"]) else 0
    if not tried:
        return Rules(every, kinds, 0, None, 0)
    one = every[every["id"] == tried]
    others = every[every["is_active"] & (every["id"] != tried) & ~every["id"].isin(one["replaces"].dropna())]

    def ask() -> pd.DataFrame:
        with services.database.reading(timeout_ms=15_000) as conn:
            return stored.past(conn, shown.district.code, shown.now - _PAST, shown.now)

    past: Any = services.kept.get(("chain-past", shown.district.code), 300.0, ask)
    both = pd.concat([others, one])
    told = routing.route(past, both, services.calendar)
    mine = past[(told["rule"] == tried).to_numpy()]
    made = routing.effect(mine, one, services.calendar)
    whole = past["now_chain"].value_counts().reindex(range(1, 9), fill_value=0)
    load = made.load.assign(before=whole, after=whole + made.load["after"] - made.load["before"])
    effect = routing.Effect(made.matched, made.changed, load, made.moves)
    return Rules(every, kinds, tried, effect, len(past))
