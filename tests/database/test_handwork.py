"""What people do to a case beside its course: place it, change its chains, join reports, and move many at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select

from dashboard.api.errors import told
from db.audit.rows import row_faults
from db.read import casework
from db.read.cases import voices_of
from db.tables import area, case_event, outbox
from db.write import desk, handwork
from db.write.cases import move_case
from db.write.handwork import Author
from gis.errors import InputFault, MoveRefused
from gis.offers import ORDER, offers
from gis.terms import STAGES
from gis.workflow import MOVE_WORDS, RECORD_WORDS
from layouts.text import words_for
from tests.database.api_door import a_report as api_report
from tests.database.api_door import own_api
from tests.database.case_door import (
    DISTRICT,
    NOW,
    WAY,
    calendar,
    cells,
    inside,
    opened,
    rows_of,
    stored,
    writer,
)

__all__ = ["calendar", "cells", "inside", "own_api", "writer"]

WANG = Author("王芳", "广内街道")


def told_last(conn: Connection, number: str) -> Any:
    stmt = select(case_event).where(case_event.c.case_id == stored(conn, number).id)
    return conn.execute(stmt.order_by(case_event.c.id.desc()).limit(1)).one()


def test_unlocated_case_is_put_into_the_cell_that_a_person_clicks(writer, calendar, inside):
    lon, lat, cell = inside
    number = opened(writer, calendar)
    assert stored(writer, number).location_status == "unlocated"
    assert handwork.place_by_hand(writer, number, WANG, NOW, lon=lon, lat=lat, reason="电话核实") == cell
    row, event = stored(writer, number), told_last(writer, number)
    assert (row.area_code, row.location_status, row.received_x) == (cell, "located", None)
    assert (event.stage, event.actor, event.unit, event.reason) == ("placed", "王芳", "广内街道", "电话核实")
    assert event.payload["was_area_code"] == DISTRICT and event.payload["was_location_status"] == "unlocated"
    announced = writer.execute(select(outbox.c.area_code).order_by(outbox.c.id.desc()).limit(2)).scalars()
    assert set(announced) == {DISTRICT, cell}  # the screens that lose it and those that get it
    assert list(row_faults(writer, DISTRICT)) == []


def test_cross_street_case_goes_to_the_street_that_a_person_names(writer, calendar, inside):
    lon, lat, cell = inside
    number = opened(writer, calendar, lon=lon, lat=lat, location_status="cross_street")
    assert stored(writer, number).area_code == DISTRICT
    assert handwork.place_by_hand(writer, number, WANG, NOW, street_code=cell[:9]) == cell
    other = writer.execute(select(area.c.code).where(area.c.level == 9, area.c.code != cell[:9]).limit(1)).scalar_one()
    assert handwork.place_by_hand(writer, number, WANG, NOW, street_code=other) == other
    assert stored(writer, number).location_status == "located"  # its point stays, the named street answers


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"lon": 121.47, "lat": 31.23}, "outside_district"),
        ({}, "needs_place"),
        ({"street_code": "110102999"}, ""),
    ],
)
def test_place_that_makes_no_sense_is_refused_and_changes_nothing(writer, calendar, given, why):
    number = opened(writer, calendar)
    rows, row = rows_of(writer), stored(writer, number)
    with pytest.raises((MoveRefused, InputFault)) as caught:
        handwork.place_by_hand(writer, number, WANG, NOW, **given)
    assert caught.value.why == why
    assert rows_of(writer) == rows and stored(writer, number) == row


def test_chains_change_with_a_reason_and_keep_what_was(writer, calendar, inside):
    number = opened(writer, calendar, lon=inside[0], lat=inside[1])
    row = stored(writer, number)
    handwork.set_chains(writer, number, WANG, NOW, lead=2, supporting=[8, 1, 1], reason="街道统筹")
    assert stored(writer, number).lead_chain == 2 and stored(writer, number).due_at == row.due_at
    assert handwork.supporting_chains(writer, row.id) == [1, 8]
    assert told_last(writer, number).payload["was_lead"] == row.lead_chain
    for given, why in (
        ({"lead": 2, "supporting": [1, 8], "reason": "x"}, "no_change"),
        ({"lead": 3, "supporting": [], "reason": " "}, "needs_reason"),
        ({"lead": 3, "supporting": [3], "reason": "x"}, "lead_supports"),
        ({"lead": 9, "supporting": [], "reason": "x"}, ""),
    ):
        with pytest.raises((MoveRefused, InputFault)) as caught:
            handwork.set_chains(writer, number, WANG, NOW, **given)
        assert caught.value.why == why


def test_reports_of_one_matter_are_joined_counted_and_taken_apart(writer, calendar):
    first, second, third = (opened(writer, calendar, external_id=f"J-{k}") for k in range(3))
    voices = lambda number: voices_of(writer, stored(writer, number).id)  # noqa: E731
    assert handwork.link_case(writer, second, first, WANG, NOW) == first
    assert handwork.link_case(writer, third, second, WANG, NOW) == first  # the first report counts the voices
    assert voices(first) == {"voices": 3, "duplicate_of": None} and voices(third)["duplicate_of"] == first
    for given, why in (
        ((first, third), "own_voice"),
        ((first, first), "own_voice"),
        ((second, first), "joined_already"),
    ):
        with pytest.raises(MoveRefused) as caught:
            handwork.link_case(writer, *given, WANG, NOW)
        assert caught.value.why == why
    handwork.unlink_case(writer, third, WANG, NOW, reason="不是同一处")
    assert voices(first)["voices"] == 2 and voices(third) == {"voices": 1, "duplicate_of": None}
    with pytest.raises(MoveRefused, match="repeats no other case"):
        handwork.unlink_case(writer, third, WANG, NOW, reason="x")


def test_voices_come_along_when_their_first_report_turns_out_to_be_a_repeat(writer, calendar):
    root, first, voice = (opened(writer, calendar, external_id=f"K-{k}") for k in range(3))
    handwork.link_case(writer, voice, first, WANG, NOW)
    handwork.link_case(writer, first, root, WANG, NOW)
    assert voices_of(writer, stored(writer, root).id)["voices"] == 3
    assert told_last(writer, voice).payload == {"to": root, "was": "", "via": first}


def test_many_cases_move_at_once_and_those_that_may_not_are_named(writer, calendar):
    ready = [opened(writer, calendar, external_id=f"M-{k}") for k in range(3)]
    for number in ready[:2]:
        for word in WAY[:3]:
            move_case(writer, number, {"stage": word, "at": NOW}, NOW)
    done = desk.move_many(
        writer, [*ready, "nowhere"], {"stage": "dispatched", "unit": "牛街街道办事处", "actor": "王芳"}, NOW
    )
    assert done.moved == sorted(ready[:2])
    assert [number for number, _ in done.refused] == sorted([ready[2], "nowhere"])
    assert stored(writer, ready[2]).stage == "reported" and told_last(writer, ready[0]).unit == "牛街街道办事处"
    assert "轮不到“派遣”" in told(dict(done.refused)[ready[2]], "zh")
    with pytest.raises(InputFault, match="1 to 200"):
        desk.move_many(writer, [], {"stage": "accepted"}, NOW)


def test_page_offers_exactly_what_the_door_takes(writer, calendar):
    words = words_for("zh")
    for count in range(len(WAY) + 1):
        number = opened(writer, calendar, external_id=f"O-{count}")
        for word in WAY[:count]:
            move_case(writer, number, {"stage": word, "at": NOW, "unit": "甲"}, NOW)
        row = stored(writer, number)
        standing = casework.standing(casework.course_of(writer, row.id))
        allowed, denied = offers(standing, family=row.family, channel=row.channel, due_at=row.due_at, now=NOW)
        assert [*sorted(one.word for one in allowed), *sorted(one.word for one in denied)] != []
        assert {one.word for one in allowed} | {one.word for one in denied} == set(ORDER)
        for denial in denied:
            with pytest.raises(MoveRefused) as caught, writer.begin_nested():
                move_case(writer, number, {"stage": denial.word, "at": NOW, "reason": "x"}, NOW)
            assert caught.value.why == denial.why
            assert words(f"refused.{denial.why}", stage="", word="", unit="", since="", channel="")
        for offer in allowed:
            with writer.begin_nested() as trial:
                step = {"stage": offer.word, "at": NOW, "reason": "x", "unit": "乙"}
                if "due_at" in offer.needs:
                    step["due_at"] = desk.later_deadline(writer, number, 2, calendar)
                move_case(writer, number, step, NOW)
                trial.rollback()


def test_door_of_steps_refuses_what_is_no_step(writer, calendar):
    number = opened(writer, calendar)
    for word in RECORD_WORDS:
        with pytest.raises(MoveRefused):
            move_case(writer, number, {"stage": word, "at": NOW}, NOW)
    assert not set(RECORD_WORDS) & {*STAGES, *MOVE_WORDS}


def test_hand_work_over_http_speaks_the_language_of_the_page(own_api):
    number = own_api.post("/api/v1/cases", json=api_report()).json()["number"]
    at = f"/api/v1/cases/{number}"
    assert own_api.post(f"{at}/notes", json={"actor": "王芳", "reason": "已联系"}).status_code == 201
    refused = own_api.post(f"{at}/events", json={"stage": "closed"}, headers={"X-Language": "zh"})
    assert refused.status_code == 409 and "轮不到" in refused.json()["error"]["message"]
    plain = own_api.post(f"{at}/events", json={"stage": "closed"})
    assert "next may be accepted" in plain.json()["error"]["message"]
    for path, body, status in (
        ("place", {"lon": "x"}, 422), ("place", {}, 422), ("chains", {"lead": 12}, 422), ("link", {"other": "0"}, 404),
        ("unlink", {"reason": "x"}, 409), ("notes", {"reason": " "}, 409), ("notes", {"reason": "a\x00b"}, 422),
    ):  # fmt: skip
        assert own_api.post(f"{at}/{path}", json=body).status_code == status, path
    many = own_api.post("/api/v1/desk/moves", json={"numbers": [number, "x"], "stage": "accepted"}).json()
    assert many["moved"] == [number] and many["refused"][0]["code"] == "CaseNotFound"
    assert own_api.post("/api/v1/desk/moves", json={"numbers": [], "stage": "accepted"}).status_code == 422
    later = own_api.post(f"{at}/events", json={"stage": "postponed", "work_days": 3, "reason": "等配件"})
    assert later.status_code in (201, 409)
