"""Features of a file become areas: codes checked, names filled, outlines repaired or refused."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from db.intake.features import FEATURE_SUFFIXES, is_feature_file, read_features
from db.intake.findings import Findings
from db.intake.outlines import repaired
from db.intake.profile import FieldSpec, Profile, fill, guess_fields, require_columns
from db.intake.tabular import TABLE_SUFFIXES, read_table
from gis.codes import Level
from gis.errors import InputFault

AREA_NAMES = {
    "code": ("code", "area_code", "adcode", "编码", "代码", "区划代码", "统计用区划代码"),
    "name_zh": ("name_zh", "name", "名称", "区划名称"),
    "name_en": ("name_en", "english"),
    "short_zh": ("short_zh", "简称"),
    "alias": ("alias", "别名"),
    "official_order": ("official_order", "序号"),
    "population": ("population", "常住人口", "人口"),
    "over60": ("over60", "60岁以上"),
    "households": ("households", "户数"),
    "population_source": ("population_source",),
    "population_vintage": ("population_vintage",),
    "population_is_estimate": ("population_is_estimate",),
    "land_use": ("land_use",),
    "is_schematic": ("is_schematic",),
}
"""What such columns are usually called; `<level>_code` and `<level>_name` come before these."""

NUMBERS = ("official_order", "population", "over60", "households")
FLAGS = ("population_is_estimate", "is_schematic")
TEXTS = tuple(name for name in AREA_NAMES if name not in NUMBERS + FLAGS)

_TRUE = {"1", "true", "t", "yes", "y", "是"}


def read_area_rows(
    path: Path, profile: Profile, level: Level, *, layer: str = "", findings: Findings
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Read a file of areas of one level under our column names.

    Parameters
    ----------
    path, profile
        The file, and how its columns become ours.
    level
        Which level the codes must have.
    layer
        Which layer, for a file with several.
    findings
        Gets every refusal (bad code, repeated code, outline that cannot be repaired) and every repair.

    Returns
    -------
    GeoDataFrame or DataFrame
        With geometry in the file's own CRS, or without when the file is a plain table (it then only names areas).
        Missing values mean that the file says nothing.

    Raises
    ------
    InputFault
        When the file is unreadable, or code or name cannot be told.
    """
    if path.suffix.lower() not in (*FEATURE_SUFFIXES, *TABLE_SUFFIXES):
        raise InputFault(f"{path.name} is not one of {', '.join(sorted({*FEATURE_SUFFIXES, *TABLE_SUFFIXES}))}")
    frame: pd.DataFrame = read_features(path, layer=layer) if is_feature_file(path) else read_table(path).frame
    columns = [str(name) for name in frame.columns if name != "geometry"]
    fields = _fields(path.name, columns, profile, level)
    rows = pd.DataFrame(index=frame.index)
    for ours in TEXTS:
        rows[ours] = fill(frame, fields[ours]) if ours in fields else pd.Series(None, index=frame.index, dtype="str")
    for ours in NUMBERS:
        text = fill(frame, fields[ours]) if ours in fields else pd.Series(None, index=frame.index, dtype="str")
        number = pd.to_numeric(text, errors="coerce")
        odd = (text.notna() & (number.isna() | (number < 0))).to_numpy()
        findings.add(
            "refused", "bad_number", f"{ours} {{}} is not a number of zero or more", rows.index[odd], text[odd]
        )
        rows[ours] = number.round().where(number >= 0)
    for ours in FLAGS:
        text = fill(frame, fields[ours]) if ours in fields else pd.Series(None, index=frame.index, dtype="str")
        rows[ours] = text.str.lower().isin(_TRUE).astype(object).where(text.notna(), None)
    _check_codes(rows, level, findings)
    if not isinstance(frame, gpd.GeoDataFrame):
        return rows
    return gpd.GeoDataFrame(rows, geometry=repaired(frame.geometry, rows["code"], findings), crs=frame.crs)


def _fields(name: str, columns: list[str], profile: Profile, level: Level) -> dict[str, FieldSpec]:
    names = dict(AREA_NAMES)
    names["code"] = (f"{level.word}_code", *AREA_NAMES["code"])
    names["name_zh"] = (f"{level.word}_name", *AREA_NAMES["name_zh"])
    fields = guess_fields(columns, names) | dict(profile.fields)
    require_columns(name, columns, fields)
    if "code" not in fields:
        raise InputFault(
            f"{name} has no column that looks like a code; say which with --map code=COLUMN. "
            f"It has {', '.join(columns)}"
        )
    return fields


def _check_codes(rows: pd.DataFrame, level: Level, findings: Findings) -> None:
    codes = rows["code"]
    none = codes.isna().to_numpy()
    formed = codes.str.fullmatch(rf"[0-9]{{{int(level)}}}").fillna(False).to_numpy(dtype=bool)
    again = codes.duplicated(keep=False).to_numpy() & formed
    findings.add("refused", "no_code", "the feature has no code", rows.index[none])
    wrong = ~none & ~formed
    reason = f"code {{}} is not the {int(level)} digits of a {level.word}"
    findings.add("refused", "bad_code", reason, rows.index[wrong], codes[wrong])
    findings.add("refused", "duplicate_code", "code {} is on more than one feature", rows.index[again], codes[again])
