"""Heat in cases per km2 per day: every case is kept inside the boundary, in true metres, wherever the map is zoomed."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from scipy.stats import gaussian_kde

from gis.heat import BREAKS, LEAST_CASES, edge_share, grid_over, kernel_sum, pixel_for, pixels_of, surface

BOX = shapely.box(116.33, 39.88, 116.39, 39.94)
SRID = 4548


def inside(n: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(116.33, 116.39, n), rng.uniform(39.88, 39.94, n)


def test_one_case_in_a_day_has_the_height_of_a_gaussian_of_the_stated_bandwidth() -> None:
    grid = grid_over(BOX, SRID, 15.0)
    heat = surface(grid, np.array([116.36]), np.array([39.91]), bandwidth_m=150.0, days=1.0)
    assert heat.per_km2_day.max() == pytest.approx(1 / (2 * np.pi * 0.15**2), rel=0.005)
    assert heat.support.max() == pytest.approx(1.0, rel=0.005)


@pytest.mark.parametrize("bandwidth_m", [50.0, 150.0, 500.0])
def test_no_case_is_lost_or_invented_even_at_the_boundary(bandwidth_m: float) -> None:
    lon, lat = inside(2_000)
    lon[:300] = 116.3301  # along the boundary
    grid = grid_over(BOX, SRID, pixel_for(bandwidth_m))
    heat = surface(grid, lon, lat, bandwidth_m=bandwidth_m, days=7.0)
    assert heat.per_km2_day.sum() * (grid.pixel_m / 1000) ** 2 * 7.0 == pytest.approx(2_000, rel=0.01)


def test_an_even_spread_is_as_hot_at_the_boundary_as_in_the_middle() -> None:
    lon, lat = inside(200_000)
    grid = grid_over(BOX, SRID, 40.0)
    heat = surface(grid, lon, lat, bandwidth_m=250.0, days=1.0).per_km2_day
    rows, columns = heat.shape
    middle = heat[rows // 3 : -rows // 3, columns // 3 : -columns // 3].mean()
    assert heat[rows // 3 : -rows // 3, 2:4].mean() == pytest.approx(middle, rel=0.15)
    assert edge_share(grid, 250.0)[rows // 2, 1] < 0.62


def test_the_picture_does_not_depend_on_the_fineness_of_the_raster() -> None:
    lon, lat = inside(4_000)
    fine, coarse = (surface(grid_over(BOX, SRID, p), lon, lat, bandwidth_m=200.0, days=1.0) for p in (20.0, 40.0))
    again = fine.per_km2_day[: fine.per_km2_day.shape[0] // 2 * 2, : fine.per_km2_day.shape[1] // 2 * 2]
    again = again.reshape(again.shape[0] // 2, 2, again.shape[1] // 2, 2).mean(axis=(1, 3))
    other = coarse.per_km2_day[: again.shape[0], : again.shape[1]]
    inner = (slice(10, -10), slice(10, -10))
    assert np.abs(again[inner] - other[inner]).max() < 0.02 * other.max()


def test_sums_of_kernels_equal_those_of_scipy_within_a_hundredth_of_the_peak() -> None:
    rng = np.random.default_rng(3)
    points = np.vstack([rng.normal([60, 90], 12, (700, 2)), rng.normal([130, 70], 25, (800, 2))])
    centred = points - points.mean(axis=0)
    white = centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred.T)).T) * 30.0 + 100.0
    peer = gaussian_kde(white.T, bw_method=5.0 / 30.0)
    ours = kernel_sum(white[:, 0], white[:, 1], (200, 200), 5.0)
    x, y = np.meshgrid(np.arange(200) + 0.5, np.arange(200) + 0.5)
    true = peer(np.vstack([x.ravel(), y.ravel()])).reshape(200, 200) * len(white)
    assert np.abs(ours - true).max() < 0.01 * true.max()


def test_points_lie_where_the_projection_puts_them() -> None:
    grid = grid_over(BOX, SRID, 30.0)
    lon, lat = inside(500)
    x, y = pyproj.Transformer.from_crs(4326, SRID, always_xy=True).transform(lon, lat)
    column, row = pixels_of(grid, lon, lat)
    assert np.abs(column * 30.0 + grid.west_m - x).max() < 0.05
    assert np.abs(grid.north_m - row * 30.0 - y).max() < 0.05


def test_a_lone_case_is_not_coloured_however_short_the_window() -> None:
    grid = grid_over(BOX, SRID, 30.0)
    hour = surface(grid, np.array([116.36]), np.array([39.91]), bandwidth_m=150.0, days=1 / 24)
    assert hour.per_km2_day.max() > BREAKS[2] and hour.classes.max() == 0
    many = surface(grid, np.full(8, 116.36), np.full(8, 39.91), bandwidth_m=150.0, days=1 / 24)
    assert many.classes.max() == 5 and LEAST_CASES < 8


def test_an_empty_district_has_no_heat() -> None:
    heat = surface(grid_over(BOX, SRID, 30.0), np.array([]), np.array([]), bandwidth_m=150.0, days=1.0)
    assert heat.per_km2_day.max() == 0.0 and heat.classes.max() == 0
