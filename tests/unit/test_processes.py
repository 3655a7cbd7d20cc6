"""Background programs: found again, stopped, and not mistaken for others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashboard.processes import Program
from gis.errors import SetupFault


def test_program_that_ends_at_once_tells_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@127.0.0.1:1/district")
    program = Program("migration", ("db", "migrate"), tmp_path)
    pid = program.start()
    os.waitpid(pid, 0)
    with pytest.raises(SetupFault, match=r"the database district at 127\.0\.0\.1:1 does not answer"):
        program.require_running()


def test_number_of_a_dead_program_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "serve.pid").write_text(f"{os.getpid()}\n")
    program = Program("serve", ("serve",), tmp_path)
    assert program.pid() is None
    assert program.stop() is False
    assert not (tmp_path / "serve.pid").exists()


@pytest.mark.parametrize("content", ["", "not a number", "999999999"])
def test_damaged_pid_file_means_not_running(tmp_path: Path, content: str) -> None:
    (tmp_path / "serve.pid").write_text(content)
    assert Program("serve", ("serve",), tmp_path).pid() is None
