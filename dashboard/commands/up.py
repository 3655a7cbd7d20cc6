"""`python -m dashboard up`: everything that `bin/up` does once Python and its libraries are there."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

import typer
from rich.console import Console

from dashboard.processes import Program
from dashboard.settings import Settings
from db.cluster import Cluster
from gis.errors import SetupFault

app = typer.Typer()

_PATIENCE_S = 60.0
_console = Console(highlight=False, soft_wrap=True)


@app.command()
def up() -> None:
    """Start database, demo (when the database is empty), server and live feed. Example: python -m dashboard up."""
    settings = Settings.from_env()
    server = server_program(settings)
    running = server.pid() is not None and _health(settings) is not None
    if not running:
        server.stop()
        _require_free_port(settings)
    if settings.uses_private_cluster:
        with _console.status("Starting the database"):
            Cluster(settings.cluster_dir).start()
        settings = Settings.from_env()
    is_demo = _prepare(settings)
    if not running:
        server.start()
        with _console.status("Starting the server"):
            _wait_until_served(settings, server)
    if is_demo:
        feed_program(settings).start()
    _console.print(f"[bold]全响 Quanxiang[/bold]  {settings.address}")
    _console.print(f"logs: {settings.var_dir}/*.log · stop: bin/down", style="dim")


def server_program(settings: Settings) -> Program:
    """Describe the web server as a background program."""
    return Program("serve", ("serve",), settings.var_dir)


def feed_program(settings: Settings) -> Program:
    """Describe the live feed of the demo as a background program."""
    return Program("feed", ("demo", "feed"), settings.var_dir)


def _prepare(settings: Settings) -> bool:
    """Bring the schema up to date and fill an empty database with the demo.

    Returns
    -------
    bool
        True when the database holds the demo.
    """
    from db.contents import Contents, read_state

    with _console.status("Looking into the database"):
        state = read_state(settings.database_url)
    if not state.is_current:
        from db.schema import migrate

        with _console.status("Bringing the schema up to date"):
            migrate(settings.database_url)
        if state.contents is not Contents.EMPTY:
            _derive(settings)
    contents = state.contents
    if contents is Contents.EMPTY:
        for step in (("demo", "build"), ("demo", "load")):
            done = subprocess.run([sys.executable, "-m", "dashboard", *step])
            if done.returncode != 0:
                raise SetupFault(f"'{' '.join(step)}' did not finish: see above")
        contents = Contents.DEMO
    return contents is Contents.DEMO


def _derive(settings: Settings) -> None:
    """Make what a new version derives from the steps of cases that an older one wrote."""
    from db.engine import Database
    from db.write.clocks import ensure_clocks

    database = Database(settings.database_url)
    try:
        with _console.status("Making the clocks of cases on record"), database.owner() as conn:
            ensure_clocks(conn)
    finally:
        database.dispose()


def _require_free_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SetupFault(
                f"port {settings.port} of {settings.host} is not free ({error.strerror}):"
                " stop what uses it, or choose another with QUANXIANG_PORT"
            ) from None


def _wait_until_served(settings: Settings, server: Program) -> None:
    end = time.monotonic() + _PATIENCE_S
    while _health(settings) is None:
        server.require_running()
        if time.monotonic() > end:
            raise SetupFault(f"the server does not answer within {_PATIENCE_S:.0f} s: see {server.log}")
        time.sleep(0.05)


def _health(settings: Settings) -> dict[str, Any] | None:
    """Ask the server how it is; None when it does not answer as ours does."""
    try:
        with urllib.request.urlopen(f"{settings.address}/api/health", timeout=2) as answer:
            health = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return health if isinstance(health, dict) and "version" in health else None
