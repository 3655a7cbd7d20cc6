"""One place looked at closely: who can walk to it, against the straight circle that people like to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from dashboard.circles import Answer
from gis.isochrone import Reached, reached_areas
from gis.reach import nearest_times, times_at
from gis.routes import route_to_nearest

_STEPS = (5, 10, 15)


@dataclass(frozen=True)
class Place:
    """A facility and whom it serves.

    Attributes
    ----------
    row : its position among the facilities. facts : id, kind, name_zh, capacity, opens, lon, lat.
    reason : why it is not connected, or ''.
    within : (minutes, people, over60) who can walk to it.
    straight : people inside the straight circle of the chosen minutes, and its radius in metres.
    nearest_for : people for whom it is the nearest of its kind, within the chosen minutes.
    """

    row: int
    facts: dict[str, Any]
    reason: str
    within: list[tuple[int, float, float]]
    straight: tuple[float, float]
    nearest_for: float


def place_of(answer: Answer, facility_id: str) -> Place | None:
    """Return a facility's own circle, or None when there is no such facility."""
    ground, choice = answer.ground, answer.choice
    rows = np.flatnonzero(ground.facilities["id"].to_numpy() == int(facility_id))
    if not len(rows):
        return None
    row = int(rows[0])
    mask = np.zeros(len(ground.facilities), dtype=bool)
    mask[row] = True
    alone = ground.facilities_at.of_owners(mask)
    field = nearest_times(ground.network, alone, profile=choice.profile, limit_s=60.0 * max(_STEPS[-1], choice.minutes))
    ds = times_at(ground.network, field, ground.homes_at).ds
    homes = answer.homes
    steps = sorted({*_STEPS, choice.minutes})
    within = [
        (minutes, float(homes.people[ds <= minutes * 600].sum()), float(homes.over60[ds <= minutes * 600].sum()))
        for minutes in steps
    ]
    facts = {str(key): value for key, value in ground.facilities.iloc[row].to_dict().items()}
    radius = choice.minutes * 60 * choice.speed_m_s
    x, y = ground.network.project(ground.homes["lon"].to_numpy(float), ground.homes["lat"].to_numpy(float))
    at_x, at_y = ground.network.project([facts["lon"]], [facts["lat"]])
    inside = np.hypot(x - at_x[0], y - at_y[0]) <= radius
    nearest = ground.times(str(facts["kind"]), choice.profile, choice.at)
    own = (nearest.owner == row) & (nearest.ds <= choice.limit_ds)
    reason = next((str(one) for one in alone.reason if one), "") if not alone.connected.any() else ""
    straight = (float(homes.people[inside].sum()), radius)
    return Place(row, facts, reason, within, straight, float(homes.people[own].sum()))


def routes_of(answer: Answer, home: int) -> list[dict[str, Any]]:
    """Return the ways from a home to the nearest place of every kind as GeoJSON."""
    ground, choice = answer.ground, answer.choice
    found = []
    for item, kinds in choice.items:
        near = min(kinds, key=lambda kind: int(ground.times(kind, choice.profile, choice.at).ds[home]))
        field = ground.field_of(near, choice.profile, choice.at)
        line = route_to_nearest(ground.network, field, ground.homes_at, home)
        if len(line) > 1:
            found.append(feature({"type": "LineString", "coordinates": line.round(6).tolist()}, kind=item))
    return found


def reached_of(answer: Answer, place: Place) -> list[Reached]:
    """Return what reaches a place within 5, 10, 15 and the chosen minutes, the widest first; kept."""
    ground, choice = answer.ground, answer.choice
    mask = np.zeros(len(ground.facilities), dtype=bool)
    mask[place.row] = True
    steps = [minutes for minutes, *_ in place.within if minutes <= choice.minutes]

    def make() -> list[Reached]:
        found = reached_areas(
            ground.network, ground.facilities_at.of_owners(mask), minutes=steps, profile=choice.profile
        )
        return sorted(found, key=lambda one: -one.minutes)

    made: list[Reached] = ground.once(("reached", place.row, choice.profile, choice.minutes), make)
    return made


def drawn(place: Place, reached: list[Reached]) -> dict[str, list[dict[str, Any]]]:
    """Return areas, reached ways and the straight circle as GeoJSON features."""
    widest = reached[0]
    areas = [feature(shapely.geometry.mapping(one.area), minutes=int(one.minutes)) for one in reached]
    return {
        "area": areas,
        "route": [feature(shapely.geometry.mapping(widest.streets))],
        "straight": [feature(shapely.geometry.mapping(widest.circle.boundary))],
    }


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """Return one GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}
