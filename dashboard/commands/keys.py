"""`python -m dashboard keys ...`: who may report through Open311."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dashboard.settings import Settings

app = typer.Typer(help="API keys of Open311: add, list, revoke. Example: python -m dashboard keys add city-app")


@app.command()
def add(
    label: Annotated[str, typer.Argument(help="Who holds it: a-z, 0-9, '.', '_', '-'.")],
    answer_token: Annotated[
        bool, typer.Option("--answer-token", help="Answer its reports with a token instead of a number.")
    ] = False,
    per_minute: Annotated[int, typer.Option(min=1, max=100_000, help="Most reports a minute.")] = 120,
) -> None:
    """Make a key and show it, this one time. Example: python -m dashboard keys add city-app --per-minute 300."""
    from db.engine import Database
    from db.write.keys import add_key

    database = Database(Settings.from_env().database_url)
    try:
        with database.owner() as conn:
            secret = add_key(conn, label, answers_token=answer_token, per_minute=per_minute)
    finally:
        database.dispose()
    typer.echo(secret)
    typer.echo("keep it: only a hash of it is stored, so it can not be shown again", err=True)


@app.command(name="list")
def list_all() -> None:
    """List the keys by label, without the keys themselves. Example: python -m dashboard keys list."""
    from db.engine import Database
    from db.write.keys import list_keys

    database = Database(Settings.from_env().database_url)
    try:
        with database.owner() as conn:
            rows = list_keys(conn)
    finally:
        database.dispose()
    table = Table(show_edge=False, pad_edge=False)
    for name in ("label", "begins with", "state", "answers with", "a minute", "since"):
        table.add_column(name, justify="right" if name == "a minute" else "left")
    for row in rows:
        state = "active" if row["is_active"] else f"revoked {row['revoked_at']:%Y-%m-%d}"
        answer = "token" if row["answers_token"] else "number"
        table.add_row(row["label"], row["hint"], state, answer, str(row["per_minute"]), f"{row['created_at']:%Y-%m-%d}")
    out = Console(highlight=False)
    out.print(table if rows else "no keys yet: python -m dashboard keys add <label>")


@app.command()
def revoke(label: Annotated[str, typer.Argument(help="Label of the key.")]) -> None:
    """Withdraw a key at once; its cases stay. Example: python -m dashboard keys revoke city-app."""
    from datetime import UTC, datetime

    from db.engine import Database
    from db.write.keys import revoke_key

    database = Database(Settings.from_env().database_url)
    try:
        with database.owner() as conn:
            revoke_key(conn, label, datetime.now(UTC))
    finally:
        database.dispose()
    typer.echo(f"key {label} revoked")
