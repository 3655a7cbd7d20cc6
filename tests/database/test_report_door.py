"""The report form's door: a report and its photos exactly once, the caller kept apart, bad input a 4xx."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy import func, select

from db.read import casework
from db.read.cases import one_case
from db.tables import caller, cases, photo
from tests.database.api_door import Client, a_point, api, fault_of, own_api

__all__ = ["a_point", "api", "own_api"]

ID = "0123456789abcdef0123"


def a_photo(shade: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (shade, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def told(**changes: object) -> dict[str, object]:
    return {"external_id": ID, "category": "S0301", "text": "消防通道被占", "contact": "138 0000 1234"} | changes


def test_report_and_its_photos_come_in_once_however_often_they_are_sent(own_api: Client, demo_clone, a_point):
    lon, lat, cell = a_point
    first = own_api.post("/api/v1/reports", json=told(lon=lon, lat=lat))
    again = own_api.post("/api/v1/reports", json=told(lon=lon, lat=lat))
    assert (first.status_code, again.status_code) == (201, 200)
    number = first.json()["number"]
    assert again.json() == {"number": number, "created": False}
    sent = [own_api.post(f"/api/v1/cases/{number}/photos?actor=x", content=a_photo()) for _ in range(3)]
    assert [answer.status_code for answer in sent] == [201, 200, 200]
    with demo_clone.reading() as conn:
        case = one_case(conn, number)
        assert (case["source"], case["channel"], case["area_code"], case["title"]) == (
            "report-form", "web", cell, "消防通道被占",
        )  # fmt: skip
        words = [event["stage"] for event in casework.course_of(conn, case["id"])]
        assert words == ["reported", "photographed"]
        shas = casework.photos_of(conn, case["id"])
        assert len(shas) == 1 and casework.caller_of(conn, case["id"]) == "138****34"
    shown = own_api.get(f"/photos/{shas[0]}.jpg")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert (
        shown.headers["x-content-type-options"] == "nosniff" and "sandbox" in shown.headers["content-security-policy"]
    )
    assert Image.open(io.BytesIO(shown.content)).size == (400, 300)


def test_cases_of_one_caller_know_each_other(own_api: Client, demo_clone):
    numbers = [
        own_api.post("/api/v1/reports", json=told(external_id=f"{ID}{k}", contact=contact)).json()["number"]
        for k, contact in enumerate(("13800001234", "138 0000 1234", "13900001234", ""))
    ]
    with demo_clone.reading() as conn:
        ids = {number: one_case(conn, number)["id"] for number in numbers}
        others = {number: [row["number"] for row in casework.same_caller(conn, ids[number])] for number in numbers}
    assert others == {numbers[0]: [numbers[1]], numbers[1]: [numbers[0]], numbers[2]: [], numbers[3]: []}
    with demo_clone.owner() as conn:
        assert conn.execute(select(func.count()).select_from(caller)).scalar_one() == 2


def test_bad_reports_are_answered_with_a_reason_and_store_nothing(own_api: Client, demo_clone):
    with demo_clone.owner() as conn:
        before = conn.execute(select(func.count()).select_from(cases)).scalar_one()
    for bad in (
        {"external_id": "short"}, {"external_id": "x" * 65}, {"external_id": "a b" * 8}, {"category": "X9999"},
        {"text": " "}, {"text": "x" * 201}, {"text": "a\x00b"}, {"lon": 999, "lat": 0}, {"lon": "east"},
        {"contact": "1" * 61}, {"source": "hotline"}, {"crs": "mars"},
    ):  # fmt: skip
        fault_of(own_api.post("/api/v1/reports", json=told(**bad)), 422)
    fault_of(own_api.post("/api/v1/reports", content=b"\xff\xfe", headers={"Content-Type": "application/json"}), 422)
    with demo_clone.owner() as conn:
        assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == before


def test_bad_photos_are_answered_with_a_reason_and_keep_nothing(own_api: Client, demo_clone):
    number = own_api.post("/api/v1/reports", json=told()).json()["number"]
    at = f"/api/v1/cases/{number}/photos"
    fault_of(own_api.post(at, content=b""), 422)
    fault_of(own_api.post(at, content=b"<script>alert(1)</script>", headers={"Content-Type": "image/jpeg"}), 422)
    fault_of(own_api.post(at, content=b"\x00" * 12_000_001), 413)
    refused = own_api.post(at, content=b"no picture", headers={"X-Language": "zh"})
    assert fault_of(refused, 422)["message"].startswith("不是照片")
    fault_of(own_api.post("/api/v1/cases/0/photos", content=a_photo()), 404)
    for k in range(12):
        assert own_api.post(at, content=a_photo(k * 20)).status_code == 201
    assert "has 12 photos" in fault_of(own_api.post(at, content=a_photo(250)), 409)["message"]
    for path in ("/photos/" + "0" * 64 + ".jpg", "/photos/..%2f..%2fetc%2fpasswd.jpg", "/photos/x.jpg"):
        answer = own_api.get(path)
        assert answer.status_code in (404, 422), path
        assert answer.headers["content-type"].startswith("application/json")
    with demo_clone.reading() as conn:
        assert conn.execute(select(func.count()).select_from(photo)).scalar_one() == 12


def test_form_page_is_small_and_asks_for_nothing_from_elsewhere(api: Client):
    page = api.get("/report", headers={"Accept-Language": "zh"})
    assert page.status_code == 200 and "随手报" in page.text
    assert len(page.content) < 80_000 and "plotly" not in page.text
    assert "jinggai" in page.text  # classes are found by pinyin too
    assert "Report" in api.get("/report?lang=en").text
