"""The compiled search from all facilities at once, arranged for memory: the fast form of `reach_kernels.nearest`.

What is known of a node is one number, where its neighbours begin * 2**32 + time * 65536 + owner: one look into memory
answers all, and comparing two numbers compares time and owner. Buckets are a tenth wide and costs at least 1, so a
label is final when its bucket is opened; nodes wait in chunks of fifteen that are used again. Entrances are taken
region by region along the Hilbert curve: each search stays within what the processor keeps at hand, and what a later
region improves is searched again from there.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gis.reach_kernels import from_end, to_end

REGION_BITS = 15
"""Entrances whose nodes share all but so many lower bits of their position are searched together."""

MOST_OWNERS = 65_535


@njit(cache=True, nogil=True, inline="always")
def wait(bucket, pool, free, made, slot, node):
    """Put a node into a bucket; return the first free chunk and the number of chunks made."""
    one, four, eight = np.uint64(1), np.uint64(4), np.uint64(8)
    top = bucket[slot]
    if top == np.uint64(0) or (top & np.uint64(15)) == np.uint64(15):
        if free != np.uint64(0):
            chunk = free
            free = np.uint64(pool[chunk << four])
        else:
            chunk = made
            made += one
        pool[chunk << four] = np.uint32(top >> eight)
        top = chunk << eight
    top += one
    bucket[slot] = top
    pool[((top >> eight) << four) + (top & np.uint64(15))] = np.uint32(node)
    return free, made


@njit(cache=True, nogil=True)
def nearest_packed(first, packed, edge_u, edge_v, arc_cost, limit, inward, region_bits,
                   rows_edge, rows_fraction, rows_offset, rows_owner):  # fmt: skip
    """Time and owner of the nearest entrance for every node; owners are below MOST_OWNERS.

    A bucket is (its newest chunk * 256 + nodes in that chunk); a chunk is the number of the chunk below and fifteen
    nodes.
    """
    n = len(first) - 1
    one, half, word, four = np.uint64(1), np.uint64(16), np.uint64(32), np.uint64(4)
    low, owner_bits, none = np.uint64(0xFFFFFFFF), np.uint64(0xFFFF), np.uint64(0)
    known = np.empty(n + 1, np.uint64)
    for at in range(n + 1):
        known[at] = (np.uint64(first[at]) << word) | low
    last = (np.uint64(limit) << half) | owner_bits
    pool = np.empty(((len(packed) + 2 * len(rows_edge)) // 15 + limit + 3) * 16, np.uint32)
    bucket = np.zeros(limit + 1, np.uint64)
    free, made = none, one
    region = np.full(len(rows_edge), -1, np.int64)
    for row in range(len(rows_edge)):
        if rows_edge[row] >= 0 and rows_owner[row] >= 0:
            region[row] = edge_u[rows_edge[row]]
    order = np.argsort(region)
    begin = np.searchsorted(region[order], 0)
    while begin < len(order):
        here = region[order[begin]] >> region_bits
        while begin < len(order) and region[order[begin]] >> region_bits == here:
            row = order[begin]
            begin += 1
            edge = rows_edge[row]
            for second in range(2):
                if inward:
                    way = from_end(arc_cost, edge, rows_fraction[row], second == 1)
                else:
                    way = to_end(arc_cost, edge, rows_fraction[row], second == 1)
                if way < 0 or way + rows_offset[row] > limit:
                    continue
                node = np.uint64(edge_v[edge] if second == 1 else edge_u[edge])
                new = (np.uint64(way + rows_offset[row]) << half) | np.uint64(rows_owner[row])
                if new < (known[node] & low):
                    known[node] = (known[node] & ~low) | new
                    free, made = wait(bucket, pool, free, made, new >> half, node)
        for ds in range(np.uint64(limit) + one):
            chunk, size = bucket[ds] >> np.uint64(8), bucket[ds] & np.uint64(15)
            bucket[ds] = none
            while chunk != none:
                for at in range(one, size + one):
                    node = np.uint64(pool[(chunk << four) + at])
                    mine = known[node] & low
                    if (mine >> half) != ds:
                        continue
                    for arc in range(known[node] >> word, known[node + one] >> word):
                        new = mine + ((packed[arc] & owner_bits) << half)
                        other = packed[arc] >> half
                        old = known[other]
                        if new < (old & low) and new <= last:
                            known[other] = (old & ~low) | new
                            free, made = wait(bucket, pool, free, made, new >> half, other)
                below = np.uint64(pool[chunk << four])
                pool[chunk << four] = np.uint32(free)
                free, chunk, size = chunk, below, np.uint64(15)
    dist, owner = np.empty(n, np.uint16), np.empty(n, np.int32)
    for at in range(n):
        label = known[at] & low
        dist[at] = label >> half
        owner[at] = -1 if label == low else label & owner_bits
    return dist, owner
