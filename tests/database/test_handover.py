"""The hand-over of a shift: words with the counts of that moment, kept for the next; and what a list lets one do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from db.read import casework, queue
from db.tables import cases, outbox
from db.write.cases import move_case
from db.write.handover import hand_over
from db.write.handwork import Author
from gis.errors import AreaNotFound, InputFault
from gis.scope import View
from layouts.queue_tools import moves_of
from tests.conftest import DEMO_UNTIL
from tests.database.api_door import own_api
from tests.database.case_door import WAY, calendar, opened, stored, writer

__all__ = ["calendar", "own_api", "writer"]

MIDNIGHT = DEMO_UNTIL.replace(hour=0, minute=0) - timedelta(hours=8)
STREET = "110102007"
LI = Author("李明", "金融街分中心")


def test_note_keeps_the_counts_of_its_moment_and_reaches_the_next_shift(writer):
    counts = queue.band_counts(writer, STREET, View(), DEMO_UNTIL, MIDNIGHT)
    hand_over(writer, STREET, " 东街井盖已围挡，等配件 ", LI, DEMO_UNTIL, MIDNIGHT)
    hand_over(writer, STREET, "无事", LI, DEMO_UNTIL + timedelta(hours=8), MIDNIGHT)
    hand_over(writer, "110102", "区里的", LI, DEMO_UNTIL, MIDNIGHT)
    last, first = casework.handovers(writer, STREET)
    assert (first["text"], first["counts"], first["actor"]) == ("东街井盖已围挡，等配件", counts, "李明")
    assert last["text"] == "无事"
    announced = writer.execute(select(outbox.c.kind, outbox.c.area_code).order_by(outbox.c.id.desc()).limit(1)).one()
    assert announced == ("desk", "110102")


def test_note_without_words_name_or_area_is_refused(writer):
    for area, words, who, fault in (
        (STREET, " ", LI, InputFault), (STREET, "x", Author(), InputFault), ("110102999", "x", LI, AreaNotFound),
    ):  # fmt: skip
        with pytest.raises(fault):
            hand_over(writer, area, words, who, DEMO_UNTIL, MIDNIGHT)


def test_notes_and_supervision_events_are_not_for_changing(writer):
    for table in ("handover_note", "supervision_event"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET actor = 'x'"):
            with pytest.raises(Exception, match="permission denied"), writer.begin_nested():
                writer.execute(text(statement))


def test_list_offers_what_every_case_of_it_may_do(writer, calendar):
    number = opened(writer, calendar)
    for word in WAY[:3]:
        move_case(writer, number, {"stage": word, "at": stored(writer, number).reported_at}, DEMO_UNTIL)
    row = stored(writer, number)._asdict()
    assert moves_of(row, is_hung=False) == "dispatched hung supervised void"
    move_case(writer, number, {"stage": "hung", "reason": "x", "at": row["reported_at"]}, DEMO_UNTIL)
    assert casework.hung_among(writer, [row["id"]]) == {row["id"]}
    assert moves_of(row, is_hung=True) == "resumed supervised"
    some = writer.execute(select(cases.c.id).limit(50)).scalars().all()
    assert casework.hung_among(writer, list(some)) == set()


def test_note_comes_in_by_http(own_api):
    given = {"area_code": STREET, "actor": "李明", "reason": "井盖等配件"}
    assert own_api.post("/api/v1/desk/handovers", json=given).status_code == 201
    for bad in ({"reason": ""}, {"area_code": "12"}, {"reason": "x" * 3000}, {"actor": ""}):
        assert own_api.post("/api/v1/desk/handovers", json=given | bad).status_code == 422
    assert own_api.post("/api/v1/desk/handovers", json=given | {"area_code": "110102999"}).status_code == 404
