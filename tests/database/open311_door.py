"""What the Open311 tests share: a small district, a key, a client that reads both formats, and a running server."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import httpx
import uvicorn
from defusedxml.ElementTree import fromstring
from fastapi import FastAPI
from geoalchemy2 import WKTElement
from sqlalchemy import insert

from dashboard.app import create_app
from dashboard.settings import Settings
from db.engine import Database
from db.tables import area, district
from db.write.cases import report_case
from db.write.categories import ensure_categories
from db.write.keys import add_key
from gis.worktime import build_calendar

DISTRICT = "110102"
CELL = "110102001001001"
INSIDE = (116.35, 39.92)
OUTSIDE = (116.60, 39.92)
_BOX = "((116.3 39.9, 116.4 39.9, 116.4 39.95, 116.3 39.95, 116.3 39.9))"
XML, JSON = "text/xml; charset=utf-8", "application/json; charset=utf-8"


def small_district(database: Database, *, code: str = DISTRICT, is_demo: bool = False) -> None:
    """Load a square district of one cell, the category tree and its questions."""
    with database.owner() as conn:
        ensure_categories(conn)
        conn.execute(
            insert(district).values(code=code, metric_srid=4548, timezone="Asia/Shanghai", geometry_version="1",
                                    is_demo=is_demo)
        )  # fmt: skip
        levels = [6, 9, 12, 15]
        codes = [(code + "001001001")[:level] for level in levels]
        for level, own, parent in zip(levels, codes, [None, *codes[:3]], strict=True):
            conn.execute(
                insert(area).values(
                    code=own, level=level, parent_code=parent, district_code=code, name_zh=f"区域{level}",
                    geom=WKTElement(f"MULTIPOLYGON({_BOX})", srid=4326), area_m2=1.0, valid_from=date(2020, 1, 1),
                    label_point=WKTElement("POINT(116.35 39.92)", srid=4326),
                )
            )  # fmt: skip


def new_key(database: Database, label: str = "app", **given: Any) -> str:
    with database.owner() as conn:
        return add_key(conn, label, **given)


def report(database: Database, number: int, age: timedelta = timedelta(0), **changes: Any) -> str:
    """Put a case into the record as another system would, that old."""
    now = datetime.now(UTC)
    given = {
        "source": "hotline", "external_id": f"h{number}", "channel": "hotline", "category": "E0102",
        "title": f"垃圾 {number}", "place": "大街", "lon": INSIDE[0], "lat": INSIDE[1], "reported_at": now - age,
    } | changes  # fmt: skip
    with database.writing() as conn:
        return report_case(conn, given, now, build_calendar(2024, 2028))[0]


def built(database: Database, var_dir: Path) -> FastAPI:
    return create_app(Settings(database_url=database.url.render_as_string(hide_password=False), var_dir=var_dir))


class Door:
    """Asks an app directly, without a network; paths are below `/open311/v2`."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            road = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=road, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **given)

        return asyncio.run(send())

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.ask("GET", f"/open311/v2/{path}", params=params)

    def json(self, path: str, **params: Any) -> Any:
        answer = self.get(f"{path}.json", **params)
        assert (answer.status_code, answer.headers["content-type"]) == (200, JSON), answer.text[:300]
        return answer.json()

    def xml(self, path: str, **params: Any) -> Element:
        answer = self.get(f"{path}.xml", **params)
        assert (answer.status_code, answer.headers["content-type"]) == (200, XML), answer.text[:300]
        assert answer.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<')
        return fromstring(answer.content)

    def post(self, form: str = "json", headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        return self.ask("POST", f"/open311/v2/requests.{form}", data=fields, headers=headers or {})

    def filed(self, **fields: Any) -> str:
        """Report and return the number."""
        answer = self.post(**fields)
        assert answer.status_code == 200, answer.text
        (told,) = answer.json()
        return str(told["service_request_id"])


def a_report(key: str, **changes: Any) -> dict[str, Any]:
    fields = {"api_key": key, "service_code": "E0104", "long": INSIDE[0], "lat": INSIDE[1], "description": "路面不洁"}
    return {name: value for name, value in (fields | changes).items() if value is not None}


def refused(answer: httpx.Response, status: int) -> list[str]:
    """Return why, after checking that the refusal has the standard's shape in its format and tells nothing inside."""
    assert answer.status_code == status, answer.text[:300]
    if answer.headers["content-type"] == JSON:
        errors = answer.json()
        assert isinstance(errors, list) and all(list(one) == ["code", "description"] for one in errors)
    else:
        assert answer.headers["content-type"] == XML
        root = fromstring(answer.content)
        assert root.tag == "errors" and all(one.tag == "error" for one in root)
        errors = [{child.tag: child.text for child in one} for one in root]
        assert all(list(one) == ["code", "description"] for one in errors)
    assert errors
    for word in ("psycopg", "sqlalchemy", "SELECT", "Traceback", "site-packages"):
        assert word not in answer.text
    return [str(one["description"]) for one in errors]


def plain(element: Element) -> Any:
    """Return an XML answer as JSON would tell it, with every leaf as text; None when empty."""
    children = list(element)
    if not children:
        return element.text
    if element.tag.endswith("s") and len({child.tag for child in children}) == 1 and element.tag[:-1] in {
        children[0].tag, "service_request"
    }:  # fmt: skip
        return [plain(child) for child in children]
    return {child.tag: plain(child) for child in children}


def as_text(content: Any) -> Any:
    """Return a JSON answer with every leaf as XML writes it."""
    if isinstance(content, dict):
        return {name: as_text(value) for name, value in content.items()}
    if isinstance(content, list):
        return [as_text(value) for value in content] or None
    if content is None or content == "":
        return None
    return str(content).lower() if isinstance(content, bool) else str(content)


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve an app on a free port; gives its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        socket.close()
