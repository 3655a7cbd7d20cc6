"""Which cell a point belongs to, by one rule for every part of the product.

A point on a shared edge touches two cells or more; it belongs to the one with the smallest code. The database
applies the same rule as `min(code)` over `ST_Intersects`, so a case gets one answer wherever it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.errors import ContractFault

NOWHERE = ""
"""The answer for a point outside every cell or without coordinates."""


class CellIndex:
    """Point-in-cell look-up over one set of areas that do not overlap.

    Parameters
    ----------
    codes : sequence of str
        One unique code per area.
    geometries : sequence of shapely polygons
        In the CRS that points will be given in.

    Raises
    ------
    ContractFault
        When lengths differ, a code is repeated, or a geometry is missing.
    """

    def __init__(self, codes: Sequence[str] | NDArray[Any], geometries: Any) -> None:
        names = np.asarray(codes, dtype=str)
        areas = np.array(geometries, dtype=object)
        if names.shape != areas.shape or names.ndim != 1:
            raise ContractFault(f"{names.size} codes for {areas.size} geometries")
        if len(np.unique(names)) != len(names):
            raise ContractFault("a code is repeated among the areas to locate points in")
        if any(area is None for area in areas):
            raise ContractFault("an area to locate points in has no geometry")
        # In code order, the smallest code is the smallest position: the boundary rule becomes a minimum of integers.
        order = np.argsort(names)
        self.codes: NDArray[np.str_] = names[order]
        self._areas = areas[order]
        self._tree = shapely.STRtree(self._areas)
        shapely.prepare(self._areas)

    @classmethod
    def from_frame(cls, areas: gpd.GeoDataFrame) -> CellIndex:
        """Build the index from a frame with `code` and geometry."""
        return cls(areas["code"].to_numpy(dtype=str), areas.geometry.to_numpy())

    def __len__(self) -> int:
        return len(self.codes)

    def locate_xy(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.intp]:
        """Return positions in `codes` of the cells that own the points, -1 where none does.

        Parameters
        ----------
        x, y : array_like
            Coordinates in the CRS of the areas (lon, lat for EPSG:4326); NaN belongs nowhere.
        """
        xs, ys = np.atleast_1d(np.asarray(x, dtype=float)), np.atleast_1d(np.asarray(y, dtype=float))
        found = np.full(xs.shape, len(self.codes), dtype=np.intp)
        known = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
        if known.size and len(self.codes):
            # The tree answers with boxes only; the exact test then runs on prepared areas, several times faster
            # than letting the tree test each (unprepared) point.
            pairs = self._tree.query(shapely.points(xs[known], ys[known]))
            points, cells = known[pairs[0]], pairs[1]
            touching = shapely.intersects_xy(self._areas[cells], xs[points], ys[points])
            np.minimum.at(found, points[touching], cells[touching])
        found[found == len(self.codes)] = -1
        return found

    def locate(self, points: Any) -> NDArray[np.str_]:
        """Return the code of the cell that owns each point, '' where none does.

        Parameters
        ----------
        points : GeoSeries, GeoDataFrame, array of shapely points, or (n, 2) array of x and y
            In the CRS of the areas; missing and empty points belong nowhere.
        """
        if isinstance(points, (gpd.GeoDataFrame, gpd.GeoSeries)):
            points = points.geometry.to_numpy()
        given = np.atleast_1d(np.asarray(points))
        if given.dtype == object:
            # GEOS refuses to say where an empty point lies; a missing one has no coordinate.
            given = given.copy()
            given[shapely.is_empty(given)] = None
            xs, ys = shapely.get_x(given), shapely.get_y(given)
        else:
            xs, ys = np.atleast_2d(given).astype(float).T
        return np.append(self.codes, NOWHERE)[self.locate_xy(xs, ys)]
