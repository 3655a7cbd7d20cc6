"""What tags of OpenStreetMap mean to somebody on foot: which ways are walked, which way, at night, through which gates.

Decisions only: tags in, words out.

References
----------
.. [1] https://wiki.openstreetmap.org/wiki/OSM_tags_for_routing/Access_restrictions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gis.opening import open_at

Tags = Mapping[str, str]

_PATHS = {
    "footway",
    "path",
    "pedestrian",
    "steps",
    "track",
    "cycleway",
    "bridleway",
    "corridor",
    "platform",
    "crossing",
}
_ROADS = {
    "living_street", "residential", "service", "unclassified", "tertiary", "tertiary_link", "secondary",
    "secondary_link", "primary", "primary_link", "road",
}  # fmt: skip
_ONLY_IF_ALLOWED = {"trunk", "trunk_link"}
"""Walked only where the tags say so: `foot`, or a sidewalk. Cycleways and bridle paths are walked unless forbidden."""

_BIG = {"trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link"}
_NO = {"no", "private", "use_sidepath", "discouraged"}
_YES = {"yes", "designated", "permissive", "destination", "official", "customers", "permit"}
_SIDEWALK = {"both", "left", "right", "yes"}
_GATES = {
    "gate", "kissing_gate", "turnstile", "full-height_turnstile", "sliding_gate", "hampshire_gate", "wicket_gate",
    "door",
}  # fmt: skip

_WEDNESDAY, _LATE_MIN = 2, 23 * 60 + 30


@dataclass(frozen=True)
class Walk:
    """How a way is walked: one of `gis.walkers.EDGE_KINDS`, along it, against it, and at half past eleven at night."""

    kind: str
    forward: bool
    backward: bool
    night: bool


def walk_of(tags: Tags) -> Walk | None:
    """Return how a way is walked, None when it is not."""
    highway = tags.get("highway", "")
    if highway not in _PATHS | _ROADS | _ONLY_IF_ALLOWED or not is_allowed(tags):
        return None
    sidewalk = tags.get("sidewalk") or tags.get("sidewalk:both") or ""
    allowed = tags.get("foot") in _YES or sidewalk in _SIDEWALK
    if highway in _ONLY_IF_ALLOWED and not allowed:
        return None
    if highway in _BIG and sidewalk == "separate" and tags.get("foot") not in _YES:
        return None  # the sidewalk is a way of its own
    if tags.get("motorroad") == "yes" or tags.get("area:highway"):
        return None
    forward, backward = _directions(tags, highway)
    if not (forward or backward):
        return None
    return Walk(_kind(tags, highway), forward, backward, is_open_late(tags))


def is_allowed(tags: Tags) -> bool:
    """Return whether somebody on foot may be here; `foot` says more than `access`."""
    foot = tags.get("foot", "")
    if foot in _NO:
        return False
    return foot in _YES or tags.get("access", "") not in _NO


def is_open_late(tags: Tags) -> bool:
    """Return whether a way or gate is open at 23:30 on a working day; unknown hours count as open."""
    hours = tags.get("opening_hours", "")
    return open_at(hours, _WEDNESDAY, _LATE_MIN) is not False


def gate_of(tags: Tags) -> tuple[bool, bool] | None:
    """Return (closed to the public, open late) for a node that is a gate, None for any other node."""
    if tags.get("barrier") not in _GATES:
        return None
    return not is_allowed(tags) or tags.get("locked") == "yes", is_open_late(tags)


def blocks(tags: Tags) -> bool:
    """Return whether a node stops people although it is no gate: a barrier where walking is forbidden."""
    return "barrier" in tags and tags["barrier"] not in _GATES and tags.get("foot") in {"no", "private"}


def is_square(tags: Tags) -> bool:
    """Return whether a closed way is an area that one walks across."""
    return tags.get("area") == "yes" and tags.get("highway") in _PATHS and is_allowed(tags)


def _directions(tags: Tags, highway: str) -> tuple[bool, bool]:
    one_way = tags.get("oneway:foot") or tags.get("foot:oneway") or ""
    if not one_way and highway == "steps" and tags.get("conveying") in {"forward", "backward"}:
        one_way = "yes" if tags["conveying"] == "forward" else "-1"
    forward = one_way != "-1" and tags.get("foot:forward") != "no"
    backward = one_way not in {"yes", "1", "true"} and tags.get("foot:backward") != "no"
    return forward, backward


def _kind(tags: Tags, highway: str) -> str:
    if highway == "steps":
        # A ramp for wheels beside the stairs lets everybody pass.
        return "ramp" if tags.get("ramp:wheelchair") == "yes" else "steps"
    if "crossing" in (tags.get("footway"), tags.get("path"), tags.get("cycleway"), highway):
        return "crossing"
    if highway == "corridor" or tags.get("indoor") == "yes" or tags.get("service") in {"driveway", "parking_aisle"}:
        return "inside"
    if tags.get("ramp") == "yes" or _is_steep(tags.get("incline", "")):
        return "ramp"
    return "path" if highway in _PATHS else "street"


def _is_steep(incline: str) -> bool:
    """Return whether a slope is 6 % or more."""
    try:
        return abs(float(incline.rstrip("% "))) >= 6.0
    except ValueError:
        return False
