"""The compiled step of the space-time scan: the largest likelihood ratio of one random record."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def largest_ratio(counts, order, reach, least_counts, expected, total, least, floor):
    """Return the largest log likelihood ratio over all cylinders, `floor` when none is larger.

    `counts` is (n, b), added up over the bins; a base is `order[i, : j + 1]` for `j < reach[i]`; only cylinders with
    `least_counts` (n, k, b) cases or more are worked out.
    """
    n, bins = counts.shape
    best = floor
    held = np.zeros(bins, np.int32)
    for i in range(n):
        held[:] = 0
        for j in range(reach[i]):
            cell = order[i, j]
            for t in range(bins):
                held[t] += counts[cell, t]
            if held[bins - 1] < least:
                continue
            for t in range(bins):
                if held[t] >= least_counts[i, j, t]:
                    c, e = float(held[t]), max(expected[i, j, t], 1e-300)
                    ratio = c * math.log(c / e)
                    if c < total:
                        ratio += (total - c) * math.log((total - c) / max(total - e, 1e-300))
                    best = max(best, ratio)
    return best
