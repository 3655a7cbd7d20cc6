"""The private cluster: first start, second start, crash, taken port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db.cluster import Cluster
from db.postgres import find_installation
from db.unprivileged import as_user, can_enter, cluster_owner
from gis.errors import DatabaseUnavailable, SetupFault
from tests.clones import ROOT


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that the server's user may enter; pytest's own temporary folders are closed to it when we are root."""
    path = ROOT / "var" / f"cluster-under-test-{os.getpid()}"
    yield path
    if path.exists():
        Cluster(path).stop()
        subprocess.run(["rm", "-rf", path], check=True)


def _ask(cluster: Cluster) -> str:
    with psycopg.connect(cluster.url().replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


def test_never_started_cluster_says_what_to_run(home: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="bin/up"):
        Cluster(home).url()
    assert not Cluster(home).status().running
    assert Cluster(home).stop() is False


def test_first_start_creates_and_second_start_finds_it_running(home: Path) -> None:
    cluster = Cluster(home)
    address = cluster.start()
    assert _ask(cluster) == "quanxiang"
    assert cluster.start() == address
    assert cluster.status().running


def test_server_listens_on_loopback_only_and_never_runs_as_root(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    status = cluster.status()
    assert status.pid is not None
    assert Path(f"/proc/{status.pid}").stat().st_uid != 0
    with psycopg.connect(cluster.url().replace("+psycopg", "")) as connection:
        listens = connection.execute("SHOW listen_addresses").fetchone()
        durable = connection.execute("SHOW synchronous_commit").fetchone()
    assert listens == ("127.0.0.1",)
    assert durable == ("on",)


def test_password_is_needed_and_is_readable_by_its_owner_only(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    assert (home / "password").stat().st_mode & 0o777 == 0o600
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1", port=cluster.status().port, user="quanxiang", password="guess", dbname="postgres"
        )


def test_stopped_cluster_starts_again_on_its_port_with_its_data(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    with psycopg.connect(cluster.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    port = cluster.status().port
    assert cluster.stop() is True
    assert not cluster.status().running
    cluster.start()
    assert cluster.status().port == port
    with psycopg.connect(cluster.url().replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("still here",)]


def test_killed_server_is_started_again(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while cluster.status().running:
        time.sleep(0.02)
    assert (cluster.data / "postmaster.pid").exists()
    cluster.start()
    assert _ask(cluster) == "quanxiang"


def test_pid_file_that_names_another_living_process_is_not_believed(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    cluster.stop()
    owner = cluster_owner()
    sleeper = subprocess.Popen(["sleep", "60"], **as_user(owner))
    try:
        stale = cluster.data / "postmaster.pid"
        stale.write_text("\n".join([str(sleeper.pid), *lines[1:]]) + "\n")
        if owner is not None:
            os.chown(stale, owner.pw_uid, owner.pw_gid)
        assert not cluster.status().running
        cluster.start()
        assert _ask(cluster) == "quanxiang"
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_taken_port_is_exchanged_for_a_free_one(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    port = cluster.status().port
    assert port is not None
    cluster.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        cluster.start()
        assert cluster.status().port != port
        assert _ask(cluster) == "quanxiang"


def test_two_starts_at_once_make_one_server(home: Path) -> None:
    Cluster(home).stop()
    code = f"from pathlib import Path; from db.cluster import Cluster; print(Cluster(Path({str(home)!r})).start())"
    both = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    addresses = {process.communicate()[0] for process in both}
    assert len(addresses) == 1
    assert [process.returncode for process in both] == [0, 0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
def test_root_notices_a_folder_that_the_servers_user_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    owner = cluster_owner()
    assert owner is not None
    assert not can_enter(owner, closed)
    assert can_enter(owner, Path("/usr"))


def test_missing_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.postgres._PLACES", ())
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SetupFault, match="postgresql-15-postgis-3"):
        find_installation()
