"""`python -m dashboard down`: stops everything that `up` started."""

from __future__ import annotations

import typer
from rich.console import Console

from dashboard.commands.up import feed_program, server_program
from dashboard.settings import Settings
from db.cluster import Cluster

app = typer.Typer()


@app.command()
def down() -> None:
    """Stop live feed, server and the private database. Example: python -m dashboard down."""
    settings = Settings.from_env()
    console = Console(highlight=False, soft_wrap=True)
    stopped = [
        title
        for title, program in (("live feed", feed_program(settings)), ("server", server_program(settings)))
        if program.stop()
    ]
    for title, folder in (("database", settings.cluster_dir), ("test database", settings.var_dir / "test-cluster")):
        if folder.exists() and Cluster(folder).stop():
            stopped.append(title)
    console.print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
