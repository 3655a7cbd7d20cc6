"""`python -m dashboard db ...`: the private database cluster and the schema."""

from __future__ import annotations

import typer
from rich import print as show

from dashboard.settings import Settings
from db.cluster import Cluster

app = typer.Typer(help="The database: start, stop, look, migrate. Example: python -m dashboard db status")


@app.command()
def up() -> None:
    """Start the private database and bring its schema up to date. Example: python -m dashboard db up."""
    settings = Settings.from_env()
    if not settings.uses_private_cluster:
        show("DATABASE_URL is set: that server is used, none is started")
    else:
        Cluster(settings.cluster_dir).start()
    migrate()


@app.command()
def down() -> None:
    """Stop the private database. Example: python -m dashboard db down."""
    settings = Settings.from_env()
    if not settings.uses_private_cluster:
        show("DATABASE_URL is set: that server is not ours to stop")
    elif Cluster(settings.cluster_dir).stop():
        show("database stopped")
    else:
        show("the database was not running")


@app.command()
def status() -> None:
    """Tell where the database is, whether it answers, and its revision. Example: python -m dashboard db status."""
    from db.engine import parse_url
    from db.schema import current_revision, head_revision
    from gis.errors import DatabaseUnavailable

    settings = Settings.from_env()
    if settings.uses_private_cluster:
        cluster = Cluster(settings.cluster_dir).status()
        show(
            f"private cluster: {'running' if cluster.running else 'stopped'}, port {cluster.port}, data {cluster.data}"
        )
        if not cluster.running:
            raise DatabaseUnavailable("the private database is not running: python -m dashboard db up")
    show(f"address: {parse_url(settings.database_url).render_as_string(hide_password=True)}")
    show(f"revision: {current_revision(settings.database_url) or 'none'} of {head_revision()}")


@app.command()
def migrate() -> None:
    """Bring the schema of the database up to this version. Example: python -m dashboard db migrate."""
    from db.schema import migrate as migrate_database

    settings = Settings.from_env()
    show(f"revision: {migrate_database(settings.database_url)}")
