"""The wall: a screen gets in by its code, sees one area, is revoked at once; alarms and scenes tell the truth."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from dashboard.services import District
from dashboard.wall import alarms
from db.tables import alarm, cases, feed, screen
from db.write.alarms import settle_alarms
from db.write.screens import approve_screen, beat_screen, enrol_screen, find_screen, list_screens, revoke_screen
from gis.alarms import urgent_condition
from gis.errors import InputFault
from gis.wall import MOST_ROWS, SCENES
from tests.database.api_door import DISTRICT, STREET, api, fault_of, own_api

__all__ = ["api", "own_api"]  # fixtures
NOW = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("code", [DISTRICT, STREET])
def test_every_scene_of_every_scope_answers_in_its_bounds(api, name, code):
    body = api.get(f"/api/v1/wall/{code}/scene/{name}").json()
    assert body["title"] and body["now"] and body["data_time"] and body["period_s"] >= 5
    assert len(body.get("rows", [])) <= MOST_ROWS
    assert len(body.get("numbers", [])) <= 7


def test_no_scene_carries_words_or_places_of_a_case(api, demo_database):
    told = "".join(json.dumps(api.get(f"/api/v1/wall/{DISTRICT}/scene/{name}").json(), ensure_ascii=False)
                   for name in SCENES)  # fmt: skip
    with demo_database.reading() as conn:
        rows = conn.execute(
            select(cases.c.title, cases.c.place).where(cases.c.is_open, cases.c.place != "").limit(2000)
        )
        places = {row.place for row in rows if any(sign.isdigit() for sign in row.place)}
    assert places and not [place for place in places if place in told]


def test_marks_stand_on_cells_and_not_on_cases(api, demo_database):
    from gis.codes import Level

    marks = api.get(f"/api/v1/wall/{DISTRICT}/scene/map").json()["marks"]
    with demo_database.reading() as conn:
        from db.read import areas

        centres = areas.inside(conn, DISTRICT, Level.CELL)[["label_lon", "label_lat"]]
    known = {(round(lon, 9), round(lat, 9)) for lon, lat in centres.itertuples(index=False)}
    assert marks and all((round(m["lon"], 9), round(m["lat"], 9)) in known for m in marks)


def test_numbers_are_those_of_the_area(api):
    counts = api.get(f"/api/v1/areas/{STREET}").json()["counts"]
    numbers = {n["key"]: n["value"] for n in api.get(f"/api/v1/wall/{STREET}/scene/numbers").json()["numbers"]}
    for key in ("open", "overdue", "near_due", "new", "closed", "new_today"):
        assert int(numbers[key].replace(",", "")) == counts[key]


def test_what_does_not_exist_is_refused(api):
    fault_of(api.get(f"/api/v1/wall/{DISTRICT}/scene/nothing"), 422)
    fault_of(api.get("/api/v1/wall/999999/scene/numbers"), 404)
    fault_of(api.get("/api/v1/wall/hall/scene/numbers"), 401)
    fault_of(api.get("/api/v1/wall/hall/state", headers={"cookie": "qx_screen=qxs_wrong"}), 401)
    assert "enrol.js" in api.get("/wall/hall").text


def test_a_screen_is_let_in_by_its_code_sees_its_area_only_and_is_revoked_at_once(own_api):
    begun = own_api.post("/api/v1/screens/enrol")
    cookie = {"cookie": begun.headers["set-cookie"].split(";")[0]}
    assert "HttpOnly" in begun.headers["set-cookie"] and "samesite=strict" in begun.headers["set-cookie"].lower()
    code = begun.json()["code"]
    assert len(code) == 6 and own_api.get("/api/v1/screens/me", headers=cookie).json()["code"] == code
    fault_of(own_api.get("/api/v1/wall/hall/state", headers=cookie), 401)
    wish = {"code": code, "name": "hall", "scope": STREET, "layout": "3x1", "metres": 6}
    assert own_api.post("/api/v1/screens/approve", json=wish).status_code == 204
    fault_of(own_api.post("/api/v1/screens/approve", json=wish | {"name": "other"}), 422)  # a code is used once
    assert own_api.get("/api/v1/screens/me", headers=cookie).json() == {"name": "hall", "code": None}
    mine = own_api.get("/api/v1/wall/hall/scene/numbers", headers=cookie).json()
    assert mine == mine | {k: v for k, v in own_api.get(f"/api/v1/wall/{STREET}/scene/numbers").json().items()
                           if k in ("lead", "numbers")}  # fmt: skip
    config = own_api.get("/wall/hall", headers=cookie).text
    assert '"layout": "3x1"' in config and f'"code": "{STREET}"' in config
    said = {"scene": "numbers queue", "heap": 20e6, "build": "b", "error": ""}
    assert own_api.post("/api/v1/wall/hall/beat", headers=cookie, json=said).status_code == 200
    fault_of(own_api.post("/api/v1/wall/hall/beat", headers=cookie, json={"x": "y" * 3000}), 422)
    assert own_api.post("/api/v1/screens/hall/revoke").status_code == 204
    fault_of(own_api.get("/api/v1/wall/hall/scene/numbers", headers=cookie), 401)
    fault_of(own_api.post("/api/v1/wall/hall/beat", headers=cookie, json=said), 401)


def test_codes_expire_tokens_slide_and_only_hashes_are_kept(conn, demo_database):
    code, token = enrol_screen(conn, NOW)
    kept = conn.execute(select(screen.c.token_sha256)).scalar_one()
    assert token not in kept and len(kept) == 64
    with pytest.raises(InputFault, match="expired"):
        _approve(conn, code, NOW + timedelta(minutes=11))
    again, _other = enrol_screen(conn, NOW + timedelta(minutes=11))  # the expired one is gone
    assert len(list_screens(conn, NOW + timedelta(minutes=11))) == 1
    _approve(conn, again, NOW + timedelta(minutes=12))
    found = find_screen(conn, _other, NOW + timedelta(days=80))
    assert found is not None and found["name"] == "hall"
    beat_screen(conn, found["id"], {"scene": "map"}, NOW + timedelta(days=80))
    assert find_screen(conn, _other, NOW + timedelta(days=169)) is not None
    assert find_screen(conn, _other, NOW + timedelta(days=171)) is None
    revoke_screen(conn, "hall", NOW + timedelta(days=81))
    assert find_screen(conn, _other, NOW + timedelta(days=82)) is None


def _approve(conn, code, now):
    from sqlalchemy import insert

    from db.tables import area

    if not conn.execute(select(area.c.code).where(area.c.code == DISTRICT)).scalar():
        square = "SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)))"
        row = {"code": DISTRICT, "level": 6, "district_code": DISTRICT, "name_zh": "西城区", "geom": square}
        row |= {"label_point": "SRID=4326;POINT(0.5 0.5)", "area_m2": 1.0, "valid_from": now.date()}
        conn.execute(insert(area).values(row))
    approve_screen(conn, code, "hall", DISTRICT, now)


def test_alarms_are_written_down_once_and_cleared(conn):
    ringing = [urgent_condition(STREET, 2, NOW - timedelta(hours=1), NOW, {"n": 2})]
    assert settle_alarms(conn, DISTRICT, ringing, NOW) == f"urgent:{STREET}"
    assert settle_alarms(conn, DISTRICT, ringing, NOW + timedelta(seconds=10)) is None
    assert settle_alarms(conn, DISTRICT, [], NOW + timedelta(seconds=20)) is None
    rows = conn.execute(select(alarm.c.key, alarm.c.cleared_at, alarm.c.shown_at)).all()
    assert len(rows) == 1 and rows[0].cleared_at is not None and rows[0].shown_at == NOW
    assert settle_alarms(conn, DISTRICT, ringing, NOW + timedelta(seconds=30)) is None  # soon after another
    assert settle_alarms(conn, DISTRICT, ringing, NOW + timedelta(minutes=5)) == f"urgent:{STREET}"


def test_overdue_urgent_case_rings_on_its_street_and_district_with_all_that_an_alarm_needs(own_api, demo_clone):
    now = datetime.now(UTC)
    with demo_clone.owner() as conn:
        one = conn.execute(select(cases.c.id).where(cases.c.area_code.like(f"{STREET}%"), cases.c.is_open,
                                                    cases.c.handled_at.is_(None)).limit(1)).scalar_one()  # fmt: skip
        conn.execute(update(cases).where(cases.c.is_open).values(urgency=3))
        conn.execute(update(feed).values(beat_at=now))
        # a fresh report, so that the demo's record counts as one of today
        conn.execute(update(cases).where(cases.c.id == one).values(urgency=1, reported_at=now - timedelta(hours=3),
                                                                   due_at=now - timedelta(hours=2)))  # fmt: skip
    services = own_api._app.state.services
    services.kept = type(services.kept)()
    district: District = services.district_of(DISTRICT)
    assert [c.key for c in alarms.conditions(services, district, now) if c.raises] == [f"urgent:{STREET}"]
    alarms.look(services)
    for code in (DISTRICT, STREET):
        told = own_api.get(f"/api/v1/wall/{code}/state").json()["alarm"]
        for part in ("title", "cause", "place", "action", "owner", "deadline"):
            assert told[part], part
        assert "紧急案件超期" in told["title"] and "2小时" in told["cause"]
    assert own_api.get("/api/v1/wall/110102001/state").json()["alarm"] is None
