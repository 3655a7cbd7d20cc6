"""Reading features: GeoJSON, GeoPackage, Shapefile (also zipped) and GeoParquet become one GeoDataFrame."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pyogrio.errors

from db.intake.tabular import as_utf8
from gis.errors import InputFault

FEATURE_SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".parquet", ".geoparquet")
_PARQUET = (".parquet", ".geoparquet")
_JSON = (".geojson", ".json")


def is_feature_file(path: Path) -> bool:
    """Return whether the name says that the file carries geometry (a zip may: it is looked into)."""
    if path.suffix.lower() == ".zip" and path.is_file():
        try:
            with zipfile.ZipFile(path) as archive:
                return any(name.lower().endswith((".shp", ".geojson", ".gpkg")) for name in archive.namelist())
        except zipfile.BadZipFile:
            return False
    return path.suffix.lower() in FEATURE_SUFFIXES


def read_features(path: Path, *, layer: str = "") -> gpd.GeoDataFrame:
    """Read the features of a file with the CRS that the file declares (or none).

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile, zipped Shapefile, or GeoParquet.
    layer
        Which layer, for a file with several.

    Returns
    -------
    GeoDataFrame
        All attributes as in the file; the index is the feature's number from 1.

    Raises
    ------
    InputFault
        When the file is absent, empty, not one of these formats, or has several layers and none is named.
    """
    if not path.is_file():
        raise InputFault(f"no such file: {path}")
    if path.stat().st_size == 0:
        raise InputFault(f"{path.name} is empty")
    if path.suffix.lower() not in FEATURE_SUFFIXES:
        raise InputFault(f"{path.name} is not one of {', '.join(FEATURE_SUFFIXES)}")
    if path.suffix.lower() in _PARQUET:
        frame = _read_parquet(path)
    else:
        frame = _read_ogr(path, layer)
    if "geometry" not in frame.columns and getattr(frame, "_geometry_column_name", None) is None:
        raise InputFault(f"{path.name} carries no geometry")
    if frame.empty:
        raise InputFault(f"{path.name} has no features")
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    return frame


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path)
    except (ValueError, OSError, KeyError):  # pyarrow's own faults are subclasses of these
        raise InputFault(f"{path.name} is not a GeoParquet file") from None


def _read_ogr(path: Path, layer: str) -> gpd.GeoDataFrame:
    source: Path | bytes = path
    try:
        if path.suffix.lower() in _JSON:
            raw, encoding = as_utf8(path.read_bytes(), path.name)
            source = path if encoding == "utf-8" else raw
        layers = [str(item[0]) for item in pyogrio.list_layers(source) if item[1] is not None]
        if not layers:
            raise InputFault(f"{path.name} has no layer with geometry")
        if layer and layer not in layers:
            raise InputFault(f"{path.name} has no layer {layer!r}; it has {', '.join(layers)}")
        if not layer and len(layers) > 1:
            raise InputFault(f"{path.name} has several layers ({', '.join(layers)}); say which with --layer")
        chosen = layer or layers[0]
        try:
            return pyogrio.read_dataframe(source, layer=chosen)
        except UnicodeDecodeError:  # a Shapefile without .cpg whose attributes are GBK
            return pyogrio.read_dataframe(source, layer=chosen, encoding="GB18030")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError):
        raise InputFault(f"{path.name} is not a readable GeoJSON, GeoPackage or Shapefile") from None
