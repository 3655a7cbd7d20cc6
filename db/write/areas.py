"""A file of areas goes into the record: checked whole, dated, with the outlines above it kept in step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, func, insert, select

from db.intake.area_rows import read_area_rows
from db.intake.datum import layer_to_wgs84
from db.intake.findings import Findings, ImportRefused, refuse_if_bad
from db.intake.profile import Profile
from db.tables import district, quality_issue
from db.write.faults import level_faults, record_faults, serious
from db.write.outlines import followers, renew_parents
from db.write.placing import place_cases
from db.write.territory import in_force, touch_geography
from db.write.versions import Changes, close_areas, rename_areas, write_areas
from gis.codes import Level
from gis.crs import in_china, require_metric, utm_srid
from gis.errors import InputFault

_CHINA_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class AreaOptions:
    """What a user may say about an import of areas; empty means as the profile says, or by default.

    Attributes
    ----------
    crs
        `wgs84`, `gcj02`, `bd09` or `EPSG:<number>`: declared for this very file.
    layer
        Layer of a file with several.
    metric_srid
        CRS for lengths and areas of a new district; its UTM zone by default.
    timezone
        IANA zone of a new district; Asia/Shanghai by default in China.
    parents
        `auto`: missing areas above are made as the union of those below, and an outline that was such a union stays
        one; `union`: they are rebuilt in any case; `keep`: they are neither made nor changed.
    replace
        Areas in force that the file lacks are closed.
    accept
        Take the file in spite of a suspicious datum, overlaps or areas outside their parents.
    """

    crs: str = ""
    layer: str = ""
    metric_srid: int = 0
    timezone: str = ""
    parents: str = "auto"
    replace: bool = False
    accept: bool = False


@dataclass
class AreaImport:
    """What an import of areas did."""

    level: Level
    district_code: str
    total: int
    changes: Changes = field(default_factory=Changes)
    made: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    faults: gpd.GeoDataFrame | None = None


def import_areas(
    conn: Connection, path: Path, profile: Profile, level: Level, *, today: date, options: AreaOptions | None = None
) -> AreaImport:
    """Import areas of one level in the caller's transaction, all of the file or nothing.

    A file with geometry brings areas into force; a plain table names the areas that are there, and a code of it that
    has no outline in the record is reported.

    Parameters
    ----------
    conn
        A connection in a transaction as the owner of the tables.
    path, profile, level
        The file, how its columns become ours, and what level of area it holds.
    today
        First day of new versions.
    options
        See `AreaOptions`.

    Raises
    ------
    ImportRefused
        When any feature cannot be taken in; its `findings` name every one.
    CrsFault
        When the coordinate system is unknown or the outline fits the known district only after undoing a shift.
    InputFault
        When the file is unreadable or mixes districts.
    """
    chosen = options or AreaOptions()
    findings = Findings()
    rows = read_area_rows(path, profile, level, layer=chosen.layer, findings=findings)
    refuse_if_bad(path.name, len(rows), findings)
    code = _one_district(path.name, rows["code"])
    result = AreaImport(level, code, len(rows), findings=findings)
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"areas of {code}"))))
    existing = in_force(conn, code)
    if isinstance(rows, gpd.GeoDataFrame):
        _bring_into_force(conn, rows, existing, profile, chosen, today, result)
    else:
        _name(conn, rows, existing[existing["level"] == int(level)], result)
    if result.changes.any_geometry or result.changes.renamed:
        version = geometry_version(conn, code)
        touch_geography(conn, code, version, str(profile.options.get("attribution", "")))
    return result


def _bring_into_force(
    conn: Connection, rows: gpd.GeoDataFrame, existing: gpd.GeoDataFrame, profile: Profile,
    options: AreaOptions, today: date, result: AreaImport,
) -> None:  # fmt: skip
    level, code, findings = result.level, result.district_code, result.findings
    peers = existing[existing["level"] == int(level)]
    known = peers if not peers.empty else existing[existing["level"] == int(Level.DISTRICT)]
    declared = options.crs or str(profile.options.get("crs", ""))
    converted = layer_to_wgs84(rows, declared, known, asserted=bool(options.crs), accept=options.accept)
    rows = converted.frame
    result.sentences += converted.sentences
    _note_shift(conn, code, converted.moved_m, converted.crs, path_words=converted.sentences)
    for row, place in zip(rows.index, rows["name_zh"].isna(), strict=True):
        if place and rows.loc[row, "code"] not in set(peers["code"]):
            findings.add(
                "flagged", "no_name", "area {} has no name; its code stands for it", [row], str(rows.loc[row, "code"])
            )
    _ensure_district(conn, rows, profile, options)
    facts = conn.execute(select(district).where(district.c.code == code)).one()
    result.absent = sorted(set(peers["code"]) - set(rows["code"]))
    if options.replace:
        close_areas(conn, peers.loc[peers["code"].isin(result.absent), "id"].astype(int).tolist(), today)
        result.changes.closed += result.absent
    before = followers(existing, level, facts.metric_srid, options.parents)
    changes = write_areas(conn, rows, existing, facts.metric_srid, today)
    changes.closed = result.changes.closed
    result.changes = changes
    if changes.any_geometry:
        named: Mapping[str, Any] = profile.options.get("district") or {}
        drawn = (
            renew_parents(conn, code, level, before, facts.metric_srid, named, today)
            if options.parents != "keep"
            else None
        )
        if drawn is not None:
            result.made, redrawn = drawn.opened, [*drawn.opened, *drawn.reshaped, *drawn.corrected]
            if redrawn:
                result.sentences.append(f"outline of {', '.join(redrawn)} drawn as the union of the areas below")
            if code in drawn.opened and not named.get("name_zh"):
                findings.add("note", "no_name", "district {} was made without a name", (0,), code)
    _check(conn, rows, code, facts.metric_srid, options.accept, result)
    deepest = int(in_force(conn, code)["level"].max()) == int(level)
    if changes.any_geometry and (deepest or changes.closed):
        moved = place_cases(conn, code)
        if moved:
            result.sentences.append(
                f"{moved:,} cases moved to the areas they now lie in; each keeps its former area beside"
            )


def _one_district(name: str, codes: pd.Series) -> str:
    found = sorted(codes.str[:6].unique())
    if len(found) != 1:
        raise InputFault(f"{name} mixes the districts {', '.join(found)}; import one district at a time")
    return str(found[0])


def _ensure_district(conn: Connection, rows: gpd.GeoDataFrame, profile: Profile, options: AreaOptions) -> None:
    """Enter the district with its metric CRS and time zone when it is new."""
    code = str(rows["code"].iloc[0])[:6]
    said: Mapping[str, Any] = profile.options.get("district") or {}
    if conn.execute(select(district.c.code).where(district.c.code == code)).first() is not None:
        return
    west, south, east, north = rows.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    zone = options.timezone or str(said.get("timezone") or "")
    if not zone and bool(in_china(lon, lat).all()):
        zone = _CHINA_ZONE
    if not zone:
        raise InputFault(f"district {code} is new: say its time zone, for example --timezone America/New_York")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise InputFault(f"time zone {zone!r} is unknown; use a name such as Asia/Shanghai") from None
    srid = options.metric_srid or int(said.get("metric_srid") or 0) or utm_srid(lon, lat)
    require_metric(srid)
    conn.execute(
        insert(district).values(code=code, metric_srid=srid, timezone=zone, is_demo=False, geometry_version="0")
    )


def _check(
    conn: Connection, rows: gpd.GeoDataFrame, code: str, metric_srid: int, accept: bool, result: AreaImport
) -> None:
    """Check the level and the one below as they now stand; refuse what is grossly wrong."""
    areas = in_force(conn, code)
    faults = level_faults(areas, result.level, metric_srid)
    result.faults = faults
    numbers = {str(one): int(row) for row, one in enumerate(rows["code"], start=1)}
    for fault in faults.to_dict("records"):
        owner = str(fault["code"])
        row = numbers.get(owner, numbers.get(str(fault["other_code"]), 0))
        reason = f"{fault['detail']} ({fault['size_m2']:.1f} m2)"
        result.findings.add("flagged", str(fault["kind"]), reason, [row], owner)
    gross = serious(faults, areas, metric_srid)
    gross = gross[gross["code"].isin(set(rows["code"]))]
    if len(gross) and not accept:
        for item in gross.to_dict("records"):
            words = "overlaps its neighbours" if item["kind"] == "overlap" else "lies outside its parent"
            owner = str(item["code"])
            reason = f"{item['share']:.0%} of {{}} {words}"
            result.findings.add("refused", str(item["kind"]), reason, [numbers[owner]], owner)
        first = gross.iloc[0]
        raise ImportRefused(
            f"{len(gross)} of {len(rows)} areas overlap or lie outside their parent by more than 1 %; "
            f"worst: {first.code}, {first.share:.0%} {first.kind}. Nothing was imported; "
            "--accept takes it so, --parents union redraws the parents",
            result.findings,
        )
    record_faults(conn, code, result.level, faults)
    below = result.level.child
    if below is not None and (areas["level"] == int(below)).any():
        record_faults(conn, code, below, level_faults(areas, below, metric_srid))


def _name(conn: Connection, rows: pd.DataFrame, existing: gpd.GeoDataFrame, result: AreaImport) -> None:
    known = set(existing["code"])
    strange = ~rows["code"].isin(known)
    result.findings.add(
        "refused", "no_outline", "code {} has no outline in the record; a table without geometry cannot make an area",
        rows.index[strange], rows.loc[strange, "code"],
    )  # fmt: skip
    if strange.all():
        raise ImportRefused("none of the codes has an outline in the record: import outlines first", result.findings)
    result.absent = sorted(known - set(rows["code"]))
    result.changes = rename_areas(conn, rows[~strange], existing)


def _note_shift(conn: Connection, code: str, moved_m: tuple[float, float], crs: str, *, path_words: list[str]) -> None:
    if moved_m[0] > 0:
        conn.execute(
            insert(quality_issue).values(
                district_code=code,
                kind="crs_shift",
                detail_en="; ".join(path_words),
                detail_zh=f"坐标由 {crs.upper()} 换算为 WGS-84，顶点平均移动 {moved_m[0]:.0f} 米，"
                f"最大 {moved_m[1]:.0f} 米",
            )
        )


def geometry_version(conn: Connection, code: str) -> str:
    """Return a short digest of all outlines in force: the same geography always has the same version."""
    areas = in_force(conn, code)
    digest = hashlib.sha256()
    for name, shape in zip(areas["code"], areas.geometry, strict=True):
        digest.update(name.encode())
        digest.update(shapely.to_wkb(shape))
    return digest.hexdigest()[:12]
