"""Changes that a planner tries out: facilities added, moved, closed, gates opened or shut; checked, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from gis.errors import InputFault
from gis.terms import FACILITY_KINDS

OPERATIONS = ("add", "move", "remove", "open_gate", "shut_gate")
MOST_CHANGES = 100
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes
    ----------
    op : one of `OPERATIONS`.
    kind : of a facility that is added.
    key : of an added facility, to move or remove it later: `n1`, `n2`, ...; else ''.
    facility : id of one on record that is moved or removed; 0 for an added one.
    gate : id of a gate.
    lon, lat : where to, in degrees (WGS-84).
    """

    op: str
    kind: str = ""
    key: str = ""
    facility: int = 0
    gate: str = ""
    lon: float = 0.0
    lat: float = 0.0
    name: str = ""

    def plain(self) -> dict[str, Any]:
        """Return what is kept of it: only what its operation needs."""
        kept: dict[str, Any] = {"op": self.op}
        if self.op == "add":
            kept |= {"kind": self.kind, "key": self.key, "lon": self.lon, "lat": self.lat, "name": self.name}
        elif self.op in ("open_gate", "shut_gate"):
            kept |= {"gate": self.gate}
        else:
            kept |= {"key": self.key} if self.key else {"facility": self.facility}
            kept |= {"lon": self.lon, "lat": self.lat} if self.op == "move" else {}
        return kept


def read_changes(given: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Read changes as they came, at most `MOST_CHANGES`.

    Raises
    ------
    InputFault
        When one is not understood; the message tells which and why.
    """
    if len(given) > MOST_CHANGES:
        raise InputFault(f"a scenario holds at most {MOST_CHANGES} changes, not {len(given)}")
    return tuple(_read(row, at) for at, row in enumerate(given, 1))


def _read(row: Mapping[str, Any], at: int) -> Change:
    op = str(row.get("op", ""))
    if op not in OPERATIONS:
        raise InputFault(f"change {at}: {op!r} is not one of {', '.join(OPERATIONS)}")
    if op in ("open_gate", "shut_gate"):
        gate = str(row.get("gate", ""))
        if not gate:
            raise InputFault(f"change {at}: says no gate")
        return Change(op, gate=gate[:_LONGEST_NAME])
    lon, lat = (_degrees(row, name, at) for name in ("lon", "lat")) if op != "remove" else (0.0, 0.0)
    key = str(row.get("key", ""))[:_LONGEST_NAME]
    if op == "add":
        kind = str(row.get("kind", ""))
        if kind not in FACILITY_KINDS:
            raise InputFault(f"change {at}: kind {kind!r} is not one of {', '.join(FACILITY_KINDS)}")
        return Change(
            op, kind=kind, key=key or f"n{at}", lon=lon, lat=lat, name=str(row.get("name", ""))[:_LONGEST_NAME]
        )
    try:
        facility = int(row.get("facility", 0) or 0)
    except (TypeError, ValueError):
        raise InputFault(f"change {at}: facility {row.get('facility')!r} is not a number") from None
    if not facility and not key:
        raise InputFault(f"change {at}: says no facility")
    return Change(op, key="" if facility else key, facility=facility, lon=lon, lat=lat)


def _degrees(row: Mapping[str, Any], name: str, at: int) -> float:
    try:
        value = float(row[name])
    except (KeyError, TypeError, ValueError):
        raise InputFault(f"change {at}: {name} is missing or not a number") from None
    if not isfinite(value) or abs(value) > (180.0 if name == "lon" else 90.0):
        raise InputFault(f"change {at}: {name} {value} is not in degrees")
    return round(value, 7)


@dataclass(frozen=True)
class Standing:
    """Where everything that changed ends up, after all changes in their order.

    Attributes
    ----------
    added : by key: kind, lon, lat, name of added facilities that are still there.
    moved : by facility id: lon, lat. removed : facility ids.
    opened, shut : gates.
    """

    added: dict[str, tuple[str, float, float, str]]
    moved: dict[int, tuple[float, float]]
    removed: frozenset[int]
    opened: frozenset[str]
    shut: frozenset[str]


def standing(changes: Sequence[Change]) -> Standing:
    """Return the end of a row of changes; what is moved twice stands where it came last."""
    added: dict[str, tuple[str, float, float, str]] = {}
    moved: dict[int, tuple[float, float]] = {}
    removed: set[int] = set()
    opened: set[str] = set()
    shut: set[str] = set()
    for one in changes:
        if one.op == "add":
            added[one.key] = (one.kind, one.lon, one.lat, one.name)
        elif one.op == "move" and one.key in added:
            kind, _, _, name = added[one.key]
            added[one.key] = (kind, one.lon, one.lat, name)
        elif one.op == "move" and one.facility:
            moved[one.facility] = (one.lon, one.lat)
            removed.discard(one.facility)
        elif one.op == "remove" and one.key:
            added.pop(one.key, None)
        elif one.op == "remove":
            removed.add(one.facility)
            moved.pop(one.facility, None)
        elif one.op == "open_gate":
            opened.add(one.gate)
            shut.discard(one.gate)
        elif one.op == "shut_gate":
            shut.add(one.gate)
            opened.discard(one.gate)
    return Standing(added, moved, frozenset(removed), frozenset(opened), frozenset(shut))
