"""Kernel density of cases in cases per km2 per day, on a raster in the district's metric CRS, with its edge corrected.

The bandwidth is a length on the ground, so the picture says the same at every zoom; the breaks are fixed, so that two
moments compare.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

BREAKS = (15.0, 30.0, 60.0, 120.0, 240.0)
"""Lower bounds of the five classes, cases per km2 per day; the whole demo district has about 30."""

LEAST_CASES = 3.0
"""Heat that rests on fewer cases within reach of the kernel is not coloured: one case is a case, not a hot spot."""

_REACH = 4.0
_KNOTS, _DEGREE = 15, 4

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """A raster over an area in its metric CRS, row 0 in the north.

    Attributes
    ----------
    west_m, north_m : the outer corner of the first pixel in the metric CRS.
    pixel_m : side of a pixel in metres.
    inside : (rows, columns) share of each pixel's centre inside the area, 0 or 1.
    corners : lon, lat of the raster's corners in degrees: north-west, north-east, south-east, south-west.
    to_pixels : coefficients that turn degrees into pixel coordinates, see `pixels_of`.
    """

    west_m: float
    north_m: float
    pixel_m: float
    inside: Floats
    corners: tuple[tuple[float, float], ...]
    to_pixels: tuple[Floats, Floats]


@dataclass(frozen=True)
class Heat:
    """A density surface.

    Attributes
    ----------
    per_km2_day : (rows, columns) cases per km2 per day; zero outside the area.
    support : (rows, columns) how many cases the kernel reaches, counting each by its weight; 1 above a lone case.
    bandwidth_m : standard deviation of the kernel in metres.
    """

    per_km2_day: Floats
    support: Floats
    bandwidth_m: float

    @property
    def classes(self) -> NDArray[np.uint8]:
        """The class of each pixel: 0 below the first break or resting on too few cases, then 1 to 5."""
        found = np.searchsorted(np.asarray(BREAKS), self.per_km2_day, side="right").astype(np.uint8)
        return np.where(self.support < LEAST_CASES, np.uint8(0), found)


def pixel_for(bandwidth_m: float) -> float:
    """Return a pixel side in metres that keeps the kernel's shape: a fifth of the bandwidth, between 15 and 40 m."""
    return float(np.clip(bandwidth_m / 5.0, 15.0, 40.0))


def grid_over(outline: shapely.Geometry, srid: int, pixel_m: float) -> Grid:
    """Return the raster that covers an area.

    Parameters
    ----------
    outline : the area in degrees (WGS-84).
    srid : EPSG code of a CRS in metres that fits it.
    """
    there = pyproj.Transformer.from_crs(4326, srid, always_xy=True)
    metric = shapely.transform(outline, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))
    west, south, east, north = shapely.bounds(metric)
    columns = max(1, int(np.ceil((east - west) / pixel_m)))
    rows = max(1, int(np.ceil((north - south) / pixel_m)))
    x = west + (np.arange(columns) + 0.5) * pixel_m
    y = north - (np.arange(rows) + 0.5) * pixel_m
    shapely.prepare(metric)
    inside = np.asarray(shapely.contains_xy(metric, *np.meshgrid(x, y)), dtype=np.float64)
    far = ((west, north), (west + columns * pixel_m, north), (west + columns * pixel_m, north - rows * pixel_m),
           (west, north - rows * pixel_m))  # fmt: skip
    corners = tuple((float(a), float(b)) for a, b in (there.transform(*p, direction="INVERSE") for p in far))
    return Grid(float(west), float(north), pixel_m, inside, corners, _fitted(there, outline, west, north, pixel_m))


def _fitted(there: pyproj.Transformer, outline: shapely.Geometry, west: float, north: float, pixel_m: float) -> tuple[
    Floats, Floats
]:  # fmt: skip
    """Fit the projection by a polynomial over the area: a hundred times as fast, and within a centimetre of it."""
    low_lon, low_lat, high_lon, high_lat = shapely.bounds(outline)
    lon, lat = (part.ravel() for part in np.meshgrid(np.linspace(low_lon, high_lon, _KNOTS),
                                                     np.linspace(low_lat, high_lat, _KNOTS)))  # fmt: skip
    x, y = there.transform(lon, lat)
    scale = np.array([(low_lon + high_lon) / 2, max((high_lon - low_lon) / 2, 1e-9),
                      (low_lat + high_lat) / 2, max((high_lat - low_lat) / 2, 1e-9)])  # fmt: skip
    terms = _terms(lon, lat, scale)
    targets = np.column_stack([(np.asarray(x) - west) / pixel_m, (north - np.asarray(y)) / pixel_m])
    return np.asarray(np.linalg.lstsq(terms, targets, rcond=None)[0], dtype=np.float64), scale.astype(np.float64)


