"""The compiled searches: bounded bucket search with owners, and how a point on an edge joins it.

Every function works on plain arrays and writes only into those it is given, so threads may run them side by side. A
label of a node is (time, owner); of equal times the smaller owner wins, so that results do not depend on the order of
work. Items of the queue are node * 2**32 + the item below in the same bucket, 0 for none. Unsigned numbers spare the
compiler the question of negative positions.

References
----------
.. [1] R. B. Dial, Algorithm 360: shortest-path forest with topological ordering, CACM 12 (11), 1969.
"""

from __future__ import annotations

import numpy as np
from numba import njit

UNREACHED = 65_535
SHIFT = 3
"""A bucket is 2**SHIFT tenths of a second wide."""

_IMPASSABLE = 65_535


@njit(cache=True, nogil=True, inline="always")
def part(cost, share):
    """Time of a share of an edge, rounded; -1 when the edge may not be walked that way."""
    if cost == _IMPASSABLE:
        return -1
    return int(share * cost + 0.5)


@njit(cache=True, nogil=True, inline="always")
def from_end(arc_cost, edge, fraction, second):
    """Time from an end of an edge (the second when `second`) to the point at `fraction`; -1 without a way."""
    if second:
        return 0 if fraction >= 1.0 else part(arc_cost[2 * edge + 1], 1.0 - fraction)
    return 0 if fraction <= 0.0 else part(arc_cost[2 * edge], fraction)


@njit(cache=True, nogil=True, inline="always")
def to_end(arc_cost, edge, fraction, second):
    """Time from the point at `fraction` to an end of the edge; -1 when there is no way."""
    if second:
        return 0 if fraction >= 1.0 else part(arc_cost[2 * edge], 1.0 - fraction)
    return 0 if fraction <= 0.0 else part(arc_cost[2 * edge + 1], fraction)


@njit(cache=True, nogil=True, inline="always")
def along_edge(arc_cost, edge, here, there):
    """Time between two points of one edge without leaving it; -1 when that direction may not be walked."""
    if here == there:
        return 0
    if here < there:
        return part(arc_cost[2 * edge], there - here)
    return part(arc_cost[2 * edge + 1], here - there)


@njit(cache=True, nogil=True, inline="always")
def offer(node, ds, own, limit, dist, owner, bucket, item, count):
    """Give a node a label if it is better than its own, and queue it; return the number of items made so far."""
    if ds > limit:
        return count
    old = dist[node]
    if ds < old or (ds == old and own < owner[node]):
        dist[node] = ds
        owner[node] = own
        item[count] = (np.uint64(node) << np.uint64(32)) | np.uint64(bucket[ds >> SHIFT])
        bucket[ds >> SHIFT] = count
        return count + 1
    return count


@njit(cache=True, nogil=True)
def seed(rows_edge, rows_fraction, rows_offset, rows_owner, only, edge_u, edge_v, arc_cost, inward, limit,
         dist, owner, bucket, item, count):  # fmt: skip
    """Offer to both ends of its edge the time between them and each entrance; rows with owner -1 are gone.

    `only` is the one owner to seed, or -1 for all. `inward` is walking to the entrance, else from it.
    """
    for row in range(len(rows_edge)):
        edge, own = rows_edge[row], rows_owner[row]
        if edge < 0 or own < 0 or (only >= 0 and own != only):
            continue
        for second in range(2):
            if inward:
                ds = from_end(arc_cost, edge, rows_fraction[row], second == 1)
            else:
                ds = to_end(arc_cost, edge, rows_fraction[row], second == 1)
            if ds >= 0:
                node = edge_v[edge] if second == 1 else edge_u[edge]
                ds += int(rows_offset[row])
                count = offer(node, ds, own, limit, dist, owner, bucket, item, count)
    return count


