"""A private PostgreSQL cluster with PostGIS under the checkout, for machines without a database server of their own.

PostgreSQL refuses to run as root, so root's cluster belongs to an unprivileged system user. Only the standard library
is imported: starting must be quick and must work before anything else does.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from db.postgres import Installation, find_installation
from db.unprivileged import as_user, can_enter, cluster_owner
from gis.errors import DatabaseUnavailable, SetupFault

SUPERUSER = "quanxiang"
"""Owner of the cluster's databases; the password is generated and kept beside the data."""

_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",  # a socket path under a deep checkout would exceed 107 bytes
    "password_encryption": "'scram-sha-256'",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'24MB'",
    "maintenance_work_mem": "'128MB'",
    "max_wal_size": "'2GB'",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than the short reads of a screen
    "synchronous_commit": "on",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %a '",
}

_SMALL_SHARED_MEMORY_BYTES = 256 * 1024**2


@dataclass(frozen=True)
class Status:
    """What is known about the cluster without connecting to it.

    Attributes
    ----------
    running : bool
    port : int or None
        Loopback port of the running server, else the one it used last.
    pid : int or None
    data : Path
    """

    running: bool
    port: int | None
    pid: int | None
    data: Path


class Cluster:
    """One private cluster; `home` keeps its password, its port, its log and (normally) its data.

    Parameters
    ----------
    home : Path
        Folder of the cluster, created when missing.
    settings : dict of str to str, optional
        Server settings over the default ones, written as in `postgresql.conf`.
    """

    def __init__(self, home: Path, settings: dict[str, str] | None = None) -> None:
        self.home = home.resolve()
        self._settings = _SETTINGS | (settings or {})

    def start(self) -> str:
        """Start the server, creating the cluster first when there is none; a running one is left alone.

        Returns
        -------
        str
            Address of the maintenance database; see `url`.

        Raises
        ------
        SetupFault
            No PostgreSQL with PostGIS is installed, or the data belongs to somebody else.
        DatabaseUnavailable
            The server does not start; the message names its log.
        """
        with self._locked():
            if self.status().running:
                return self.url()
            installation = find_installation()
            if not (self.data / "PG_VERSION").exists():
                self._create(installation)
            self._remove_stale_pid_file()
            wanted = self._recorded_port()
            for _ in range(3):
                port = wanted if wanted is not None and _is_free(wanted) else _free_port()
                if self._launch(installation, port):
                    (self.home / "port").write_text(f"{port}\n")
                    return self.url()
                wanted = None
                time.sleep(0.5)  # backends of a killed server need a moment to notice and to free its memory
            raise DatabaseUnavailable(f"the database server does not start; its last words: {self._last_words()}")

    def stop(self) -> bool:
        """Stop the server and wait for it.

        Returns
        -------
        bool
            False when it was not running.
        """
        with self._locked():
            status = self.status()
            if not status.running or status.pid is None:
                return False
            for how in (signal.SIGINT, signal.SIGQUIT):  # fast, then immediate: PostgreSQL's own meaning of the two
                os.kill(status.pid, how)
                for _ in range(300):
                    if not self.status().running:
                        return True
                    time.sleep(0.05)
            raise DatabaseUnavailable(f"the database server (process {status.pid}) does not stop")

    def status(self) -> Status:
        """Tell whether the server runs and where, from its pid file and the process table."""
        pid = port = None
        running = False
        with contextlib.suppress(OSError, ValueError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
            running = _is_server(pid, self.data)
        return Status(running, port if running else self._recorded_port(), pid if running else None, self.data)

    def url(self, database: str = "postgres") -> str:
        """Address of one of its databases, with the password: `postgresql+psycopg://...`.

        Raises
        ------
        DatabaseUnavailable
            The cluster was never started.
        """
        port = self.status().port
        if port is None:
            raise DatabaseUnavailable("the private database was never started: run bin/up")
        try:
            password = (self.home / "password").read_text().strip()
        except OSError as error:
            raise DatabaseUnavailable(f"{self.home / 'password'} cannot be read: {error.strerror}") from error
        return f"postgresql+psycopg://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}"

    @property
    def data(self) -> Path:
        """Folder of the data; recorded, because root's cluster may live outside a checkout nobody else can enter."""
        recorded = self.home / "data_path"
        return Path(recorded.read_text().strip()) if recorded.exists() else self.home / "data"

    def _create(self, installation: Installation) -> None:
        """Make an empty cluster whose only user signs in with a generated password."""
        owner = cluster_owner()
        data = self.home / "data"
        if owner is not None and not can_enter(owner, self.home):
            data = Path("/var/lib/quanxiang") / hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
            data.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if data.exists():
            shutil.rmtree(data)  # without PG_VERSION it is the rest of an interrupted creation
        data.mkdir(mode=0o700)
        password_file = self.home / "password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24) + "\n")
        handed_over = data.parent / f".{data.name}.password"
        handed_over.unlink(missing_ok=True)
        handed_over.touch(mode=0o600)
        handed_over.write_text(password_file.read_text())
        if owner is not None:
            for path in (data, handed_over):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        initdb: list[str | Path] = [
            installation.bin / "initdb",
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={handed_over}",
        ]
        initdb += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        try:
            done = subprocess.run(initdb, capture_output=True, text=True, **as_user(owner))
        finally:
            handed_over.unlink(missing_ok=True)
        if done.returncode != 0:
            raise DatabaseUnavailable(f"the database cluster cannot be created in {data}: {_last_line(done.stderr)}")
        with (data / "postgresql.conf").open("a") as conf:
            conf.write("include = 'quanxiang.conf'\n")
        (self.home / "data_path").write_text(f"{data}\n")

    def _launch(self, installation: Installation, port: int) -> bool:
        owner = self._data_owner()
        settings = self._settings | {"port": str(port)}
        with contextlib.suppress(OSError):
            shared_memory = os.statvfs("/dev/shm")
            if shared_memory.f_frsize * shared_memory.f_blocks < _SMALL_SHARED_MEMORY_BYTES:
                settings["dynamic_shared_memory_type"] = "mmap"  # containers often have 64 MB: too little to sort in
        conf, log = self.data / "quanxiang.conf", self.data / "server.log"
        conf.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        log.unlink(missing_ok=True)
        log.touch(mode=0o600)
        if owner is not None:
            for path in (conf, log):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        command: list[str | Path] = [installation.bin / "pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", log]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user(owner)
        )
        return done.returncode == 0

    def _data_owner(self) -> pwd.struct_passwd | None:
        """User to run the server as; None = the one we are."""
        try:
            uid = self.data.stat().st_uid
        except OSError as error:
            raise SetupFault(f"the database's folder {self.data} cannot be read: {error.strerror}") from error
        if uid == os.geteuid():
            return None
        if os.geteuid() != 0:
            raise SetupFault(f"the database in {self.data} belongs to {pwd.getpwuid(uid).pw_name}: run this as root")
        return pwd.getpwuid(uid)

    def _remove_stale_pid_file(self) -> None:
        """After a crash or a reboot the number in the pid file may be some other process: the server would refuse."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _recorded_port(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            return int((self.home / "port").read_text())
        return None

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self.data / "server.log").read_text().splitlines()
            told = [line for line in lines if "FATAL" in line or "PANIC" in line] or lines
            if told:
                return f"{told[-1]} ({self.data / 'server.log'})"
        return "none"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Only one process at a time starts or stops the cluster."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _is_server(pid: int, data: Path) -> bool:
    """Tell the server of this data folder from a process that got the number of a dead one."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
    return b"postgres" in command[0] and os.fsencode(data) in command


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"
