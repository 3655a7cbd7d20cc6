"""Whether a set of areas tiles the ground: no gap, no overlap, no sliver, every child inside its parent.

All checks work in metres. A fault is a row with its own geometry, so that a person can be shown where it is.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.crs import require_metric
from gis.errors import ContractFault, GeometryFault

FAULT_KINDS = ("invalid", "duplicate_code", "overlap", "gap", "sliver", "outside_parent")
FAULT_COLUMNS = ("kind", "code", "other_code", "size_m2", "detail", "geometry")

# Below a millimetre of mean width a difference is arithmetic, not geography.
_NOISE_M = 0.001
# Two readings of a broken outline that differ by more than this share of area are two different places.
_AMBIGUOUS_SHARE = 0.01


def check_coverage(
    areas: gpd.GeoDataFrame, *, parents: gpd.GeoDataFrame | None = None, tolerance_m: float = 1.0
) -> gpd.GeoDataFrame:
    """Return every topology fault of a layer of areas.

    Parameters
    ----------
    areas : GeoDataFrame
        `code` and polygons in a metric CRS; `parent_code` if the parent is not the beginning of the code.
    parents : GeoDataFrame, optional
        `code` and polygons in the same CRS. With it, gaps are parts of a parent that no area covers and areas must lie
        inside their parent; without it, gaps are holes enclosed by the layer.
    tolerance_m : float, default 1
        A gap, overlap or area narrower than this on average is a `sliver`; what sticks out of a parent by less than
        this is ignored.

    Returns
    -------
    GeoDataFrame
        Columns `FAULT_COLUMNS`; kind is one of `FAULT_KINDS`; sorted by kind and falling size; empty when all is well.

    Raises
    ------
    CrsFault
        When the layer does not measure in metres.
    ContractFault
        When `code` is missing or the two layers have different CRS.
    """
    _require(areas, "areas")
    if parents is not None:
        _require(parents, "parents")
        if parents.crs != areas.crs:
            raise ContractFault("areas and parents are in different coordinate systems")
    codes = areas["code"].astype(str).to_numpy()
    rows: list[dict[str, Any]] = _invalid(codes, _shapes(areas)) + _repeated(codes, _shapes(areas))
    usable = _polygons(_shapes(areas))
    present = ~shapely.is_empty(usable)
    codes, usable = codes[present], usable[present]
    own_parent = areas["parent_code"].astype(str).to_numpy()[present] if "parent_code" in areas.columns else None
    rows += _narrow(codes, usable, tolerance_m)
    # The coverage test is linear, far cheaper than intersecting neighbours; only if it fails are overlaps looked for.
    is_coverage = bool(len(usable)) and bool(shapely.coverage_is_valid(usable))
    if not is_coverage:
        rows += _overlaps(codes, usable, tolerance_m)
    if parents is None:
        rows += _holes(codes, usable, is_coverage, tolerance_m)
    else:
        rows += _against_parents(codes, usable, own_parent, parents, tolerance_m)
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(FAULT_COLUMNS)), geometry="geometry", crs=areas.crs)
    rank = frame["kind"].map({kind: place for place, kind in enumerate(FAULT_KINDS)})
    order = np.lexsort((frame["code"].astype(str), -frame["size_m2"].astype(float), rank))
    return frame.iloc[order].reset_index(drop=True)


def repair(geometry: Any, name: str) -> tuple[Any, str]:
    """Return a valid polygon or multipolygon and what was done ('' when nothing was).

    Parameters
    ----------
    geometry : shapely geometry or None
        As read from a file.
    name : str
        Which feature this is, for the messages, for instance `row 7 (110102013)`.

    Raises
    ------
    GeometryFault
        When there is no area, or when the broken outline can be read in two ways that differ by more than 1 %.
    """
    if geometry is None or shapely.is_empty(geometry):
        raise GeometryFault(f"{name} has no geometry")
    if geometry.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
        raise GeometryFault(f"{name} is a {geometry.geom_type}, not an area")
    if shapely.is_valid(geometry) and geometry.geom_type != "GeometryCollection":
        return geometry, ""
    reason = shapely.is_valid_reason(geometry)
    by_structure, by_lines = _polygons(
        np.array(
            [
                shapely.make_valid(geometry, method="structure", keep_collapsed=False),
                shapely.make_valid(geometry, method="linework"),
            ]
        )
    )
    area, other = shapely.area(by_structure), shapely.area(by_lines)
    if area == 0:
        raise GeometryFault(f"{name} encloses no area: {reason}")
    apart = abs(area - other) / max(area, other)
    if apart > _AMBIGUOUS_SHARE:
        raise GeometryFault(f"{name} is invalid and can be read in two ways {apart:.0%} apart in area: {reason}")
    return by_structure, f"{name} was invalid ({reason}) and has been repaired"


def repair_layer(areas: gpd.GeoDataFrame, *, key: str = "code") -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the layer with every geometry valid, and one line per repair.

    Raises
    ------
    GeometryFault
        Naming every feature that cannot be repaired, at once.
    """
    shapes, notes, refused = [], [], []
    keys = areas[key] if key in areas.columns else pd.Series([""] * len(areas))
    for row, (geometry, code) in enumerate(zip(_shapes(areas), keys, strict=True), start=1):
        try:
            mended, note = repair(geometry, f"row {row} ({code})" if code else f"row {row}")
        except GeometryFault as fault:
            refused.append(str(fault))
            continue
        shapes.append(mended)
        notes.extend([note] if note else [])
    if refused:
        raise GeometryFault("; ".join(refused))
    return areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs)), notes


