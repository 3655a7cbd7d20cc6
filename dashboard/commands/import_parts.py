"""What the import commands share: their options, one transaction, the report by row."""

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


def profile_of(name: str, columns: list[str] | None) -> Profile:
    """Return the named profile, or an empty one, with flags laid over it."""
    from db.intake.profile import Profile, load_profile

    return (load_profile(name) if name else Profile()).with_flags(columns or [])


@contextmanager
def opened() -> Iterator[Any]:
    """Open one transaction as the owner of the tables: it commits at the end or leaves nothing."""
    from db.engine import Database

    database = Database(Settings.from_env().database_url)
    try:
        with database.owner() as conn:
            yield conn
    finally:
        database.dispose()


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Show which step is running."""
    with out.status("starting") as status:
        yield lambda step: status.update(step)


def today_of(profile: Profile) -> date:
    """Return the local day on which new versions start; Asia/Shanghai unless the profile says another zone."""
    zone = (profile.options.get("district") or {}).get("timezone") or "Asia/Shanghai"
    return datetime.now(ZoneInfo(zone)).date()


def report_path(kind: str, file: Path) -> Path:
    """Return where the report by row of an import goes."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Settings.from_env().var_dir / "reports" / f"{kind}-{file.stem}-{stamp}.csv"


def tell(findings: Findings, target: Path, table: Path | None = None) -> None:
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


def some_of(codes: list[str], most: int = 5) -> str:
    """Return the first few of a list in words."""
    return ", ".join(codes[:most]) + (f" and {len(codes) - most} more" if len(codes) > most else "")