@njit(cache=True, nogil=True)
def open_buckets(first, neighbour, cost, limit, dist, owner, bucket, item, count, waiting, slot):
    """Open buckets in order until nothing waits or items run out; return items made, items waiting, and the bucket.

    A bucket holds 0.8 seconds. A node whose label improves again while its bucket is open is queued again, so labels
    end exact whatever the width.
    """
    last, one = np.uint64(limit), np.uint64(1)
    while waiting > 0:
        at = np.uint64(bucket[slot])
        if at == np.uint64(0):
            slot += one
            continue
        node = item[at] >> np.uint64(32)
        begin, end = np.uint64(first[node]), np.uint64(first[node + one])
        if count + (end - begin) > np.uint64(len(item)):
            return count, waiting, slot
        bucket[slot] = np.uint32(item[at] & np.uint64(0xFFFFFFFF))
        waiting -= 1
        ds, own = np.uint64(dist[node]), owner[node]
        if (ds >> np.uint64(SHIFT)) != slot:
            continue
        for arc in range(begin, end):
            there = ds + np.uint64(cost[arc])
            if there > last:
                continue
            other = np.uint64(neighbour[arc])
            old = np.uint64(dist[other])
            if there < old or (there == old and own < owner[other]):
                dist[other] = np.uint16(there)
                owner[other] = own
                item[count] = (other << np.uint64(32)) | np.uint64(bucket[there >> np.uint64(SHIFT)])
                bucket[there >> np.uint64(SHIFT)] = np.uint32(count)
                count += one
                waiting += 1
    return count, waiting, slot


@njit(cache=True, nogil=True)
def spread(first, neighbour, cost, limit, dist, owner, bucket, item, count):
    """Open all buckets; return the items made (their nodes are those whose label changed, some twice) and how many."""
    made, waiting, slot = np.uint64(count), count - 1, np.uint64(0)
    made, waiting, slot = open_buckets(first, neighbour, cost, limit, dist, owner, bucket, item, made, waiting, slot)
    while waiting > 0:
        item = np.concatenate((item, np.empty(len(item) + 1024, np.uint64)))
        made, waiting, slot = open_buckets(
            first, neighbour, cost, limit, dist, owner, bucket, item, made, waiting, slot
        )
    return item, made


@njit(cache=True, nogil=True)
def nearest(first, neighbour, cost, edge_u, edge_v, arc_cost, limit, inward,
            rows_edge, rows_fraction, rows_offset, rows_owner):  # fmt: skip
    """Time and owner of the nearest entrance for every node."""
    n = len(first) - 1
    dist = np.full(n, UNREACHED, np.uint16)
    owner = np.full(n, -1, np.int32)
    bucket = np.zeros((limit >> SHIFT) + 1, np.uint32)
    item = np.empty(n + 2 * len(rows_edge) + 1, np.uint64)
    count = seed(rows_edge, rows_fraction, rows_offset, rows_owner, -1, edge_u, edge_v, arc_cost, inward, limit,
                 dist, owner, bucket, item, 1)  # fmt: skip
    spread(first, neighbour, cost, limit, dist, owner, bucket, item, count)
    return dist, owner


@njit(cache=True, nogil=True)
def read_rows(dist, owner, edge_u, edge_v, arc_cost, limit, inward,
              there_edge, there_fraction, there_offset, there_owner,
              rows_edge, rows_fraction, rows_offset):  # fmt: skip
    """Time and owner for points on edges, over both ends and along the edge itself where an entrance is on it too.

    The entrances (`there`) may stand in any order.
    """
    n = len(rows_edge)
    by_edge = np.argsort(there_edge)
    sorted_edge = there_edge[by_edge]
    time = np.full(n, UNREACHED, np.uint16)
    whose = np.full(n, -1, np.int32)
    for row in range(n):
        edge = rows_edge[row]
        if edge < 0:
            continue
        best, own = limit + 1, -1
        for second in range(2):
            node = edge_v[edge] if second == 1 else edge_u[edge]
            if dist[node] == UNREACHED:
                continue
            if inward:
                ds = to_end(arc_cost, edge, rows_fraction[row], second == 1)
            else:
                ds = from_end(arc_cost, edge, rows_fraction[row], second == 1)
            if ds < 0:
                continue
            ds += rows_offset[row] + dist[node]
            if ds < best or (ds == best and owner[node] < own):
                best, own = ds, owner[node]
        for at in range(np.searchsorted(sorted_edge, edge), len(sorted_edge)):
            if sorted_edge[at] != edge:
                break
            there = by_edge[at]
            if there_owner[there] < 0:
                continue
            if inward:
                ds = along_edge(arc_cost, there_edge[there], rows_fraction[row], there_fraction[there])
            else:
                ds = along_edge(arc_cost, there_edge[there], there_fraction[there], rows_fraction[row])
            if ds < 0:
                continue
            ds += rows_offset[row] + there_offset[there]
            if ds < best or (ds == best and there_owner[there] < own):
                best, own = ds, there_owner[there]
        if best <= limit:
            time[row], whose[row] = best, own
    return time, whose