def mean_width_m(geometries: Any) -> Any:
    """Return twice the area over the perimeter: the width of a long strip, half the diameter of a disc."""
    length = shapely.length(geometries)
    return np.divide(2 * shapely.area(geometries), length, out=np.zeros_like(length), where=length > 0)


def _require(layer: gpd.GeoDataFrame, what: str) -> None:
    if "code" not in layer.columns:
        raise ContractFault(f"the {what} have no column `code`")
    require_metric(layer.crs)


def _shapes(layer: gpd.GeoDataFrame) -> NDArray[Any]:
    return np.asarray(layer.geometry.array, dtype=object)


def _polygons(geometries: NDArray[Any]) -> NDArray[Any]:
    """Return valid areas only: points and lines that repair leaves behind are dropped, missing becomes empty."""
    mended = geometries.copy()
    mended[shapely.is_missing(mended)] = shapely.Polygon()
    broken = ~shapely.is_valid(mended)
    mended[broken] = shapely.make_valid(mended[broken], method="structure", keep_collapsed=False)
    for place in np.flatnonzero(~np.isin(shapely.get_type_id(mended), (3, 6))):
        parts = [part for part in shapely.get_parts(mended[place]) if part.geom_type in ("Polygon", "MultiPolygon")]
        mended[place] = shapely.union_all(parts) if parts else shapely.Polygon()
    return mended


def _fault(kind: str, code: str, other: str, geometry: Any, detail: str) -> dict[str, Any]:
    size = float(shapely.area(geometry)) if geometry is not None else 0.0
    return dict(zip(FAULT_COLUMNS, (kind, code, other, size, detail, geometry), strict=True))


def _invalid(codes: NDArray[Any], shapes: NDArray[Any]) -> list[dict[str, Any]]:
    rows = []
    for code, shape in zip(codes, shapes, strict=True):
        if shape is None or shapely.is_empty(shape):
            rows.append(_fault("invalid", code, "", None, "no geometry"))
        elif shape.geom_type not in ("Polygon", "MultiPolygon"):
            rows.append(_fault("invalid", code, "", shape, f"a {shape.geom_type}, not an area"))
        elif not shapely.is_valid(shape):
            rows.append(_fault("invalid", code, "", shape, str(shapely.is_valid_reason(shape))))
    return rows


