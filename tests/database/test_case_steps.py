"""How a case moves on, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from db.engine import Database
from db.listen import CHANNEL, changes
from db.tables import case_event, feed, outbox
from db.write.cases import beat, move_case
from gis.errors import CaseNotFound, MoveRefused
from gis.terms import STAGES
from tests.database.case_door import (
    NOW,
    WAY,
    calendar,
    cells,
    closed_case,
    inside,
    opened,
    rows_of,
    stored,
    writer,
)

__all__ = ["calendar", "cells", "inside", "writer"]  # fixtures


def test_case_goes_through_every_stage_to_its_end(writer, calendar):
    number = opened(writer, calendar)
    row = stored(writer, number)
    for minute, stage in enumerate(WAY, 1):
        move_case(writer, number, {"stage": stage, "at": NOW + timedelta(minutes=minute)}, NOW + timedelta(hours=1))
        assert (stored(writer, number).stage, stored(writer, number).is_open) == (stage, True)
    assert stored(writer, number).handled_at == NOW + timedelta(minutes=6)
    end = NOW + timedelta(minutes=9)
    move_case(writer, number, {"stage": "closed", "at": end, "unit": "甲", "reason": "修复"}, NOW + timedelta(hours=1))
    closed = stored(writer, number)
    assert (closed.is_open, closed.closed_at, closed.handled_at) == (False, end, NOW + timedelta(minutes=6))
    told = select(case_event.c.stage, case_event.c.unit).where(case_event.c.case_id == row.id).order_by(case_event.c.id)
    stages = ["reported", *WAY, "closed"]
    assert [stage for stage, _ in writer.execute(told)] == stages
    heard = writer.execute(select(func.count()).where(outbox.c.case_id == row.id)).scalar_one()
    assert heard == len(stages)


def test_closing_without_a_check_takes_the_end_as_handled(writer, calendar):
    number = opened(writer, calendar, category="S0902")
    move_case(writer, number, {"stage": "accepted", "at": NOW}, NOW)
    move_case(writer, number, {"stage": "closed", "at": NOW, "reason": "已当场答复"}, NOW)
    assert stored(writer, number).handled_at == NOW


def test_void_case_is_closed_but_not_handled(writer, calendar):
    number = opened(writer, calendar)
    move_case(writer, number, {"stage": "void", "at": NOW, "reason": "重复上报"}, NOW)
    row = stored(writer, number)
    assert (row.is_open, row.closed_at, row.handled_at) == (False, NOW, None)


def test_evaluation_may_follow_the_end_and_leaves_its_time_alone(writer, calendar):
    number = closed_case(writer, calendar)
    later = NOW + timedelta(days=1)
    move_case(writer, number, {"stage": "evaluated", "at": later}, later)
    row = stored(writer, number)
    assert (row.stage, row.is_open, row.closed_at) == ("evaluated", False, NOW)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"stage": "lost"}, "stage 'lost' is not one of"),
        ({"stage": "accepted", "at": NOW - timedelta(hours=2)}, "is not between the last step"),
        ({"stage": "accepted", "at": NOW + timedelta(hours=2)}, "is not between the last step"),
    ],
)
def test_impossible_step_is_refused_and_changes_nothing(writer, calendar, step, told):
    number = opened(writer, calendar)
    before, row = rows_of(writer), stored(writer, number)
    with pytest.raises(MoveRefused, match=told):
        move_case(writer, number, step, NOW)
    assert rows_of(writer) == before and stored(writer, number) == row


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "evaluated"])
def test_closed_case_stays_closed(writer, calendar, stage):
    number = closed_case(writer, calendar)
    with pytest.raises(MoveRefused, match="only an evaluation may follow"):
        move_case(writer, number, {"stage": stage, "at": NOW}, NOW)


def test_step_of_a_case_that_does_not_exist_is_refused(writer):
    with pytest.raises(CaseNotFound, match="no case has the number 404"):
        move_case(writer, "404", {"stage": "accepted"}, NOW)


@pytest.mark.parametrize(
    "statement", ["UPDATE case_event SET reason = 'x'", "DELETE FROM case_event", "TRUNCATE case_event"]
)
def test_writer_can_not_rewrite_what_happened(writer, statement):
    with pytest.raises(DBAPIError, match="permission denied"), writer.begin_nested():
        writer.execute(text(statement))


@pytest.fixture
def heard(demo_clone: Database) -> Iterator[psycopg.Connection[Any]]:
    """A second connection that listens for announced changes."""
    with psycopg.connect(demo_clone.libpq_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        yield listener


def ids_of(listener: psycopg.Connection[Any]) -> list[int]:
    """Return what was announced up to now: an own announcement marks the end."""
    listener.execute(f"NOTIFY {CHANNEL}, 'end'")
    payloads: list[str] = []
    for note in listener.notifies(timeout=10):
        if note.payload == "end":
            break
        payloads.append(note.payload)
    return [int(payload) for payload in payloads]


def test_every_committed_change_is_announced_once_and_only_then(demo_clone, heard, calendar):
    with demo_clone.writing() as conn:
        number = opened(conn, calendar, street_code="110102012")
        assert ids_of(heard) == []
    reported = ids_of(heard)
    with demo_clone.writing() as conn:
        move_case(conn, number, {"stage": "accepted", "at": NOW}, NOW)
    moved = ids_of(heard)
    with demo_clone.writing() as conn:
        opened(conn, calendar)  # a replay changes nothing
    assert ids_of(heard) == []
    assert (len(reported), len(moved)) == (1, 1) and reported != moved
    with demo_clone.reading() as conn:
        told = changes(conn, reported + moved)
        case_id = stored(conn, number).id
    assert [(one.kind, one.case_id, one.area_code) for one in told] == [("case", case_id, "110102012")] * 2


def test_change_that_is_rolled_back_is_never_announced(demo_clone, heard, calendar):
    with pytest.raises(RuntimeError, match="no"), demo_clone.writing() as conn:
        opened(conn, calendar)
        raise RuntimeError("no")
    assert ids_of(heard) == []


def test_sign_of_life_enters_a_feed_and_counts_what_it_brought(writer):
    def state() -> tuple[Any, ...]:
        columns = (feed.c.beat_at, feed.c.record_at, feed.c.received, feed.c.rejected)
        return tuple(writer.execute(select(*columns).where(feed.c.name == "new-source")).one())

    beat(writer, "new-source", NOW)
    assert state() == (NOW, None, 0, 0)
    beat(writer, "new-source", NOW + timedelta(minutes=1), received=3, rejected=1)
    assert state() == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=1), 3, 1)
    beat(writer, "new-source", NOW + timedelta(minutes=2))
    assert state() == (NOW + timedelta(minutes=2), NOW + timedelta(minutes=1), 3, 1)
