"""Ways across open squares: one walks in a straight line between two places where one enters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import shapely

MOST_DOORS = 16
"""Squares with more entries are crossed between every second, third ... of them: lines grow with the square."""


def lines_across(ring: np.ndarray, doors: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of corners that see each other across a square.

    Parameters
    ----------
    ring : ndarray, shape (k, 2)
        The outline in degrees, closed.
    doors : sequence of int
        Corners at which other ways begin.

    Returns
    -------
    list of (int, int)
        Neighbours along the outline are left out: the outline itself is walked.
    """
    if len(doors) < 2:
        return []
    step = -(-len(doors) // MOST_DOORS)
    chosen = list(doors)[::step]
    outline = shapely.make_valid(shapely.Polygon(ring)).buffer(1e-7)
    shapely.prepare(outline)
    last = len(ring) - 1
    pairs = [(a, b) for a, b in itertools.combinations(chosen, 2) if (b - a) % last not in (1, last - 1)]
    if not pairs:
        return []
    lines = shapely.linestrings(np.array([[ring[a], ring[b]] for a, b in pairs]))
    inside = np.asarray(shapely.covers(outline, lines))
    return [pair for pair, kept in zip(pairs, inside, strict=True) if kept]
