"""`python -m dashboard check` tells whether the record still adds up."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dashboard.settings import Settings

app = typer.Typer()


@app.command()
def check(
    district: Annotated[str, typer.Option("--district", help="Six-digit code; default: every district.")] = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make all clocks anew from the steps first.")] = False,
) -> None:
    """Check topology, orphans, totals, lineage, populations, and every case; exit with 1 when anything is wrong.

    Example: python -m dashboard check --district 110102
    """
    from db.audit.checks import check_district
    from db.engine import Database
    from db.write.clocks import rebuild_all
    from db.write.territory import district_codes
    from gis.errors import AreaNotFound

    out = Console(highlight=False)
    database = Database(Settings.from_env().database_url)
    try:
        if rebuild:
            with database.owner() as conn:
                out.print(f"{rebuild_all(conn):,} clocks made anew from the steps")
        with database.reading(timeout_ms=0) as conn:
            known = district_codes(conn)
            if district and district not in known:
                raise AreaNotFound(f"district {district} is not loaded; loaded are {', '.join(known) or 'none'}")
            found = [
                (code, item) for code in ([district] if district else known) for item in check_district(conn, code)
            ]
    finally:
        database.dispose()
    if not known:
        raise AreaNotFound("no district is loaded: nothing to check")
    faults = sum(item.weight == "fault" for _, item in found)
    if found:
        table = Table(show_edge=False, pad_edge=False)
        for name in ("district", "", "check", "count", "what", "for example"):
            table.add_column(name, justify="right" if name == "count" else "left", overflow="fold")
        for code, item in found:
            table.add_row(code, item.weight, item.check, f"{item.count:,}", item.sentence, item.examples)
        out.print(table)
    out.print(f"{faults} faults, {len(found) - faults} notices")
    if faults:
        raise typer.Exit(1)
