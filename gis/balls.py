"""One to many: the time between every facility (or site) and every home within a limit, as a sparse matrix.

The matrix is what depth, k-th nearest, supply against demand and the choice of sites are counted from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from gis.ball_kernels import ball_rows, ends_of_points
from gis.reach import limit_ds_of
from gis.reach_kernels import UNREACHED
from gis.snapping import Attachments
from gis.walkers import walker_of
from gis.walkgraph import WalkNetwork


@dataclass(frozen=True)
class TimeMatrix:
    """Times within a limit: one row per origin (facility or site), one column per home; absent is further.

    Attributes
    ----------
    first : ndarray of int64, shape (rows + 1,)
        Where each row begins.
    column : ndarray of int32, shape (nnz,)
        Home of each entry, in no order within a row.
    ds : ndarray of uint16, shape (nnz,)
        Tenths of a second.
    n_columns : int
        How many homes there are.
    limit_ds : int
        No entry is above it.
    """

    first: NDArray[np.int64]
    column: NDArray[np.int32]
    ds: NDArray[np.uint16]
    n_columns: int
    limit_ds: int

    @property
    def n_rows(self) -> int:
        """How many origins."""
        return len(self.first) - 1

    @property
    def row(self) -> NDArray[np.int32]:
        """Origin of each entry."""
        return np.repeat(np.arange(self.n_rows, dtype=np.int32), np.diff(self.first))

    def within(self, limit_s: float) -> csr_array:
        """Return 1 where the walk is at most that long: shape (rows, columns)."""
        near = self.ds <= limit_ds_of(limit_s)
        first = np.concatenate([[0], np.cumsum(near)])[self.first]
        ones = np.ones(int(first[-1]), dtype=np.int8)
        return csr_array((ones, self.column[near], first), shape=(self.n_rows, self.n_columns))

    def weighted(self, values: ArrayLike) -> csr_array:
        """Return one value per entry as a sparse matrix of shape (rows, columns)."""
        return csr_array((np.asarray(values), self.column, self.first), shape=(self.n_rows, self.n_columns))

    def depth(self, limit_s: float) -> NDArray[np.int64]:
        """Return how many origins each home reaches in that time, shape (columns,)."""
        return np.bincount(self.column[self.ds <= limit_ds_of(limit_s)], minlength=self.n_columns)

    def nearest(self, k: int) -> tuple[NDArray[np.uint16], NDArray[np.int32]]:
        """Return times and origins of the k nearest of each home: shape (columns, k), UNREACHED and -1 beyond.

        Of equal times the smaller origin comes first.
        """
        order = np.lexsort((self.row, self.ds, self.column))
        column = self.column[order]
        rank = np.arange(len(column)) - np.searchsorted(column, column)
        kept = order[rank < k]
        times = np.full((self.n_columns, k), UNREACHED, dtype=np.uint16)
        origins = np.full((self.n_columns, k), -1, dtype=np.int32)
        times[self.column[kept], rank[rank < k]] = self.ds[kept]
        origins[self.column[kept], rank[rank < k]] = self.row[kept]
        return times, origins


def time_matrix(
    network: WalkNetwork,
    origins: Attachments,
    homes: Attachments,
    *,
    profile: str = "adult",
    limit_s: float = 900.0,
    inward: bool = True,
) -> TimeMatrix:
    """Search from every origin on its own and read all homes within the limit.

    Parameters
    ----------
    network : WalkNetwork
        Built with the profile.
    origins : Attachments
        Facilities or sites: one row per owner, connected or not.
    homes : Attachments
        One column per owner; the best of several entrances counts.
    profile : str
        Name of one of `WALKERS`.
    limit_s : float
        Seconds, at most 6,553.
    inward : bool
        True: homes walk to the origin; False: from it.
    """
    walker, costs, limit_ds = walker_of(profile), network.cost_of(profile), limit_ds_of(limit_s)
    edges = (network.edge_u, network.edge_v, costs.arc, limit_ds, inward)
    origin_first, origin_row = rows_by(origins.owner, origins.n_owners)
    at_edge = np.flatnonzero(homes.connected)
    edge_first, by_edge = rows_by(homes.edge[at_edge], network.n_edges)
    offset_ds = homes.offset_ds(walker)
    nodes, owners, ways = ends_of_points(*edges, homes.edge, homes.fraction, offset_ds, homes.owner)
    some = np.flatnonzero(nodes >= 0)
    node_first, by_node = rows_by(nodes[some], network.n_nodes)
    in_order = some[by_node]
    first, column, ds = ball_rows(
        network.first,
        network.packed_arcs(profile, inward=inward),
        *edges,
        origins.edge,
        origins.fraction,
        origins.offset_ds(walker),
        origin_first,
        origin_row,
        node_first,
        owners[in_order],
        ways[in_order],
        edge_first,
        at_edge[by_edge].astype(np.int32),
        homes.fraction,
        offset_ds,
        homes.owner,
        homes.n_owners,
    )
    return TimeMatrix(first, column, ds, homes.n_owners, limit_ds)


def rows_by(key: ArrayLike, n_keys: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return a list of rows by key: where each key begins, and the rows in the order of their keys."""
    keys = np.asarray(key)
    first = np.zeros(n_keys + 1, dtype=np.int32)
    np.cumsum(np.bincount(keys, minlength=n_keys), out=first[1:])
    return first, np.argsort(keys, kind="stable").astype(np.int32)
