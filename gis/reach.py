"""Who reaches what: the time from every node and every home to the nearest facility, and the way there.

Times are whole tenths of a second (`_ds`); `UNREACHED` is further than the limit. People walk to the facility unless
`inward` is false, so one-way stairs and gates count in the direction that is walked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.errors import InputFault
from gis.nearest_kernel import MOST_OWNERS, REGION_BITS, nearest_packed
from gis.network import WalkNetwork, build_network
from gis.reach_kernels import UNREACHED, nearest, read_rows
from gis.snapping import Attachments, attach_points
from gis.walkers import DS_PER_S, IMPASSABLE, walker_of

__all__ = ["UNREACHED", "Field", "HomeTimes", "limit_ds_of", "nearest_by_kind", "nearest_times", "times_at", "warm"]


@dataclass(frozen=True)
class Field:
    """Time and nearest facility of every node of a network.

    Attributes
    ----------
    dist_ds : ndarray of uint16, shape (n,)
        Tenths of a second, UNREACHED beyond the limit.
    owner : ndarray of int32, shape (n,)
        Position of the nearest facility (the smallest of several equally near), -1 beyond the limit.
    facilities : Attachments
        What is walked to.
    profile : str
        Who walks.
    limit_ds : int
        No time is above it.
    inward : bool
        Walking to the facility.
    """

    dist_ds: NDArray[np.uint16]
    owner: NDArray[np.int32]
    facilities: Attachments
    profile: str
    limit_ds: int
    inward: bool = True


@dataclass(frozen=True)
class HomeTimes:
    """Time and nearest facility of each home: the best of its entrances.

    Attributes
    ----------
    ds : ndarray of uint16, shape (h,)
        Tenths of a second, UNREACHED beyond the limit and for homes that are not connected.
    owner : ndarray of int32, shape (h,)
        Position of the facility, -1 where none is reached.
    """

    ds: NDArray[np.uint16]
    owner: NDArray[np.int32]

    @property
    def minutes(self) -> NDArray[np.float64]:
        """Minutes, NaN where nothing is reached."""
        return np.where(self.ds == UNREACHED, np.nan, self.ds / (60.0 * DS_PER_S))

    def within(self, minutes: float) -> NDArray[np.bool_]:
        """Return which homes reach a facility in that many minutes."""
        return self.ds <= min(round(minutes * 60 * DS_PER_S), IMPASSABLE - 1)


def limit_ds_of(limit_s: float) -> int:
    """Return a limit in tenths of a second.

    Raises
    ------
    InputFault
        When it is not between 0 and 6,553 s.
    """
    limit_ds = round(limit_s * DS_PER_S) if np.isfinite(limit_s) else -1
    if not 0 <= limit_ds < IMPASSABLE:
        raise InputFault(f"a walk of {limit_s:g} s can not be searched; the limit is between 0 and 6,553 s")
    return limit_ds


def nearest_times(
    network: WalkNetwork,
    facilities: Attachments,
    *,
    profile: str = "adult",
    limit_s: float = 900.0,
    inward: bool = True,
) -> Field:
    """Search from all facilities at once.

    Parameters
    ----------
    network : WalkNetwork
        Built with the profile.
    facilities : Attachments
        Entrances; those not connected are left out.
    profile : str
        Name of one of `WALKERS`.
    limit_s : float
        Seconds, at most 6,553.
    inward : bool
        True for walking to the facility, False for walking from it.

    Returns
    -------
    Field
        Exact: equal to Dijkstra's on the same whole tenths.
    """
    costs, limit_ds = network.cost_of(profile), limit_ds_of(limit_s)
    offsets = facilities.offset_ds(walker_of(profile))
    rows = (facilities.edge, facilities.fraction, offsets, facilities.owner)
    edges = (network.edge_u, network.edge_v, costs.arc, limit_ds, inward)
    if facilities.n_owners <= MOST_OWNERS:
        packed = network.packed_arcs(profile, inward=inward)
        dist, owner = nearest_packed(network.first, packed, *edges, REGION_BITS, *rows)
    else:
        cost = costs.into if inward else costs.out
        dist, owner = nearest(network.first, network.neighbour, cost, *edges, *rows)
    return Field(dist, owner, facilities, profile, limit_ds, inward)


def nearest_by_kind(
    network: WalkNetwork,
    facilities: Mapping[str, Attachments],
    *,
    profile: str = "adult",
    limit_s: float = 900.0,
) -> dict[str, Field]:
    """Return `nearest_times` for every kind; a kind without a facility has a field in which nothing is reached."""
    return {
        kind: nearest_times(network, entrances, profile=profile, limit_s=limit_s)
        for kind, entrances in facilities.items()
    }


def times_at(network: WalkNetwork, field: Field, homes: Attachments) -> HomeTimes:
    """Read a field at homes: over both ends of the home's edge, and along the edge when a facility is on it too.

    Parameters
    ----------
    network : WalkNetwork
        The field's.
    field : Field
        Times of the nodes.
    homes : Attachments
        Entrances of homes; the best entrance of a home counts.
    """
    walker, arc = walker_of(field.profile), network.cost_of(field.profile).arc
    there = field.facilities
    ds, owner = read_rows(
        field.dist_ds,
        field.owner,
        network.edge_u,
        network.edge_v,
        arc,
        field.limit_ds,
        field.inward,
        there.edge,
        there.fraction,
        there.offset_ds(walker),
        there.owner,
        homes.edge,
        homes.fraction,
        homes.offset_ds(walker),
    )
    return best_of_entrances(ds, owner, homes)


def best_of_entrances(ds: NDArray[np.uint16], owner: NDArray[np.int32], homes: Attachments) -> HomeTimes:
    """Return the best label per home from labels per entrance; of equal times the smaller facility."""
    if len(homes) == homes.n_owners and np.array_equal(homes.owner, np.arange(len(homes))):
        return HomeTimes(ds, owner)
    label = (ds.astype(np.int64) << 32) | (owner.astype(np.int64) & 0x7FFFFFFF)
    best = np.full(homes.n_owners, np.int64(UNREACHED) << 32 | 0x7FFFFFFF)
    np.minimum.at(best, homes.owner, label)
    times = (best >> 32).astype(np.uint16)
    whose = np.where(times == UNREACHED, -1, best & 0x7FFFFFFF).astype(np.int32)
    return HomeTimes(times, whose)


def warm() -> None:
    """Compile the searches, or load them compiled: some seconds once per machine, then a fraction of one.

    A server calls it in a thread when it starts, so that the first page does not wait.
    """
    nodes = pd.DataFrame({"node": [1, 2], "lon": [116.36, 116.361], "lat": [39.91, 39.91]})
    edges = pd.DataFrame(
        {"edge": [1], "node_from": [1], "node_to": [2], "length_m": [85.0], "kind": ["street"],
         "forward": [True], "backward": [True], "night": [True], "gate": [""]}
    )  # fmt: skip
    # These modules stand above this one.
    from gis.balls import time_matrix
    from gis.siting import choose_sites, site_problem
    from gis.whatif import WhatIf

    network = build_network(nodes, edges, profiles=("adult",))
    here = attach_points(network, [116.3605], [39.9101])
    field = nearest_times(network, here)
    times_at(network, field, here)
    now = WhatIf(network, field)
    now.add(here)
    now.remove(0)
    now.set_gates()
    choose_sites(site_problem(time_matrix(network, here, here), [1], [False], limit_s=900, most=1))
