"""What a database holds: nothing, the demo, or somebody's own district."""

from __future__ import annotations

from enum import Enum

import psycopg

from db.engine import parse_url
from gis.errors import DatabaseUnavailable


class Contents(Enum):
    """Kinds of contents."""

    EMPTY = "empty"
    DEMO = "demo"
    OWN = "own"


def read_contents(url: str) -> Contents:
    """Look into the districts of a migrated database, without the pool and its libraries.

    Raises
    ------
    DatabaseUnavailable
        The database cannot be reached or was never migrated.
    """
    parsed = parse_url(url)
    try:
        with psycopg.connect(
            parsed.set(drivername="postgresql").render_as_string(hide_password=False), connect_timeout=5
        ) as connection:
            demos = [is_demo for (is_demo,) in connection.execute("SELECT is_demo FROM district LIMIT 100")]
    except psycopg.Error:
        raise DatabaseUnavailable(f"the database {parsed.database} cannot be read: run db migrate") from None
    if not demos:
        return Contents.EMPTY
    return Contents.DEMO if all(demos) else Contents.OWN
