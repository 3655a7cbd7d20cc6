"""An app asked directly, and what every test of the API needs: a client, a report, the one shape of a fault."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from dashboard.app import create_app
from dashboard.settings import Settings
from db.engine import Database
from db.tables import area

DISTRICT, STREET = "110102", "110102012"


class Client:
    """Asks an app directly, without a network; a fault of the app becomes the 500 that a server would send."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            road = httpx.ASGITransport(app=self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=road, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **given)

        return asyncio.run(send())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("POST", path, **given)


def built(database: Database, var_dir: Path) -> FastAPI:
    return create_app(Settings(database_url=database.url.render_as_string(hide_password=False), var_dir=var_dir))


@pytest.fixture(scope="module")
def api(demo_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The API on the shared demo district: read only."""
    return Client(built(demo_database, tmp_path_factory.mktemp("api")))


@pytest.fixture
def own_api(demo_clone: Database, tmp_path: Path) -> Client:
    """The API on a demo district of the test's own."""
    return Client(built(demo_clone, tmp_path))


@pytest.fixture(scope="module")
def a_point(demo_database: Database) -> tuple[float, float, str]:
    with demo_database.reading() as conn:
        inside = func.ST_PointOnSurface(area.c.geom)
        stmt = select(func.ST_X(inside), func.ST_Y(inside), area.c.code).where(area.c.level == 15)
        return tuple(conn.execute(stmt.order_by(area.c.code).limit(1)).one())  # type: ignore[return-value]


def a_report(**changes: Any) -> dict[str, Any]:
    return {
        "source": "test", "external_id": "1", "channel": "hotline", "category": "P0101", "title": "井盖破损"
    } | changes  # fmt: skip


def fault_of(answer: Any, status: int) -> dict[str, Any]:
    """Return the error of an answer after checking that it has the one shape and tells nothing of the inside."""
    assert answer.status_code == status, answer.text[:300]
    body = answer.json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"code", "message", "fields"}
    for word in ("psycopg", "sqlalchemy", "SELECT", "Traceback", "site-packages"):
        assert word not in answer.text
    return dict(body["error"])
