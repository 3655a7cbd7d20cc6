"""The walking record of a district, ready for questions: network, homes and facilities as arrays, times per kind.

The record is PostGIS; what stands here follows it. A changed record is brought in by a thread, while the picture
before it stays; its network lies as memory-mapped files under `var/walking`, named by its content.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from db.engine import Database
from db.read import walking
from gis.balls import time_matrix
from gis.errors import InputFault, QuanxiangError
from gis.network import build_network
from gis.opening import open_at
from gis.reach import Field, HomeTimes, nearest_times, times_at, warm
from gis.siting import choose_sites, site_problem
from gis.snapping import Attachments, attach_points
from gis.walkers import WALKERS
from gis.walkgraph import WalkNetwork
from gis.whatif import WhatIf

LIMIT_S = 3_600.0
"""Walks are searched up to an hour: further is 'more than an hour'."""

_CHECKED_EVERY_S = 2.0
_FIELDS_KEPT = 400
_FORMAT = 1
_log = logging.getLogger(__name__)


class GroundMissing(QuanxiangError):
    """A district has no walking network or no homes; the message says what to import."""


@dataclass(frozen=True)
class Ground:
    """One version of a district's walking record.

    Attributes
    ----------
    version : text that changes with the record.
    network : the walking network; `homes_at`, `facilities_at` are the places on it.
    homes : id, kind, name_zh, cell_code, people, over60, source, lon, lat.
    facilities : id, kind, name_zh, capacity, opens, lon, lat.
    gates : gate, name_zh, class, is_open, night, lon, lat.
    told : source, date, content hash, margin and report of the network.
    seconds : how long the record took to become this.
    """

    version: str
    network: WalkNetwork
    homes: pd.DataFrame
    homes_at: Attachments
    facilities: pd.DataFrame
    facilities_at: Attachments
    gates: pd.DataFrame
    told: dict[str, Any]
    seconds: float
    kept: dict[Any, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of_kind(self, kind: str, at: tuple[int, int] | None) -> Attachments:
        """Return the entrances of one kind's facilities that are open at a (weekday, minute); None asks for no hours.

        Hours that are not told or not understood count as open; the page says how many.
        """
        chosen = self.facilities["kind"].to_numpy() == kind
        if at is not None:
            chosen = chosen & np.array([open_at(opens, *at) is not False for opens in self.facilities["opens"]])
        return self.facilities_at.of_owners(chosen)

    def field_of(self, kind: str, profile: str, at: tuple[int, int] | None) -> Field:
        """Return the times of all nodes to one kind; kept."""
        key = ("field", kind, profile, at)
        return self._once(
            key, lambda: nearest_times(self.network, self.of_kind(kind, at), profile=profile, limit_s=LIMIT_S)
        )

    def times(self, kind: str, profile: str, at: tuple[int, int] | None) -> HomeTimes:
        """Return the times of all homes to the nearest of one kind; kept."""
        key = ("times", kind, profile, at)
        return self._once(key, lambda: times_at(self.network, self.field_of(kind, profile, at), self.homes_at))

    def once(self, key: Any, make: Any) -> Any:
        """Return what was made before under this key for this version of the record, or make it."""
        return self._once(("own", key), make)

    def _once(self, key: Any, make: Any) -> Any:
        with self.lock:
            if key in self.kept:
                return self.kept[key]
        made = make()
        with self.lock:
            while len(self.kept) >= _FIELDS_KEPT:
                self.kept.pop(next(iter(self.kept)))
            self.kept[key] = made
        return made


class Grounds:
    """The newest ground of every district, made in the background."""

    def __init__(self, database: Database, var_dir: Path) -> None:
        self._database, self._folder = database, var_dir / "walking"
        self._lock = threading.Lock()
        self._ready: dict[str, Ground] = {}
        self._faults: dict[str, tuple[str, QuanxiangError]] = {}
        self._making: dict[str, threading.Thread] = {}
        self._checked: dict[str, tuple[float, str]] = {}

    def get(self, district_code: str, srid: int, *, wait_s: float = 0.0) -> Ground | None:
        """Return the ground of a district, or None while the first one is being made.

        An older version is returned while a newer one is made; with `wait_s` the newer one is waited for that long.

        Raises
        ------
        GroundMissing
            When the district has no network or no homes.
        """
        version = self._version(district_code)
        with self._lock:
            found = self._ready.get(district_code)
            if found is not None and found.version == version:
                return found
            fault = self._faults.get(district_code)
            if fault is not None and fault[0] == version:
                raise fault[1]
            maker = self._making.get(district_code)
            if maker is None or not maker.is_alive():
                maker = threading.Thread(target=self._make, args=(district_code, srid, version), daemon=True)
                self._making[district_code] = maker
                maker.start()
        if wait_s:
            maker.join(wait_s)
        with self._lock:
            fault = self._faults.get(district_code)
            if fault is not None and fault[0] == version:
                raise fault[1]
            return self._ready.get(district_code)

    def ready(self, district_code: str) -> Ground | None:
        """Return the ground that is there, or None; nothing is asked and nothing begun."""
        with self._lock:
            return self._ready.get(district_code)

    def _version(self, district_code: str) -> str:
        at, version = self._checked.get(district_code, (0.0, ""))
        if time.monotonic() - at > _CHECKED_EVERY_S:
            with self._database.reading() as conn:
                version = walking.fingerprint(conn, district_code)
            self._checked[district_code] = (time.monotonic(), version)
        return version

    def _make(self, district_code: str, srid: int, version: str) -> None:
        try:
            made = self._read(district_code, srid, version)
        except QuanxiangError as fault:
            with self._lock:
                self._faults[district_code] = (version, fault)
                self._ready.pop(district_code, None)
            return
        except Exception:
            _log.exception("the walking record of %s could not be made ready", district_code)
            broken = InputFault("the walking record could not be read; the server's log tells what")
            with self._lock:
                self._faults[district_code] = (version, broken)
            return
        with self._lock:
            self._ready[district_code] = made
        _rehearse(made)

    def _read(self, district_code: str, srid: int, version: str) -> Ground:
        warm()
        start = time.perf_counter()
        with self._database.reading(timeout_ms=60_000) as conn:
            told = walking.network_row(conn, district_code)
            if told is None:
                raise GroundMissing("no walking network is loaded: python -m dashboard import network FILE")
            gates, homes = walking.gates(conn, district_code), walking.homes(conn, district_code)
            facilities, doors = walking.facilities(conn, district_code), walking.entrances(conn, district_code)
        if homes.empty:
            raise GroundMissing("no homes are loaded: python -m dashboard import demand FILE")
        network = self._network(district_code, srid, told["content_hash"], gates)
        return Ground(
            version, network, homes, _attached(network, homes, doors, "demand_id"),
            facilities, _attached(network, facilities, doors, "facility_id"), gates, told,
            time.perf_counter() - start,
        )  # fmt: skip

    def _network(self, district_code: str, srid: int, content: str, gates: pd.DataFrame) -> WalkNetwork:
        """Map the arrays of a network into memory; they are written when they are not there."""
        folder = self._folder / f"{district_code}-{content}-{_FORMAT}"
        if not folder.is_dir():
            with self._database.reading(timeout_ms=60_000) as conn:
                nodes, edges = walking.network_frames(conn, district_code)
            shut = list(gates.loc[~gates["is_open"].astype(bool), "gate"])
            known = set(edges["gate"])
            built = build_network(
                nodes, edges, srid=srid, profiles=tuple(WALKERS), closed_gates=[gate for gate in shut if gate in known]
            )
            _write(built, folder)
        # Copy-on-write: nothing is ever written, but searches are compiled for arrays that could be.
        return WalkNetwork.from_arrays(
            {path.stem: np.load(path, mmap_mode="c") for path in sorted(folder.glob("*.npy"))}
        )


def _rehearse(ground: Ground) -> None:
    """Change a thing and take it back, so that what is compiled for it is there before somebody drags."""
    kind = str(ground.facilities["kind"].iat[0]) if len(ground.facilities) else ""
    what = WhatIf(ground.network, ground.field_of(kind, "adult", None))
    home = ground.homes.iloc[0]
    number = what.add(attach_points(ground.network, [home["lon"]], [home["lat"]]))
    what.remove(number)
    what.times_at(ground.homes_at)
    some = attach_points(ground.network, ground.homes["lon"].to_numpy()[:2], ground.homes["lat"].to_numpy()[:2])
    matrix = time_matrix(ground.network, some, ground.homes_at, limit_s=60.0)
    people = ground.homes["people"].to_numpy(float)
    choose_sites(site_problem(matrix, people + 1.0, np.zeros(len(people), dtype=bool), limit_s=60.0, most=1))


def _write(network: WalkNetwork, folder: Path) -> None:
    """Write the arrays whole or not at all; two processes may try at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".draft-"))
    for name, values in network.to_arrays().items():
        np.save(draft / f"{name}.npy", values)
    try:
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)


def _attached(network: WalkNetwork, places: pd.DataFrame, doors: pd.DataFrame, key: str) -> Attachments:
    """Put places on the network by their doors, or by themselves when no door is told."""
    own = doors[doors[key].notna()]
    row = pd.Series(np.arange(len(places)), index=places["id"])
    at_door = own[own[key].isin(row.index)]
    bare = places[~places["id"].isin(at_door[key])]
    owner = np.concatenate([row.loc[bare["id"]].to_numpy(), row.loc[at_door[key].astype("int64")].to_numpy()])
    lon = np.concatenate([bare["lon"].to_numpy(float), at_door["lon"].to_numpy(float)])
    lat = np.concatenate([bare["lat"].to_numpy(float), at_door["lat"].to_numpy(float)])
    return attach_points(network, lon, lat, owner=owner)