def _terms(lon: Floats, lat: Floats, scale: Floats) -> Floats:
    u, v = (lon - scale[0]) / scale[1], (lat - scale[2]) / scale[3]
    return np.column_stack([u**i * v**k for i in range(_DEGREE) for k in range(_DEGREE - i)])


def pixels_of(grid: Grid, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return column and row of points as fractions: 0, 0 is the raster's north-west corner."""
    told = _terms(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float), grid.to_pixels[1]) @ grid.to_pixels[0]
    return told[:, 0], told[:, 1]


def kernel_sum(column: Floats, row: Floats, shape: tuple[int, int], bandwidth_px: float) -> Floats:
    """Return the sum of Gaussian kernels of unit mass at each pixel centre, per pixel.

    Each point is shared between the four pixels around it, which widens the kernel by a sixth of a pixel squared; the
    filter is narrower by as much. The largest error is then under a hundredth of the peak for bandwidths of two pixels
    and more (`benchmarks/heat.py`), at a cost that hardly depends on the number of points.

    References
    ----------
    Silverman, B. W. (1982), Kernel density estimation using the fast Fourier transform, Applied Statistics 31(1).
    Wand, M. P. (1994), Fast computation of multivariate kernel estimators, J. Comp. Graph. Statistics 3(4).
    """
    around = int(np.ceil(_REACH * bandwidth_px))  # points off the raster reach into it
    wide = binned(column + around, row + around, (shape[0] + 2 * around, shape[1] + 2 * around))
    return _smooth(wide, bandwidth_px)[around : around + shape[0], around : around + shape[1]]


def binned(column: Floats, row: Floats, shape: tuple[int, int]) -> Floats:
    """Share points between the pixels around them; mass that falls off the raster is lost."""
    rows, columns = shape
    x, y = np.asarray(column) - 0.5, np.asarray(row) - 0.5
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    dx, dy = x - left, y - top
    counts = np.zeros((rows + 2) * (columns + 2))
    near = (left >= -1) & (top >= -1) & (left < columns) & (top < rows)
    left, top, dx, dy = left[near] + 1, top[near] + 1, dx[near], dy[near]
    for i, wy in ((0, 1 - dy), (1, dy)):
        for k, wx in ((0, 1 - dx), (1, dx)):
            at = (top + i) * (columns + 2) + left + k
            counts += np.bincount(at, weights=wy * wx, minlength=len(counts))
    return counts.reshape(rows + 2, columns + 2)[1:-1, 1:-1]


def _smooth(counts: Floats, bandwidth_px: float) -> Floats:
    sigma = np.sqrt(max(bandwidth_px**2 - 1.0 / 6.0, 1e-6))
    return np.asarray(gaussian_filter(counts, sigma, mode="constant", truncate=_REACH))


def edge_share(grid: Grid, bandwidth_m: float) -> Floats:
    """Return how much of a kernel at each pixel lies inside the area: 1 far from the boundary, about a half on it."""
    return _smooth(grid.inside, bandwidth_m / grid.pixel_m)


def surface(
    grid: Grid, lon: Floats, lat: Floats, *, bandwidth_m: float, days: float, edge: Floats | None = None
) -> Heat:
    """Return the density of points per km2 per day inside an area.

    What a kernel near the boundary would put outside is put inside instead (each case weighs the inverse of its
    kernel's share inside), so the surface adds up to the number of cases.

    Parameters
    ----------
    lon, lat : degrees, WGS-84.
    days : length of the time window in days.
    edge : `edge_share` of the same bandwidth, when it is known already.

    References
    ----------
    Jones, M. C. (1993), Simple boundary correction for kernel density estimation, Statistics and Computing 3.
    Diggle, P. J. (1985), A kernel method for smoothing point process data, Applied Statistics 34(2).
    """
    share = edge_share(grid, bandwidth_m) if edge is None else edge
    counts = binned(*pixels_of(grid, lon, lat), (grid.inside.shape[0], grid.inside.shape[1]))
    weighted = np.divide(counts, share, out=np.zeros_like(counts), where=share > 0.05)
    per_pixel = _smooth(weighted, bandwidth_m / grid.pixel_m) * grid.inside
    per_km2 = per_pixel / (grid.pixel_m / 1000.0) ** 2
    return Heat(per_km2 / max(days, 1e-9), per_km2 * 2 * np.pi * (bandwidth_m / 1000.0) ** 2, bandwidth_m)
