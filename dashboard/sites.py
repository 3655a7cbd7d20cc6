"""Where the next ones go: candidates from the network, an answer at once, and its proof in the background."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.circles import Answer
from dashboard.grounds import Ground
from dashboard.plans import network_under, times_under
from gis import baskets
from gis.balls import TimeMatrix, time_matrix
from gis.errors import InputFault, ScenarioNotFound
from gis.scenario import Standing
from gis.siting import SitePlan, SiteProblem, choose_sites, site_problem
from gis.siting_proof import prove_sites
from gis.snapping import Attachments, attach_points

GRID_M = 110.0
"""One candidate per square of this side: the node nearest to its middle."""

MOST_SITES = 10
PROOF_S = 30.0
_JOBS_KEPT = 20


@dataclass
class Job:
    """One search: the best choice so far, and whether it is being proven."""

    number: str
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    plan: SitePlan
    begun: float
    working: bool = True
    seconds: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    def told(self) -> dict[str, Any]:
        """Return the choice as JSON, the site that covers most alone first."""
        order = np.argsort(-self.plan.alone, kind="stable")
        chosen = self.plan.sites[order]
        return {
            "job": self.number, "state": "working" if self.working else "done", "people": self.plan.people,
            "proven": self.plan.proven, "gap": min(self.plan.gap, 1.0), "method": self.plan.method,
            "seconds": time.monotonic() - self.begun if self.working else self.seconds, "candidates": len(self.lon),
            "sites": [{"lon": round(float(self.lon[at]), 7), "lat": round(float(self.lat[at]), 7)} for at in chosen],
        }  # fmt: skip


class Jobs:
    """The searches of a server, the newest kept."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def begin(self, answer: Answer, plan: Standing, kind: str, most: int) -> Job:
        """Choose sites at once and begin the proof.

        Raises
        ------
        InputFault
            When the kind is not among those asked for, or there is nothing to gain.
        """
        if kind not in answer.choice.kinds:
            raise InputFault(f"kind {kind!r} is not among those that the page asks for")
        if not 1 <= most <= MOST_SITES:
            raise InputFault(f"between 1 and {MOST_SITES} sites can be sought, not {most}")
        problem, lon, lat = problem_of(answer, plan, kind, most)
        job = Job(secrets.token_hex(6), lon, lat, choose_sites(problem), time.monotonic())
        with self._lock:
            while len(self._jobs) >= _JOBS_KEPT:
                self._jobs.pop(next(iter(self._jobs))).stop.set()
            self._jobs[job.number] = job
        threading.Thread(target=_prove, args=(job, problem), daemon=True).start()
        return job

    def get(self, number: str) -> Job:
        """Return a search.

        Raises
        ------
        ScenarioNotFound
            When it is not kept any more.
        """
        with self._lock:
            if number not in self._jobs:
                raise ScenarioNotFound(f"there is no search {number}")
            return self._jobs[number]


def _prove(job: Job, problem: SiteProblem) -> None:
    try:
        job.plan = prove_sites(problem, start=job.plan, limit_s=PROOF_S, stop=job.stop.is_set)
    finally:
        job.seconds = time.monotonic() - job.begun
        job.working = False


def problem_of(
    answer: Answer, plan: Standing, kind: str, most: int
) -> tuple[SiteProblem, NDArray[np.float64], NDArray[np.float64]]:
    """Return the problem of new sites of one kind, and where its candidates stand (degrees).

    A home is gained when the new site completes its basket: whoever lacks something else too is not counted, so that
    the number is that of the scenario's own.
    """
    ground, choice = answer.ground, answer.choice
    times = times_under(ground, choice, plan, {})
    limit = choice.limit_ds
    helped = {name for name, kinds in choice.items if kind in kinds}
    others = [ds for name, ds in times.items() if name not in helped]
    complete = baskets.of_last(others) <= limit if others else np.ones(len(answer.last), dtype=bool)
    covered = (baskets.of_last(list(times.values())) <= limit) | ~complete | ~answer.homes.inside(answer.view.code)
    lon, lat, at = candidates(ground)
    key = ("sites", choice.profile, choice.minutes, plan.opened, plan.shut)
    network = network_under(ground, plan)
    matrix: TimeMatrix = ground.once(
        key,
        lambda: time_matrix(network, at, ground.homes_at, profile=choice.profile, limit_s=60.0 * choice.minutes),
    )
    if not (~covered & (answer.homes.people > 0)).any():
        raise InputFault("nobody is missing only this kind: a new one would complete no basket")
    return site_problem(matrix, answer.homes.people, covered, limit_s=60.0 * choice.minutes, most=most), lon, lat


def candidates(ground: Ground) -> tuple[NDArray[np.float64], NDArray[np.float64], Attachments]:
    """Return candidate sites: one node of the connected network per square of `GRID_M`."""

    def make() -> tuple[NDArray[np.float64], NDArray[np.float64], Attachments]:
        net = ground.network
        nodes = np.flatnonzero(net.component == 0)
        column, row = np.floor(net.x[nodes] / GRID_M), np.floor(net.y[nodes] / GRID_M)
        away = np.hypot(net.x[nodes] - (column + 0.5) * GRID_M, net.y[nodes] - (row + 0.5) * GRID_M)
        order = np.lexsort((nodes, away, row, column))
        pair = np.column_stack([column, row])[order]
        first = np.concatenate([[True], (pair[1:] != pair[:-1]).any(axis=1)])
        chosen = np.sort(nodes[order[first]])
        lon, lat = net.lon[chosen].round(7), net.lat[chosen].round(7)
        return lon, lat, attach_points(net, lon, lat)

    found: tuple[NDArray[np.float64], NDArray[np.float64], Attachments] = ground.once("candidates", make)
    return found
