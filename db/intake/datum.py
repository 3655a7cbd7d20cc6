"""From the coordinates of a file to WGS-84: declared, detected or refused, and always said."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
from pyproj.exceptions import CRSError

from gis.crs import DATUMS, ShiftReport, detect_shift, in_china, to_wgs84, unshift
from gis.errors import CrsFault

_WORDS = {"wgs84": "EPSG:4326", "wgs-84": "EPSG:4326", "cgcs2000": "EPSG:4490", "gcj-02": "gcj02", "bd-09": "bd09"}
_WORSE_IOU = 0.02


@dataclass(frozen=True)
class Conversion:
    """A layer in EPSG:4326 and what was done to bring it there.

    Attributes
    ----------
    frame
        The layer.
    crs
        What the coordinates were taken to be.
    sentences
        What was done and found, one line each.
    moved_m
        Mean and greatest distance in metres that a datum shift moved the vertices; 0 when none did.
    """

    frame: gpd.GeoDataFrame
    crs: str
    sentences: list[str]
    moved_m: tuple[float, float] = (0.0, 0.0)


def crs_word(crs: str) -> str:
    """Return the canonical name of a coordinate system: `EPSG:4326`, `gcj02`, `bd09`, `EPSG:...`.

    Raises
    ------
    CrsFault
        When it is unknown.
    """
    word = _WORDS.get(crs.strip().lower(), crs.strip()) or "EPSG:4326"
    if word.lower() in DATUMS:
        return word.lower()
    if re.fullmatch(r"\d{4,6}", word):
        word = f"EPSG:{word}"
    try:
        return pyproj.CRS.from_user_input(word).to_string()
    except CRSError:
        raise CrsFault(f"coordinate system {crs!r} is unknown: use wgs84, gcj02, bd09 or EPSG:<number>") from None


def points_to_wgs84(x: np.ndarray, y: np.ndarray, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """Return lon and lat in degrees of WGS-84; NaN stays NaN, and so does what lies beyond the globe.

    Raises
    ------
    CrsFault
        When the system is unknown, or degrees are declared and most numbers are not degrees.
    """
    word = crs_word(crs)
    if word in DATUMS:
        lon, lat = (np.asarray(item, dtype=float) for item in to_wgs84(x, y, word))
    elif word == "EPSG:4326":
        lon, lat = x.copy(), y.copy()
    else:
        lon, lat = pyproj.Transformer.from_crs(word, "EPSG:4326", always_xy=True).transform(x, y)
    with np.errstate(invalid="ignore"):
        beyond = (np.abs(lon) > 180) | (np.abs(lat) > 90) | ~np.isfinite(lon) | ~np.isfinite(lat)
    given = np.isfinite(x) & np.isfinite(y)
    if given.any() and (beyond & given).sum() * 2 > given.sum():
        raise CrsFault(
            f"the coordinates are not degrees ({x[given][0]:.6g}, {y[given][0]:.6g}); say --crs EPSG:<number>"
        )
    return np.where(beyond, np.nan, lon), np.where(beyond, np.nan, lat)


def layer_to_wgs84(
    layer: gpd.GeoDataFrame,
    declared: str,
    known: gpd.GeoDataFrame | None,
    *,
    asserted: bool = False,
    accept: bool = False,
) -> Conversion:
    """Bring a layer to EPSG:4326 and compare it with what the record knows of the same ground.

    Parameters
    ----------
    layer
        As read; its own CRS counts when nothing is declared.
    declared
        What the user says: `wgs84`, `gcj02`, `bd09`, `EPSG:<number>`, or nothing.
    known
        Areas in force (EPSG:4326) with `code`, or None for a new district.
    asserted
        The user declared the system for this very file, so a suspicion is only reported.
    accept
        Take the layer although it does not fit.

    Raises
    ------
    CrsFault
        When the system is unknown and cannot be told, or the outline fits the known district only in another datum than
        the one it is taken to be in.
    """
    word = crs_word(declared) if declared else ""
    said: list[str] = []
    if not word:
        word, sentence = _from_file(layer)
        said.append(sentence)
    shifted = word in DATUMS and word != "wgs84"
    plain = layer.set_crs("EPSG:4326" if shifted else word, allow_override=True).to_crs("EPSG:4326")
    _require_degrees(plain)
    if known is not None and not known.empty:
        report = detect_shift(plain[["code", "geometry"]], known[["code", "geometry"]])
        said.append(_judge(report, word if shifted else "wgs84", asserted, accept))
    elif not shifted and _lies_in_china(plain):
        said.append("no outline is known to compare with: if the file comes from a Chinese map vendor, say --crs gcj02")
    if not shifted:
        return Conversion(plain, word, said)
    moved = unshift(plain, word)
    step = _metres_between(plain, moved)
    said.append(
        f"converted from {word.upper()} to WGS-84: vertices moved {step.mean():.0f} m on average, "
        f"{step.max():.0f} m at most"
    )
    return Conversion(moved, word, said, (float(step.mean()), float(step.max())))


def _from_file(layer: gpd.GeoDataFrame) -> tuple[str, str]:
    if layer.crs is not None:
        return layer.crs.to_string(), f"coordinates taken as {layer.crs.to_string()}, as the file declares"
    west, south, east, north = layer.total_bounds
    if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
        return "EPSG:4326", "the file declares no coordinate system; its numbers are degrees, taken as EPSG:4326"
    raise CrsFault(
        f"the file declares no coordinate system and its numbers ({west:.6g}, {south:.6g}) are not degrees; "
        "say --crs EPSG:<number>"
    )


def _require_degrees(layer: gpd.GeoDataFrame) -> None:
    west, south, east, north = layer.total_bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CrsFault(
            f"the coordinates ({west:.6g}, {south:.6g}) are not on the globe in the declared system; "
            "say --crs EPSG:<number>"
        )


def _judge(report: ShiftReport, taken: str, asserted: bool, accept: bool) -> str:
    """Return what the comparison says, or refuse the layer."""
    if taken == "wgs84":
        if report.is_shifted and not (asserted or accept):
            raise CrsFault(f"{report.sentence}; say --crs {report.datum}, or --crs wgs84 if it is right as it is")
        return f"taken as WGS-84 as told, although {report.sentence}" if report.is_shifted else report.sentence
    before, after = report.iou["wgs84"], report.iou[taken]  # type: ignore[index]
    if before > after + _WORSE_IOU and not accept:
        raise CrsFault(
            f"undoing {taken.upper()} makes the fit with the known district worse: IoU {before:.2f} as given, "
            f"{after:.2f} after it; the file is not in that system (--accept to take it so)"
        )
    return f"IoU with the known district {before:.2f} as given, {after:.2f} after undoing {taken.upper()}"


def _lies_in_china(layer: gpd.GeoDataFrame) -> bool:
    west, south, east, north = layer.total_bounds
    return bool(in_china((west + east) / 2, (south + north) / 2).all())


def _metres_between(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> np.ndarray:
    """Return how far each vertex moved, on the ellipsoid."""
    old, new = before.get_coordinates().to_numpy(), after.get_coordinates().to_numpy()
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(old[:, 0], old[:, 1], new[:, 0], new[:, 1])
    return np.asarray(metres)
