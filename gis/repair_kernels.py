"""The compiled what-if: repairing times and owners after a facility or an edge changed, instead of searching again.

Everything is written in place. Each repair ends in the labels that a full search would give, because a label is the
smallest (time, owner) over all ways, and only labels that may have changed are thrown away or improved.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gis.reach_kernels import SHIFT, UNREACHED, offer, seed, spread


@njit(cache=True, nogil=True)
def add_owner(first, neighbour, cost, edge_u, edge_v, arc_cost, limit, inward,
              rows_edge, rows_fraction, rows_offset, rows_owner, own, dist, owner):  # fmt: skip
    """Let one more facility spread as far as it is nearer; return the nodes whose label changed, some twice."""
    bucket = np.zeros((limit >> SHIFT) + 1, np.uint32)
    item = np.empty(2048 + 2 * len(rows_edge), np.uint64)
    count = seed(rows_edge, rows_fraction, rows_offset, rows_owner, own, edge_u, edge_v, arc_cost, inward, limit,
                 dist, owner, bucket, item, 1)  # fmt: skip
    items, made = spread(first, neighbour, cost, limit, dist, owner, bucket, item, count)
    return items[1:made] >> np.uint64(32)


@njit(cache=True, nogil=True)
def remove_owner(first, neighbour, cost, cost_back, edge_u, edge_v, arc_cost, limit, inward,
                 rows_edge, rows_fraction, rows_offset, rows_owner, own, dist, owner):  # fmt: skip
    """Give the nodes of one facility to the others; return these nodes. Its rows are marked as gone (owner -1).

    `cost` is for spreading (neighbour to node when walking inward), `cost_back` the other direction.
    """
    cell = np.empty(1024, np.int32)
    size = 0
    for row in range(len(rows_edge)):
        if rows_owner[row] != own:
            continue
        rows_owner[row] = -1
        if rows_edge[row] < 0:
            continue
        for second in range(2):
            node = edge_v[rows_edge[row]] if second == 1 else edge_u[rows_edge[row]]
            if owner[node] == own:
                if size + 2 > len(cell):
                    cell = np.concatenate((cell, np.empty_like(cell)))
                dist[node] = UNREACHED
                owner[node] = -1
                cell[size] = node
                size += 1
    # A node's nearest facility is also that of the next node on the way there: the cell hangs together.
    at = 0
    while at < size:
        node = cell[at]
        at += 1
        for arc in range(first[node], first[node + 1]):
            other = neighbour[arc]
            if owner[other] == own:
                if size == len(cell):
                    cell = np.concatenate((cell, np.empty_like(cell)))
                dist[other] = UNREACHED
                owner[other] = -1
                cell[size] = other
                size += 1
    refill(first, neighbour, cost, cost_back, edge_u, edge_v, arc_cost, limit, inward,
           rows_edge, rows_fraction, rows_offset, rows_owner, cell[:size], dist, owner)  # fmt: skip
    return cell[:size]


@njit(cache=True, nogil=True)
def reweigh(first, neighbour, cost, cost_back, edge_u, edge_v, arc_cost, limit, inward,
            rows_edge, rows_fraction, rows_offset, rows_owner, ends, dist, owner):  # fmt: skip
    """Find the labels again that may have changed when the edges between `ends` changed; costs are the new ones.

    Whatever may have come through a changed edge is thrown away: the ends, and every node from which a step is exactly
    as long as the difference of times. Return these nodes.
    """
    lost = np.empty(len(ends) + 1024, np.int32)
    size = 0
    for node in ends:
        if owner[node] != -2:
            owner[node] = -2
            lost[size] = node
            size += 1
    at = 0
    while at < size:
        node = lost[at]
        at += 1
        if dist[node] == UNREACHED:
            continue
        for arc in range(first[node], first[node + 1]):
            other = neighbour[arc]
            if owner[other] != -2 and dist[other] != UNREACHED and dist[other] == dist[node] + cost[arc]:
                if size == len(lost):
                    lost = np.concatenate((lost, np.empty_like(lost)))
                owner[other] = -2
                lost[size] = other
                size += 1
    for at in range(size):
        dist[lost[at]] = UNREACHED
        owner[lost[at]] = -1
    refill(first, neighbour, cost, cost_back, edge_u, edge_v, arc_cost, limit, inward,
           rows_edge, rows_fraction, rows_offset, rows_owner, lost[:size], dist, owner)  # fmt: skip
    return lost[:size]


@njit(cache=True, nogil=True)
def refill(first, neighbour, cost, cost_back, edge_u, edge_v, arc_cost, limit, inward,
           rows_edge, rows_fraction, rows_offset, rows_owner, empty, dist, owner):  # fmt: skip
    """Search again from the rim of emptied nodes and from every entrance."""
    bucket = np.zeros((limit >> SHIFT) + 1, np.uint32)
    room = 2 * len(rows_edge) + 4 * len(empty) + 64
    for node in empty:
        room += first[node + 1] - first[node]
    item = np.empty(room, np.uint64)
    count = seed(rows_edge, rows_fraction, rows_offset, rows_owner, -1, edge_u, edge_v, arc_cost, inward, limit,
                 dist, owner, bucket, item, 1)  # fmt: skip
    for node in empty:
        for arc in range(first[node], first[node + 1]):
            other = neighbour[arc]
            if dist[other] != UNREACHED:
                ds = int(dist[other]) + int(cost_back[arc])
                count = offer(node, ds, owner[other], limit, dist, owner, bucket, item, count)
    spread(first, neighbour, cost, limit, dist, owner, bucket, item, count)
