"""Connections to the database: one pool, three roles, bounded statements, and faults a person can read.

`reading` and `writing` take the role of the product's reader or writer for one transaction (`SET LOCAL ROLE`), so a
pooled connection never carries a role over to the next user of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from gis.errors import DatabaseUnavailable, InputFault, QueryTooSlow

READER = "quanxiang_read"
WRITER = "quanxiang_write"

_CONNECT_TIMEOUT_S = 5


class Database:
    """The product's database behind one pool of connections.

    Parameters
    ----------
    url : str
        `postgresql://user:password@host:port/name`.
    pool_size : int, keyword-only
        Connections kept open; as many again may be opened for a moment.
    reading_timeout_ms, writing_timeout_ms : int, keyword-only
        Longest run of one statement, unless a call says otherwise.

    Raises
    ------
    DatabaseUnavailable
        The address is not one of a PostgreSQL database.
    """

    def __init__(
        self, url: str, *, pool_size: int = 8, reading_timeout_ms: int = 5_000, writing_timeout_ms: int = 10_000
    ) -> None:
        self.url = parse_url(url)
        self._reading_timeout_ms = reading_timeout_ms
        self._writing_timeout_ms = writing_timeout_ms
        self.engine: Engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_S, "application_name": "quanxiang"},
        )

    @property
    def libpq_url(self) -> str:
        """Address as libpq and psycopg take it, with the password; for connections that listen."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def reading(self, *, timeout_ms: int | None = None) -> Iterator[Connection]:
        """Open a read-only transaction as the reader.

        Raises
        ------
        DatabaseUnavailable
            The database cannot be reached, or lacks the tables of this version.
        QueryTooSlow
            A statement ran longer than `timeout_ms`.
        """
        limit_ms = self._reading_timeout_ms if timeout_ms is None else timeout_ms
        with self._transaction(f"SET TRANSACTION READ ONLY; {_bound(limit_ms)}; SET LOCAL ROLE {READER}") as connection:
            yield connection

    @contextmanager
    def writing(self, *, timeout_ms: int | None = None) -> Iterator[Connection]:
        """Open a transaction as the writer, committed at the end of the block; raises as `reading`."""
        limit_ms = self._writing_timeout_ms if timeout_ms is None else timeout_ms
        with self._transaction(f"{_bound(limit_ms)}; SET LOCAL ROLE {WRITER}") as connection:
            yield connection

    @contextmanager
    def owner(self, *, timeout_ms: int = 0) -> Iterator[Connection]:
        """Open a transaction as the owner of the tables, without a time limit unless given: migrations, bulk loads."""
        with self._transaction(_bound(timeout_ms)) as connection:
            yield connection

    def dispose(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, opening: str) -> Iterator[Connection]:
        with translated_faults(self.url), self.engine.begin() as connection:
            connection.exec_driver_sql(opening)  # several statements at once: one round trip
            yield connection


@contextmanager
def translated_faults(url: URL) -> Iterator[None]:
    """Turn what a driver raises into the product's faults, without statements, values or passwords in the message.

    Raises
    ------
    DatabaseUnavailable
        The database cannot be reached, is shutting down, or lacks tables or roles of this version.
    QueryTooSlow
        A statement was cancelled by its time limit.
    InputFault
        A value does not fit its type.
    """
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        if isinstance(cause, pg.QueryCanceled):
            raise QueryTooSlow("the database did not answer within the time limit of this request") from None
        if isinstance(cause, (pg.UndefinedTable, pg.UndefinedColumn, pg.UndefinedFunction, pg.UndefinedObject)):
            raise DatabaseUnavailable(
                f"the database {_place(url)} lacks part of this version's schema: run python -m dashboard db migrate"
            ) from error
        if isinstance(cause, pg.InvalidParameterValue) and "role" in str(cause):
            raise DatabaseUnavailable(f"the database {_place(url)} lacks the product's roles: run db migrate") from None
        if isinstance(cause, psycopg.DataError):  # NUL in a text, a number or a time beyond what a column holds
            raise InputFault("a value is not one that the database can hold") from None
        if isinstance(error, (OperationalError, InterfaceError)) and not isinstance(
            cause, (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable)
        ):
            raise DatabaseUnavailable(f"the database {_place(url)} {_reason(cause)}") from None
        raise


def parse_url(url: str) -> URL:
    """Read a database address and choose the driver.

    Raises
    ------
    DatabaseUnavailable
        It is empty or not the address of a PostgreSQL database.
    """
    if not url:
        raise DatabaseUnavailable("no database is known: run bin/up, or set DATABASE_URL")
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnavailable("DATABASE_URL is not an address: postgresql://user:password@host:port/name") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseUnavailable(f"DATABASE_URL must be a postgresql:// address, not {parsed.get_backend_name()}://")
    if not parsed.database:
        raise DatabaseUnavailable("DATABASE_URL names no database: postgresql://user:password@host:port/name")
    return parsed.set(drivername="postgresql+psycopg")


def create_database_if_missing(url: str) -> bool:
    """Create the database that an address names.

    Returns
    -------
    bool
        True when it was created, False when it was there.

    Raises
    ------
    DatabaseUnavailable
        The server cannot be reached, or its user may not create databases.
    """
    wanted = parse_url(url)
    probe = create_engine(wanted, hide_parameters=True, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S})
    try:
        with probe.connect():
            return False
    except OperationalError as error:
        # a server says this while signing in, so the driver has no SQLSTATE to offer
        if f'database "{wanted.database}" does not exist' not in str(error.orig):
            raise DatabaseUnavailable(f"the database {_place(wanted)} {_reason(error.orig)}") from None
    finally:
        probe.dispose()
    maintenance = create_engine(
        wanted.set(database="postgres"),
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": _CONNECT_TIMEOUT_S},
    )
    try:
        with maintenance.connect() as connection:
            name = connection.dialect.identifier_preparer.quote_identifier(str(wanted.database))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    except DBAPIError as error:
        if isinstance(error.orig, (pg.DuplicateDatabase, pg.UniqueViolation)):
            return False  # somebody else was quicker
        raise DatabaseUnavailable(f"the database {_place(wanted)} cannot be created: {_reason(error.orig)}") from None
    finally:
        maintenance.dispose()
    return True


def _bound(timeout_ms: int) -> str:
    return f"SET LOCAL statement_timeout = {int(timeout_ms)}"


def _place(url: URL) -> str:
    return f"{url.database} at {url.host or 'the local socket'}:{url.port or 5432}"


def _reason(cause: BaseException | None) -> str:
    """Say in the product's words why a connection failed; the driver's own text may hold addresses and statements."""
    told = str(cause)
    if isinstance(cause, pg.AdminShutdown) or "shutting down" in told or "starting up" in told:
        return "is stopping or starting"
    if "password authentication failed" in told or "no password supplied" in told:
        return "refuses the user or the password"
    if isinstance(cause, pg.InsufficientPrivilege):
        return "does not allow its user to do this"
    if "does not exist" in told:
        return "does not exist"
    if isinstance(cause, psycopg.OperationalError) and ("too many" in told or "remaining connection slots" in told):
        return "has no free connection"
    if isinstance(cause, pg.DiskFull):
        return "has no space left on its disk"
    return "does not answer"


__all__ = ["READER", "WRITER", "Database", "create_database_if_missing", "parse_url", "translated_faults"]
