"""How Alembic runs a revision here: one transaction, one migration at a time, no endless waiting for a lock.

`db.schema.migrate` is the way in; `alembic revision --autogenerate` also works and then reads `-x url=postgresql://...`.
"""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import NullPool, create_engine, text

from db.engine import parse_url
from db.tables import metadata

_MIGRATION_LOCK = 7_149_200_215  # any number, the same in every version
_WAIT_FOR_MIGRATION = "120s"
_WAIT_FOR_TABLE = "10s"  # rather fail than queue behind a long read and block every screen


def _include_object(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave out what belongs to PostGIS; the helper does so for its tables."""
    return bool(alembic_helpers.include_object(item, name, kind, reflected, compare_to))


def _run() -> None:
    url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url", "")
    engine = create_engine(parse_url(url), poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_object=_include_object,
            render_item=alembic_helpers.render_item,
            process_revision_directives=alembic_helpers.writer,
            compare_server_default=False,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_MIGRATION}'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_TABLE}'"))
            context.run_migrations()


_run()
