"""The compiled one-to-many search: from each origin to all points within a limit, as rows of a sparse matrix."""

from __future__ import annotations

import numpy as np
from numba import njit

from gis.reach_kernels import SHIFT, UNREACHED, along_edge, from_end, to_end


@njit(cache=True, nogil=True)
def ends_of_points(edge_u, edge_v, arc_cost, limit, inward, rows_edge, rows_fraction, rows_offset, rows_owner):
    """Node, owner and tenths of a second between them for both ends of every point's edge; node -1 without a way."""
    n = len(rows_edge)
    nodes, owners, ways = np.full(2 * n, -1, np.int32), np.zeros(2 * n, np.int32), np.zeros(2 * n, np.uint16)
    for row in range(n):
        edge = rows_edge[row]
        if edge < 0:
            continue
        for second in range(2):
            if inward:
                way = to_end(arc_cost, edge, rows_fraction[row], second == 1)
            else:
                way = from_end(arc_cost, edge, rows_fraction[row], second == 1)
            if way < 0 or way + rows_offset[row] > limit:
                continue
            at = 2 * row + second
            nodes[at] = edge_v[edge] if second == 1 else edge_u[edge]
            owners[at], ways[at] = rows_owner[row], way + rows_offset[row]
    return nodes, owners, ways


@njit(cache=True, nogil=True)
def open_ball(first, packed, limit, dist, touched, n_touched, bucket, item, count):
    """Search until nothing waits; return nodes touched, or -1 when the items run out (the search is then void)."""
    last, one, half, shift = np.uint64(limit), np.uint64(1), np.uint64(16), np.uint64(SHIFT)
    waiting, slot, made = count - 1, np.uint64(0), np.uint64(count)
    while waiting > 0:
        at = np.uint64(bucket[slot])
        if at == np.uint64(0):
            slot += one
            continue
        node = item[at] >> np.uint64(32)
        bucket[slot] = np.uint32(item[at] & np.uint64(0xFFFFFFFF))
        waiting -= 1
        ds = np.uint64(dist[node])
        if (ds >> shift) != slot:
            continue
        begin, end = np.uint64(first[node]), np.uint64(first[node + one])
        if made + (end - begin) > np.uint64(len(item)):
            return -1
        for arc in range(begin, end):
            there = ds + (packed[arc] & np.uint64(0xFFFF))
            other = packed[arc] >> half
            old = np.uint64(dist[other])
            if there < old and there <= last:
                if old == np.uint64(UNREACHED):
                    touched[n_touched] = other
                    n_touched += 1
                dist[other] = np.uint16(there)
                item[made] = (other << np.uint64(32)) | np.uint64(bucket[there >> shift])
                bucket[there >> shift] = np.uint32(made)
                made += one
                waiting += 1
    return n_touched


@njit(cache=True, nogil=True)
def read_ball(dist, touched, n_touched, limit, node_first, node_owner, node_way, best, found, n_found):
    """Give every point at the touched nodes its best time; return how many points were found."""
    for at in range(n_touched):
        node = np.uint64(touched[at])
        ds = int(dist[node])
        for entry in range(np.uint64(node_first[node]), np.uint64(node_first[node + np.uint64(1)])):
            way = ds + int(node_way[entry])
            col = np.uint64(node_owner[entry])
            if way <= limit and way < best[col]:
                if best[col] == UNREACHED:
                    found[n_found] = col
                    n_found += 1
                best[col] = way
    return n_found


@njit(cache=True, nogil=True)
def ball_rows(first, packed, edge_u, edge_v, arc_cost, limit, inward,
              origin_edge, origin_fraction, origin_offset, origin_first, origin_row,
              node_first, node_owner, node_way,
              edge_first, edge_row, rows_fraction, rows_offset, rows_owner, n_owners):  # fmt: skip
    """Times between origins and points: row pointers, columns (owners of points) and tenths of a second.

    Origin `i` has the entrances `origin_row[origin_first[i]:origin_first[i + 1]]`. Points are listed by node (owner and
    way to the node) and by edge; inward, points walk to the origin.
    """
    n, n_origins = len(first) - 1, len(origin_first) - 1
    dist, touched = np.full(n, UNREACHED, np.uint16), np.empty(n, np.int32)
    bucket = np.zeros((limit >> SHIFT) + 1, np.uint32)
    item = np.empty(8192 + 4 * len(origin_row), np.uint64)
    best, found = np.full(n_owners, UNREACHED, np.uint16), np.empty(n_owners, np.int32)
    pointer = np.zeros(n_origins + 1, np.int64)
    cols, times = np.empty(65536 + n_owners, np.int32), np.empty(65536 + n_owners, np.uint16)
    filled = 0
    for origin in range(n_origins):
        n_touched, n_found = -1, 0
        while n_touched < 0:
            count, n_touched = 1, 0
            for at in range(origin_first[origin], origin_first[origin + 1]):
                row = origin_row[at]
                edge, here, offset = origin_edge[row], origin_fraction[row], int(origin_offset[row])
                if edge < 0:
                    continue
                for second in range(2):
                    if inward:
                        ds = from_end(arc_cost, edge, here, second == 1)
                    else:
                        ds = to_end(arc_cost, edge, here, second == 1)
                    node = edge_v[edge] if second == 1 else edge_u[edge]
                    if ds < 0 or ds + offset > limit or ds + offset >= dist[node]:
                        continue
                    ds += offset
                    if dist[node] == UNREACHED:
                        touched[n_touched] = node
                        n_touched += 1
                    dist[node] = ds
                    item[count] = (np.uint64(node) << np.uint64(32)) | np.uint64(bucket[ds >> SHIFT])
                    bucket[ds >> SHIFT] = count
                    count += 1
                for point_at in range(edge_first[edge], edge_first[edge + 1]):
                    point = edge_row[point_at]
                    if inward:
                        ds = along_edge(arc_cost, edge, rows_fraction[point], here)
                    else:
                        ds = along_edge(arc_cost, edge, here, rows_fraction[point])
                    if ds < 0:
                        continue
                    ds += offset + int(rows_offset[point])
                    col = rows_owner[point]
                    if ds <= limit and ds < best[col]:
                        if best[col] == UNREACHED:
                            found[n_found] = col
                            n_found += 1
                        best[col] = ds
            n_touched = open_ball(first, packed, limit, dist, touched, n_touched, bucket, item, count)
            if n_touched < 0:
                item = np.empty(2 * len(item), np.uint64)
                bucket[:] = 0
                dist[:] = UNREACHED
        n_found = read_ball(dist, touched, n_touched, limit, node_first, node_owner, node_way, best, found, n_found)
        if filled + n_found > len(cols):
            cols = np.concatenate((cols, np.empty(len(cols), np.int32)))
            times = np.concatenate((times, np.empty(len(times), np.uint16)))
        for at in range(n_touched):
            dist[touched[at]] = UNREACHED
        for at in range(n_found):
            cols[filled], times[filled] = found[at], best[found[at]]
            best[found[at]] = UNREACHED
            filled += 1
        pointer[origin + 1] = filled
    return pointer, cols[:filled].copy(), times[:filled].copy()
