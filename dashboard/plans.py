"""What a scenario would change: its changes laid over the record's times, never over the record.

Only the kinds that a change touches are repaired; gates touch all of them and are kept per set of gates, so that a
facility can be dragged under opened gates as fast as without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.circles import Answer, classes_of, homes_of
from dashboard.grounds import LIMIT_S, Ground
from gis import baskets
from gis.circle_choice import Choice
from gis.codes import Level
from gis.errors import InputFault
from gis.reach import Field, nearest_times
from gis.scenario import Standing
from gis.snapping import Attachments, attach_points
from gis.walkgraph import WalkNetwork
from gis.whatif import WhatIf

_CAP_DS = round(LIMIT_S * 10)
WORSE, BETTER = 11, 12
"""Classes of a cell in the picture of differences; 0 is no difference."""


@dataclass(frozen=True)
class Outcome:
    """What a scenario gives over a scope.

    Attributes
    ----------
    last : time to the last item of every home. times : by item.
    whole : as `Answer.whole`.
    gained, lost : people newly covered, and covered no more. gained60 : over-60s newly covered.
    minutes_saved : person-minutes, walks beyond an hour counted as an hour; negative when walks grow longer.
    streets : code, people (newly covered less lost), minutes (saved), of the child areas that change.
    astray : keys of added or moved facilities that no way leads to, with the reason.
    """

    last: NDArray[np.uint16]
    times: dict[str, NDArray[np.uint16]]
    whole: pd.Series
    gained: float
    lost: float
    gained60: float
    minutes_saved: float
    streets: pd.DataFrame
    astray: dict[str, str]


def outcome_of(answer: Answer, plan: Standing, unit: Level) -> Outcome:
    """Return what a scenario gives, against the answer without it.

    Raises
    ------
    InputFault
        When a change names a gate or facility that the record does not have.
    """
    ground, choice = answer.ground, answer.choice
    astray: dict[str, str] = {}
    times = times_under(ground, choice, plan, astray)
    last = baskets.of_last(list(times.values()))
    homes = homes_of(ground)
    scope = answer.view.code
    rows = homes.inside(scope)
    before, after = answer.last <= choice.limit_ds, last <= choice.limit_ds
    won, gone = rows & after & ~before, rows & before & ~after
    saved = (np.minimum(answer.last, _CAP_DS).astype(float) - np.minimum(last, _CAP_DS)) * homes.people / 600.0
    changed = homes.people * (after.astype(float) - before)
    digits = int(unit)
    code = np.where(np.char.str_len(homes.code) >= digits, homes.code.astype(f"U{digits}"), "")
    frame = pd.DataFrame({"code": code[rows], "people": changed[rows], "minutes": saved[rows]})
    streets = frame[frame["code"] != ""].groupby("code", as_index=False).sum()
    streets = streets[(streets["people"] != 0) | (streets["minutes"].abs() >= 1.0)]
    whole = baskets.shares(homes, last, choice.limit_ds, len(scope), scope)
    return Outcome(
        last, times, whole.iloc[0] if len(whole) else answer.whole, float(homes.people[won].sum()),
        float(homes.people[gone].sum()), float(homes.over60[won].sum()), float(saved[rows].sum()),
        streets.sort_values("minutes", ascending=False, ignore_index=True), astray,
    )  # fmt: skip


def times_under(
    ground: Ground, choice: Choice, plan: Standing, astray: dict[str, str]
) -> dict[str, NDArray[np.uint16]]:
    """Return the times of all homes to every item under a scenario; unconnected facilities are noted in `astray`."""
    network = network_under(ground, plan)
    by_kind = {kind: _kind_times(ground, choice, network, plan, kind, astray) for kind in choice.kinds}
    return {name: np.minimum.reduce([by_kind[kind] for kind in kinds]) for name, kinds in choice.items}


def network_under(ground: Ground, plan: Standing) -> WalkNetwork:
    """Return the network with the scenario's gates; kept per set of gates."""
    network = ground.network
    if not plan.opened and not plan.shut:
        return network
    made: WalkNetwork = ground.once(
        ("gates", plan.opened, plan.shut), lambda: network.with_gates(opened=plan.opened, closed=plan.shut)
    )
    return made


