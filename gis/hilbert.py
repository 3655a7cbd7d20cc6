"""Order of points along a Hilbert curve, so that what is near on the ground is near in memory.

References
----------
.. [1] J. Skilling, Programming the Hilbert curve, AIP Conference Proceedings 707, 2004.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BITS = 16


def hilbert_order(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return positions of points in the order of a Hilbert curve over their bounding square.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Coordinates in any one unit, finite.

    Returns
    -------
    ndarray of intp, shape (n,)
        A permutation; equal places keep their order.
    """
    if len(x) == 0:
        return np.empty(0, dtype=np.intp)
    side = max(float(np.ptp(x)), float(np.ptp(y)), 1e-12)
    top = (1 << _BITS) - 1
    column = ((x - x.min()) / side * top).astype(np.int64)
    row = ((y - y.min()) / side * top).astype(np.int64)
    key = np.zeros(len(x), dtype=np.int64)
    for bit in range(_BITS - 1, -1, -1):
        step = 1 << bit
        right, upper = (column & step) > 0, (row & step) > 0
        key += step * step * ((3 * right) ^ upper)
        # Turn the quarter so that the curve goes on where the last one ended.
        flip = ~upper & right
        column[flip], row[flip] = step - 1 - column[flip] & (step - 1), step - 1 - row[flip] & (step - 1)
        swap = ~upper
        column[swap], row[swap] = row[swap], column[swap].copy()
    return np.argsort(key, kind="stable")
