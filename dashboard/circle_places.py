"""One place looked at closely: who can walk to it, against the straight circle that people like to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.circles import Answer
from gis.reach import Field, nearest_times, times_at
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
    field: Field


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
    return Place(row, facts, reason, within, straight, float(homes.people[own].sum()), field)


def straight_circle(answer: Answer, lon: float, lat: float, radius_m: float) -> dict[str, Any]:
    """Return the straight circle round a place as GeoJSON in degrees."""
    network = answer.ground.network
    x, y = network.project([lon], [lat])
    turn = np.linspace(0.0, 2 * np.pi, 97)
    ring = network.unproject(x[0] + radius_m * np.cos(turn), y[0] + radius_m * np.sin(turn))
    return feature({"type": "LineString", "coordinates": np.column_stack(ring).round(6).tolist()})


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


def served_lines(answer: Answer, place: Place, minutes: int) -> list[dict[str, Any]]:
    """Return the ways that are walked within the minutes to a place, as one GeoJSON feature."""
    network, dist = answer.ground.network, place.field.dist_ds
    near = (dist[network.edge_u] <= minutes * 600) & (dist[network.edge_v] <= minutes * 600)
    u, v = network.edge_u[near], network.edge_v[near]
    one = np.column_stack([network.lon[u], network.lat[u]]).round(6)
    two = np.column_stack([network.lon[v], network.lat[v]]).round(6)
    lines = np.stack([one, two], axis=1).tolist()
    return [feature({"type": "MultiLineString", "coordinates": lines})]


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """Return one GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}
