"""`python -m dashboard export`: areas or cases of one scope as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import print as show

from dashboard.settings import Settings

app = typer.Typer()

_WHATS = ("areas", "cases")


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="areas or cases", show_default=False)],
    scope: Annotated[str, typer.Option(help="Official code: 6, 9, 12 or 15 digits.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    kind: Annotated[
        str, typer.Option("--format", help="geojson, gpkg, parquet, csv, xlsx; default: by the name.")
    ] = "",
    level: Annotated[str, typer.Option(help="Areas of this level only.")] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Cases from this local day on.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Cases to this local day.")] = None,
) -> None:
    """Write areas or cases of exactly one scope to a file that says where it comes from.

    Example: python -m dashboard export cases --scope 110102017 --since 2026-05-01 -o cases.xlsx
    """
    from db.engine import Database
    from db.export.files import FORMATS, write_export
    from db.export.frames import export_areas, export_cases
    from gis.codes import level_from_word
    from gis.errors import InputFault

    if what not in _WHATS:
        raise InputFault(f"{what!r} is not one of {', '.join(_WHATS)}")
    if kind and kind not in FORMATS:
        raise InputFault(f"--format {kind!r} is not one of {', '.join(FORMATS)}")
    database = Database(Settings.from_env().database_url)
    now = datetime.now(UTC)
    try:
        with database.reading(timeout_ms=0) as conn:
            if what == "areas":
                made = export_areas(conn, scope, now=now, level=level_from_word(level) if level else None)
            else:
                first, last = (day.date() if day else None for day in (since, until))
                made = export_cases(conn, scope, now=now, since=first, until=last)
        write_export(made, output, kind)
    finally:
        database.dispose()
    show(f"{len(made.frame):,} {what} of {scope} {made.provenance.scope_name} written to {output}")
