"""Programs of the product that run in the background: started with a log, found again by a pid file, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gis.errors import SetupFault

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Program:
    """One command of `python -m dashboard` in the background.

    Attributes
    ----------
    name : str
        Name of its pid file and of its log.
    arguments : tuple of str
        The command and its options.
    var_dir : Path
        Where the pid file and the log are kept.
    """

    name: str
    arguments: tuple[str, ...]
    var_dir: Path

    @property
    def log(self) -> Path:
        """File that takes what the program prints."""
        return self.var_dir / f"{self.name}.log"

    def pid(self) -> int | None:
        """Process id while the program runs, else None; a number that now is another program's is not believed."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
            if "dashboard" in command and all(argument in command for argument in self.arguments):
                return pid
        return None

    def start(self) -> int:
        """Start the program detached from this terminal; a running one is left alone."""
        running = self.pid()
        if running is not None:
            return running
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", *self.arguments],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process.returncode = 0  # it outlives us on purpose, which Popen would warn about
        self._pid_file.write_text(f"{process.pid}\n")
        return process.pid

    def stop(self, *, within_s: float = 6.0) -> bool:
        """Ask the program to end, then end it.

        Returns
        -------
        bool
            False when it was not running.

        Raises
        ------
        SetupFault
            It belongs to another user.
        """
        pid = self.pid()
        if pid is not None:
            for how in (signal.SIGTERM, signal.SIGKILL):
                self._send(pid, how)
                end = time.monotonic() + within_s
                while self._lives(pid) and time.monotonic() < end:
                    time.sleep(0.05)
                if not self._lives(pid):
                    break
        self._pid_file.unlink(missing_ok=True)
        return pid is not None

    def require_running(self) -> None:
        """Check that the program did not end by itself.

        Raises
        ------
        SetupFault
            It did; the message has the last line of its log.
        """
        pid = self.pid()
        if pid is not None and self._lives(pid):
            return
        with contextlib.suppress(OSError):
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
            if lines:
                raise SetupFault(f"{self.name} ended at once: {lines[-1].strip().removeprefix('✗ ')} ({self.log})")
        raise SetupFault(f"{self.name} ended at once and said nothing ({self.log})")

    def _send(self, pid: int, how: signal.Signals) -> None:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        except PermissionError:
            raise SetupFault(f"{self.name} (process {pid}) was started by another user: stop it as that user") from None

    @property
    def _pid_file(self) -> Path:
        return self.var_dir / f"{self.name}.pid"

    @staticmethod
    def _lives(pid: int) -> bool:
        """Whether a process exists and is more than a zombie waiting to be reaped."""
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
