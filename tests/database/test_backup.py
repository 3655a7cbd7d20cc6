"""A backup comes back as it was, proves it, and a damaged one costs nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import backup
from db.engine import Database
from gis.errors import InputFault
from tests.clones import ROOT

NOW = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)


def _address(database: Database, suffix: str = "") -> str:
    url = database.url.set(database=f"{database.url.database}{suffix}")
    return url.render_as_string(hide_password=False)


@pytest.fixture
def kept(demo_clone: Database, tmp_path: Path) -> Path:
    """A backup of the demo with one kept file."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.webp").write_bytes(b"picture")
    out = tmp_path / "one.qxb"
    made = backup.write_backup(_address(demo_clone), out, folders={"photos": tmp_path / "photos"}, program="t", now=NOW)
    assert made.tables["cases"][0] > 1_000
    assert list(made.files) == ["photos/a.webp"]
    return out


def test_backup_comes_back_with_every_row_file_role_and_rule(demo_clone: Database, kept: Path, tmp_path: Path) -> None:
    restored = _address(demo_clone, "_back")
    try:
        made = backup.restore_into(kept, restored, folders={"photos": tmp_path / "again"})
        assert (tmp_path / "again" / "a.webp").read_bytes() == b"picture"
        database = Database(restored)
        try:
            with database.reading() as conn:
                assert conn.execute(text("SELECT count(*) FROM cases")).scalar_one() == made.tables["cases"][0]
            with pytest.raises(DBAPIError, match="append-only"), database.owner() as conn:
                conn.execute(text("DELETE FROM case_event"))
        finally:
            database.dispose()
    finally:
        backup.drop_database(restored)


def test_backup_with_a_changed_byte_is_refused_and_leaves_no_database(demo_clone: Database, kept: Path) -> None:
    damaged = kept.with_name("bad.qxb")
    content = bytearray(kept.read_bytes())
    at = content.index(b"picture")
    content[at : at + 7] = b"forgery"
    damaged.write_bytes(content)
    with pytest.raises(InputFault, match=r"does not come back as it was: file photos/a\.webp differs"):
        backup.restore_into(damaged, _address(demo_clone, "_bad"), folders={})
    with demo_clone.owner() as conn:
        names = conn.execute(text("SELECT datname FROM pg_database")).scalars().all()
    assert f"{demo_clone.url.database}_bad" not in names


@pytest.mark.parametrize("content", [b"", b"not a backup", b"\0" * 20_000])
def test_what_is_no_backup_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.qxb"
    path.write_bytes(content)
    with pytest.raises(InputFault, match="is not a backup"):
        backup.read_manifest(path)


def test_command_line_drills_and_restores_and_keeps_the_former_database(demo_clone: Database, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": _address(demo_clone), "QUANXIANG_VAR": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dashboard", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    made = run("backup")
    assert made.returncode == 0, made.stderr
    (file,) = (tmp_path / "backups").glob("*.qxb")
    drilled = run("restore", str(file), "--drill")
    assert "comes back" in drilled.stdout, drilled.stderr
    with demo_clone.owner() as conn:
        conn.execute(text("UPDATE area SET name_zh = 'x'"))
    demo_clone.dispose()  # whoever is connected would be in the way, and is told so by name
    done = run("restore", str(file))
    assert done.returncode == 0, done.stderr
    former = done.stdout.strip().rpartition(" ")[2]
    with demo_clone.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM area WHERE name_zh = 'x'")).scalar_one() == 0
    backup.drop_database(demo_clone.url.set(database=former).render_as_string(hide_password=False))
