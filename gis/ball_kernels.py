"""The compiled one-to-many search: from each origin to all points within a limit, as rows of a sparse matrix."""

from __future__ import annotations

import numpy as np
from numba import njit

from gis.reach_kernels import UNREACHED, along_edge, from_end, to_end


@njit(cache=True, nogil=True)
def _more(cols, times):
    return np.concatenate((cols, np.empty_like(cols))), np.concatenate((times, np.empty_like(times)))


@njit(cache=True, nogil=True)
def ball_rows(first, neighbour, arc, cost, edge_u, edge_v, arc_cost, limit, inward,
              origin_edge, origin_fraction, origin_offset, origin_first, origin_row,
              edge_first, edge_row, rows_fraction, rows_offset, rows_owner, n_owners):  # fmt: skip
    """Times between origins and points: row pointers, columns (owners of points) and tenths of a second.

    Origin `i` has the entrances `origin_row[origin_first[i]:origin_first[i + 1]]`; the points on edge `e` are
    `edge_row[edge_first[e]:edge_first[e + 1]]`. Inward, points walk to the origin.
    """
    n, n_origins = len(first) - 1, len(origin_first) - 1
    dist = np.full(n, UNREACHED, np.uint16)
    touched = np.empty(n, np.int32)
    bucket = np.full(limit + 1, -1, np.int32)
    item_node, item_next = np.empty(4096, np.int32), np.empty(4096, np.int32)
    best = np.full(n_owners, UNREACHED, np.uint16)
    pointer = np.zeros(n_origins + 1, np.int64)
    cols, times = np.empty(65536, np.int32), np.empty(65536, np.uint16)
    filled = 0
    for origin in range(n_origins):
        begin = filled
        count, n_touched = 0, 0
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
                if count == len(item_node):
                    item_node, item_next = _more(item_node, item_next)
                item_node[count], item_next[count], bucket[ds] = node, bucket[ds], count
                count += 1
            for point_at in range(edge_first[edge], edge_first[edge + 1]):
                point = edge_row[point_at]
                if inward:
                    ds = along_edge(arc_cost, edge, rows_fraction[point], here)
                else:
                    ds = along_edge(arc_cost, edge, here, rows_fraction[point])
                if ds < 0:
                    continue
                ds += offset + rows_offset[point]
                col = rows_owner[point]
                if ds <= limit and ds < best[col]:
                    if best[col] == UNREACHED:
                        if filled == len(cols):
                            cols, times = _more(cols, times)
                        cols[filled] = col
                        filled += 1
                    best[col] = ds
        waiting, ds = count, 0
        while waiting > 0 and ds <= limit:
            item = bucket[ds]
            if item < 0:
                ds += 1
                continue
            bucket[ds] = item_next[item]
            waiting -= 1
            node = item_node[item]
            if dist[node] != ds:
                continue
            for at in range(first[node], first[node + 1]):
                other = neighbour[at]
                there = ds + cost[at]
                if there <= limit and there < dist[other]:
                    if dist[other] == UNREACHED:
                        touched[n_touched] = other
                        n_touched += 1
                    dist[other] = there
                    if count == len(item_node):
                        item_node, item_next = _more(item_node, item_next)
                    item_node[count], item_next[count], bucket[there] = other, bucket[there], count
                    count += 1
                    waiting += 1
                edge = arc[at] >> 1
                # The node is the edge's first end when the arc runs along the edge, else its second.
                second = (arc[at] & 1) == 1
                for point_at in range(edge_first[edge], edge_first[edge + 1]):
                    point = edge_row[point_at]
                    if inward:
                        way = to_end(arc_cost, edge, rows_fraction[point], second)
                    else:
                        way = from_end(arc_cost, edge, rows_fraction[point], second)
                    if way < 0:
                        continue
                    way += ds + rows_offset[point]
                    col = rows_owner[point]
                    if way <= limit and way < best[col]:
                        if best[col] == UNREACHED:
                            if filled == len(cols):
                                cols, times = _more(cols, times)
                            cols[filled] = col
                            filled += 1
                        best[col] = way
        for at in range(n_touched):
            dist[touched[at]] = UNREACHED
        for at in range(begin, filled):
            times[at] = best[cols[at]]
            best[cols[at]] = UNREACHED
        pointer[origin + 1] = filled
    return pointer, cols[:filled].copy(), times[:filled].copy()
