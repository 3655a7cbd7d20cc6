"""`up` and `down` as a person calls them, on a database that holds the demo."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.engine import Database
from tests.clones import ROOT

Run = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run(demo_clone: Database, port: int, tmp_path: Path) -> Iterator[Run]:
    """Call the command line with a folder and a port of its own; whatever it started is stopped at the end."""
    environment = os.environ | {
        "DATABASE_URL": demo_clone.url.render_as_string(hide_password=False),
        "QUANXIANG_PORT": str(port),
        "QUANXIANG_VAR": str(tmp_path),
    }

    def call(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dashboard", command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    yield call
    call("down")


def test_up_serves_the_demo_twice_is_once_and_down_stops_it(run: Run, port: int, tmp_path: Path) -> None:
    first = run("up")
    assert first.returncode == 0, first.stderr
    assert f"http://127.0.0.1:{port}" in first.stdout
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health") as answer:
        assert json.load(answer)["districts"][0]["data"] == "demo"
    pids = {name: (tmp_path / f"{name}.pid").read_text() for name in ("serve", "feed")}

    second = run("up")
    assert second.returncode == 0, second.stderr
    assert f"http://127.0.0.1:{port}" in second.stdout
    assert {name: (tmp_path / f"{name}.pid").read_text() for name in pids} == pids

    assert run("down").stdout == "stopped: live feed, server\n"
    assert run("down").stdout == "nothing was running\n"
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health")


def test_port_of_somebody_else_is_named_in_one_line(run: Run, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        refused = run("up")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"✗ port {port} of 127.0.0.1 is not free")
    assert refused.stderr.count("\n") == 1
