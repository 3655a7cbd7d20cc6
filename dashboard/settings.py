"""The product's settings: one frozen object, and the only code that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from dashboard.logs import FORMATS
from db.cluster import Cluster
from gis.errors import DatabaseUnavailable, InputFault

_ROOT = Path(__file__).resolve().parent.parent
_DATABASE = "quanxiang"
_LOG_LEVELS = ("debug", "info", "warning", "error")
_CHOICES = {"log_level": _LOG_LEVELS, "log_format": FORMATS}


def _setting(default: Any, variable: str, explanation: str, unit: str = "", highest: int | None = None) -> Any:
    return field(
        default=default,
        metadata={"variable": variable, "help": explanation, "unit": unit, "highest": highest},
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting with its environment variable, meaning and unit in the field's metadata; see `described`."""

    database_url: str = _setting(
        "", "DATABASE_URL", "PostgreSQL server with PostGIS to use; without it bin/up starts a private one under var/"
    )
    host: str = _setting("127.0.0.1", "QUANXIANG_HOST", "address that the server listens on")
    port: int = _setting(8050, "QUANXIANG_PORT", "port that the server listens on (PORT works too)", "port", 65_535)
    var_dir: Path = _setting(_ROOT / "var", "QUANXIANG_VAR", "folder of everything that is made at run time")
    log_level: str = _setting("info", "QUANXIANG_LOG_LEVEL", "least important log lines: " + ", ".join(_LOG_LEVELS))
    log_format: str = _setting("text", "QUANXIANG_LOG_FORMAT", "form of log lines: " + ", ".join(FORMATS))
    pool_size: int = _setting(8, "QUANXIANG_POOL_SIZE", "database connections kept open", "connections", 1_000)
    reading_timeout_ms: int = _setting(
        5_000, "QUANXIANG_READING_TIMEOUT_MS", "longest run of one reading statement of a screen", "ms", 600_000
    )
    writing_timeout_ms: int = _setting(
        10_000, "QUANXIANG_WRITING_TIMEOUT_MS", "longest run of one writing statement of the API", "ms", 600_000
    )

    writes_per_minute: int = _setting(
        12_000,
        "QUANXIANG_WRITES_PER_MINUTE",
        "most cases and steps a minute from one key or address",
        "per minute",
        10_000_000,
    )
    hotspot_minutes: int = _setting(
        15, "QUANXIANG_HOTSPOT_MINUTES", "how often hot spots are searched for", "minutes", 10_080
    )

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment.

        Parameters
        ----------
        environment : mapping of str to str, optional
            Instead of the process's own.

        Returns
        -------
        Settings
            Without `DATABASE_URL` the address is the private cluster's when one was ever started, else empty.

        Raises
        ------
        InputFault
            A value is out of range; the message names every such variable.
        """
        given = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        faults: list[str] = []
        for one in fields(cls):
            told = given.get(one.metadata["variable"], "")
            if one.name == "port" and not told:
                told = given.get("PORT", "")
            if told:
                _read(one, told, values, faults)
        if faults:
            raise InputFault("; ".join(faults))
        settings = cls(**values)
        if settings.database_url:
            return settings
        try:
            values["database_url"] = Cluster(settings.cluster_dir).url(_DATABASE)
        except DatabaseUnavailable:
            return settings
        return cls(**values)

    @property
    def cluster_dir(self) -> Path:
        """Folder of the private database cluster."""
        return self.var_dir / "cluster"

    @property
    def uses_private_cluster(self) -> bool:
        """Whether the database is the one under `var/`, which the product starts and stops itself."""
        try:
            return self.database_url in ("", Cluster(self.cluster_dir).url(_DATABASE))
        except DatabaseUnavailable:
            return not self.database_url

    @property
    def address(self) -> str:
        """Address of the product for a browser on this machine."""
        host = "127.0.0.1" if self.host in ("", "0.0.0.0", "::") else self.host
        return f"http://{host}:{self.port}"


def described() -> list[tuple[str, str, str, str]]:
    """List every setting as (environment variable, default, unit, meaning), for the README and the help."""
    return [
        (one.metadata["variable"], _shown(one.default), one.metadata["unit"], one.metadata["help"])
        for one in fields(Settings)
    ]


def _shown(default: Any) -> str:
    return str(default.relative_to(_ROOT)) if isinstance(default, Path) else str(default)


def _read(one: Field[Any], told: str, values: dict[str, Any], faults: list[str]) -> None:
    """Read one variable as the type of its default."""
    variable, highest = one.metadata["variable"], one.metadata["highest"]
    if isinstance(one.default, Path):
        values[one.name] = Path(told).expanduser().resolve()
    elif isinstance(one.default, int):
        if told.isdecimal() and 0 < int(told) <= highest:
            values[one.name] = int(told)
        else:
            faults.append(f"{variable} must be a whole number from 1 to {highest}, not {told!r}")
    elif one.name in _CHOICES:
        if told.lower() in _CHOICES[one.name]:
            values[one.name] = told.lower()
        else:
            faults.append(f"{variable} must be one of {', '.join(_CHOICES[one.name])}, not {told!r}")
    else:
        values[one.name] = told