def _kind_times(
    ground: Ground, choice: Choice, network: WalkNetwork, plan: Standing, kind: str, astray: dict[str, str]
) -> NDArray[np.uint16]:
    row_of = ground.once("rows", lambda: {int(number): at for at, number in enumerate(ground.facilities["id"])})
    kinds = ground.facilities["kind"].to_numpy()
    unknown = [number for number in (*plan.moved, *plan.removed) if number not in row_of]
    if unknown:
        raise InputFault(f"facility {unknown[0]} is not on record any more")
    removed = [row_of[number] for number in plan.removed if kinds[row_of[number]] == kind]
    moved = {number: spot for number, spot in plan.moved.items() if kinds[row_of[number]] == kind}
    added = {key: one for key, one in plan.added.items() if one[0] == kind}
    field = _field(ground, choice, network, plan, kind)
    if not removed and not moved and not added:
        key = ("plan-times", kind, choice.profile, choice.at, plan.opened, plan.shut)
        kept: NDArray[np.uint16] = ground.once(key, lambda: WhatIf(network, field).times_at(ground.homes_at).ds)
        return kept
    what = WhatIf(network, field)
    there = set(field.facilities.owner.tolist())
    for row in removed:
        if row in there:
            what.remove(row)
    for number, (lon, lat) in moved.items():
        if row_of[number] in there:
            what.remove(row_of[number])
        what.add(_placed(network, lon, lat, str(number), astray), own=row_of[number])
    n = len(kinds)
    for at, (name, (_, lon, lat, _label)) in enumerate(added.items()):
        what.add(_placed(network, lon, lat, name, astray), own=n + at)
    return what.times_at(ground.homes_at).ds


def _field(ground: Ground, choice: Choice, network: WalkNetwork, plan: Standing, kind: str) -> Field:
    """Return the times of nodes to one kind before facilities change, under the scenario's gates; kept."""
    if network is ground.network:
        return ground.field_of(kind, choice.profile, choice.at)
    key = ("plan-field", kind, choice.profile, choice.at, plan.opened, plan.shut)
    made: Field = ground.once(
        key,
        lambda: nearest_times(network, ground.of_kind(kind, choice.at), profile=choice.profile, limit_s=LIMIT_S),
    )
    return made


def _placed(network: WalkNetwork, lon: float, lat: float, key: str, astray: dict[str, str]) -> Attachments:
    point = attach_points(network, [lon], [lat])
    if not point.connected.any():
        astray[key] = str(point.reason[0])
    return point


def differences_of(answer: Answer, outcome: Outcome, codes: list[str]) -> str:
    """Return a sign per cell: more people covered or walks shorter by half a minute, the contrary, or no difference."""
    homes, limit = answer.homes, answer.choice.limit_ds
    index = pd.Index(codes)
    won = ((outcome.last <= limit).astype(float) - (answer.last <= limit)) * homes.people
    people = pd.Series(won).groupby(homes.code).sum().reindex(index).fillna(0.0).to_numpy()
    capped = [np.minimum(ds, _CAP_DS).astype(float) for ds in (answer.last, outcome.last)]
    saved = pd.Series((capped[0] - capped[1]) * homes.people).groupby(homes.code).sum().reindex(index).fillna(0.0)
    lived = pd.Series(homes.people).groupby(homes.code).sum().reindex(index).fillna(0.0).to_numpy()
    each = np.divide(saved.to_numpy(), lived, out=np.zeros(len(codes)), where=lived > 0)
    better, worse = (people > 0) | ((people == 0) & (each >= 300)), (people < 0) | ((people == 0) & (each <= -300))
    return "".join(chr(48 + (BETTER if up else WORSE if down else 0)) for up, down in zip(better, worse, strict=True))


def with_outcome(answer: Answer, outcome: Outcome) -> Answer:
    """Return the answer as it would be under the scenario, for the map's classes."""
    return Answer(
        answer.view, answer.choice, answer.ground, answer.homes, outcome.times, outcome.last, outcome.whole,
        answer.children, answer.gaps, answer.curve, answer.lost,
    )  # fmt: skip


def picture_of(answer: Answer, outcome: Outcome, show: str, codes: list[str]) -> str:
    """Return a sign per cell: before, after, or their difference."""
    if show == "before":
        return classes_of(answer, codes)
    return (
        differences_of(answer, outcome, codes) if show == "diff" else classes_of(with_outcome(answer, outcome), codes)
    )


def numbers_of(outcome: Outcome) -> dict[str, Any]:
    """Return the numbers of a scenario as JSON."""
    share = outcome.whole["people_in_share"]
    return {
        "share": None if pd.isna(share) else float(share), "people_in": float(outcome.whole["people_in"]),
        "gained": outcome.gained, "lost": outcome.lost, "gained60": outcome.gained60,
        "minutes_saved": outcome.minutes_saved, "streets": outcome.streets.to_dict("records"), "astray": outcome.astray,
    }  # fmt: skip
