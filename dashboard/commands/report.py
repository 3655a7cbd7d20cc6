"""`python -m dashboard report`: the brief as a file, by hand or on schedule."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from dashboard.settings import Settings

app = typer.Typer()


@app.command()
def report(
    kind: Annotated[str, typer.Argument(help="daily, weekly or monthly.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .pdf, .docx, .xlsx, or .html for the map.")],
    scope: Annotated[str, typer.Option(help="Code of the area; default: the district.")] = "",
    on: Annotated[str, typer.Option(help="Day or FIRST..LAST; default: the last complete period.")] = "",
    against: Annotated[str, typer.Option(help="What to compare with; default: the period before.")] = "",
    by: Annotated[str, typer.Option(help="Who made it; default: the user of this machine.")] = "",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Write the brief with the very figures of the page Review. Example: python -m dashboard report daily --out x.pdf.

    On schedule, with cron: 10 7 * * * cd /opt/quanxiang && .venv/bin/python -m dashboard report daily --out daily.pdf
    """
    from dashboard.reports.figures import brief
    from dashboard.reports.files import FORMS, brief_file
    from dashboard.services import Services
    from db.engine import Database
    from gis.errors import InputFault
    from gis.periods import KINDS, parse_period

    form = {"html": "map.html"}.get(out.suffix.lstrip(".").lower(), out.suffix.lstrip(".").lower())
    if form not in FORMS:
        raise InputFault(f"{out.name}: the name ends in none of .pdf, .docx, .xlsx, .html")
    if kind not in KINDS:
        raise InputFault(f"{kind!r} is not one of {', '.join(KINDS)}")
    settings = Settings.from_env()
    services = Services(settings, Database(settings.database_url))
    try:
        made = brief(
            services, scope, kind, parse_period(on) if on else None, parse_period(against) if against else None,
            made_by=by or getpass.getuser(),
        )  # fmt: skip
        out.write_bytes(brief_file(services, made, form, "en" if lang == "en" else "zh"))
    finally:
        services.database.dispose()
    typer.echo(f"{kind} of {made.place['name_zh']}, {made.period.text}, written to {out}")
