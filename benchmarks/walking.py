"""The walking engine against other people's programs in the same run, on a generated district and a generated city.

Figures are medians of processor time with all engines in turn; only ratios within a run count, so limits are ratios.

Run: python -m benchmarks walking
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.sparse.csgraph import dijkstra

from benchmarks import walk_peers as peers
from benchmarks import walk_sites
from benchmarks.walk_city import SEED, Town, make_frames, make_town, sites_of
from gis.balls import time_matrix
from gis.codes import Level
from gis.coverage import coverage_by_area
from gis.network import build_network
from gis.reach import nearest_times, times_at, warm
from gis.snapping import Attachments, attach_points
from gis.whatif import WhatIf

ROUNDS = 5
FIELD_RATIO = {"district": 3.0, "city": 4.0}
MATRIX_RATIO = {"district": 3.0, "city": 50.0}
MATRIX_ORIGINS = {"district": 5_000, "city": 1_000}
ADD_RATIO, REMOVE_RATIO, RECOMPUTE_LIMIT_S = 30.0, 20.0, 1.0


def run() -> list[dict[str, Any]]:
    """Return the figures."""
    warm()
    rows = [_row("walking, peers left out", "-", "", "pandana, cityseer (AGPL), pgRouting, igraph (GPL)", "licence")]
    for size in FIELD_RATIO:
        town = make_town(size)
        rows += [*_field(size, town), *_what_if(size, town), *_matrix(size, town)]
        if size == "district":
            rows += [*walk_sites.isochrones(town), *walk_sites.siting(town), *walk_sites.supply(town), _recompute()]
    return rows


def _field(size: str, town: Town) -> list[dict[str, Any]]:
    """Time from every node to the nearest of 12 kinds, and whether every program says the same."""
    network, reversed_arcs = town.network, peers.arcs_of(town.network)
    sourced = [peers.with_source(reversed_arcs, network, kind) for kind in town.kinds]
    asks: dict[str, list[Callable[[], Any]]] = {
        "ours": [lambda kind=kind: nearest_times(network, kind).dist_ds for kind in town.kinds],  # type: ignore[misc]
        "scipy min_only": [peers.ask_scipy_nodes(reversed_arcs, _nodes(network.edge_u, kind)) for kind in town.kinds],
        "scipy with offsets": [peers.ask_scipy(arcs) for arcs in sourced],
    }
    seconds = _race(asks, ROUNDS if size == "district" else 3)
    same = all(
        np.array_equal(ours(), peers.whole(theirs()))
        for ours, theirs in zip(asks["ours"], asks["scipy with offsets"], strict=True)
    )
    ours_s, limit = seconds["ours"], FIELD_RATIO[size]
    nodes = f"12 kinds, 900 s, {network.n_nodes:,} nodes"
    ratio = seconds["scipy min_only"] / ours_s
    rows = [
        _row(
            f"{size}: time to nearest, {nodes}",
            round(ours_s * 1000, 1),
            "ms",
            "equal to scipy in every tenth",
            _passed(same),
        ),
        _row(
            f"{size}: the same by scipy min_only",
            round(ratio, 2),
            "times ours",
            f"at least {limit:g}",
            _passed(ratio >= limit),
        ),
        _row(f"{size}: the same by scipy with offsets", round(seconds["scipy with offsets"] / ours_s, 2), "times ours"),
    ]
    pass_s = _one_pass(town)
    rows.append(_row(f"{size}: one relaxation pass over all arcs, 12 kinds wide", round(ours_s / pass_s, 1),
                     "times as long is ours", f"{pass_s * 1000:.2f} ms"))  # fmt: skip
    if size == "district":
        rows += _slow_peers(town, sourced, ours_s)
    return rows


def _slow_peers(town: Town, sourced: Sequence[peers.Arcs], ours_s: float) -> list[dict[str, Any]]:
    """Peers that are asked for three of the kinds only, and once, because they are slow."""
    some = [0, 6, 11]
    truth = [nearest_times(town.network, town.kinds[at]).dist_ds for at in some]
    rows = []
    for name, make in (
        ("networkit", peers.ask_networkit), ("rustworkx", peers.ask_rustworkx), ("networkx", peers.ask_networkx),
    ):  # fmt: skip
        asks = [make(sourced[at]) for at in some]
        found: list[np.ndarray] = []
        taken_s = _cpu_s(lambda asks=asks, found=found: found.extend(ask() for ask in asks))  # type: ignore[misc]
        same = all(np.array_equal(one, peers.whole(other)) for one, other in zip(truth, found, strict=True))
        rows.append(
            _row(f"district: the same by {name}", round(taken_s * 4 / ours_s, 1), "times ours",
                 "3 kinds, times 4; equal answers", _passed(same))
        )  # fmt: skip
    return rows


def _one_pass(town: Town) -> float:
    network = town.network
    cost = np.minimum(network.costs["adult"].into, 9_001).astype(np.uint16)
    fields = np.random.default_rng(SEED).integers(0, 9_000, (network.n_nodes, 12)).astype(np.uint16)
    peers.one_pass(network.first, network.neighbour, cost, fields.copy())
    return float(
        np.median([_cpu_s(lambda: peers.one_pass(network.first, network.neighbour, cost, fields)) for _ in range(5)])
    )


def _what_if(size: str, town: Town) -> list[dict[str, Any]]:
    """Adding and removing one facility of the ninth kind against searching that kind again; equal bit for bit."""
    network, kind = town.network, town.kinds[8]
    full_s = float(np.median([_cpu_s(lambda: nearest_times(network, kind)) for _ in range(ROUNDS)]))
    new = [one for one in (attach_points(network, *town.home_lonlat[at]) for at in range(30)) if one.connected.all()]
    now, first = WhatIf(network, kind), kind.n_owners
    add_s = [_cpu_s(lambda one=one: now.add(one)) for one in new]  # type: ignore[misc]
    same = _equal(now)
    gone = range(first, first + len(new) // 2)
    remove_s = [_cpu_s(lambda own=own: now.remove(own)) for own in [*gone, *range(10)]]  # type: ignore[misc]
    same &= _equal(now)
    rows = []
    for what, taken, limit in (("add", add_s, ADD_RATIO), ("remove", remove_s, REMOVE_RATIO)):
        ratio, each_ms = full_s / float(np.median(taken)), float(np.median(taken)) * 1000
        rows.append(
            _row(f"{size}: {what} one facility of {kind.n_owners:,}", round(ratio), "times faster than a search",
                 f"at least {limit:g}; {each_ms:.3f} ms; equal labels", _passed(same and ratio >= limit))
        )  # fmt: skip
    return rows


def _equal(now: WhatIf) -> bool:
    again, field = nearest_times(now.network, now.facilities), now.field
    return np.array_equal(again.dist_ds, field.dist_ds) and np.array_equal(again.owner, field.owner)


def _matrix(size: str, town: Town) -> list[dict[str, Any]]:
    """All nodes within 900 s of many origins: what coverage, depth and the choice of sites are made of."""
    network, n = town.network, MATRIX_ORIGINS[size]
    origins = sites_of(town, n, np.random.default_rng(SEED))
    graph = peers.as_matrix(peers.arcs_of(network))
    time_matrix(network, origins.take(slice(0, 5)), town.homes)
    ours_s = float(np.median([_cpu_s(lambda: time_matrix(network, origins, town.homes)) for _ in range(3)]))
    asked, chunk = (n, 500) if size == "district" else (40, 10)
    sources = network.edge_u[origins.edge[:asked]]

    def ask_scipy() -> None:
        for at in range(0, asked, chunk):
            found = dijkstra(graph, indices=sources[at : at + chunk], limit=peers.LIMIT_DS)
            np.nonzero(found <= peers.LIMIT_DS)  # its dense rows become a matrix of those within the limit

    ratio, limit = _cpu_s(ask_scipy) * n / asked / ours_s, MATRIX_RATIO[size]
    told = f"at least {limit:g}; {asked:,} origins asked"
    return [
        _row(f"{size}: coverage matrix, {n:,} origins x {len(town.homes):,} homes", round(ours_s, 3), "s"),
        _row(f"{size}: the same by scipy, nodes only", round(ratio, 1), "times ours", told, _passed(ratio >= limit)),
    ]


def _recompute() -> dict[str, Any]:
    """From the frames of a changed record to the numbers of every area: nothing of before is used."""
    rng = np.random.default_rng(SEED)
    nodes, edges = make_frames(178, rng)
    town = make_town("district")
    codes = np.char.add("110102", rng.integers(1_001_001, 15_015_009, len(town.homes)).astype(str))
    codes = np.char.ljust(np.char.replace(codes, "1101021", "1101020"), 15, "0")
    places = [np.column_stack(_lonlat(town, kind)) for kind in town.kinds]

    def again() -> None:
        network = build_network(nodes, edges, profiles=("adult",))
        homes = attach_points(network, town.home_lonlat[:, 0], town.home_lonlat[:, 1])
        for place in places:
            kind = attach_points(network, place[:, 0], place[:, 1])
            times = times_at(network, nearest_times(network, kind), homes)
            for level in Level:
                coverage_by_area(codes, times, homes.connected, town.people, town.people // 4, level=level)

    taken_s = float(np.median([_cpu_s(again) for _ in range(3)]))
    name = "district: from a changed record to the numbers of every area, 12 kinds, 4 levels"
    verdict = _passed(taken_s < RECOMPUTE_LIMIT_S)
    return _row(name, round(taken_s, 2), "s", f"under {RECOMPUTE_LIMIT_S:g} s", verdict)


def _lonlat(town: Town, kind: Attachments) -> tuple[np.ndarray, np.ndarray]:
    network, edge = town.network, np.maximum(kind.edge, 0)
    u, v, share = network.edge_u[edge], network.edge_v[edge], kind.fraction
    return network.lon[u] + share * (network.lon[v] - network.lon[u]), network.lat[u] + share * (
        network.lat[v] - network.lat[u]
    )


def _nodes(edge_u: np.ndarray, kind: Attachments) -> np.ndarray:
    return np.unique(edge_u[kind.edge[kind.connected]])


def _race(asks: dict[str, list[Callable[[], Any]]], rounds: int) -> dict[str, float]:
    """Median processor seconds of each engine for all its questions, the engines in turn."""
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(rounds + 1):
        for name, questions in asks.items():
            taken[name].append(_cpu_s(lambda questions=questions: [ask() for ask in questions]))  # type: ignore[misc]
    return {name: float(np.median(seconds[1:])) for name, seconds in taken.items()}


def _cpu_s(what: Callable[[], Any]) -> float:
    started = time.process_time()
    what()
    return time.process_time() - started


def _passed(is_so: bool) -> str:
    return "pass" if is_so else "FAIL"


def _row(name: str, figure: Any, unit: str, limit_or_peer: str = "", verdict: str = "") -> dict[str, Any]:
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit_or_peer, "verdict": verdict}
