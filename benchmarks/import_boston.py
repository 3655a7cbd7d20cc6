"""Import of 58,251 real service requests, file to commit, against the bare COPY of the same rows into the same tables.

The peer gets the rows ready-made: it neither unpacks, reads, maps, checks, locates, nor numbers them. Both run against
the same scratch database on the same server, in turn, and the best of three counts for each.

Run: python -m benchmarks.import_boston
"""

from __future__ import annotations

import io
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from dashboard.settings import Settings
from db.engine import Database
from db.intake.profile import load_profile
from db.schema import migrate
from db.write.areas import import_areas
from db.write.cases_file import import_cases
from gis.codes import Level

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "boston"
ROUNDS = 3
SCRATCH = "quanxiang_bench_import"
LEAST_SHARE = 0.5


def run() -> list[dict[str, Any]]:
    """Return the figures, or one line that says why there are none."""
    cases_file, areas_file = DATA / "311_service_requests_2011.zip", DATA / "neighborhoods.geojson"
    if not cases_file.is_file():
        return [_row("import of the Boston cases", "-", "", "needs shared/data/boston", "skipped")]
    url = make_url(Settings.from_env().database_url).set(database=SCRATCH).render_as_string(hide_password=False)
    migrate(url)
    database = Database(url)
    try:
        with database.owner() as conn:
            _empty(conn, "case_fact, stage_clock, cases, case_event, outbox, area, district, quality_issue")
            import_areas(conn, areas_file, load_profile("boston_neighborhoods"), Level.STREET, today=date(2011, 1, 1))
        ours, bare, rows = [], [], 0
        for _ in range(ROUNDS):
            ours.append(_import(database, cases_file))
            with database.owner() as conn:
                texts, rows = _dump(conn)
            bare.append(_copy(database, texts))
    finally:
        database.dispose()
        _drop(url)
    best, peer = min(ours), min(bare)
    share = peer / best
    name = "import of 58,251 Boston cases"
    verdict = "pass" if share >= LEAST_SHARE else "FAIL"
    return [
        _row(f"{name}, file to commit", round(rows / best), "rows/s", f"bare COPY {rows / peer:,.0f} rows/s", ""),
        _row(f"{name}, time", round(best, 2), "s", f"bare COPY {peer:.2f} s", ""),
        _row(f"{name}, share of bare COPY's speed", round(share, 2), "", f"at least {LEAST_SHARE}", verdict),
    ]


def _import(database: Database, path: Path) -> float:
    with database.owner() as conn:
        _empty(conn, "case_fact, stage_clock, cases, case_event, outbox")
    started = time.perf_counter()
    with database.owner() as conn:
        import_cases(conn, path, load_profile("boston311"), now=datetime(2012, 1, 1, tzinfo=UTC))
    return time.perf_counter() - started


def _dump(conn: Connection) -> tuple[dict[str, bytes], int]:
    """Return the stored rows as the text that COPY reads, and how many there are."""
    texts, rows = {}, 0
    for table in ("cases", "case_event", "stage_clock", "case_fact"):
        sink = io.BytesIO()
        cursor = conn.connection.cursor()
        with cursor.copy(f"COPY {table} TO STDOUT (FORMAT csv)") as copy:  # type: ignore[attr-defined]
            for block in copy:
                sink.write(block)
        texts[table] = sink.getvalue()
        rows += conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    return texts, rows


def _copy(database: Database, texts: dict[str, bytes]) -> float:
    with database.owner() as conn:
        _empty(conn, "case_fact, stage_clock, cases, case_event, outbox")
    started = time.perf_counter()
    with database.owner() as conn:
        for table, content in texts.items():
            cursor = conn.connection.cursor()
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:  # type: ignore[attr-defined]
                copy.write(content)
    return time.perf_counter() - started


def _empty(conn: Connection, tables: str) -> None:
    conn.execute(text(f"TRUNCATE {tables} CASCADE"))


def _drop(url: str) -> None:
    admin = create_engine(
        make_url(url).set(database="postgres", drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as conn:
        conn.execute(text(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)"))
    admin.dispose()


def _row(name: str, figure: float | str, unit: str, limit_or_peer: str, verdict: str) -> dict[str, Any]:
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit_or_peer, "verdict": verdict}


if __name__ == "__main__":
    for line in run():
        print(line)
