"""Facilities of a file go into the record, each known by its source and its id there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from db.intake.datum import points_to_wgs84
from db.intake.features import is_feature_file, read_features
from db.intake.findings import Findings
from db.intake.profile import Profile, fill, guess_fields, require_columns
from db.intake.tabular import read_table
from db.tables import facility, outbox
from db.write.bulk import point_texts
from db.write.territory import deepest_codes, district_row, in_force
from gis.codes import Level
from gis.errors import CrsFault, InputFault
from gis.terms import FACILITY_KINDS

FACILITY_NAMES = {
    "external_id": ("external_id", "id", "osm_id", "stop_id", "编号"),
    "kind": ("kind", "category", "类别"),
    "name_zh": ("name_zh", "name", "名称"),
    "capacity": ("capacity", "容量"),
    "opens": ("opens", "opening_hours", "开放时间"),
    "lon": ("lon", "longitude", "lng", "x", "stop_lon", "经度"),
    "lat": ("lat", "latitude", "y", "stop_lat", "纬度"),
}
"""What such columns are usually called."""

_BATCH = 2_000
_LEAST_INSIDE_SHARE = 0.05


@dataclass(frozen=True)
class FacilityImport:
    """What an import of facilities did; `total` = stored + refused."""

    total: int
    stored: int
    outside: int
    refused: int
    findings: Findings


def import_facilities(
    conn: Connection, path: Path, profile: Profile, *, source: str = "", district_code: str = "", crs: str = "",
    layer: str = "", accept: bool = False,
) -> FacilityImport:  # fmt: skip
    """Import facilities from a layer of points (areas count by an inner point) or a table with lon and lat.

    The same source and id are updated, so a file can be imported again. Bad rows are left out and reported.

    Raises
    ------
    InputFault
        When the file is unreadable or lacks id, kind or coordinates.
    CrsFault
        When hardly any point lies in the district.
    """
    source = source or str(profile.options.get("source", ""))
    if not source:
        raise InputFault("say where the facilities come from: --source NAME, or `source` in the profile")
    place = district_row(conn, district_code or str((profile.options.get("district") or {}).get("code", "")))
    frame, x, y, own_crs = _read(path, profile, layer)
    fields = guess_fields([str(name) for name in frame.columns], FACILITY_NAMES) | dict(profile.fields)
    require_columns(path.name, [str(name) for name in frame.columns], fields)
    absent = [name for name in ("external_id", "kind") if name not in fields]
    if absent:
        raise InputFault(
            f"{path.name} says no {' and no '.join(absent)}; say which column with --map {absent[0]}=COLUMN"
        )
    text = {name: fill(frame, spec) for name, spec in fields.items()}
    if x is None or y is None:
        if "lon" not in text or "lat" not in text:
            raise InputFault(
                f"{path.name} has no coordinates; say which columns with --map lon=COLUMN --map lat=COLUMN"
            )
        x, y = (pd.to_numeric(text[name], errors="coerce").to_numpy(float) for name in ("lon", "lat"))
    lon, lat = points_to_wgs84(x, y, crs or str(profile.options.get("crs", "")) or own_crs)
    notes, bad = _refuse(frame.index, text, lon, lat)
    codes = deepest_codes(in_force(conn, place.code), lon, lat)
    inside = codes != ""
    if (~bad).sum() >= 20 and inside.sum() < _LEAST_INSIDE_SHARE * (~bad).sum() and not accept:
        raise CrsFault(
            f"only {inside.sum():,} of {(~bad).sum():,} facilities lie in district {place.code} (--crs, --accept)"
        )
    notes.add(
        "flagged",
        "outside",
        "facility {} lies outside every area",
        frame.index[~inside & ~bad],
        text["external_id"][~inside & ~bad],
    )
    blank = pd.Series("", index=frame.index)
    rows = pd.DataFrame(
        {
            "district_code": place.code, "external_id": text["external_id"], "kind": text["kind"], "source": source,
            "name_zh": text.get("name_zh", blank).fillna(""), "opens": text.get("opens", blank).fillna(""),
            "capacity": pd.to_numeric(text.get("capacity", blank), errors="coerce"),
            "cell_code": [code if len(code) == Level.CELL else None for code in codes],
            "geom": point_texts(lon, lat).to_numpy(),
        }
    )[~bad]  # fmt: skip
    store_facilities(conn, rows)
    conn.execute(insert(outbox).values(kind="geography", area_code=place.code))
    return FacilityImport(len(frame), len(rows), int((~inside & ~bad).sum()), int(bad.sum()), notes)


def _read(path: Path, profile: Profile, layer: str) -> tuple[pd.DataFrame, np.ndarray | None, np.ndarray | None, str]:
    if not is_feature_file(path):
        return read_table(path).frame, None, None, "EPSG:4326"
    frame = read_features(path, layer=layer)
    points = frame.geometry.representative_point()
    crs = frame.crs.to_string() if frame.crs is not None else "EPSG:4326"
    return pd.DataFrame(frame.drop(columns="geometry")), points.x.to_numpy(), points.y.to_numpy(), crs


def _refuse(
    rows: pd.Index, text: dict[str, pd.Series], lon: np.ndarray, lat: np.ndarray
) -> tuple[Findings, np.ndarray]:
    notes = Findings()
    none = text["external_id"].isna().to_numpy()
    again = text["external_id"].duplicated().to_numpy() & ~none
    strange = ~text["kind"].isin(FACILITY_KINDS).to_numpy()
    nowhere = ~(np.isfinite(lon) & np.isfinite(lat))
    notes.add("refused", "no_id", "the row has no id", rows[none])
    notes.add(
        "refused", "duplicate_id", "id {} is in an earlier row of the file", rows[again], text["external_id"][again]
    )
    notes.add(
        "refused",
        "unknown_kind",
        "kind {} is not one of " + ", ".join(FACILITY_KINDS),
        rows[strange],
        text["kind"].fillna("(blank)")[strange],
    )
    notes.add(
        "refused", "no_place", "facility {} has no coordinates", rows[nowhere], text["external_id"].fillna("")[nowhere]
    )
    capacity = pd.to_numeric(text.get("capacity", pd.Series(0.0, index=rows)), errors="coerce").to_numpy(float)
    negative = capacity < 0
    notes.add("refused", "negative_capacity", "capacity {} is negative", rows[negative], capacity[negative])
    return notes, none | again | strange | nowhere | negative


def store_facilities(conn: Connection, rows: pd.DataFrame) -> None:
    """Insert facilities, or update those of the same source and id."""
    values = rows.astype(object).where(rows.notna(), None).to_dict("records")
    for value in values:
        value["capacity"] = None if value["capacity"] is None else int(value["capacity"])
    fresh = insert(facility)
    changed = {name: fresh.excluded[name] for name in ("kind", "name_zh", "opens", "capacity", "cell_code", "geom")}
    stmt = fresh.on_conflict_do_update(index_elements=["district_code", "source", "external_id"], set_=changed)
    for start in range(0, len(values), _BATCH):
        conn.execute(stmt, [{str(k): v for k, v in value.items()} for value in values[start : start + _BATCH]])
