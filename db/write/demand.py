"""Homes go into the record: buildings or compounds with people, or the people of areas spread over buildings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete, insert

from db.intake.datum import points_to_wgs84
from db.intake.features import is_feature_file, read_features
from db.intake.findings import Findings
from db.intake.profile import Profile, fill, guess_fields, require_columns
from db.intake.tabular import read_table
from db.tables import demand, outbox
from db.write.bulk import copy_frame, point_texts
from db.write.territory import deepest_codes, district_row, in_force
from gis.errors import InputFault

DEMAND_NAMES = {
    "external_id": ("external_id", "id", "osm_id", "building_id", "编号"),
    "name_zh": ("name_zh", "name", "名称", "小区"),
    "people": ("people", "residents", "population", "人口", "居民"),
    "over60": ("over60", "residents60", "老年人口", "60岁以上"),
    "lon": ("lon", "longitude", "lng", "x", "经度"),
    "lat": ("lat", "latitude", "y", "纬度"),
}
"""What such columns are usually called."""

KINDS = ("building", "compound", "cell")


@dataclass(frozen=True)
class DemandImport:
    """What an import of homes did; `total` = stored + empty + refused."""

    total: int
    stored: int
    empty: int
    outside: int
    refused: int
    people: float
    over60: float
    findings: Findings


def import_demand(
    conn: Connection, path: Path, profile: Profile, *, kind: str = "building", spread: bool = False, source: str = "",
    district_code: str = "", crs: str = "", layer: str = "",
) -> DemandImport:  # fmt: skip
    """Replace the homes of a source by those of a file.

    Parameters
    ----------
    kind
        What a row stands for: building, compound (its entrance) or cell.
    spread
        The file holds residential buildings as areas without people: those of the smallest areas on record are spread
        over them by footprint, an estimate and told as one.

    Raises
    ------
    InputFault
        When the file is unreadable, lacks what is needed, or nobody lives in it.
    """
    if kind not in KINDS:
        raise InputFault(f"--kind {kind!r} is not one of {', '.join(KINDS)}")
    place = district_row(conn, district_code)
    source = source or path.stem
    frame, shapes, own_crs = _read(path, layer)
    fields = guess_fields([str(name) for name in frame.columns], DEMAND_NAMES) | dict(profile.fields)
    require_columns(path.name, [str(name) for name in frame.columns], fields)
    text = {name: fill(frame, spec) for name, spec in fields.items()}
    lon, lat = _positions(path.name, text, shapes, crs or own_crs)
    areas = in_force(conn, place.code)
    codes = deepest_codes(areas, lon, lat)
    notes = Findings()
    if spread:
        people, over60 = _spread(areas, codes, shapes, own_crs, place.metric_srid)
    else:
        if "people" not in text:
            raise InputFault(f"{path.name} says no people; say which column with --map people=COLUMN, or --spread")
        people = pd.to_numeric(text["people"], errors="coerce").to_numpy(float)
        told60 = pd.to_numeric(text["over60"], errors="coerce") if "over60" in text else pd.Series(0.0, frame.index)
        over60 = told60.fillna(0.0).to_numpy(float)
    bad = _refuse(frame.index, people, over60, lon, lat, notes)
    empty = ~bad & (people == 0)
    kept = ~bad & ~empty
    if not kept.any() or people[kept].sum() <= 0:
        raise InputFault(f"{path.name} holds no residents: none of its {len(frame):,} rows has people")
    outside = kept & (codes == "")
    notes.add("flagged", "outside", "a home with {} people lies outside the district", frame.index[outside],
              people[outside].round(1))  # fmt: skip
    number = text["external_id"] if "external_id" in text else pd.Series(frame.index.astype(str), index=frame.index)
    rows = pd.DataFrame(
        {
            "district_code": place.code, "external_id": number.fillna("").astype(str).to_numpy(), "kind": kind,
            "name_zh": text["name_zh"].fillna("").to_numpy() if "name_zh" in text else "",
            "cell_code": [code or None for code in codes], "people": people, "over60": over60, "source": source,
            "is_estimate": spread, "geom": point_texts(lon, lat).to_numpy(),
        }
    )[kept]  # fmt: skip
    rows["external_id"] = _unique(rows["external_id"])
    conn.execute(delete(demand).where(demand.c.district_code == place.code))
    copy_frame(conn, "demand", rows)
    conn.execute(insert(outbox).values(kind="geography", area_code=place.code))
    return DemandImport(len(frame), len(rows), int(empty.sum()), int(outside.sum()), int(bad.sum()),
                        float(people[kept].sum()), float(over60[kept].sum()), notes)  # fmt: skip


def _read(path: Path, layer: str) -> tuple[pd.DataFrame, np.ndarray | None, str]:
    if not is_feature_file(path):
        return read_table(path).frame, None, "EPSG:4326"
    frame = read_features(path, layer=layer)
    crs = frame.crs.to_string() if frame.crs is not None else "EPSG:4326"
    return pd.DataFrame(frame.drop(columns="geometry")), frame.geometry.to_numpy(), crs


def _positions(
    name: str, text: dict[str, pd.Series], shapes: np.ndarray | None, crs: str
) -> tuple[np.ndarray, np.ndarray]:
    if shapes is not None:
        inner = shapely.point_on_surface(shapes)
        return points_to_wgs84(shapely.get_x(inner), shapely.get_y(inner), crs)
    if "lon" not in text or "lat" not in text:
        raise InputFault(f"{name} has no coordinates; say which columns with --map lon=COLUMN --map lat=COLUMN")
    x, y = (pd.to_numeric(text[axis], errors="coerce").to_numpy(float) for axis in ("lon", "lat"))
    return points_to_wgs84(x, y, crs)


def _spread(
    areas: gpd.GeoDataFrame, codes: np.ndarray, shapes: np.ndarray | None, crs: str, srid: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return people and over-60s per building: those of the smallest area that holds it, by footprint."""
    if shapes is None:
        raise InputFault("--spread needs buildings as areas, not a table")
    size = gpd.GeoSeries(shapes, crs=crs).to_crs(srid).area.to_numpy()
    whole = pd.Series(size).groupby(codes).transform("sum").to_numpy()
    share = np.divide(size, whole, out=np.zeros(len(size)), where=(whole > 0) & (codes != ""))
    known = areas.set_index("code")
    if known["population"].isna().all():
        raise InputFault("no area on record has a population to spread: import one with the areas first")
    people = known["population"].reindex(codes).fillna(0.0).to_numpy(float) * share
    older = known["over60"].reindex(codes).fillna(0.0).to_numpy(float) * share
    return people, older


def _refuse(
    rows: pd.Index, people: np.ndarray, over60: np.ndarray, lon: np.ndarray, lat: np.ndarray, notes: Findings
) -> np.ndarray:
    none = ~np.isfinite(people)
    negative = np.isfinite(people) & ((people < 0) | (over60 < 0))
    more = ~none & ~negative & (over60 > people)
    nowhere = ~(np.isfinite(lon) & np.isfinite(lat))
    notes.add("refused", "no_people", "the row has no number of people", rows[none])
    notes.add("refused", "negative", "{} people is negative", rows[negative], people[negative])
    notes.add("refused", "too_many_old", "more over-60s than people ({})", rows[more], over60[more])
    notes.add("refused", "no_place", "the row has no coordinates", rows[nowhere])
    return none | negative | more | nowhere


def _unique(numbers: pd.Series) -> pd.Series:
    """Return ids that are each told once: a repeated or absent one gets its row number."""
    twice = numbers.duplicated(keep=False) | (numbers == "")
    return numbers.where(~twice, numbers + "#" + numbers.index.astype(str))
