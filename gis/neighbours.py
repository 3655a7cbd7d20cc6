"""Which cells count as neighbours: by a shared edge, or by distance; kept as compressed rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis.errors import ContractFault


@dataclass(frozen=True)
class Neighbours:
    """Neighbours of `n` cells; nobody is a neighbour of itself, and the relation is mutual unless told.

    Attributes
    ----------
    indptr : (n + 1,) where each cell's neighbours begin in `indices`.
    indices : positions of neighbours, ascending within a cell.
    rule : `edge` or `band`, for the sentence that says how it was made.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]
    rule: str = "edge"

    @property
    def n(self) -> int:
        """How many cells there are."""
        return len(self.indptr) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many neighbours each cell has."""
        return np.diff(self.indptr)

    def of(self, i: int) -> NDArray[np.int64]:
        """Return the neighbours of cell `i`."""
        return self.indices[self.indptr[i] : self.indptr[i + 1]]

    def matrix(self, *, star: bool = False) -> csr_array:
        """Return the binary weights, (n, n); with ones on the diagonal when `star`."""
        made = csr_array((np.ones(len(self.indices)), self.indices, self.indptr), shape=(self.n, self.n))
        return csr_array(made + _diagonal(self.n)) if star else made

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of each cell's neighbours, itself apart; `values` is (n,) or (n, k)."""
        return np.asarray(self.matrix() @ values)

    def components(self, chosen: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
        """Return the connected groups of the chosen cells, largest first, then by their first cell."""
        places = np.flatnonzero(chosen)
        if not len(places):
            return []
        inside = self.matrix()[places][:, places]
        count, label = connected_components(inside, directed=False)
        groups = [places[label == k] for k in range(count)]
        return sorted(groups, key=lambda group: (-len(group), int(group[0])))


def by_shared_edge(polygons: ArrayLike, *, tolerance: float = 0.0) -> Neighbours:
    """Return neighbours by a shared piece of edge; touching in a single point does not count.

    Parameters
    ----------
    polygons
        (n,) shapely polygons of one CRS, without overlaps.
    tolerance
        Grid size in units of that CRS to which edges are snapped before they are compared; 0 compares them as they are.

    Raises
    ------
    ContractFault
        When a polygon is missing.
    """
    areas = np.asarray(polygons, dtype=object)
    if areas.ndim != 1 or shapely.is_missing(areas).any():
        raise ContractFault("neighbours need one polygon per cell")
    tree = shapely.STRtree(areas)
    first, second = tree.query(areas, predicate="dwithin", distance=tolerance)
    ahead = first < second
    first, second = first[ahead], second[ahead]
    common = shapely.intersection(areas[first], areas[second], grid_size=tolerance or None)
    shared = shapely.get_dimensions(common) >= 1
    return _of_pairs(first[shared], second[shared], len(areas), "edge")


def by_distance(points_m: ArrayLike, band_m: float, *, at_least: int = 0) -> Neighbours:
    """Return neighbours within a distance, and the nearest few for a cell that has too few.

    Parameters
    ----------
    points_m
        (n, 2) metres in the district's metric CRS.
    band_m
        Metres, the end included.
    at_least
        A lone cell borrows its nearest ones up to this number; they become its neighbours both ways.
    """
    points = np.asarray(points_m, dtype=np.float64)
    tree = cKDTree(points)
    pairs = tree.query_pairs(band_m, output_type="ndarray").astype(np.int64)
    first, second = pairs[:, 0], pairs[:, 1]
    if at_least and len(points) > at_least:
        counts = np.bincount(np.concatenate([first, second]), minlength=len(points))
        lone = np.flatnonzero(counts < at_least)
        if len(lone):
            nearest = np.atleast_2d(tree.query(points[lone], k=at_least + 1)[1])[:, 1:]
            first = np.concatenate([first, np.repeat(lone, at_least)])
            second = np.concatenate([second, nearest.ravel()])
    return _of_pairs(first, second, len(points), "band")


def _of_pairs(first: NDArray[Any], second: NDArray[Any], n: int, rule: str) -> Neighbours:
    rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
    keys = np.unique(rows.astype(np.int64) * n + columns)
    rows, columns = keys // max(n, 1), keys % max(n, 1)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n))]).astype(np.int64)
    return Neighbours(indptr, columns.astype(np.int64), rule)


def _diagonal(n: int) -> csr_array:
    steps = np.arange(n)
    return csr_array((np.ones(n), (steps, steps)), shape=(n, n))
