"""`python -m dashboard restore`: bring a backup back, or only prove that it would come back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dashboard.settings import Settings

app = typer.Typer()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file of `backup`.")],
    drill: Annotated[
        bool, typer.Option("--drill", help="Only prove it, in a database of its own, and remove it.")
    ] = False,
) -> None:
    """Restore a backup, compared table by table with what was saved. Example: python -m dashboard restore FILE --drill.

    The database in use is kept under another name; stop the server first (the drill needs no stop).
    """
    from dashboard.commands.backup import kept_folders
    from dashboard.commands.up import server_program
    from db.backup import drop_database, read_manifest, restore_into, take_place
    from db.cluster import Cluster
    from db.engine import parse_url
    from gis.errors import SetupFault

    settings = Settings.from_env()
    out = Console(highlight=False, soft_wrap=True)
    read_manifest(file)
    if not drill and server_program(settings).pid() is not None:
        raise SetupFault("the server is running: stop it first (bin/down)")
    if settings.uses_private_cluster:
        Cluster(settings.cluster_dir).start()
        settings = Settings.from_env()
    began, stamp = time.monotonic(), f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
    address = parse_url(settings.database_url)
    fresh = address.set(database=f"{address.database}_restored_{stamp}").render_as_string(hide_password=False)
    with out.status("Restoring and comparing"):
        made = restore_into(file, fresh, folders={} if drill else kept_folders(settings))
    seconds = time.monotonic() - began
    took = f"{made.rows:,} rows of {len(made.tables)} tables and {len(made.files)} files agree, {seconds:.0f} s"
    if drill:
        drop_database(fresh)
        out.print(f"the backup of {made.made_at[:16]} comes back: {took}")
        return
    former = f"{address.database}_before_{stamp}"
    take_place(settings.database_url, str(parse_url(fresh).database), former)
    out.print(f"restored the backup of {made.made_at[:16]}: {took}; the former database is kept as {former}")
