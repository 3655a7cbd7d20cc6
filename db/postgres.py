"""Where PostgreSQL and PostGIS are installed on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gis.errors import SetupFault

OLDEST_POSTGRESQL = 14
OLDEST_POSTGIS = (3, 3)

_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PGDG on Red Hat
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


@dataclass(frozen=True)
class Installation:
    """One installed server: where its programs are, and the versions of it and of its PostGIS."""

    bin: Path
    postgresql: int
    postgis: tuple[int, ...]


def find_installation() -> Installation:
    """Find the newest installed PostgreSQL that is new enough and has a PostGIS that is new enough.

    Raises
    ------
    SetupFault
        There is none; the message says what to install.
    """
    folders = [folder for place in _PLACES for folder in Path("/").glob(place.lstrip("/"))]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = [installation for folder in folders if (installation := _inspect(folder)) is not None]
    if not found:
        raise SetupFault(
            f"PostgreSQL {OLDEST_POSTGRESQL} or newer with PostGIS {'.'.join(map(str, OLDEST_POSTGIS))} or newer is not"
            " installed: install both (Debian: apt-get install postgresql-15-postgis-3) or set DATABASE_URL"
        )
    return max(found, key=lambda one: (one.postgresql, one.postgis))


def find_program(name: str) -> Path:
    """Find one of PostgreSQL's client programs: the newest server's own, else the one on the path.

    Raises
    ------
    SetupFault
        It is not installed.
    """
    found = [path for place in _PLACES for path in Path("/").glob(f"{place.lstrip('/')}/{name}")]
    if found:
        return max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))])
    on_path = shutil.which(name)
    if on_path is None:
        raise SetupFault(f"{name} is not installed (Debian: apt-get install postgresql-client)")
    return Path(on_path)


def _inspect(folder: Path) -> Installation | None:
    """Describe the server in a folder of programs; None when it lacks something or is too old."""
    if not all((folder / program).exists() for program in ("postgres", "initdb", "pg_ctl", "pg_config")):
        return None
    told = subprocess.run([folder / "pg_config", "--version", "--sharedir"], capture_output=True, text=True)
    version = re.search(r"PostgreSQL (\d+)", told.stdout)
    share = [line for line in told.stdout.splitlines() if line.startswith("/")]
    if told.returncode != 0 or version is None or not share:
        return None
    try:
        control = (Path(share[0]) / "extension" / "postgis.control").read_text()
    except OSError:
        return None
    postgis = re.search(r"default_version\s*=\s*'(\d+(?:\.\d+)*)", control)
    if postgis is None:
        return None
    found = Installation(folder, int(version[1]), tuple(int(part) for part in postgis[1].split(".")))
    return found if found.postgresql >= OLDEST_POSTGRESQL and found.postgis >= OLDEST_POSTGIS else None
