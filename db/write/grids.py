"""Grids go into the record: the three older ones as they come, the unified one nested in communities, with lineage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete

from db.intake.datum import layer_to_wgs84
from db.intake.features import read_features
from db.intake.findings import Findings, refuse_if_bad
from db.intake.outlines import repaired
from db.intake.profile import Profile, fill, guess_fields, require_columns
from db.tables import source_cell
from db.write.areas import AreaOptions, geometry_version
from db.write.bulk import copy_frame
from db.write.faults import level_faults, record_faults
from db.write.lineages import by_grid, store_lineage, tell_lineage
from db.write.placing import place_anew, place_cases
from db.write.territory import district_row, in_force, people, source_cells, touch_geography
from db.write.versions import Changes, as_multipolygons, close_areas, write_areas
from gis.codes import Level
from gis.errors import AreaNotFound, InputFault
from gis.locate import CellIndex
from gis.merge import merge_grids
from gis.numbering import number_cells
from gis.terms import SOURCE_GRIDS

CELL_NAMES = {"code": ("code", "cell_code", "网格编码", "编码", "id"), "population": ("population", "常住人口", "人口")}
"""What such columns are usually called."""

INSIDE_SHARE = 0.99
"""Least share of a unified cell that must lie in its community."""


@dataclass
class GridImport:
    """What an import or a merge of grids did."""

    grid: str
    district_code: str
    total: int
    changes: Changes = field(default_factory=Changes)
    lineage_rows: int = 0
    sentences: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


def import_source_grid(
    conn: Connection,
    path: Path,
    profile: Profile,
    grid: str,
    *,
    district_code: str = "",
    options: AreaOptions | None = None,
) -> GridImport:
    """Replace one of the three older grids by the cells of a file, and tell the unified cells' lineage anew.

    Raises
    ------
    InputFault
        When the grid is not one of the three, or a cell cannot be taken in.
    CrsFault
        When the coordinate system is unknown or does not fit the district.
    """
    if grid not in SOURCE_GRIDS:
        raise InputFault(f"grid {grid!r} is not one of {', '.join(SOURCE_GRIDS)}")
    place = district_row(conn, district_code)
    result = GridImport(grid, place.code, 0)
    rows = _read_cells(conn, path, profile, place.code, options or AreaOptions(), result, needs_code=True)
    rows["area_m2"] = rows.to_crs(place.metric_srid).area
    conn.execute(delete(source_cell).where(source_cell.c.district_code == place.code, source_cell.c.grid == grid))
    stored = pd.DataFrame(rows.drop(columns="geometry")).assign(district_code=place.code, grid=grid)
    stored["geom"] = as_multipolygons(rows.geometry.to_numpy())
    copy_frame(conn, "source_cell", stored)
    result.lineage_rows = tell_lineage(conn, place.code, place.metric_srid)
    touch_geography(conn, place.code, geometry_version(conn, place.code), str(profile.options.get("attribution", "")))
    return result


def import_unified(
    conn: Connection,
    path: Path,
    profile: Profile,
    *,
    today: date,
    district_code: str = "",
    options: AreaOptions | None = None,
) -> GridImport:
    """Bring unified cells of a file into force; codes are computed when the file has none.

    Raises
    ------
    InputFault
        When a cell does not lie in one community, or its code says another one.
    """
    place = district_row(conn, district_code)
    result = GridImport("unified", place.code, 0)
    rows = _read_cells(conn, path, profile, place.code, options or AreaOptions(), result, needs_code=False)
    communities = _communities(conn, place.code)
    metric = rows.to_crs(place.metric_srid)
    rows["code"] = _codes(metric, communities.to_crs(place.metric_srid), result.findings)
    refuse_if_bad(path.name, len(rows), result.findings)
    _enter_cells(conn, rows, place, today, result)
    result.lineage_rows = tell_lineage(conn, place.code, place.metric_srid)
    return result


def merge_source_grids(
    conn: Connection, n_cells: int, *, today: date, seed: int, district_code: str = "",
    progress: Callable[[str], None] | None = None,
) -> GridImport:  # fmt: skip
    """Compute the unified grid out of the source grids in the record and bring it into force.

    Raises
    ------
    AreaNotFound
        When there are no communities or no source grids.
    InputFault
        When the count cannot be reached.
    """
    say = progress or (lambda step: None)
    place = district_row(conn, district_code)
    say("reading the grids")
    communities = _communities(conn, place.code).to_crs(place.metric_srid)
    cells = source_cells(conn, place.code).to_crs(place.metric_srid)
    if cells.empty:
        raise AreaNotFound(f"district {place.code} has no source grid: import grids FILE --grid city_management first")
    sources = by_grid(cells)
    residents = people(conn, place.code)
    weights = None if residents.empty else residents.to_crs(place.metric_srid)
    say(f"merging {len(cells):,} source cells into {n_cells:,}")
    merged = merge_grids(communities[["code", "geometry"]], sources, n_cells, weights, rng=np.random.default_rng(seed))
    rows = merged.cells[["code", "population", "geometry"]].to_crs(4326)
    if weights is None:
        rows["population"] = np.nan
    result = GridImport("unified", place.code, len(rows))
    say("writing")
    _enter_cells(conn, rows, place, today, result)
    result.lineage_rows = store_lineage(conn, place.code, merged.lineage)
    return result


def _read_cells(
    conn: Connection,
    path: Path,
    profile: Profile,
    code: str,
    options: AreaOptions,
    result: GridImport,
    *,
    needs_code: bool,
) -> gpd.GeoDataFrame:
    """Read, repair and convert the cells of a file: [code, population, geometry] in EPSG:4326."""
    frame = read_features(path, layer=options.layer)
    columns = [str(name) for name in frame.columns if name != "geometry"]
    fields = guess_fields(columns, CELL_NAMES) | dict(profile.fields)
    require_columns(path.name, columns, fields)
    if needs_code and "code" not in fields:
        raise InputFault(f"{path.name} has no column that looks like a code; say which with --map code=COLUMN")
    blank = pd.Series(None, index=frame.index, dtype="str")
    codes = fill(frame, fields["code"]) if "code" in fields else blank
    result.total = len(frame)
    if needs_code:
        none, again = codes.isna().to_numpy(), (codes.duplicated(keep=False) & codes.notna()).to_numpy()
        result.findings.add("refused", "no_code", "the cell has no code", frame.index[none])
        result.findings.add(
            "refused", "duplicate_code", "code {} is on more than one cell", frame.index[again], codes[again]
        )
    residents = fill(frame, fields["population"]) if "population" in fields else blank
    shapes = repaired(frame.geometry, codes, result.findings)
    refuse_if_bad(path.name, len(frame), result.findings)
    rows = gpd.GeoDataFrame(
        {"code": codes, "population": pd.to_numeric(residents, errors="coerce")}, geometry=shapes, crs=frame.crs
    )
    known = in_force(conn, code, Level.DISTRICT)
    declared = options.crs or str(profile.options.get("crs", ""))
    converted = layer_to_wgs84(rows, declared, known, asserted=bool(options.crs), accept=options.accept)
    result.sentences += converted.sentences
    return converted.frame


def _communities(conn: Connection, district_code: str) -> gpd.GeoDataFrame:
    found = in_force(conn, district_code, Level.COMMUNITY)
    if found.empty:
        raise AreaNotFound(f"district {district_code} has no communities: import areas --level community first")
    return found


def _codes(cells: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, findings: Findings) -> pd.Series:
    """Return the 15-digit code of each cell, having refused those that do not lie in one community."""
    shapes = np.asarray(cells.geometry.array, dtype=object)
    index = CellIndex(communities["code"].to_numpy(dtype=str), np.asarray(communities.geometry.array, dtype=object))
    inner = shapely.point_on_surface(shapes)
    owner = index.locate(inner)
    ground = dict(zip(communities["code"], communities.geometry, strict=True))
    share = np.array(
        [shapely.area(shapely.intersection(shape, ground[code])) / shapely.area(shape) if code else 0.0
         for shape, code in zip(shapes, owner, strict=True)]
    )  # fmt: skip
    crosses = share < INSIDE_SHARE
    findings.add(
        "refused",
        "outside_parent",
        "the cell does not lie in one community (nearest {})",
        cells.index[crosses],
        owner[crosses],
    )
    given = cells["code"].fillna("").to_numpy(dtype=str)
    if (given != "").all():
        strange = np.array(
            [len(code) != Level.CELL or not code.startswith(own) for code, own in zip(given, owner, strict=True)]
        )
        strange |= pd.Series(given).duplicated(keep=False).to_numpy()
        findings.add(
            "refused",
            "bad_code",
            "code {} repeats or is not its community's with three digits",
            cells.index[strange],
            given[strange],
        )
        return pd.Series(given, index=cells.index, dtype="str")
    codes = np.full(len(cells), "", dtype="<U15")
    for community in np.unique(owner[owner != ""]):
        mine = owner == community
        codes[mine] = number_cells(str(community), shapes[mine])
    return pd.Series(codes, index=cells.index, dtype="str")


def _named(rows: gpd.GeoDataFrame, existing: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cells with names for new ones: that of their community and their number in it."""
    short = dict(zip(communities["code"], communities["short_zh"], strict=True))
    known = set(existing["code"])
    number = [(short[code[:12]], int(code[12:])) if code not in known else None for code in rows["code"]]
    names = [f"{item[0]}第{item[1]}网格" if item else None for item in number]
    shorts = [f"{item[0]}{item[1]}" if item else None for item in number]
    named = rows.assign(population=rows["population"].round())
    drawn = dict(zip(communities["code"], communities["is_schematic"], strict=True))
    named["is_schematic"] = [bool(drawn[code[:12]]) for code in rows["code"]]
    named["name_zh"], named["short_zh"] = pd.Series(names, index=rows.index), pd.Series(shorts, index=rows.index)
    return named


def _enter_cells(conn: Connection, rows: gpd.GeoDataFrame, place: Any, today: date, result: GridImport) -> None:
    """Bring the cells into force in place of the ones that were, and put what lies in them into them."""
    existing = in_force(conn, place.code, Level.CELL)
    gone = existing[~existing["code"].isin(set(rows["code"]))]
    close_areas(conn, gone["id"].astype(int).tolist(), today)
    named = _named(rows, existing, _communities(conn, place.code))
    result.changes = write_areas(conn, named, existing, place.metric_srid, today)
    result.changes.closed = gone["code"].tolist()
    areas = in_force(conn, place.code)
    faults = level_faults(areas, Level.CELL, place.metric_srid)
    for fault in faults.to_dict("records"):
        reason = f"{fault['detail']} ({fault['size_m2']:.1f} m2)"
        result.findings.add("flagged", str(fault["kind"]), reason, (0,), str(fault["code"]))
    record_faults(conn, place.code, Level.CELL, faults)
    place_anew(conn, place.code)
    moved = place_cases(conn, place.code)
    if moved:
        result.sentences.append(f"{moved:,} cases moved to cells of the new grid; each keeps its former area beside")
    touch_geography(conn, place.code, geometry_version(conn, place.code))
