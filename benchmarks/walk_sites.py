"""Drawing, choice of sites and supply of the walking engine: against per-home truth, the optimum and PySAL."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

import access
import numpy as np
import pandas as pd
import shapely

from benchmarks.walk_city import SEED, Town, sites_of
from db.intake.osm_network import read_osm_network
from gis.balls import time_matrix
from gis.isochrone import reached_areas
from gis.network import build_network
from gis.reach import nearest_times, times_at
from gis.siting import choose_sites, site_problem
from gis.siting_proof import prove_sites
from gis.snapping import attach_points
from gis.supply import two_step
from gis.walkgraph import WalkNetwork

IOU, PEOPLE_ERROR = 0.95, 0.02
GREEDY_SHARE, PROOF_S = 0.95, 30.0
SUPPLY_RATIO = 30.0
SITES, PLANS = 5_000, (5, 20)
FACILITIES, ADDRESSES = 12, 4_000

_EXTRACT = Path(__file__).resolve().parents[2] / "shared" / "data" / "osm" / "porto.osm.pbf"


def isochrones(town: Town) -> list[dict[str, Any]]:
    """The drawn area against the verdict of each address, 5 to 60 m off the street."""
    networks = {"district": town.network}
    if _EXTRACT.is_file():
        read = read_osm_network(_EXTRACT)
        networks["Porto (OpenStreetMap)"] = build_network(read.nodes, read.edges, profiles=("adult",))
    return [row for name, network in networks.items() for row in _against_truth(name, network)]


def _against_truth(name: str, network: WalkNetwork) -> list[dict[str, Any]]:
    rng, both, either, drawn_n, true_n = np.random.default_rng(SEED), 0, 0, 0, 0
    seconds: list[float] = []
    circles: list[float] = []
    main = np.flatnonzero(network.component[network.edge_u] == 0)
    for edge in rng.choice(main, FACILITIES):
        lon, lat = network.lon[network.edge_u[edge]], network.lat[network.edge_u[edge]]
        shop = attach_points(network, [lon], [lat])
        started = time.process_time()
        area = reached_areas(network, shop, minutes=[15])[0]
        seconds.append(time.process_time() - started)
        x, y = _addresses(network, (float(lon), float(lat)), rng)
        homes = attach_points(network, *network.unproject(x, y))
        true = times_at(network, nearest_times(network, shop), homes).within(15)
        inside = shapely.contains_xy(area.area, *network.unproject(x, y))
        both, either = both + int((true & inside).sum()), either + int((true | inside).sum())
        drawn_n, true_n = drawn_n + int(inside.sum()), true_n + int(true.sum())
        circles.append(area.circle_ratio)
    iou, error = both / either, drawn_n / true_n - 1
    told = f"{FACILITIES} facilities x {ADDRESSES:,} addresses"
    return [
        _row(f"{name}: drawn area against each address, overlap", round(iou, 3), "IoU", f"at least {IOU}; {told}",
             iou >= IOU),
        _row(f"{name}: people by the drawing", round(100 * error, 2), "% off", f"at most {100 * PEOPLE_ERROR:g} %",
             abs(error) <= PEOPLE_ERROR),
        _row(f"{name}: one area of 15 minutes, first time / again",
             f"{seconds[0] * 1000:.0f} / {min(seconds) * 1000:.0f}", "ms"),
        _row(f"{name}: share of the straight circle that is reached", round(float(np.mean(circles)), 2), ""),
    ]  # fmt: skip


def _addresses(
    network: WalkNetwork, around: tuple[float, float], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Addresses beside streets near a place, in metres."""
    x, y = network.project(*around)
    u, v = network.edge_u, network.edge_v
    middle_x, middle_y = (network.x[u] + network.x[v]) / 2, (network.y[u] + network.y[v]) / 2
    near = np.flatnonzero(np.hypot(middle_x - x, middle_y - y) < 1_500)
    weight = network.length_m[near]
    edge = rng.choice(near, ADDRESSES, p=weight / weight.sum())
    share = rng.random(ADDRESSES)
    dx, dy = network.x[v[edge]] - network.x[u[edge]], network.y[v[edge]] - network.y[u[edge]]
    long = np.maximum(np.hypot(dx, dy), 1e-6)
    off = rng.uniform(5, 60, ADDRESSES) * rng.choice([-1, 1], ADDRESSES)
    return network.x[u[edge]] + share * dx - off * dy / long, network.y[u[edge]] + share * dy + off * dx / long


