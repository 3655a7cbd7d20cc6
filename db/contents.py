"""What a database holds: which revision of the schema, and nothing, the demo, or somebody's own district.

Asked on every start, so only the driver is loaded for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psycopg

from gis.errors import DatabaseUnavailable

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


class Contents(Enum):
    """Kinds of contents."""

    EMPTY = "empty"
    DEMO = "demo"
    OWN = "own"


@dataclass(frozen=True)
class State:
    """Revision of the schema (None = never migrated) and contents of a database."""

    revision: str | None
    contents: Contents

    @property
    def is_current(self) -> bool:
        """Whether the schema is the one of this version."""
        return self.revision == newest_revision()


def newest_revision() -> str:
    """Revision that this version needs: revisions are numbered, and files carry their number first."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


def read_state(url: str) -> State:
    """Look into a database.

    Parameters
    ----------
    url : str
        `postgresql://...` or `postgresql+psycopg://...`.

    Returns
    -------
    State
        Also when the database does not exist yet: never migrated and empty.

    Raises
    ------
    DatabaseUnavailable
        The server does not answer, or refuses the user.
    """
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
            revision = None
            if _has_table(connection, "alembic_version"):
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                revision = str(row[0]) if row else None
            demos = []
            if _has_table(connection, "district"):
                demos = [is_demo for (is_demo,) in connection.execute("SELECT is_demo FROM district LIMIT 100")]
    except psycopg.Error as error:
        if isinstance(error, psycopg.OperationalError) and "does not exist" in str(error):
            return State(None, Contents.EMPTY)
        raise DatabaseUnavailable(
            "the database does not answer, or refuses its user: python -m dashboard db status"
        ) from None
    if not demos:
        return State(revision, Contents.EMPTY)
    return State(revision, Contents.DEMO if all(demos) else Contents.OWN)


def _has_table(connection: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
    return bool(row and row[0])
