"""`python -m dashboard import ...`: areas, grids, facilities and cases out of files, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from dashboard.settings import Settings

if TYPE_CHECKING:
    from db.intake.findings import Findings
    from db.intake.profile import Profile

app = typer.Typer(
    help="Bring your own data in. Example: python -m dashboard import areas streets.geojson --level street",
    no_args_is_help=True,
)
out = Console(highlight=False)

FileArgument = Annotated[Path, typer.Argument(help="The file to read.", show_default=False)]
ProfileOption = Annotated[str, typer.Option("--profile", help="YAML profile, a path or the name of a built-in one.")]
MapOption = Annotated[list[str] | None, typer.Option("--map", help="ours=theirs, for example code=adcode; repeatable.")]
CrsOption = Annotated[
    str, typer.Option("--crs", help="wgs84, gcj02, bd09 or EPSG:<number>; default: as the file says.")
]
DistrictOption = Annotated[str, typer.Option("--district", help="Six-digit code, when several districts are loaded.")]
LayerOption = Annotated[str, typer.Option("--layer", help="Layer of a file with several.")]
AcceptOption = Annotated[bool, typer.Option("--accept", help="Take the file in spite of doubts that would refuse it.")]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", help="Where to write the row report; default var/reports.", show_default=False),
]


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

    chosen = _profile(profile, columns)
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
    target = report or _report_path("areas", file)
    try:
        with _opened() as conn, _steps() as say:
            say("checking")
            done = import_areas(conn, file, chosen, wanted, today=_today(chosen), options=options)
    except ImportRefused as fault:
        _tell(fault.findings, target)
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
        out.print(f"· in force but not in the file, kept: {_some(done.absent)}", markup=False)
    _tell(done.findings, target)


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
    chosen, options = _profile(profile, columns), AreaOptions(crs=crs, layer=layer, accept=accept)
    target = report or _report_path("grids", file or Path("merge"))
    try:
        with _opened() as conn, _steps() as say:
            if file is None:
                done = merge_source_grids(
                    conn, merge, today=_today(chosen), seed=seed, district_code=district, progress=say
                )
            elif unified:
                say("checking")
                done = import_unified(conn, file, chosen, today=_today(chosen), district_code=district, options=options)
            else:
                say("checking")
                done = import_source_grid(conn, file, chosen, grid, district_code=district, options=options)
    except ImportRefused as fault:
        _tell(fault.findings, target)
        raise
    for sentence in done.sentences:
        out.print(f"· {sentence}", markup=False, soft_wrap=True)
    out.print(f"{done.total:,} cells of grid {done.grid} in {done.district_code}; {done.lineage_rows:,} lineage pairs")
    _tell(done.findings, target)


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
    """Import facilities from points or a table with lon and lat. Importing again updates.

    Example: python -m dashboard import facilities shops.csv --source survey2026 --map kind=type --map name_zh=name
    """
    from db.write.facilities import import_facilities

    chosen = _profile(profile, columns)
    with _opened() as conn, _steps() as say:
        say("importing")
        done = import_facilities(
            conn, file, chosen, source=source, district_code=district, crs=crs, layer=layer, accept=accept
        )
    out.print(f"{done.total:,} rows: {done.stored:,} stored ({done.outside:,} outside), {done.refused:,} refused")
    _tell(done.findings, report or _report_path("facilities", file))


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

    chosen = _profile(profile, columns)
    with _opened() as conn, _steps() as say:
        done = import_cases(
            conn, file, chosen, now=datetime.now(UTC), source=source, district_code=district, crs=crs, accept=accept,
            progress=say,
        )  # fmt: skip
    placed = ", ".join(f"{count:,} {status}" for status, count in done.statuses.items()) or "none"
    told = f"{done.new:,} new, {done.known:,} known before, {done.refused:,} refused"
    out.print(f"{done.total:,} rows ({done.encoding}): {told}")
    out.print(f"· new cases: {placed}; closed since the last import: {done.closed_since:,}")
    _tell(done.findings, report or _report_path("cases", file), file)


def _profile(name: str, columns: list[str] | None) -> Profile:
    from db.intake.profile import Profile, load_profile

    return (load_profile(name) if name else Profile()).with_flags(columns or [])


@contextmanager
def _opened() -> Iterator[Any]:
    """Open one transaction as the owner of the tables: it commits at the end or leaves nothing."""
    from db.engine import Database

    database = Database(Settings.from_env().database_url)
    try:
        with database.owner() as conn:
            yield conn
    finally:
        database.dispose()


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Show which step is running."""
    with out.status("starting") as status:
        yield lambda step: status.update(step)


def _today(profile: Profile) -> date:
    """Return the local day on which new versions start; Asia/Shanghai unless the profile says another zone."""
    zone = (profile.options.get("district") or {}).get("timezone") or "Asia/Shanghai"
    return datetime.now(ZoneInfo(zone)).date()


def _report_path(kind: str, file: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Settings.from_env().var_dir / "reports" / f"{kind}-{file.stem}-{stamp}.csv"


def _tell(findings: Findings, target: Path, table: Path | None = None) -> None:
    """Print what was found, by kind, and write all of it as CSV."""
    from rich.table import Table

    kinds = findings.kinds()
    if kinds.empty:
        return
    shown = Table(show_edge=False, pad_edge=False)
    for name in ("", "kind", "rows", "first", "example"):
        shown.add_column(name, justify="right" if name in ("rows", "first") else "left", overflow="fold")
    for row in kinds.to_dict("records"):
        first, example = str(row["first_row"] or ""), _escaped(row["example"])
        shown.add_row(row["severity"], row["kind"], f"{row['count']:,}", first, example)
    out.print(shown)
    originals = None
    if table is not None and findings.frame["row"].gt(0).any():
        from db.intake.tabular import read_table

        originals = read_table(table).frame
    findings.write_csv(target, originals)
    out.print(f"row report: {target}", markup=False, soft_wrap=True)


def _escaped(text: Any) -> str:
    from rich.markup import escape

    return escape(str(text))


def _some(codes: list[str], most: int = 5) -> str:
    return ", ".join(codes[:most]) + (f" and {len(codes) - most} more" if len(codes) > most else "")
