"""Sharing a whole number of things out in proportion to weights, exactly."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputFault


def apportion(weights: ArrayLike, total: int, *, least: int = 1, most: int | None = None) -> NDArray[np.intp]:
    """Return whole numbers in proportion to `weights` that sum to `total`.

    Parameters
    ----------
    weights : array_like of float
        Zero or more; all zero means equal shares.
    total : int
        What the answer sums to.
    least, most : int
        Bounds of every share.

    Raises
    ------
    InputFault
        When the bounds leave no answer, or a weight is negative or missing.

    References
    ----------
    Sainte-Lague's highest averages: the next one goes where weight / (2 have + 1) is greatest. It favours neither large
    nor small receivers. Ties go to the earlier receiver.
    """
    claim = np.asarray(weights, dtype=float)
    if claim.size == 0 or not np.all(np.isfinite(claim)) or np.any(claim < 0):
        raise InputFault("weights to share by must be numbers of zero or more, at least one of them")
    if total < least * claim.size:
        raise InputFault(f"{total} cannot give {least} to each of {claim.size}")
    if most is not None and total > most * claim.size:
        raise InputFault(f"{total} is more than {most} for each of {claim.size}")
    if claim.sum() == 0:
        claim = np.ones_like(claim)
    have = np.full(claim.size, least, dtype=np.intp)
    queue = [(-weight / (2 * least + 1), place) for place, weight in enumerate(claim.tolist())]
    heapq.heapify(queue)
    for _ in range(total - least * claim.size):
        while True:
            _, place = heapq.heappop(queue)
            if most is None or have[place] < most:
                break
        have[place] += 1
        heapq.heappush(queue, (-float(claim[place]) / (2 * int(have[place]) + 1), place))
    return have