def _repeated(codes: NDArray[Any], shapes: NDArray[Any]) -> list[dict[str, Any]]:
    _, first, count = np.unique(codes, return_index=True, return_counts=True)
    return [
        _fault("duplicate_code", codes[at], codes[at], shapes[at], f"the code stands on {times} features")
        for at, times in zip(first, count, strict=True)
        if times > 1
    ]


def _narrow(codes: NDArray[Any], shapes: NDArray[Any], tolerance_m: float) -> list[dict[str, Any]]:
    widths = mean_width_m(shapes)
    return [
        _fault("sliver", codes[at], "", shapes[at], f"the whole area is {widths[at]:.2f} m wide on average")
        for at in np.flatnonzero(widths < tolerance_m)
    ]


def _parts(geometry: Any) -> list[tuple[Any, float]]:
    """Return the polygons of a difference or intersection with their widths, arithmetic noise left out."""
    pieces = [piece for piece in shapely.get_parts(geometry) if piece.geom_type == "Polygon"]
    widths = mean_width_m(np.array(pieces, dtype=object)) if pieces else []
    return [(piece, float(width)) for piece, width in zip(pieces, widths, strict=True) if width > _NOISE_M]


def _overlaps(codes: NDArray[Any], shapes: NDArray[Any], tolerance_m: float) -> list[dict[str, Any]]:
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    rows = []
    for one, two, shared in zip(left, right, shapely.intersection(shapes[left], shapes[right]), strict=True):
        code, other = sorted((codes[one], codes[two]))
        for piece, width in _parts(shared):
            kind = "overlap" if width >= tolerance_m else "sliver"
            rows.append(_fault(kind, code, other, piece, f"{code} and {other} both cover it, {width:.2f} m wide"))
    return rows


def _holes(codes: NDArray[Any], shapes: NDArray[Any], is_coverage: bool, tolerance_m: float) -> list[dict[str, Any]]:
    whole = shapely.coverage_union_all(shapes) if is_coverage else shapely.union_all(shapes)
    tree = shapely.STRtree(shapes)
    rows = []
    for polygon in shapely.get_parts(whole):
        for ring in getattr(polygon, "interiors", ()):
            for piece, width in _parts(shapely.Polygon(ring)):
                around = np.sort(codes[tree.query(piece, predicate="intersects")])
                code, other = [*around[:2], "", ""][:2]
                kind = "gap" if width >= tolerance_m else "sliver"
                rows.append(_fault(kind, code, other, piece, f"nothing covers it, {width:.2f} m wide"))
    return rows


def _against_parents(
    codes: NDArray[Any],
    shapes: NDArray[Any],
    own_parent: NDArray[Any] | None,
    parents: gpd.GeoDataFrame,
    tolerance_m: float,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    grounds = dict(zip(parents["code"].astype(str), _polygons(_shapes(parents)), strict=True))
    lengths = sorted({len(code) for code in grounds}, reverse=True)
    tree = shapely.STRtree(shapes)
    for at, (code, shape) in enumerate(zip(codes, shapes, strict=True)):
        candidates = [own_parent[at]] if own_parent is not None else [code[:length] for length in lengths]
        parent = next((candidate for candidate in candidates if candidate in grounds), None)
        if parent is None:
            rows.append(_fault("outside_parent", code, "", shape, "no parent carries the code it should lie in"))
            continue
        if shapely.covers(grounds[parent], shape):
            continue
        for piece, width in _parts(shapely.difference(shape, grounds[parent])):
            if width >= tolerance_m:
                rows.append(
                    _fault("outside_parent", code, parent, piece, f"sticks out of {parent}, {width:.2f} m wide")
                )
    for code, ground in grounds.items():
        inside = shapes[tree.query(ground, predicate="intersects")]
        for piece, width in _parts(shapely.difference(ground, shapely.union_all(inside))):
            kind = "gap" if width >= tolerance_m else "sliver"
            rows.append(_fault(kind, code, "", piece, f"no area covers this part of {code}, {width:.2f} m wide"))
    return rows