def siting(town: Town) -> list[dict[str, Any]]:
    """Five and twenty new sites among 5,000 for 5,000 homes: at once, and proven."""
    rng = np.random.default_rng(SEED)
    sites = sites_of(town, SITES, rng)
    matrix = time_matrix(town.network, sites, town.homes, limit_s=600)
    covered = times_at(town.network, nearest_times(town.network, town.kinds[5]), town.homes).within(10)
    rows = []
    for most in PLANS:
        problem = site_problem(matrix, town.people, covered, limit_s=600, most=most)
        choose_sites(problem)
        started = time.process_time()
        quick = choose_sites(problem)
        quick_s = time.process_time() - started
        started = time.perf_counter()
        best = prove_sites(problem, start=quick, limit_s=4 * PROOF_S)
        proof_s, share = time.perf_counter() - started, quick.people / best.bound
        where = f"k = {most}, {SITES:,} sites x {len(town.homes):,} homes"
        rows += [
            _row(f"sites: greedy with swaps, {where}", round(100 * share, 2), "% of the optimum",
                 f"at least {100 * GREEDY_SHARE:g} %; {quick_s * 1000:.1f} ms", share >= GREEDY_SHARE),
            _row(f"sites: optimum proven, {where}", round(proof_s, 1), "s",
                 f"at most {PROOF_S:g} s for k = {PLANS[0]}; gap {100 * best.gap:.4f} %",
                 best.proven and proof_s <= PROOF_S if most == PLANS[0] else None),
        ]  # fmt: skip
    return rows


def supply(town: Town) -> list[dict[str, Any]]:
    """Two-step floating catchment areas against PySAL's `access`, on the same times."""
    rng = np.random.default_rng(SEED)
    matrix = time_matrix(town.network, town.kinds[-1], town.homes)
    places = rng.integers(10, 200, matrix.n_rows)
    ours = two_step(matrix, places, town.people, limit_s=900)
    ours_s = np.median([_cpu_s(lambda: two_step(matrix, places, town.people, limit_s=900)) for _ in range(9)])
    ids, rows = np.arange(len(town.homes)), np.arange(matrix.n_rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = access.Access(
            demand_df=pd.DataFrame({"id": ids, "people": town.people}), demand_index="id", demand_value="people",
            supply_df=pd.DataFrame({"id": rows, "places": places}), supply_index="id", supply_value="places",
            cost_df=pd.DataFrame({"origin": matrix.column, "dest": matrix.row, "cost": matrix.ds / 10}),
            cost_origin="origin", cost_dest="dest", cost_name="cost", neighbor_cost_df=None,
        )  # fmt: skip
        theirs_s = np.median([_cpu_s(lambda: theirs.two_stage_fca(name="fca", max_cost=900)) for _ in range(3)])
        found = theirs.two_stage_fca(name="fca", max_cost=900)["fca_places"].reindex(ids).fillna(0).to_numpy()
    error = float(np.max(np.abs(ours - found) / np.maximum(np.abs(found), 1e-12)))
    ratio = float(theirs_s / ours_s)
    return [
        _row("supply against demand (2SFCA), difference from PySAL access", f"{error:.1e}", "relative", "at most 1e-9",
             error <= 1e-9),
        _row("the same by PySAL access", round(ratio), "times ours",
             f"at least {SUPPLY_RATIO:g}; ours {ours_s * 1000:.2f} ms", ratio >= SUPPLY_RATIO),
    ]  # fmt: skip


def _cpu_s(what: Any) -> float:
    started = time.process_time()
    what()
    return time.process_time() - started


def _row(name: str, figure: Any, unit: str, limit_or_peer: str = "", is_so: bool | None = None) -> dict[str, Any]:
    verdict = "" if is_so is None else "pass" if is_so else "FAIL"
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit_or_peer, "verdict": verdict}
