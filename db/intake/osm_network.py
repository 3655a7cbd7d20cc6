"""Reading the walking network of an OpenStreetMap extract into the two frames that `gis.network` is built from.

Every node of a walked way stays a node, so edges are straight. Lengths are geodesic. A gate becomes an edge of its own,
at most a metre long; squares are walked round and crossed in straight lines between the places where one enters them.
A square that touches no way is left out: it would be an island on which addresses get lost.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
from pyproj import Geod

from db.intake.osm_squares import lines_across
from db.intake.osm_tags import Walk, blocks, gate_of, is_square, walk_of
from gis.errors import InputFault
from gis.network import EDGE_COLUMNS, NODE_COLUMNS
from gis.walkgraph import parts

GATE_M = 1.0
"""Length of the piece of a way that a gate takes."""

_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class OsmNetwork:
    """A walking network as read.

    Attributes
    ----------
    nodes, edges : DataFrame
        `walk_nodes` and `walk_edges`; node numbers are OpenStreetMap's, those of gates negative.
    closed_gates : tuple of str
        Gates that the public may not pass.
    source : str
        Name of the file.
    taken_at : datetime or None
        State of the data as the file says (aware), else the youngest way's.
    sha256 : str
        Of the file's bytes.
    report : dict of str to float
        Counts: ways, way_km (ways and outlines of squares as mapped), squares, squares_left_out, nodes, edges, edge_km,
        gates, closed_gates, one_way_edges, steps, parallel_edges, components, island_nodes, island_km.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    closed_gates: tuple[str, ...]
    source: str
    taken_at: datetime | None
    sha256: str
    report: dict[str, float]


@dataclass
class _Found:
    """What one pass over the file collects."""

    ways: list[tuple[Walk, list[int]]] = field(default_factory=list)
    squares: list[tuple[Walk, list[int]]] = field(default_factory=list)
    place: dict[int, tuple[float, float]] = field(default_factory=dict)
    gates: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    youngest: datetime | None = None


def read_osm_network(path: Path) -> OsmNetwork:
    """Read the walking network of an extract.

    Parameters
    ----------
    path : Path
        `.osm.pbf`, `.osm`, `.osm.gz` or `.osm.bz2`.

    Raises
    ------
    InputFault
        When the file is absent, broken or no OpenStreetMap file, or has no way that is walked.
    """
    found, taken_at = _collect(path)
    rows = _Rows(found)
    for walk, refs in found.ways:
        rows.add_way(walk, refs)
    if not rows.tails:
        raise InputFault(f"{path.name} has no way that can be walked")
    left_out = rows.add_squares(found.squares)
    rows.part_gates()
    nodes, edges = rows.frames()
    closed = tuple(sorted(f"n{ref}" for ref in rows.gated if found.gates[ref][0]))
    report = _report(nodes, edges) | {
        "ways": len(found.ways),
        "way_km": sum(_length_m(found.place, refs) for _, refs in [*found.ways, *found.squares]) / 1000,
        "squares": len(found.squares) - left_out,
        "squares_left_out": left_out,
        "closed_gates": len(closed),
    }
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return OsmNetwork(nodes, edges, closed, path.name, taken_at, digest, report)


def open_osm(path: Path) -> str:
    """Return the path for osmium after looking at it.

    Raises
    ------
    InputFault
        When the file is absent, empty, or its name is not that of an OpenStreetMap file.
    """
    if not path.is_file():
        raise InputFault(f"no such file: {path}")
    if path.stat().st_size == 0:
        raise InputFault(f"{path.name} is empty")
    if not path.name.lower().endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        raise InputFault(f"{path.name} is no OpenStreetMap file: .osm.pbf or .osm is read")
    return str(path)


def _collect(path: Path) -> tuple[_Found, datetime | None]:
    name, found = open_osm(path), _Found()
    tagged = osmium.filter.KeyFilter("highway", "barrier")
    try:
        with osmium.io.Reader(name) as reader:
            said = reader.header().get("osmosis_replication_timestamp")
        things: Iterable[Any] = osmium.FileProcessor(name).with_locations().with_filter(tagged)
        for thing in things:
            tags = {tag.k: tag.v for tag in thing.tags}
            if thing.is_node():
                _take_node(found, thing.id, tags)
            elif thing.is_way():
                _take_way(found, thing, tags)
    except (RuntimeError, osmium.InvalidLocationError, ValueError) as fault:
        raise InputFault(f"{path.name} can not be read as OpenStreetMap data: {str(fault)[:200]}") from None
    taken_at = datetime.fromisoformat(said.replace("Z", "+00:00")) if said else found.youngest
    return found, taken_at


def _take_node(found: _Found, ref: int, tags: dict[str, str]) -> None:
    gate = gate_of(tags)
    if gate is not None:
        found.gates[ref] = gate
    elif blocks(tags):
        found.blocked.add(ref)


def _take_way(found: _Found, way: Any, tags: dict[str, str]) -> None:
    walk = walk_of(tags)
    if walk is None:
        return
    refs = []
    for node in way.nodes:
        # An extract cuts ways: what has no place is outside.
        if node.location.valid():
            found.place[node.ref] = (node.location.lon, node.location.lat)
            refs.append(node.ref)
        elif refs:
            found.ways.append((walk, refs))
            refs = []
    closed = len(refs) > 3 and refs[0] == refs[-1]
    (found.squares if closed and is_square(tags) else found.ways).append((walk, refs))
    if way.timestamp.year > 1970 and (found.youngest is None or way.timestamp > found.youngest):
        found.youngest = way.timestamp


