"""`python -m dashboard screens ...`: which wall screens may show what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dashboard.settings import Settings

app = typer.Typer(help="Wall screens: list, approve, revoke. Example: python -m dashboard screens list")


@app.command(name="list")
def list_all() -> None:
    """List the screens with their scope and last sign of life. Example: python -m dashboard screens list."""
    from db.engine import Database
    from db.write.screens import list_screens

    now = datetime.now(UTC)
    database = Database(Settings.from_env().database_url)
    try:
        with database.writing() as conn:
            rows = list_screens(conn, now)
    finally:
        database.dispose()
    table = Table(show_edge=False, pad_edge=False)
    for name in ("name", "scope", "layout", "state", "seen", "scene", "last error"):
        table.add_column(name)
    for row in rows:
        if row["approved_at"] is None:
            table.add_row("-", "-", "-", f"waits with code {row['code']}", "", "", "")
            continue
        age_s = (now - row["seen_at"]).total_seconds() if row["seen_at"] else None
        state = "revoked" if row["revoked_at"] else "silent" if age_s is None or age_s > 90 else "alive"
        seen = "" if age_s is None else f"{age_s:,.0f} s ago"
        beat = row["beat"]
        table.add_row(row["name"], row["area_code"], row["layout"], state, seen, str(beat.get("scene", "")),
                      str(beat.get("error", "")))  # fmt: skip
    Console(highlight=False).print(table if rows else "no screens yet: open /wall on one and approve its code")


@app.command()
def approve(
    code: Annotated[str, typer.Argument(help="The six digits on the screen.")],
    name: Annotated[str, typer.Option(help="What to call it: a-z, 0-9, '-'.")],
    scope: Annotated[str, typer.Option(help="Code of the area that it shows.")],
    layout: Annotated[str, typer.Option(help="Tiles: 1x1, 3x1 or 6x3.")] = "1x1",
    metres: Annotated[float, typer.Option(help="Distance of the farthest viewer.")] = 4.0,
    mm: Annotated[float, typer.Option(help="Millimetres of one pixel; 0 = panels of 55 inches.")] = 0.0,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Let a screen show one area. Example: python -m dashboard screens approve 123456 --name hall --scope 110102."""
    from db.engine import Database
    from db.write.screens import approve_screen

    database = Database(Settings.from_env().database_url)
    try:
        with database.writing() as conn:
            approve_screen(conn, code.replace(" ", ""), name, scope, datetime.now(UTC), layout=layout, metres=metres,
                           mm_per_px=mm or None, lang=lang)  # fmt: skip
    finally:
        database.dispose()
    typer.echo(f"screen {name} shows {scope}")


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Name of the screen.")]) -> None:
    """Close a screen's door at once. Example: python -m dashboard screens revoke hall."""
    from db.engine import Database
    from db.write.screens import revoke_screen

    database = Database(Settings.from_env().database_url)
    try:
        with database.writing() as conn:
            revoke_screen(conn, name, datetime.now(UTC))
    finally:
        database.dispose()
    typer.echo(f"screen {name} revoked")
