"""Writing an export: GeoJSON, GeoPackage, GeoParquet, CSV, XLSX, each with its provenance inside the file.

A text that a spreadsheet would run as a formula gets an apostrophe in front; CSV carries a byte order mark, without
which Excel shows Chinese as garbage.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
from openpyxl import Workbook

from db.export.frames import Export
from gis.errors import InputFault

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_export(export: Export, path: Path, kind: str = "") -> None:
    """Write an export to a file, whole or not at all.

    Parameters
    ----------
    export
        Rows and provenance.
    path
        Where to; an existing file is replaced when the new one is complete.
    kind
        `geojson`, `gpkg`, `parquet`, `csv` or `xlsx`; by default what the file's name says.

    Raises
    ------
    InputFault
        When the format is unknown, or the folder cannot be written to.
    """
    chosen = (kind or path.suffix.lstrip(".")).lower()
    chosen = {"json": "geojson", "geoparquet": "parquet"}.get(chosen, chosen)
    if chosen not in FORMATS:
        raise InputFault(f"format {chosen or path.name!r} is not one of {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise InputFault(f"no such folder: {path.parent}")
    partial = path.with_name(f".{path.stem}.partial{os.getpid()}.{chosen}")
    try:
        FORMATS[chosen](export, partial)
        partial.replace(path)
    except PermissionError:
        raise InputFault(f"{path.parent} cannot be written to") from None
    finally:
        partial.unlink(missing_ok=True)


def neutralised(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with texts that a spreadsheet would take for a formula made plain text."""
    safe = frame.copy()
    for name in safe.columns:
        if pd.api.types.is_string_dtype(safe[name]) or safe[name].dtype == object:
            risky = safe[name].map(lambda value: isinstance(value, str) and value.startswith(_FORMULA_STARTS))
            if risky.any():
                safe[name] = safe[name].astype(object).where(~risky, "'" + safe[name].astype(str))
    return safe


def _plain(export: Export) -> pd.DataFrame:
    """Return the rows without geometry, times as ISO text with their offset."""
    table = pd.DataFrame(export.frame.drop(columns="geometry"))
    for name in table.select_dtypes(["datetimetz"]).columns:
        table[name] = [None if pd.isna(at) else at.isoformat(timespec="seconds") for at in table[name]]
    return table


def _located(export: Export) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(_plain(export), geometry=export.frame.geometry, crs=export.frame.crs)


def _geojson(export: Export, path: Path) -> None:
    content = json.loads(_located(export).to_json(drop_id=True, ensure_ascii=False))
    content.pop("crs", None)  # RFC 7946: always WGS-84
    said = {"type": "FeatureCollection", "about": export.provenance.lines, "features": content["features"]}
    path.write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _gpkg(export: Export, path: Path) -> None:
    lines = export.provenance.lines
    kind = "MultiPolygon" if export.provenance.what == "areas" else "Point"
    pyogrio.write_dataframe(
        _located(export), path, driver="GPKG", layer=export.provenance.what, geometry_type=kind,
        layer_metadata=lines, dataset_metadata=lines,
    )  # fmt: skip
    about = pd.DataFrame({"item": list(lines), "value": list(lines.values())})
    pyogrio.write_dataframe(about, path, driver="GPKG", layer="about", append=True)


def _parquet(export: Export, path: Path) -> None:
    _located(export).to_parquet(path, index=False)
    table = pq.read_table(path)
    said = {f"quanxiang.{key}".encode(): value.encode() for key, value in export.provenance.lines.items()}
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **said}), path)


def _csv(export: Export, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        for key, value in export.provenance.lines.items():
            sink.write(f"# {key}: {' '.join(str(value).split())}\r\n")
        neutralised(_plain(export)).to_csv(sink, index=False, lineterminator="\r\n")


def _xlsx(export: Export, path: Path) -> None:
    table = neutralised(_plain(export))
    book = Workbook(write_only=True)
    sheet = book.create_sheet(export.provenance.what)
    sheet.append(list(table.columns))
    for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
        sheet.append(list(row))
    about = book.create_sheet("说明 about")
    for item in export.provenance.lines.items():
        about.append(list(item))
    book.save(path)


FORMATS: dict[str, Callable[[Export, Path], None]] = {
    "geojson": _geojson,
    "gpkg": _gpkg,
    "parquet": _parquet,
    "csv": _csv,
    "xlsx": _xlsx,
}
"""What an export can be written as."""
