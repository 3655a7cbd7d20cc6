"""Doors for programs: batches answer line by line, keys make replays harmless, measures open, lists have pages."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from db.engine import Database
from db.tables import case_event, cases
from tests.database.api_door import STREET, Client, a_point, a_report, api, fault_of, own_api

__all__ = ["a_point", "api", "own_api"]


def test_batch_answers_every_line_and_a_bad_one_keeps_no_good_one_out(own_api: Client, demo_clone: Database) -> None:
    lines = [
        json.dumps(a_report(external_id="b1"), ensure_ascii=False).encode(), b"", b'{"source": "test"}', b"\xff\xfe",
        json.dumps(a_report(external_id="b2", category="X9")).encode(), b"[" * 5_000, b"null",
        json.dumps(a_report(external_id="b1")).encode(), json.dumps(a_report(external_id="b3")).encode(),
        json.dumps(a_report(external_id="b4", title="a\x00b")).encode(),
    ]  # fmt: skip
    told = own_api.post("/api/v1/cases/batch", content=b"\n".join(lines))
    rows = [json.loads(line) for line in told.text.splitlines()]
    assert told.status_code == 200 and told.headers["content-type"] == "application/x-ndjson"
    assert {row["line"]: row["status"] for row in rows} == {
        1: 201, 3: 422, 4: 422, 5: 422, 6: 422, 7: 422, 8: 200, 9: 201, 10: 422,
    }  # fmt: skip
    assert rows[0]["number"] == next(row["number"] for row in rows if row["line"] == 8)
    assert "external_id" not in told.text or "category" in rows[1]["error"]["fields"][0]["field"]
    with demo_clone.reading() as conn:
        stored = conn.execute(select(cases.c.external_id).where(cases.c.source == "test")).scalars().all()
    assert sorted(stored) == ["b1", "b3"]
    fault_of(own_api.post("/api/v1/cases/batch", content=b"\n\n"), 422)


def test_idempotency_key_makes_a_replay_of_report_and_step_harmless(own_api: Client, demo_clone: Database) -> None:
    report = a_report()
    del report["external_id"]
    fault_of(own_api.post("/api/v1/cases", json=report), 422)
    key = {"Idempotency-Key": "0b7c"}
    first, again = (own_api.post("/api/v1/cases", json=report, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    number = first.json()["number"]
    assert again.json()["number"] == number
    steps = [own_api.post(f"/api/v1/cases/{number}/events", json={"stage": "accepted"}, headers=key) for _ in range(2)]
    assert [step.status_code for step in steps] == [201, 200]
    fault_of(own_api.post(f"/api/v1/cases/{number}/events", json={"stage": "accepted"}), 409)
    assert [one["stage"] for one in own_api.get(f"/api/v1/cases/{number}/events").json()] == ["reported", "accepted"]
    with demo_clone.reading() as conn:
        count = select(func.count()).select_from(case_event.join(cases, cases.c.id == case_event.c.case_id))
        assert conn.execute(count.where(cases.c.number == number)).scalar_one() == 2


def test_lists_have_pages(api: Client) -> None:
    first = api.get("/api/v1/cases?limit=5")
    second = api.get(f"/api/v1/cases?limit=5&offset={first.headers['x-next-offset']}")
    numbers = [row["number"] for row in first.json() + second.json()]
    assert len(numbers) == len({*numbers}) == 10


@pytest.mark.parametrize("measure", ["on_time_rate", "overdue", "handling_p90"])
def test_measures_open_to_their_cases(api: Client, measure: str) -> None:
    period = f"area={STREET}&from=2026-05-13T00:00:00Z&to=2026-05-20T06:30:00Z"
    told = api.get(f"/api/v1/kpi?{period}").json()
    one = next(row for row in told["measures"] if row["key"] == measure)
    behind = api.get(f"/api/v1/kpi/{measure}/cases?{period}&limit=3").json()
    assert behind["total"] == one["whole"]["hits"] and len(behind["items"]) == min(3, behind["total"])
    assert sum(part["hits"] for part in one["families"].values()) == one["whole"]["hits"]


@pytest.mark.parametrize(
    "asked",
    ["?from=2026-05-20T00:00:00Z&to=2026-05-19T00:00:00Z", "?area=12", "?from=yesterday", "/nonsense/cases",
     "?from=1990-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"],
)  # fmt: skip
def test_measures_refuse_what_makes_no_sense(api: Client, asked: str) -> None:
    fault_of(api.get(f"/api/v1/kpi{asked}"), 422)


def test_documentation_is_one_page_that_asks_nobody(api: Client) -> None:
    page = api.get("/api/docs").text
    assert "/api/v1/cases/batch" in page and "/api/v1/kpi" in page and "CaseReport" in page
    assert "http://" not in page and "https://" not in page and "<script" not in page
