"""Coordinate systems of layers: the metric one to measure in, and finding a shift nobody declared.

The formulas of the shifted Chinese datums live in `gis.datum` and are offered here too, so that callers need one name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.datum import (
    DATUMS,
    Datum,
    Floats,
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    in_china,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from gis.errors import CrsFault

__all__ = [
    "DATUMS",
    "WGS84_SRID",
    "Datum",
    "ShiftReport",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "detect_shift",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "in_china",
    "require_metric",
    "to_metric",
    "to_wgs84",
    "unshift",
    "utm_srid",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

WGS84_SRID = 4326

# A shift is believed when it removes at least half of the disagreement of an outline that fits badly as given.
_FITS_WELL_IOU = 0.95
_LEFT_OVER_SHARE = 0.5


def unshift(geometry: Any, datum: str) -> Any:
    """Return a geometry, an array of them or a GeoDataFrame moved from `datum` to WGS-84.

    Parameters
    ----------
    geometry : shapely geometry, ndarray of them, GeoSeries or GeoDataFrame
        In degrees.
    datum : str
        `wgs84`, `gcj02` or `bd09`.

    Raises
    ------
    CrsFault
        When the datum is unknown.
    """
    to_wgs84(0.0, 0.0, datum)

    def move(xy: Floats) -> Floats:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))

    if isinstance(geometry, gpd.GeoDataFrame):
        return geometry.set_geometry(geometry.geometry.transform(move))
    if isinstance(geometry, gpd.GeoSeries):
        return geometry.transform(move)
    return shapely.transform(geometry, move)


def utm_srid(lon: float, lat: float) -> int:
    """Return the EPSG number of the WGS-84 UTM zone at a point given in degrees.

    Raises
    ------
    CrsFault
        When the point is not on the globe.
    """
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        raise CrsFault(f"point {lon}, {lat} is not a longitude and latitude in degrees")
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def to_metric(gdf: gpd.GeoDataFrame, srid: int | None = None) -> gpd.GeoDataFrame:
    """Return the frame in a metric coordinate system.

    Parameters
    ----------
    gdf : GeoDataFrame
        Must declare its CRS.
    srid : int, optional
        EPSG number of the target, for Xicheng 4548; by default the UTM zone of the frame's centre.

    Raises
    ------
    CrsFault
        When the frame declares no CRS, or the target is unknown or not in metres.
    """
    if gdf.crs is None:
        raise CrsFault("the layer declares no coordinate system; say which one it is in")
    if srid is None:
        west, south, east, north = gdf.to_crs(WGS84_SRID).total_bounds
        srid = utm_srid((west + east) / 2, (south + north) / 2)
    require_metric(srid)
    return gdf.to_crs(srid)


def require_metric(crs: Any) -> None:
    """Refuse a coordinate system that is not projected in metres.

    Raises
    ------
    CrsFault
        When `crs` is missing, unknown, or not in metres; EPSG:3857 too, whose metre is not one.
    """
    try:
        found = CRS.from_user_input(crs)
    except CRSError:
        raise CrsFault(f"coordinate system {crs!r} is unknown") from None
    if not found.is_projected or found.axis_info[0].unit_name != "metre" or found.to_epsg() == 3857:
        raise CrsFault(f"{found.name} does not measure in metres on the ground; use EPSG:4548 or a UTM zone")


@dataclass(frozen=True)
class ShiftReport:
    """How well an outline fits a known one as given and after undoing each shift.

    Attributes
    ----------
    iou : dict
        Intersection over union (0-1) with the known outline, by assumed datum of the input.
    moved_m : dict
        Mean distance in metres that the outline moves when unshifted from each datum.
    """

    iou: dict[Datum, float]
    moved_m: dict[Datum, float]

    @property
    def datum(self) -> Datum:
        """The datum that the outline is most probably in."""
        best = max(DATUMS, key=lambda d: self.iou[d])
        given = self.iou["wgs84"]
        improves = 1 - self.iou[best] <= _LEFT_OVER_SHARE * (1 - given)
        return best if given < _FITS_WELL_IOU and improves else "wgs84"

    @property
    def is_shifted(self) -> bool:
        """Whether the outline fits badly until it is unshifted."""
        return self.datum != "wgs84"

    @property
    def fits(self) -> bool:
        """Whether the outline fits the known one after the shift of `datum` is undone."""
        return self.iou[self.datum] >= 0.8

    @property
    def sentence(self) -> str:
        """One line a person can act on."""
        given = self.iou["wgs84"]
        if self.is_shifted:
            name = {"gcj02": "GCJ-02", "bd09": "BD-09"}[self.datum]
            return (
                f"the outline overlaps the known district with IoU {given:.2f} as given and {self.iou[self.datum]:.2f} "
                f"after undoing {name}, which moves it {self.moved_m[self.datum]:.0f} m: it looks like {name}"
            )
        if not self.fits:
            return f"the outline overlaps the known district with IoU {given:.2f} only, and no known shift explains it"
        return f"the outline fits the known district with IoU {given:.2f} as given"


def detect_shift(outline: Any, known: Any) -> ShiftReport:
    """Compare an outline with a known one as given and unshifted from GCJ-02 and BD-09.

    Parameters
    ----------
    outline : GeoDataFrame, GeoSeries or geometry
        In degrees, of uncertain datum.
    known : GeoDataFrame, GeoSeries or geometry
        The same ground in true WGS-84 degrees. When both frames have a `code` column and share codes, areas are
        compared one by one (a shift shows much more clearly on small areas), otherwise as one outline.

    Raises
    ------
    CrsFault
        When either is empty or not in degrees.
    """
    given, truth = _paired_areas(outline, known)
    bounds = shapely.total_bounds(truth)
    srid = utm_srid(float(bounds[0] + bounds[2]) / 2, float(bounds[1] + bounds[3]) / 2)
    truth_m = _project(truth, srid)
    before = shapely.get_coordinates(_project(given, srid))
    iou: dict[Datum, float] = {}
    moved: dict[Datum, float] = {}
    for datum in DATUMS:
        candidate = _project(unshift(given, datum), srid)
        shared = shapely.area(shapely.intersection(candidate, truth_m)).sum()
        whole = shapely.area(candidate).sum() + shapely.area(truth_m).sum() - shared
        iou[datum] = float(shared / whole) if whole > 0 else 0.0
        step = shapely.get_coordinates(candidate) - before
        moved[datum] = float(np.hypot(step[:, 0], step[:, 1]).mean())
    return ShiftReport(iou, moved)


def _areas(layer: Any, what: str) -> gpd.GeoDataFrame:
    """Return any accepted layer as a frame of valid areas in degrees."""
    if isinstance(layer, gpd.GeoDataFrame):
        frame = layer
    elif isinstance(layer, gpd.GeoSeries):
        frame = gpd.GeoDataFrame(geometry=layer)
    else:
        frame = gpd.GeoDataFrame(geometry=np.atleast_1d(np.asarray(layer, dtype=object)))
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if frame.empty:
        raise CrsFault(f"the {what} is empty")
    if frame.crs is not None and not frame.crs.is_geographic:
        raise CrsFault(f"the {what} is in {frame.crs.name}, not in degrees; a shift is looked for in degrees")
    west, south, east, north = frame.total_bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise CrsFault(f"the {what} has coordinates beyond 180 and 90 degrees; it is not in longitude and latitude")
    return frame.set_geometry(shapely.make_valid(frame.geometry.to_numpy()))


def _paired_areas(outline: Any, known: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return matching arrays of areas: code by code when the codes agree, otherwise one union each."""
    given, truth = _areas(outline, "outline"), _areas(known, "known outline")
    if "code" in given.columns and "code" in truth.columns:
        shared = sorted(set(given["code"]) & set(truth["code"]))
        if len(shared) * 2 >= len(given):
            return _by_code(given, shared), _by_code(truth, shared)
    return np.array([shapely.union_all(given.geometry)]), np.array([shapely.union_all(truth.geometry)])


def _by_code(areas: gpd.GeoDataFrame, codes: list[str]) -> NDArray[Any]:
    return np.array([shapely.union_all(areas.geometry[areas["code"] == code]) for code in codes], dtype=object)


def _project(geometries: NDArray[Any], srid: int) -> NDArray[Any]:
    return np.asarray(gpd.GeoSeries(geometries, crs=WGS84_SRID).to_crs(srid), dtype=object)
