"""Numbering cells inside their community: west to east, north to south, as one reads a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputFault

LAST_SEQUENCE = 999
"""Three digits are left for a cell inside its community."""


def reading_order(x: ArrayLike, y: ArrayLike, row_m: float) -> NDArray[np.intp]:
    """Return the order that reads points in rows from the north, each row from the west.

    Parameters
    ----------
    x, y : array_like
        Eastings and northings in metres.
    row_m : float
        Height of a row. Rows are counted from the northernmost point, so one point decides nothing alone.

    Returns
    -------
    ndarray of int
        Positions of the points, first to last.

    References
    ----------
    Beijing's local standard for unit grids (DB11): the sequence inside a community runs from west to east and from
    north to south.
    """
    east, north = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if east.size == 0:
        return np.zeros(0, dtype=np.intp)
    row = np.floor((north.max() - north) / row_m) if row_m > 0 else np.zeros_like(north)
    return np.lexsort((-north, east, row)).astype(np.intp)


def row_height_m(areas_m2: ArrayLike) -> float:
    """Return the row height for cells of the given areas: the side of the average cell."""
    return float(np.sqrt(np.mean(np.asarray(areas_m2, dtype=float))))


def number_cells(community_code: str, cells: NDArray[Any]) -> NDArray[np.str_]:
    """Return the 15-digit code of each cell of one community.

    Parameters
    ----------
    community_code : str
        12 digits.
    cells : ndarray of polygons
        In a metric CRS.

    Raises
    ------
    InputFault
        When there are more cells than three digits can number.
    """
    if len(cells) > LAST_SEQUENCE:
        raise InputFault(f"community {community_code} would have {len(cells)} cells; codes end at {LAST_SEQUENCE}")
    centres = shapely.centroid(cells)
    order = reading_order(shapely.get_x(centres), shapely.get_y(centres), row_height_m(shapely.area(cells)))
    codes = np.empty(len(cells), dtype="<U15")
    codes[order] = [f"{community_code}{number:03d}" for number in range(1, len(cells) + 1)]
    return codes
