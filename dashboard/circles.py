"""The answers of the service-circle page: who reaches what, who is missing what, what one place serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.grounds import Ground
from dashboard.services import District, Services
from gis import baskets
from gis.circle_choice import Choice
from gis.codes import Level
from gis.reach import UNREACHED
from gis.scope import View

_CURVE = np.arange(0, 31)


@dataclass(frozen=True)
class Answer:
    """What the page shows for one choice over one scope.

    Attributes
    ----------
    times : tenths of a second per home, by kind. last : to the last of the kinds.
    whole : people, over60, homes; with `_in` those covered and `_in_share` their share; of the scope.
    children : the same per child area, with `ds`, the time within which half of the people are covered.
    gaps : code, kind, people, over60, share, ds.
    curve : minutes, people, over60 (shares).
    lost : number and people of homes that are not connected, and number of such facilities.
    """

    view: View
    choice: Choice
    ground: Ground
    homes: baskets.Homes
    times: dict[str, NDArray[np.uint16]]
    last: NDArray[np.uint16]
    whole: pd.Series
    children: pd.DataFrame
    gaps: pd.DataFrame
    curve: pd.DataFrame
    lost: tuple[int, float, int]

    @property
    def share(self) -> float:
        """Share of the scope's people that is covered."""
        return float(self.whole["people_in_share"])


def ground_of(services: Services, district: District, *, wait_s: float = 0.0) -> Ground | None:
    """Return the newest walking record of a district, or None while it is being made ready."""
    return services.grounds.get(district.code, district.metric_srid, wait_s=wait_s)


def homes_of(ground: Ground) -> baskets.Homes:
    """Return homes as plain arrays; kept."""

    def make() -> baskets.Homes:
        frame = ground.homes
        return baskets.Homes(
            frame["cell_code"].fillna("").to_numpy(dtype="U15"), frame["people"].to_numpy(float),
            frame["over60"].to_numpy(float), ground.homes_at.owner_connected,
        )  # fmt: skip

    found: baskets.Homes = ground.once("homes", make)
    return found


def times_of(ground: Ground, choice: Choice) -> dict[str, NDArray[np.uint16]]:
    """Return the times of all homes to every item of the choice: to the nearest of the kinds that fulfil it."""
    return {
        name: np.minimum.reduce([ground.times(kind, choice.profile, choice.at).ds for kind in kinds])
        for name, kinds in choice.items
    }


def answer_of(services: Services, view: View, district: District, ground: Ground) -> Answer:
    """Return everything the page shows; kept per version of the record."""
    choice = Choice.of(view)
    unit = child_unit(services, view, district)
    digits = int(Level.COMMUNITY if Level.COMMUNITY in services.units(district) else unit)
    key = ("answer", view.code, int(unit), choice.items, choice.profile, choice.minutes, choice.moment)
    kept = ground.once(key, lambda: summed(ground, choice, view.code, unit, digits, times_of(ground, choice)))
    homes, last, whole, children, gaps, curve, lost, times = kept
    return Answer(view, choice, ground, homes, times, last, whole, children, gaps, curve, lost)


def summed(
    ground: Ground, choice: Choice, scope: str, unit: Level, digits: int, times: dict[str, NDArray[np.uint16]]
) -> tuple[Any, ...]:
    """Add up times over a scope: homes, last, whole, children, gaps, curve, lost, times.

    Gaps are told per area whose code has `digits`.
    """
    homes, last = homes_of(ground), baskets.of_last(list(times.values()))
    limit = choice.limit_ds
    whole = baskets.shares(homes, last, limit, len(scope), scope)
    children = baskets.shares(homes, last, limit, int(unit), scope)
    children["ds"] = baskets.cell_times(homes, last, int(unit)).reindex(children.index).fillna(UNREACHED)
    some = whole.iloc[0] if len(whole) else pd.Series(np.nan, index=whole.columns)
    adrift = homes.inside(scope) & ~homes.connected
    places = ground.facilities["kind"].isin(choice.kinds).to_numpy() & ~ground.facilities_at.owner_connected
    lost = (int(adrift.sum()), float(homes.people[adrift].sum()), int(places.sum()))
    return (
        homes, last, some, children, baskets.gaps(homes, times, limit, scope, digits),
        baskets.curve(homes, last, _CURVE, scope), lost, times,
    )  # fmt: skip


def child_unit(services: Services, view: View, district: District) -> Level:
    """Return the level of the rows below a scope, or the deepest there is."""
    units = services.units(district)
    below = [level for level in units if int(level) > len(view.code)]
    return below[0] if below else Level(len(view.code))


def classes_of(answer: Answer, codes: list[str]) -> str:
    """Return one digit of `baskets.CLASSES` per area code of the map."""
    homes = answer.homes
    middle = baskets.cell_times(homes, answer.last).reindex(codes)
    label = baskets.class_of(middle.fillna(0).to_numpy().astype(np.uint16))
    label = np.where(middle.isna(), 0, label)
    adrift = baskets.cell_times(homes, np.where(homes.connected, 0, UNREACHED).astype(np.uint16)).reindex(codes)
    label = np.where(adrift == UNREACHED, 5, label)
    return "".join(str(int(one)) for one in label)


def class_people(answer: Answer) -> dict[str, float]:
    """Return how many people of the scope live in homes of each class."""
    homes = answer.homes
    inside = homes.inside(answer.view.code)
    label = np.where(homes.connected, baskets.class_of(answer.last), 5)[inside]
    people = np.bincount(label, homes.people[inside], len(baskets.CLASSES))
    return dict(zip(baskets.CLASSES, people.tolist(), strict=True))


def basket_of(answer: Answer, spot: str) -> dict[str, Any] | None:
    """Return what one home ('h' and its number) or cell has: minutes and nearest place per kind, and who lives there.

    A cell speaks for the home in it that lives in the middle: half of its people need at most that long.
    """
    ground, homes = answer.ground, answer.homes
    if spot.startswith("h"):
        rows = np.flatnonzero(ground.homes["id"].to_numpy() == int(spot[1:]))
    else:
        rows = np.flatnonzero((homes.code == spot) & (homes.people > 0))
        order = rows[np.lexsort((rows, answer.last[rows]))]
        running = np.cumsum(homes.people[order])
        rows = order[[int(np.searchsorted(running, running[-1] / 2.0))]] if len(order) else order
    if not len(rows):
        return None
    at = int(rows[0])
    inside = homes.code == spot if not spot.startswith("h") else np.arange(len(homes.code)) == at
    items, ids = [], ground.facilities["id"].to_numpy(int)
    for name, kinds in answer.choice.items:
        found = [ground.times(kind, answer.choice.profile, answer.choice.at) for kind in kinds]
        nearest = min(found, key=lambda times: int(times.ds[at]))
        owner = int(nearest.owner[at])
        place = str(ground.facilities["name_zh"].iat[owner]) if owner >= 0 else ""
        items.append(
            {"kind": name, "ds": int(nearest.ds[at]), "name": place, "id": int(ids[owner]) if owner >= 0 else 0}
        )
    return {
        "home": at, "connected": bool(homes.connected[at]), "people": float(homes.people[inside].sum()),
        "over60": float(homes.over60[inside].sum()), "items": items, "code": str(homes.code[at]),
        "name": str(ground.homes["name_zh"].iat[at]),
    }  # fmt: skip