class _Rows:
    """Edges as columns that grow."""

    def __init__(self, found: _Found) -> None:
        self.found = found
        self.place = found.place
        self.tails: list[int] = []
        self.heads: list[int] = []
        self.walks: list[Walk] = []
        self.gate: list[str] = []
        self.gated: list[int] = []

    def add_way(self, walk: Walk, refs: list[int]) -> None:
        for tail, head in itertools.pairwise(refs):
            if tail != head and tail not in self.found.blocked and head not in self.found.blocked:
                self._add(tail, head, walk, "")

    def _add(self, tail: int, head: int, walk: Walk, gate: str) -> None:
        self.tails.append(tail)
        self.heads.append(head)
        self.walks.append(walk)
        self.gate.append(gate)

    def add_squares(self, squares: list[tuple[Walk, list[int]]]) -> int:
        """Add the squares that touch a way, on their own or over other squares; return how many do not."""
        waiting, reached = list(squares), set(self.tails) | set(self.heads)
        laid = set(zip(self.tails, self.heads, strict=True))
        squares_at = Counter(ref for _, refs in squares for ref in refs[:-1])
        while True:
            touching = [square for square in waiting if not reached.isdisjoint(square[1])]
            if not touching:
                return len(waiting)
            waiting = [square for square in waiting if reached.isdisjoint(square[1])]
            ways_at = reached.copy()
            for walk, refs in touching:
                ring = np.array([self.place[ref] for ref in refs])
                doors = [at for at, ref in enumerate(refs[:-1]) if ref in ways_at or squares_at[ref] > 1]
                across = [(refs[one], refs[other]) for one, other in lines_across(ring, doors)]
                for tail, head in [*itertools.pairwise(refs), *across]:
                    # Neighbouring squares share an outline; it is one way.
                    if tail != head and not laid & {(tail, head), (head, tail)}:
                        laid.add((tail, head))
                        self._add(tail, head, walk, "")
                reached.update(refs)

    def part_gates(self) -> None:
        """Give each gate a short edge on every piece that meets it but the first, so that whoever passes needs it."""
        meeting: dict[int, list[int]] = defaultdict(list)
        for at, (tail, head) in enumerate(zip(self.tails, self.heads, strict=True)):
            for ref in (tail, head):
                if ref in self.found.gates:
                    meeting[ref].append(at)
        for ref, pieces in sorted(meeting.items()):
            if len(pieces) < 2:
                continue  # a gate at a dead end leads nowhere
            self.gated.append(ref)
            night = self.found.gates[ref][1]
            for at in pieces[1:]:
                self._part(at, ref, f"n{ref}", night)

    def _part(self, at: int, ref: int, gate: str, night: bool) -> None:
        tail, head, walk = self.tails[at], self.heads[at], self.walks[at]
        other = head if tail == ref else tail
        (lon, lat), (far_lon, far_lat) = self.place[ref], self.place[other]
        length_m = _GEOD.inv(lon, lat, far_lon, far_lat)[2]
        share = GATE_M / length_m if length_m > 2 * GATE_M else 0.5
        new = -len(self.place)
        self.place[new] = (lon + share * (far_lon - lon), lat + share * (far_lat - lat))
        passing = Walk("gate", walk.forward, walk.backward, walk.night and night)
        if tail == ref:
            self.tails[at] = new
            self._add(ref, new, passing, gate)
        else:
            self.heads[at] = new
            self._add(new, ref, passing, gate)

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        refs = np.unique(np.array([self.tails, self.heads], dtype=np.int64))
        lonlat = np.array([self.place[ref] for ref in refs.tolist()])
        nodes = pd.DataFrame({"node": refs, "lon": lonlat[:, 0], "lat": lonlat[:, 1]})[list(NODE_COLUMNS)]
        tails, heads = np.array(self.tails, dtype=np.int64), np.array(self.heads, dtype=np.int64)
        one, other = lonlat[np.searchsorted(refs, tails)], lonlat[np.searchsorted(refs, heads)]
        length_m = _GEOD.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]
        edges = pd.DataFrame(
            {
                "edge": np.arange(1, len(tails) + 1),
                "node_from": tails,
                "node_to": heads,
                "length_m": length_m,
                "kind": [walk.kind for walk in self.walks],
                "forward": [walk.forward for walk in self.walks],
                "backward": [walk.backward for walk in self.walks],
                "night": [walk.night for walk in self.walks],
                "gate": self.gate,
            }
        )
        return nodes, edges[list(EDGE_COLUMNS)]


def _report(nodes: pd.DataFrame, edges: pd.DataFrame) -> dict[str, float]:
    index = pd.Index(nodes["node"])
    u = index.get_indexer(edges["node_from"]).astype(np.int32)
    v = index.get_indexer(edges["node_to"]).astype(np.int32)
    part = parts(len(nodes), u, v)
    ends = pd.DataFrame({"low": np.minimum(u, v), "high": np.maximum(u, v)})
    return {
        "nodes": len(nodes),
        "edges": len(edges),
        "edge_km": float(edges["length_m"].sum() / 1000),
        "gates": edges.loc[edges["gate"] != "", "gate"].nunique(),
        "one_way_edges": int((edges["forward"] ^ edges["backward"]).sum()),
        "steps": int((edges["kind"] == "steps").sum()),
        "parallel_edges": int(ends.duplicated().sum()),
        "components": int(part.max()) + 1,
        "island_nodes": int((part > 0).sum()),
        "island_km": float(edges["length_m"].to_numpy()[part[u] > 0].sum() / 1000),
    }


def _length_m(place: dict[int, tuple[float, float]], refs: list[int]) -> float:
    if len(refs) < 2:
        return 0.0
    lon, lat = zip(*[place[ref] for ref in refs], strict=True)
    return float(_GEOD.line_length(lon, lat))
