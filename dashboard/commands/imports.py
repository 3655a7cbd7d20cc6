"""`python -m dashboard import ...`: areas, grids, facilities and cases out of files, whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.import_parts import (
    AcceptOption,
    CrsOption,
    DistrictOption,
    FileArgument,
    LayerOption,
    MapOption,
    ProfileOption,
    ReportOption,
    app,
    opened,
    out,
    profile_of,
    report_path,
    some_of,
    steps,
    tell,
    today_of,
)
from dashboard.commands.import_walking import demand, network

__all__ = ["app", "demand", "network"]


@app.command()
def areas(
    file: FileArgument,
    level: Annotated[str, typer.Option(help="district, street or community; default: as the profile says.")] = "",
    profile: ProfileOption = "",
    columns: MapOption = None,
    crs: CrsOption = "",
    layer: LayerOption = "",
    metric_srid: Annotated[int, typer.Option(help="EPSG number a new district is measured in; default UTM.")] = 0,
    timezone: Annotated[str, typer.Option(help="Time zone of a new district; Asia/Shanghai in China.")] = "",
    parents: Annotated[
        str, typer.Option(help="auto: make missing areas above; union: redraw them as the union; keep: leave them.")
    ] = "auto",
    replace: Annotated[bool, typer.Option("--replace", help="Close areas in force that the file lacks.")] = False,
    accept: AcceptOption = False,
    report: ReportOption = None,
) -> None:
    """Bring areas of one level into force, or name them from a table without geometry.

    Reads GeoJSON, GeoPackage, Shapefile, GeoParquet; CSV and XLSX for names. Codes identify. The whole file or nothing.

    Examples: python -m dashboard import areas streets.geojson --level street --map code=adcode
    · python -m dashboard import areas outlines.shp --level street --crs gcj02
    · python -m dashboard import areas communities.csv --profile nbs_communities
    """
    from db.intake.findings import ImportRefused
    from db.write.areas import AreaOptions, import_areas
    from gis.codes import level_from_word
    from gis.errors import InputFault

    chosen = profile_of(profile, columns)
    word = level or str(chosen.options.get("level", ""))
    if not word:
        raise InputFault("say which level the areas have: --level district, street or community")
    wanted = level_from_word(word)
    if parents not in ("auto", "union", "keep"):
        raise InputFault(f"--parents {parents!r} is not one of auto, union, keep")
    options = AreaOptions(
        crs=crs,
        layer=layer,
        metric_srid=metric_srid,
        timezone=timezone,
        parents=parents,
        replace=replace,
        accept=accept,
    )
    target = report or report_path("areas", file)
    try:
        with opened() as conn, steps() as say:
            say("checking")
            done = import_areas(conn, file, chosen, wanted, today=today_of(chosen), options=options)
    except ImportRefused as fault:
        tell(fault.findings, target)
        raise
    for sentence in done.sentences:
        out.print(f"· {sentence}", markup=False, soft_wrap=True)
    changes = done.changes
    counts = {
        "new": changes.opened, "with a new outline": changes.reshaped, "corrected": changes.corrected,
        "with new facts": changes.renamed, "unchanged": changes.unchanged, "closed": changes.closed,
    }  # fmt: skip
    words = ", ".join(f"{len(codes)} {word}" for word, codes in counts.items() if codes) or "none changed"
    refused = done.findings.count("refused")
    out.print(f"{done.total} rows of level {wanted.word} in district {done.district_code}: {words}, {refused} refused")
    if done.absent and not replace:
        out.print(f"· in force but not in the file, kept: {some_of(done.absent)}", markup=False)
    tell(done.findings, target)


@app.command()
def grids(
    file: Annotated[Path | None, typer.Argument(help="The file; none with --merge.", show_default=False)] = None,
    grid: Annotated[str, typer.Option(help="Replace city_management, public_order or social_service.")] = "",
    unified: Annotated[bool, typer.Option("--unified", help="The file holds unified cells.")] = False,
    merge: Annotated[int, typer.Option(help="Compute this many unified cells out of the source grids.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the merge: the same seed gives the same grid.")] = 1,
    district: DistrictOption = "",
    profile: ProfileOption = "",
    columns: MapOption = None,
    crs: CrsOption = "",
    layer: LayerOption = "",
    accept: AcceptOption = False,
    report: ReportOption = None,
) -> None:
    """Replace a source grid, bring unified cells into force, or merge the source grids into unified cells.

    Examples: python -m dashboard import grids old.gpkg --grid city_management
    · python -m dashboard import grids cells.geojson --unified · python -m dashboard import grids --merge 1623
    """
    from db.intake.findings import ImportRefused
    from db.write.areas import AreaOptions
    from db.write.grids import import_source_grid, import_unified, merge_source_grids
    from gis.errors import InputFault

    if bool(grid) + unified + bool(merge) != 1 or (file is None) != bool(merge):
        raise InputFault("say one of: FILE --grid NAME, FILE --unified, or --merge N without a file")
    chosen, options = profile_of(profile, columns), AreaOptions(crs=crs, layer=layer, accept=accept)
    target = report or report_path("grids", file or Path("merge"))
    try:
        with opened() as conn, steps() as say:
            if file is None:
                done = merge_source_grids(
                    conn, merge, today=today_of(chosen), seed=seed, district_code=district, progress=say
                )
            elif unified:
                say("checking")
                done = import_unified(
                    conn, file, chosen, today=today_of(chosen), district_code=district, options=options
                )
            else:
                say("checking")
                done = import_source_grid(conn, file, chosen, grid, district_code=district, options=options)
    except ImportRefused as fault:
        tell(fault.findings, target)
        raise
    for sentence in done.sentences:
        out.print(f"· {sentence}", markup=False, soft_wrap=True)
    out.print(f"{done.total:,} cells of grid {done.grid} in {done.district_code}; {done.lineage_rows:,} lineage pairs")
    tell(done.findings, target)


@app.command()
def facilities(
    file: FileArgument,
    source: Annotated[str, typer.Option(help="Whose list it is; source and id together identify a facility.")] = "",
    district: DistrictOption = "",
    profile: ProfileOption = "",
    columns: MapOption = None,
    crs: CrsOption = "",
    layer: LayerOption = "",
    accept: AcceptOption = False,
    report: ReportOption = None,
) -> None:
    """Import facilities from points, a table with lon and lat, or an OpenStreetMap extract. Importing again updates.

    Example: python -m dashboard import facilities shops.csv --source survey2026 --map kind=type --map name_zh=name
    """
    from db.write.facilities import import_facilities
    from db.write.osm_facilities import import_osm_facilities

    chosen = profile_of(profile, columns)
    with opened() as conn, steps() as say:
        say("importing")
        if file.name.lower().endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
            done = import_osm_facilities(conn, file, source=source, district_code=district)
        else:
            done = import_facilities(
                conn, file, chosen, source=source, district_code=district, crs=crs, layer=layer, accept=accept
            )
    out.print(f"{done.total:,} rows: {done.stored:,} stored ({done.outside:,} outside), {done.refused:,} refused")
    tell(done.findings, report or report_path("facilities", file))


@app.command()
def cases(
    file: FileArgument,
    source: Annotated[str, typer.Option(help="System that the cases come from; default: as the profile says.")] = "",
    district: DistrictOption = "",
    profile: ProfileOption = "",
    columns: MapOption = None,
    crs: CrsOption = "",
    accept: AcceptOption = False,
    report: ReportOption = None,
) -> None:
    """Import cases from CSV, XLSX or a zipped CSV: good rows go in, bad rows go to the report with their reasons.

    The same file may be imported again: cases are known by source and id. Example: python -m dashboard import cases
    311_2011.zip --profile boston311
    """
    from db.write.cases_file import import_cases

    chosen = profile_of(profile, columns)
    with opened() as conn, steps() as say:
        done = import_cases(
            conn, file, chosen, now=datetime.now(UTC), source=source, district_code=district, crs=crs, accept=accept,
            progress=say,
        )  # fmt: skip
    placed = ", ".join(f"{count:,} {status}" for status, count in done.statuses.items()) or "none"
    told = f"{done.new:,} new, {done.known:,} known before, {done.refused:,} refused"
    out.print(f"{done.total:,} rows ({done.encoding}): {told}")
    out.print(f"· new cases: {placed}; closed since the last import: {done.closed_since:,}")
    tell(done.findings, report or report_path("cases", file), file)
