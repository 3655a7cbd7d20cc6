"""Heat in cases per km2: the kernel keeps every case, in true metres, wherever the map is zoomed."""

from __future__ import annotations

import numpy as np
import pytest

from gis.heat import density

BOX = (116.33, 39.88, 116.39, 39.94)


def test_one_case_has_the_height_of_a_gaussian_of_the_stated_bandwidth() -> None:
    raster = density(np.array([116.36]), np.array([39.91]), BOX, bandwidth_m=150.0, pixel_m=15.0)
    assert raster.density.max() == pytest.approx(1 / (2 * np.pi * 0.15**2), rel=0.01)


def test_no_case_is_lost_or_invented_away_from_the_border() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(116.345, 116.375, 500), rng.uniform(39.895, 39.925, 500)
    raster = density(lon, lat, BOX, bandwidth_m=150.0, pixel_m=30.0)
    assert raster.density.sum() * 0.03**2 == pytest.approx(500, rel=0.005)


def test_density_equals_the_sum_of_kernels_at_the_cases_themselves() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(116.35, 116.37, 60), rng.uniform(39.90, 39.92, 60)
    raster = density(lon, lat, BOX, bandwidth_m=200.0, pixel_m=20.0)
    rows, columns = raster.density.shape
    west, south, east, north = raster.corners
    x = (lon - 116.36) * 111_320 * np.cos(np.radians(39.91))
    y = (lat - 39.91) * 111_132
    true = np.exp(-((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2) / 2 / 200.0**2).sum(axis=1) / (2 * np.pi * 0.2**2)
    column = ((lon - west) / (east - west) * columns).astype(int)
    row = ((north - lat) / (north - south) * rows).astype(int)
    assert np.abs(raster.density[row, column] - true).max() < 0.06 * true.max()


def test_an_empty_district_has_no_heat() -> None:
    assert density(np.array([]), np.array([]), BOX).density.max() == 0.0
