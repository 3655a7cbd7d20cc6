"""What all tests share: a real PostGIS of their own, as the real roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import hypothesis
import pytest
from sqlalchemy import Connection, text

from db.engine import READER, WRITER, Database
from tests.clones import TestServer

DEMO_DAYS = 7
DEMO_SEED = 1
DEMO_UNTIL = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)

_SERVER = TestServer()


def pytest_configure(config: pytest.Config) -> None:
    """Property tests give the same answer on every machine, however busy it is."""
    hypothesis.settings.register_profile(
        "repeatable", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("repeatable")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the cluster after the last worker."""
    _SERVER.leave()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go first and to one worker: they take longest, and two browsers would starve each other."""
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("browser"))
    items.sort(key=lambda item: "/browser/" not in item.path.as_posix())


@pytest.fixture(scope="session")
def test_server() -> TestServer:
    """The tests' own cluster, running."""
    _SERVER.join()
    return _SERVER


@pytest.fixture(scope="session")
def worker_database(test_server: TestServer) -> Iterator[Database]:
    """One empty, migrated database for all tests of a worker that roll back; see `conn`."""
    with test_server.clone(test_server.schema_template()) as url, _opened(url) as database:
        yield database


@pytest.fixture
def conn(worker_database: Database) -> Iterator[Connection]:
    """The owner's connection in a transaction that is rolled back; savepoints (`begin_nested`) work inside it."""
    with _rolled_back(worker_database, None) as connection:
        yield connection


@pytest.fixture
def reading_conn(worker_database: Database) -> Iterator[Connection]:
    """The reader's connection, rolled back at the end."""
    with _rolled_back(worker_database, READER) as connection:
        yield connection


@pytest.fixture
def writing_conn(worker_database: Database) -> Iterator[Connection]:
    """The writer's connection, rolled back at the end."""
    with _rolled_back(worker_database, WRITER) as connection:
        yield connection


@pytest.fixture
def database(test_server: TestServer) -> Iterator[Database]:
    """An empty, migrated database of the test's own: for commits, NOTIFY, pools and concurrency."""
    with test_server.clone(test_server.schema_template()) as url, _opened(url) as database:
        yield database


@pytest.fixture(scope="session")
def demo_database(test_server: TestServer) -> Iterator[Database]:
    """The demo district with a week of cases, shared by all tests of a worker: only read it."""
    with test_server.clone(test_server.demo_template(_load_demo)) as url, _opened(url) as database:
        yield database


@pytest.fixture
def demo_clone(test_server: TestServer) -> Iterator[Database]:
    """The demo district of the test's own, to change."""
    with test_server.clone(test_server.demo_template(_load_demo)) as url, _opened(url) as database:
        yield database


@contextmanager
def acting_as(connection: Connection, role: str) -> Iterator[None]:
    """Take a role inside a test's transaction: write as the owner, then look as the reader."""
    connection.execute(text(f"SET LOCAL ROLE {role}"))
    try:
        yield
    finally:
        connection.execute(text("RESET ROLE"))


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def _rolled_back(database: Database, role: str | None) -> Iterator[Connection]:
    """Open a connection whose outer transaction is never committed."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        if role is not None:
            connection.execute(text(f"SET LOCAL ROLE {role}"))
        try:
            yield connection
        finally:
            if outer.is_active:
                outer.rollback()


def _load_demo(url: str) -> None:
    from db.demo.load import load_demo

    with _opened(url) as database:
        load_demo(database, None, days=DEMO_DAYS, seed=DEMO_SEED, until=DEMO_UNTIL)
