"""What would change if: add, remove or move a facility, open or close a gate, add a path - without searching again.

Each change repairs the times in place and leaves exactly what a full search over the changed record gives, bit for bit.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputFault
from gis.pathedit import with_path
from gis.reach import UNREACHED, Field, HomeTimes, nearest_times, times_at
from gis.repair_kernels import add_owner, remove_owner, reweigh
from gis.snapping import Attachments
from gis.walkers import walker_of
from gis.walkgraph import WalkNetwork


class WhatIf:
    """The times to one kind of facility while a planner changes things.

    Parameters
    ----------
    network : WalkNetwork
        As it is; never changed.
    facilities : Attachments or Field
        What there is; a field found before is copied.
    profile, limit_s, inward
        As in `nearest_times`; a field brings its own.
    """

    def __init__(
        self,
        network: WalkNetwork,
        facilities: Attachments | Field,
        *,
        profile: str = "adult",
        limit_s: float = 900.0,
        inward: bool = True,
    ) -> None:
        found = facilities
        if isinstance(found, Attachments):
            found = nearest_times(network, found, profile=profile, limit_s=limit_s, inward=inward)
        there = found.facilities
        self.network = network
        self.profile, self.limit_ds, self.inward = found.profile, found.limit_ds, found.inward
        self.dist_ds, self.owner = found.dist_ds.copy(), found.owner.copy()
        self.n_owners = there.n_owners
        self._offset_ds = there.offset_ds(walker_of(self.profile))
        self._edge, self._fraction, self._offset_m = there.edge.copy(), there.fraction.copy(), there.offset_m.copy()
        self._owner = there.owner.copy()
        self._bind()

    def _bind(self) -> None:
        """Keep the arrays that every repair needs at hand."""
        network, costs = self.network, self.network.cost_of(self.profile)
        self._graph = (network.first, network.neighbour)
        self._cost, self._back = (costs.into, costs.out) if self.inward else (costs.out, costs.into)
        self._edges = (network.edge_u, network.edge_v, costs.arc, self.limit_ds, self.inward)

    @property
    def facilities(self) -> Attachments:
        """What is walked to now; owners keep their numbers, removed ones have no entrance."""
        kept = self._owner >= 0
        reason = np.where(self._edge[kept] >= 0, "", "too_far")
        return Attachments(
            self._owner[kept], self._edge[kept], self._fraction[kept], self._offset_m[kept], reason, self.n_owners
        )

    @property
    def field(self) -> Field:
        """The times as they are now; a copy, later changes leave it alone."""
        return Field(self.dist_ds.copy(), self.owner.copy(), self.facilities, self.profile, self.limit_ds, self.inward)

    def times_at(self, homes: Attachments) -> HomeTimes:
        """Read the times at homes as they are now."""
        live = Field(self.dist_ds, self.owner, self.facilities, self.profile, self.limit_ds, self.inward)
        return times_at(self.network, live, homes)

    def add(self, entrances: Attachments, *, own: int | None = None) -> int:
        """Add one facility by its entrances and return its number.

        Parameters
        ----------
        entrances : Attachments
            All of one facility, whatever owner they carry.
        own : int, optional
            The number of a facility that was removed before, to come back under it; by default a new one.

        Raises
        ------
        InputFault
            When that number is taken.
        """
        number = self.n_owners if own is None else own
        if own is not None and (self._owner == own).any():
            raise InputFault(f"facility {own} is there already; move it")
        self.n_owners = max(self.n_owners, number + 1)
        offset_ds = entrances.offset_ds(walker_of(self.profile))
        rows = (entrances.edge, entrances.fraction, offset_ds, np.full(len(entrances), number, dtype=np.int32))
        self._edge = np.concatenate([self._edge, entrances.edge])
        self._fraction = np.concatenate([self._fraction, entrances.fraction])
        self._offset_m = np.concatenate([self._offset_m, entrances.offset_m])
        self._offset_ds = np.concatenate([self._offset_ds, offset_ds])
        self._owner = np.concatenate([self._owner, rows[3]])
        add_owner(*self._graph, self._cost, *self._edges, *rows, number, self.dist_ds, self.owner)
        return number

    def remove(self, own: int) -> None:
        """Take one facility away.

        Raises
        ------
        InputFault
            When it is not there.
        """
        if not (self._owner == own).any():
            raise InputFault(f"facility {own} is not there to be removed")
        remove_owner(*self._graph, self._cost, self._back, *self._edges, *self._rows, own, self.dist_ds, self.owner)
        kept = self._owner >= 0
        self._edge, self._fraction, self._offset_m = self._edge[kept], self._fraction[kept], self._offset_m[kept]
        self._offset_ds, self._owner = self._offset_ds[kept], self._owner[kept]

    def move(self, own: int, entrances: Attachments) -> None:
        """Put one facility elsewhere under its number."""
        self.remove(own)
        self.add(entrances, own=own)

    def set_gates(self, *, opened: Collection[str] = (), closed: Collection[str] = ()) -> None:
        """Open and close gates."""
        before = set(self.network.closed_gates)
        self.network = self.network.with_gates(opened=opened, closed=closed)
        turned = before ^ set(self.network.closed_gates)
        numbers = [at for at, gate in enumerate(self.network.gates) if gate in turned]
        edges = np.flatnonzero(np.isin(self.network.gate, numbers))
        self._bind()
        self._reweigh(np.concatenate([self.network.edge_u[edges], self.network.edge_v[edges]]))

    def add_path(self, lon: ArrayLike, lat: ArrayLike, *, kind: str = "path", both_ways: bool = True) -> None:
        """Add a path along a line in degrees; its ends join the nearest edges.

        Points of before are carried over by `with_path(...).carry`.

        Raises
        ------
        InputFault
            When an end is too far from the network.
        """
        edit = with_path(self.network, lon, lat, kind=kind, both_ways=both_ways)
        moved = edit.carry(self._as_rows())
        self._edge, self._fraction = moved.edge.copy(), moved.fraction.copy()
        more = edit.network.n_nodes - self.network.n_nodes
        self.dist_ds = np.concatenate([self.dist_ds, np.full(more, UNREACHED, dtype=np.uint16)])
        self.owner = np.concatenate([self.owner, np.full(more, -1, dtype=np.int32)])
        self.network = edit.network
        self._bind()
        self._reweigh(edit.ends)

    @property
    def _rows(self) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.uint16], NDArray[np.int32]]:
        return self._edge, self._fraction, self._offset_ds, self._owner

    def _as_rows(self) -> Attachments:
        reason = np.where(self._edge >= 0, "", "too_far")
        return Attachments(self._owner, self._edge, self._fraction, self._offset_m, reason, self.n_owners)

    def _reweigh(self, ends: NDArray[np.int32]) -> None:
        reweigh(
            *self._graph,
            self._cost,
            self._back,
            *self._edges,
            *self._rows,
            ends.astype(np.int32),
            self.dist_ds,
            self.owner,
        )
