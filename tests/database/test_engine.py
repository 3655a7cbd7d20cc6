"""Connections as the real roles, their limits, and what a person reads when something fails."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from db.engine import Database, create_database_if_missing, parse_url
from gis.errors import DatabaseUnavailable, QueryTooSlow
from tests.clones import TestServer

_INSERT_FEED = text("INSERT INTO feed (name, title_zh, title_en, period_s) VALUES (:name, '甲', 'a', 60)")


def _count(conn: Connection) -> int:
    return int(conn.execute(text("SELECT count(*) FROM feed")).scalar_one())


def test_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"), database.reading() as conn:
        conn.execute(_INSERT_FEED, {"name": "a"})


def test_writer_commits_at_the_end_of_the_block(database: Database) -> None:
    with database.writing() as conn:
        conn.execute(_INSERT_FEED, {"name": "a"})
    with database.reading() as conn:
        assert _count(conn) == 1


def test_block_that_fails_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ValueError, match="no"), database.writing() as conn:
        conn.execute(_INSERT_FEED, {"name": "a"})
        raise ValueError("no")
    with database.reading() as conn:
        assert _count(conn) == 0


def test_role_does_not_stay_on_the_pooled_connection(database: Database) -> None:
    with database.reading() as conn:
        assert conn.execute(text("SELECT current_user")).scalar_one() == "quanxiang_read"
    with database.owner() as conn:
        assert conn.execute(text("SELECT current_user")).scalar_one() == "quanxiang"
        assert conn.execute(text("SHOW statement_timeout")).scalar_one() == "0"


@pytest.mark.parametrize("table", ["case_event", "outbox"])
def test_writer_may_only_append_to_the_record(writing_conn: Connection, table: str) -> None:
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError, match="permission denied"), writing_conn.begin_nested():
            writing_conn.execute(text(statement))


@pytest.mark.parametrize("table", ["area", "category", "district", "lineage", "source_cell"])
def test_writer_may_not_touch_geography(writing_conn: Connection, table: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), writing_conn.begin_nested():
        writing_conn.execute(text(f"DELETE FROM {table}"))


def test_not_even_the_owner_changes_events(conn: Connection) -> None:
    with pytest.raises(DBAPIError, match="case_event is append-only"), conn.begin_nested():
        conn.execute(text("UPDATE case_event SET stage = 'closed'"))


def test_slow_statement_is_cut_off_with_its_own_fault(database: Database) -> None:
    with pytest.raises(QueryTooSlow, match="time limit"), database.reading(timeout_ms=50) as conn:
        conn.execute(text("SELECT pg_sleep(5)"))


def test_database_that_does_not_answer_is_named_without_password() -> None:
    database = Database("postgresql://somebody:secret@127.0.0.1:1/district")
    with pytest.raises(DatabaseUnavailable) as caught, database.reading():
        pass
    assert str(caught.value) == "the database district at 127.0.0.1:1 does not answer"
    database.dispose()


def test_wrong_password_is_told_apart_from_silence(test_server: TestServer) -> None:
    address = parse_url(test_server.url("postgres")).set(password="guess").render_as_string(hide_password=False)
    with pytest.raises(DatabaseUnavailable, match="refuses the user or the password"), Database(address).owner():
        pass


def test_missing_schema_says_what_to_run(test_server: TestServer) -> None:
    database = Database(test_server.url("postgres"))
    with pytest.raises(DatabaseUnavailable, match="db migrate"), database.owner() as conn:
        conn.execute(text("SELECT * FROM cases"))
    database.dispose()


def test_missing_database_is_created_once(test_server: TestServer) -> None:
    address = test_server.url("clone_0_made_here")
    try:
        assert create_database_if_missing(address) is True
        assert create_database_if_missing(address) is False
    finally:
        test_server.drop("clone_0_made_here")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "no database is known"),
        ("nonsense", "not an address"),
        ("mysql://a:b@c/d", "must be a postgresql:// address"),
        ("postgresql://a:secret@c", "names no database"),
    ],
)
def test_wrong_address_is_explained_without_repeating_its_password(address: str, told: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=told) as caught:
        parse_url(address)
    assert "secret" not in str(caught.value)
