"""A private cluster for tests, templates made once per version of the code, and cheap clones of them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import psycopg
from psycopg import sql

from db.cluster import Cluster
from db.schema import migrate

ROOT = Path(__file__).resolve().parent.parent
_HOME = ROOT / "var" / "test-cluster"

_NO_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "'128MB'"}
"""A test database that does not survive a power cut is no loss, and ten times as fast."""

_SCHEMA = ("db/tables", "db/migrations", "db/schema.py")
_DEMO = (*_SCHEMA, "gis", "db/demo", "db/reference", "db/write", "tests/conftest.py")


class TestServer:
    """The cluster of the tests; it stops when the last test run that uses it ends."""

    __test__ = False

    def __init__(self) -> None:
        self._cluster = Cluster(_HOME, settings=_NO_DURABILITY)
        self._in_use: TextIO | None = None
        self._guard = threading.Lock()

    def join(self) -> None:
        """Say that this process uses the cluster, and start it."""
        with self._guard:
            if self._in_use is None:
                _HOME.mkdir(parents=True, exist_ok=True)
                self._in_use = (_HOME / "in_use").open("w")
                fcntl.flock(self._in_use, fcntl.LOCK_SH)
                self._cluster.start()

    def leave(self) -> None:
        """Stop the cluster unless another process still uses it."""
        if self._in_use is None:
            return
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._cluster.stop()
        self._in_use.close()
        self._in_use = None

    def url(self, name: str) -> str:
        """Address of one database."""
        return self._cluster.url(name)

    def schema_template(self) -> str:
        """Name of a template with an empty, migrated schema."""
        return self._template("schema", _SCHEMA, None)

    def demo_template(self, fill: Callable[[str], None]) -> str:
        """Name of a template filled with the demo district by `fill(url)`."""
        return self._template("demo", _DEMO, fill)

    @contextlib.contextmanager
    def clone(self, template: str) -> Iterator[str]:
        """Address of a new copy of a template, dropped at the end."""
        name = f"clone_{os.getpid()}_{secrets.token_hex(4)}"
        # copying blocks through the log is quicker than a checkpoint, as long as the template is small
        strategy = "wal_log" if template.startswith("schema") else "file_copy"
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY " + strategy, name, template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        """Drop a database, with whoever is still connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _template(self, kind: str, sources: tuple[str, ...], fill: Callable[[str], None] | None) -> str:
        self.join()
        name = f"{kind}_{_digest(sources)}"
        with (_HOME / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            names = self._names()
            if name in names:
                return name
            for old in names:
                if old.startswith("clone_") and not Path(f"/proc/{old.split('_')[1]}").exists():
                    self.drop(old)
            for old in [one for one in names if one.startswith(f"{kind}_")][:-2]:
                with contextlib.suppress(psycopg.errors.ObjectInUse):
                    self._run("DROP DATABASE IF EXISTS {}", old)
            building = f"building_{kind}"
            self.drop(building)
            migrate(self.url(building))
            if fill is not None:
                fill(self.url(building))
            self._run("ALTER DATABASE {} RENAME TO {}", building, name)
        return name

    def _names(self) -> list[str]:
        """Names of all databases, oldest first."""
        with self._maintenance() as connection:
            return [name for (name,) in connection.execute("SELECT datname FROM pg_database ORDER BY oid")]

    def _run(self, statement: str, *names: str) -> None:
        with self._maintenance() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _maintenance(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True)


def _digest(sources: tuple[str, ...]) -> str:
    """Fingerprint of the files that decide what a template holds."""
    told = hashlib.sha256()
    for source in sources:
        path = ROOT / source
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.suffix in {".py", ".csv"})
        for file in files:
            told.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return told.hexdigest()[:16]
