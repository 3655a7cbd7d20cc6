"""`python -m dashboard backup`: one file that brings everything back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dashboard.settings import Settings

app = typer.Typer()

KEPT_FOLDERS = ("photos",)
"""Folders under the run-time folder that hold more than can be made again."""


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; default: var/backups/<moment>.qxb")] = None,
    keep: Annotated[int, typer.Option(min=0, help="Keep only so many in var/backups; 0 keeps all.")] = 0,
) -> None:
    """Write the database and the kept files into one file. Example: python -m dashboard backup --keep 14.

    The server may go on running: the file is of one moment.
    """
    from dashboard import __version__
    from db.backup import write_backup

    settings = Settings.from_env()
    now = datetime.now(UTC)
    folder = settings.var_dir / "backups"
    if file is None:
        folder.mkdir(parents=True, exist_ok=True)
    out = Console(highlight=False, soft_wrap=True)
    target = file or folder / f"{now:%Y%m%d-%H%M%S}.qxb"
    with out.status("Writing the backup"):
        made = write_backup(settings.database_url, target, folders=kept_folders(settings), program=__version__, now=now)
    size_mb = target.stat().st_size / 1e6
    out.print(f"{target}: {made.rows:,} rows of {len(made.tables)} tables, {len(made.files)} files, {size_mb:.1f} MB")
    if keep and file is None:
        for old in sorted(folder.glob("*.qxb"))[:-keep]:
            old.unlink()
            out.print(f"removed {old.name}")


def kept_folders(settings: Settings) -> dict[str, Path]:
    """Return name -> folder of the files that belong to a backup."""
    return {name: settings.var_dir / name for name in KEPT_FOLDERS}
