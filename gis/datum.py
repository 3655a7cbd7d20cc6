"""The two shifted Chinese datums, and the exact way back from them.

GCJ-02 (Chinese web maps) and BD-09 (Baidu) are WGS-84 longitude and latitude moved by a smooth wave of some
hundred metres. The forward formulas are closed; the way back has none, so it is iterated until it is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import CrsFault

Floats = NDArray[np.float64]
Datum = Literal["wgs84", "gcj02", "bd09"]

DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")

# Krasovsky 1940, on which the GCJ-02 wave is defined (a in metres).
_AXIS_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BAIDU_PI = np.pi * 3000.0 / 180.0
# The rectangle in which vendors apply the wave; outside it the three datums are one.
_CHINA_LON = (72.004, 137.8347)
_CHINA_LAT = (0.8293, 55.8271)
# The wave's slope is below 2 %, so each round gains about two digits; 12 rounds reach the last bit.
_ROUNDS = 12


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Return which points lie in the rectangle where GCJ-02 differs from WGS-84 (degrees)."""
    x, y = _pair(lon, lat)
    return (x >= _CHINA_LON[0]) & (x <= _CHINA_LON[1]) & (y >= _CHINA_LAT[0]) & (y <= _CHINA_LAT[1])


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS-84 points to GCJ-02.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, EPSG:4326; NaN stays NaN.

    Returns
    -------
    tuple of ndarray
        Degrees; points outside China are unchanged.

    References
    ----------
    The published "eviltransform" formulas of the GCJ-02 wave on the Krasovsky 1940 ellipsoid.
    """
    x, y = _pair(lon, lat)
    moved_x, moved_y = _add_wave(x, y)
    inside = in_china(x, y)
    return np.where(inside, moved_x, x), np.where(inside, moved_y, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return the WGS-84 points whose GCJ-02 images are given, exact to about 1e-12 degrees.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, GCJ-02; NaN stays NaN.

    Returns
    -------
    tuple of ndarray
        Degrees, EPSG:4326; points outside China are unchanged.
    """
    x, y = _pair(lon, lat)
    back_x, back_y = _invert(_add_wave, x, y)
    # Decided at the answer, not at the input: a point just inside the rectangle may have its image outside.
    inside = in_china(back_x, back_y)
    return np.where(inside, back_x, x), np.where(inside, back_y, y)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift GCJ-02 points to Baidu's BD-09 (degrees); points outside China are unchanged."""
    x, y = _pair(lon, lat)
    moved_x, moved_y = _add_baidu(x, y)
    inside = in_china(x, y)
    return np.where(inside, moved_x, x), np.where(inside, moved_y, y)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return the GCJ-02 points whose BD-09 images are given (degrees), exact by iteration."""
    x, y = _pair(lon, lat)
    back_x, back_y = _invert(_add_baidu, x, y)
    inside = in_china(back_x, back_y)
    return np.where(inside, back_x, x), np.where(inside, back_y, y)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS-84 points to BD-09 (degrees)."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return the WGS-84 points whose BD-09 images are given (degrees)."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Return WGS-84 points for points given in `wgs84`, `gcj02` or `bd09` (degrees).

    Raises
    ------
    CrsFault
        When the datum is none of the three.
    """
    if datum == "wgs84":
        return _pair(lon, lat)
    if datum == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if datum == "bd09":
        return bd09_to_wgs84(lon, lat)
    raise CrsFault(f"coordinate system {datum!r} is not one of wgs84, gcj02, bd09")


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def _add_wave(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Add the GCJ-02 wave without asking whether the point is in China."""
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    ripple = 20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north = north + (ripple + 20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north = north + (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east = east + (ripple + 20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east = east + (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_2) / (magic * np.sqrt(magic))
    parallel_m = _AXIS_M / np.sqrt(magic) * np.cos(phi)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _add_baidu(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Add Baidu's second twist without asking whether the point is in China."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _invert(
    forward: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: Floats, lat: Floats
) -> tuple[Floats, Floats]:
    """Solve forward(p) = (lon, lat) by fixed-point iteration."""
    x, y = lon, lat
    for _ in range(_ROUNDS):
        there_x, there_y = forward(x, y)
        x, y = x - (there_x - lon), y - (there_y - lat)
    return x, y
