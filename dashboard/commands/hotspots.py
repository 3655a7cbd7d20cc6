"""`python -m dashboard hotspots run`: one search for hot spots, as the server makes them on its schedule."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from dashboard.settings import Settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def hotspots() -> None:
    """Hot spots: places where something piles up beyond chance."""


@app.command()
def run(
    district: Annotated[str, typer.Option("--district", help="Six-digit code; default: every district.")] = "",
) -> None:
    """Search now, set fallback addresses apart, and keep what is found. Example: python -m dashboard hotspots run."""
    from dashboard.services import Services
    from dashboard.spotting import run as search
    from db.engine import Database

    out = Console(highlight=False)
    settings = Settings.from_env()
    services = Services(settings, Database(settings.database_url))
    try:
        wanted = [services.district_of(district)] if district else services.districts()
        for one in wanted:
            done = search(services.database, one, services.calendar, services.moment(one))
            if done is None:
                out.print(f"{one.code}: another process is searching")
                continue
            out.print(
                f"{one.code}: {done['found']} hot spots in {done['cases']} cases of the last 7 days,"
                f" {done['set_apart']} cases on fallback addresses set apart"
            )
    finally:
        services.database.dispose()
