"""`python -m dashboard rules ...`: the table of time limits and the shifts of units, as CSV files that people edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dashboard.settings import Settings

app = typer.Typer(
    help="Time limits by small class, filing condition and stage. Example: python -m dashboard rules export rules.csv"
)


@app.command(name="export")
def export_rules(
    path: Annotated[Path, typer.Argument(help="CSV file to write, with BOM so that Excel reads it.")],
) -> None:
    """Write the limits in force to a CSV file. Example: python -m dashboard rules export rules.csv."""
    from db.engine import Database
    from db.export.files import neutralised
    from db.read import sla
    from gis.sla import RULE_COLUMNS

    database = Database(Settings.from_env().database_url)
    try:
        with database.reading() as conn:
            table = sla.table(conn)
    finally:
        database.dispose()
    columns = [*RULE_COLUMNS, "is_sample", "minor_zh", "minor_en"]
    neutralised(table[columns]).to_csv(path, index=False, encoding="utf-8-sig")
    Console(highlight=False).print(f"{len(table)} rules written to {path}; {int(table['is_sample'].sum())} are samples")


@app.command(name="import")
def import_rules(path: Annotated[Path, typer.Argument(help="CSV file as `rules export` writes it.")]) -> None:
    """Put the limits of a CSV file in force, all or none; deadlines that cases have stay.

    Example: python -m dashboard rules import rules.csv
    """
    from db.engine import Database
    from db.intake.tabular import read_table
    from db.write.sla import replace_rules

    table = read_table(path).frame
    database = Database(Settings.from_env().database_url)
    try:
        with database.owner() as conn:
            count = replace_rules(conn, table)
    finally:
        database.dispose()
    Console(highlight=False).print(f"{count} rules are in force; cases keep the deadlines that they have")


@app.command()
def shifts(path: Annotated[Path, typer.Argument(help="CSV file with the columns unit and shifts.")]) -> None:
    """Put the shifts of units in force, all or none; a shift is written 08:00-12:00,14:00-18:00.

    Example: python -m dashboard rules shifts shifts.csv
    """
    from db.engine import Database
    from db.intake.tabular import read_table
    from db.write.sla import replace_shifts

    table = read_table(path).frame
    database = Database(Settings.from_env().database_url)
    try:
        with database.owner() as conn:
            count = replace_shifts(conn, table)
    finally:
        database.dispose()
    Console(highlight=False).print(f"{count} units have shifts of their own; the others keep 08:00-12:00,14:00-18:00")
