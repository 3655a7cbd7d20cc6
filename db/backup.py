"""Backups that prove themselves: a dump, a fingerprint of every table taken from the same snapshot, and the kept files.

A backup is one tar file: `manifest.json` (versions, moment, rows and fingerprint per table, hash per file),
`database.dump` (PostgreSQL's custom format) and `files/`. A restore goes into a database of its own, is compared with
the manifest, and only then takes the place of the one in use, which is kept under another name. So a bad backup never
costs good data.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from db.engine import create_database_if_missing, parse_url
from db.postgres import find_program
from gis.errors import DatabaseUnavailable, InputFault

_MANIFEST, _DUMP, _FILES = "manifest.json", "database.dump", "files"
_FORM = 1

# roles belong to the server, not to the database, so a dump does not bring them
_ROLES = """
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['quanxiang_read', 'quanxiang_write'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END
$$
"""

# what an extension brought (spatial_ref_sys) comes back with the extension and is not ours to compare
_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes
    ----------
    form : version of this file format.
    made_at : ISO 8601 with zone.
    program, revision : version of the program and of the schema.
    tables : table -> [rows, fingerprint]; the fingerprint does not depend on the order of rows.
    files : path inside `files/` -> SHA-256.
    """

    form: int
    made_at: str
    program: str
    revision: str
    tables: dict[str, list[Any]]
    files: dict[str, str]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(int(rows) for rows, _ in self.tables.values())


def fingerprints(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """Return rows and fingerprint of every table of the product: the sum of a 64-bit hash of each row's text."""
    connection.execute("SET LOCAL timezone = 'UTC'")
    told: dict[str, list[Any]] = {}
    for (name,) in connection.execute(_TABLES).fetchall():
        question = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t")
        row = connection.execute(question.format(sql.Identifier(name))).fetchone()
        told[str(name)] = [int(row[0]), str(row[1])] if row else [0, "0"]
    return told


def write_backup(url: str, out: Path, *, folders: Mapping[str, Path], program: str, now: datetime) -> Manifest:
    """Write a backup of a database and of folders with kept files; the file appears only when it is whole.

    Parameters
    ----------
    url : `postgresql://...` of the database.
    out : the file to write; its folder must exist, an older file of that name is replaced.
    folders : name inside the backup -> folder; one that does not exist is left out.
    program : version of the program. now : aware moment.

    Raises
    ------
    DatabaseUnavailable
        The database does not answer, or pg_dump fails.
    InputFault
        The file cannot be written.
    """
    if not out.parent.is_dir():
        raise InputFault(f"{out.parent} is not a folder: the backup cannot be written there")
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as folder:
        dump = Path(folder) / _DUMP
        with closing(_connect(url)) as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            _run(url, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={dump}")
            tables = fingerprints(connection)
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        kept = [
            (f"{name}/{path.relative_to(place).as_posix()}", path)
            for name, place in sorted(folders.items())
            if place.is_dir()
            for path in sorted(place.rglob("*"))
            if path.is_file()
        ]
        files = {name: _digest(path) for name, path in kept}
        manifest = Manifest(_FORM, now.isoformat(), program, str(revision), tables, files)
        note = Path(folder) / _MANIFEST
        note.write_text(json.dumps(asdict(manifest), indent=1))
        whole = Path(folder) / "whole"
        with tarfile.open(whole, "w") as tar:
            tar.add(note, _MANIFEST)
            tar.add(dump, _DUMP)
            for name, path in kept:
                tar.add(path, f"{_FILES}/{name}", recursive=False)
        whole.chmod(0o600)  # it holds what people reported
        whole.replace(out)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says of itself.

    Raises
    ------
    InputFault
        The file is not a backup, or of a newer program.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            member = tar.extractfile(_MANIFEST)
            found = json.load(member) if member else {}
        manifest = Manifest(**found)
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else "it has no readable manifest"
        raise InputFault(f"{path} is not a backup: {told}") from None
    if manifest.form != _FORM:
        raise InputFault(f"{path} was made by a newer version ({manifest.program}): update the program")
    return manifest


def restore_into(path: Path, url: str, *, folders: Mapping[str, Path]) -> Manifest:
    """Restore a backup into a database that does not exist yet, and compare it with the manifest.

    Parameters
    ----------
    path : the backup. url : address of the database to make.
    folders : name inside the backup -> folder to put its files; files of a name that is not given are only compared.

    Raises
    ------
    InputFault
        The file is damaged, or the restored tables or files differ from the manifest; the new database is removed.
    DatabaseUnavailable
        The server does not answer, or has a database of that name.
    """
    manifest = read_manifest(path)
    if not create_database_if_missing(url):
        raise DatabaseUnavailable(f"the database {parse_url(url).database} exists already: nothing was restored")
    try:
        with closing(_connect(url)) as connection, connection.transaction():
            connection.execute(_ROLES)
        with tempfile.TemporaryDirectory(prefix="quanxiang-restore-") as folder:
            _unpack(path, Path(folder))
            _run(url, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner",
                 f"--dbname={parse_url(url).database}", str(Path(folder) / _DUMP))  # fmt: skip
            with closing(_connect(url)) as connection, connection.transaction():
                _compare(path, "table", manifest.tables, fingerprints(connection))
                connection.execute("ANALYZE")
            files = {name: _digest(Path(folder) / _FILES / name) for name in manifest.files}
            _compare(path, "file", manifest.files, files)
            for name in manifest.files:
                kind, _, rest = name.partition("/")
                if kind in folders:
                    target = folders[kind] / rest
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes((Path(folder) / _FILES / name).read_bytes())
    except BaseException:
        drop_database(url)
        raise
    return manifest


def drop_database(url: str) -> None:
    """Remove a database, with whoever is connected to it."""
    name = sql.Identifier(str(parse_url(url).database))
    _maintain(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def take_place(url: str, restored: str, former: str) -> None:
    """Give a restored database the name of the one in use, which keeps its data under the name `former`.

    Raises
    ------
    DatabaseUnavailable
        Somebody is connected to one of them.
    """
    name = str(parse_url(url).database)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        if _exists(url, name):
            _maintain(url, rename.format(sql.Identifier(name), sql.Identifier(former)))
        _maintain(url, rename.format(sql.Identifier(restored), sql.Identifier(name)))
    except psycopg.errors.ObjectInUse:
        raise DatabaseUnavailable(f"the database {name} is in use: stop the server (bin/down) and try again") from None


def _compare(path: Path, what: str, told: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    differing = sorted(name for name in told.keys() | found.keys() if told.get(name) != found.get(name))
    if differing:
        raise InputFault(f"{path} does not come back as it was: {what} {', '.join(differing[:5])} differs")


def _unpack(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path, "r:") as tar:
            tar.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise InputFault(f"{path} is damaged: {error}") from None


def _connect(url: str) -> psycopg.Connection[Any]:
    parsed = parse_url(url)
    try:
        address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True, connect_timeout=5, application_name="quanxiang backup")
    except psycopg.OperationalError:
        raise DatabaseUnavailable(f"the database {parsed.database} does not answer") from None


def _maintenance(url: str) -> psycopg.Connection[Any]:
    return _connect(parse_url(url).set(database="postgres").render_as_string(hide_password=False))


def _maintain(url: str, statement: sql.Composed) -> None:
    with closing(_maintenance(url)) as connection:
        connection.execute(statement)


def _exists(url: str, name: str) -> bool:
    with closing(_maintenance(url)) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def _run(url: str, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs against a database; the password goes by environment, not by argument."""
    parsed = parse_url(url)
    database = [] if program == "pg_restore" else [f"--dbname={parsed.database}"]
    who = [f"--host={parsed.host}", f"--port={parsed.port or 5432}", f"--username={parsed.username}", "--no-password"]
    done = subprocess.run(
        [find_program(program), *who, *database, *arguments],
        env={"PGPASSWORD": str(parsed.password or ""), "PGCONNECT_TIMEOUT": "5", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise DatabaseUnavailable(f"{program} failed: {lines[0].removeprefix(program + ': ').removeprefix('error: ')}")


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "missing"
