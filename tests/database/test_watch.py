"""What the server tells about itself: metrics that follow what happens, ids that join an answer with its log line."""

from __future__ import annotations

import json
import logging
import logging.config
import re

import pytest

from dashboard.logs import REQUEST_ID, log_config
from tests.database.api_door import Client, api

__all__ = ["api"]  # a fixture


def _metrics(api: Client) -> dict[str, float]:
    lines = [line for line in api.get("/metrics").text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_count_answers_by_route_without_naming_places_or_cases(api):
    before = _metrics(api)
    for code in ("110102012", "110102017", "999999999"):
        api.get(f"/api/v1/areas/{code}")
    after = _metrics(api)
    answered = {
        key: value - before.get(key, 0.0) for key, value in after.items() if key.startswith("quanxiang_answers_total")
    }
    assert sum(v for k, v in answered.items() if "/api/v1/areas/{code}" in k and 'status="200"' in k) == 2
    assert sum(v for k, v in answered.items() if "/api/v1/areas/{code}" in k and 'status="404"' in k) == 1
    assert not any("110102012" in name or "999999999" in name for name in after)
    assert after["quanxiang_database_reachable"] == 1
    assert after['quanxiang_newest_case_age_seconds{district="110102"}'] > 0


def test_request_id_is_given_back_and_a_strange_one_is_replaced(api):
    assert (
        api.get("/api/health", headers={"x-request-id": "shift-2026-0001"}).headers["x-request-id"] == "shift-2026-0001"
    )
    made = api.get("/api/health", headers={"x-request-id": "a b\tc<script>"}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)


@pytest.mark.parametrize("form", ["text", "json"])
def test_log_line_carries_the_request_it_belongs_to(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(log_config("info", form) | {"root": {"handlers": [], "level": "WARNING"}})
    token = REQUEST_ID.set("req-12345678")
    try:
        logging.getLogger("dashboard.watch").warning("页面 %s", "慢")
    finally:
        REQUEST_ID.reset(token)
        for name in ("dashboard", "db"):
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).propagate = True
    (line,) = capsys.readouterr().err.splitlines()
    assert "req-12345678" in line and "页面 慢" in line
    if form == "json":
        assert json.loads(line)["level"] == "warning"
