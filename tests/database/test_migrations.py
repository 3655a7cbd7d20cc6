"""The migrations: up, compared with the models, down, up again; roles and triggers as a user meets them."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from sqlalchemy import CheckConstraint, Connection, inspect, text

from db.contents import Contents, newest_revision, read_state
from db.engine import Database
from db.schema import check_models, current_revision, head_revision, migrate
from db.tables import metadata
from gis.errors import DatabaseUnavailable
from tests.clones import ROOT, TestServer


def _address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def test_migrated_database_has_exactly_the_tables_of_the_models(database: Database) -> None:
    check_models(_address(database))
    present = set(inspect(database.engine).get_table_names()) - {"alembic_version", "spatial_ref_sys"}
    assert present == set(metadata.tables)


def test_check_constraints_are_those_of_the_models(conn: Connection) -> None:
    for table in metadata.sorted_tables:
        wanted = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        present = {
            str(one["name"]).removeprefix(f"ck_{table.name}_")
            for one in inspect(conn).get_check_constraints(table.name)
        }
        assert {name.removeprefix(f"ck_{table.name}_") for name in wanted} == present, table.name


def test_down_to_nothing_and_up_again(database: Database) -> None:
    address = _address(database)
    assert current_revision(address) == head_revision()
    assert migrate(address, revision="base") == "base"
    assert inspect(database.engine).get_table_names() == ["alembic_version", "spatial_ref_sys"]
    assert migrate(address) == head_revision()
    check_models(address)


def test_two_migrations_at_once_do_not_disturb_each_other(test_server: TestServer) -> None:
    address = test_server.url("clone_0_twice")
    code = f"from db.schema import migrate; print(migrate({address!r}))"
    try:
        both = [
            subprocess.Popen(
                [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            for _ in range(2)
        ]
        assert {process.communicate(timeout=60)[0].strip() for process in both} == {head_revision()}
    finally:
        test_server.drop("clone_0_twice")


def test_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.owner() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable, match="newer version"):
        migrate(_address(database))


def test_outbox_row_is_announced_with_its_number_at_commit(database: Database) -> None:
    with psycopg.connect(database.libpq_url, autocommit=True) as listener:
        listener.execute("LISTEN quanxiang")
        with database.writing() as conn:
            number = conn.execute(
                text("INSERT INTO outbox (kind, area_code) VALUES ('bulk', '110102') RETURNING id")
            ).scalar_one()
            assert list(listener.notifies(timeout=0.1)) == []
        heard = [one.payload for one in listener.notifies(timeout=5, stop_after=1)]
    assert heard == [str(number)]


def test_contents_are_empty_then_demo_then_own(database: Database) -> None:
    address = _address(database)
    insert = text(
        "INSERT INTO district (code, metric_srid, timezone, is_demo, geometry_version)"
        " VALUES (:code, 4548, 'Asia/Shanghai', :demo, '1')"
    )
    assert read_state(address).contents is Contents.EMPTY
    assert read_state(address).is_current
    with database.owner() as conn:
        conn.execute(insert, {"code": "110102", "demo": True})
    assert read_state(address).contents is Contents.DEMO
    with database.owner() as conn:
        conn.execute(insert, {"code": "110101", "demo": False})
    assert read_state(address).contents is Contents.OWN


def test_database_that_does_not_exist_yet_is_empty_and_not_current(test_server: TestServer) -> None:
    state = read_state(test_server.url("clone_0_nothing"))
    assert (state.revision, state.contents, state.is_current) == (None, Contents.EMPTY, False)


def test_newest_revision_is_read_off_the_file_names() -> None:
    assert newest_revision() == head_revision()
