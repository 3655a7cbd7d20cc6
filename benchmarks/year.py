"""A database of the benchmarks' own with the demo district and 365 days of cases, and the real server on it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url

from dashboard.settings import Settings
from db.cluster import Cluster
from db.demo.load import demo_district, load_demo
from db.engine import Database
from db.schema import head_revision, migrate
from gis.errors import QuanxiangError

ROOT = Path(__file__).resolve().parent.parent
NAME = "quanxiang_bench"
DAYS = 365
_FRESH = timedelta(hours=2)
_PATIENCE_S = 60.0


def base_url() -> str:
    """Return the address of a server that benchmarks may make databases on: the known one, or the private cluster.

    The private cluster is started when no database is known yet.
    """
    settings = Settings.from_env()
    if settings.database_url and not settings.uses_private_cluster:
        return settings.database_url
    cluster = Cluster(settings.cluster_dir)
    cluster.start()
    return cluster.url("quanxiang")


def year_database() -> str:
    """Return the address of a database with the demo and a year of cases up to now; one made lately is used again."""
    url = make_url(base_url()).set(database=NAME).render_as_string(hide_password=False)
    if _is_fresh(url):
        return url
    migrate(url)
    database = Database(url)
    try:
        load_demo(database, None, until=datetime.now(UTC), days=DAYS)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM (ANALYZE)"))  # what autovacuum does within a minute of a load
    finally:
        database.dispose()
    return url


def drop_year_database() -> None:
    """Remove the database of the benchmarks."""
    admin = make_url(base_url()).set(drivername="postgresql", database="postgres")
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


@contextmanager
def running_server(url: str) -> Iterator[str]:
    """Run the product's server as its own process on a free port, and give its address once it answers.

    Raises
    ------
    RuntimeError
        When it does not answer within a minute.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "serve.log").open("w+") as log:
        environment = os.environ | {"DATABASE_URL": url, "QUANXIANG_PORT": str(port), "QUANXIANG_VAR": folder}
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            end = time.monotonic() + _PATIENCE_S
            while not _answers(address):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise RuntimeError(f"the server does not start: {log.read()[-2000:]}")
                time.sleep(0.05)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=10)


def _is_fresh(url: str) -> bool:
    database = Database(url)
    try:
        with database.owner() as conn:
            revision = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
            found = demo_district(conn)
            newest = conn.execute(text("SELECT max(reported_at) FROM cases")).scalar()
            oldest = conn.execute(text("SELECT min(reported_at) FROM cases")).scalar()
    except QuanxiangError:
        return False
    finally:
        database.dispose()
    if found is None or newest is None or revision != head_revision():
        return False
    return datetime.now(UTC) - newest < _FRESH and newest - oldest > timedelta(days=DAYS - 2)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/api/health", timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False
