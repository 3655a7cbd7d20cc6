"""Clocks in the record: they follow every step, hanging moves the deadline, rules are edited, clocks made anew."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection, select, text, update

from dashboard.__main__ import main
from db import filters
from db.audit.clocks import clock_differences
from db.audit.rows import row_faults
from db.engine import Database
from db.read import sla
from db.tables import case_event, cases, sla_rule, stage_clock
from db.write.cases import move_case
from db.write.clocks import rebuild_all
from db.write.sla import replace_rules, replace_shifts
from gis.errors import InputFault
from gis.sla import RULE_COLUMNS
from tests.database.case_door import NOW, WAY, calendar, cells, inside, opened, stored, writer

__all__ = ["calendar", "cells", "inside", "writer"]

HOUR = timedelta(hours=1)  # NOW is Wednesday 10:00 in Beijing


def clocks(conn: Connection, number: str) -> dict[tuple[str, str, int], dict]:
    return {(c["stage"], c["condition"], c["turn"]): c for c in sla.clocks_of(conn, stored(conn, number).id)}


def test_report_and_steps_keep_the_clocks_of_a_case(writer, calendar):
    number = opened(writer, calendar, category="E0101", reported_at=NOW)
    assert set(clocks(writer, number)) == {
        ("reported", "", 1), ("handled", "", 1), ("handled", "停工", 1), ("handled", "处罚", 1), ("handled", "拆除", 1),
        ("hotline", "", 1),
    }  # fmt: skip
    for minutes, word in enumerate(WAY):
        move_case(writer, number, {"stage": word, "at": NOW + minutes * HOUR / 6, "unit": "甲"}, NOW + HOUR, calendar)
    found = clocks(writer, number)
    assert found["handled", "停工", 1]["due_at"] == NOW + 6 * HOUR  # four hours of work, two of noon
    assert found["handled", "停工", 1]["used_min"] == 50 and found["handled", "停工", 1]["overtime_min"] == 0
    assert found["verifying", "", 1]["overtime_min"] == 0 and found["verifying", "", 1]["due_at"] == NOW + 2 * HOUR / 3
    assert clock_differences(writer, [stored(writer, number).id]) == {}


def test_case_on_hold_is_neither_overdue_nor_near_and_its_deadline_moves(writer, calendar):
    number = opened(writer, calendar, category="E0102", reported_at=NOW)  # four hours of work: due at 16:00
    for word in WAY[:5]:
        move_case(writer, number, {"stage": word, "at": NOW}, NOW, calendar)
    due = stored(writer, number).due_at
    assert due == NOW + 6 * HOUR and stored(writer, number).near_at == NOW + 6 * HOUR - timedelta(minutes=48)
    move_case(writer, number, {"stage": "hung", "at": NOW + HOUR, "reason": "权属不清"}, NOW + HOUR, calendar)
    later = NOW + 24 * HOUR
    for clause in (filters.overdue(later), filters.near_due(later)):
        assert writer.execute(select(cases.c.id).where(cases.c.number == number, clause)).all() == []
    move_case(writer, number, {"stage": "resumed", "at": later}, later, calendar)
    row = stored(writer, number)
    # hung 11-12, 14-18 and 8-10 of the next day: seven hours; three are left from ten
    assert row.due_at == later + 5 * HOUR and row.near_at == row.due_at - timedelta(minutes=48)
    event = select(case_event.c.payload).where(case_event.c.case_id == row.id, case_event.c.stage == "resumed")
    assert writer.execute(event).scalar_one()["was_due_at"] == due.isoformat()
    assert row.hung_since is None
    assert [item.sentence for item in row_faults(writer, "110102")] == []


def test_condition_named_at_filing_gives_the_case_its_limit(writer, calendar):
    number = opened(writer, calendar, category="E0101", reported_at=NOW, channel="patrol")
    move_case(writer, number, {"stage": "accepted", "at": NOW}, NOW, calendar)
    with pytest.raises(InputFault, match="has no filing condition '喝茶'"):
        move_case(writer, number, {"stage": "filed", "at": NOW, "condition": "喝茶"}, NOW, calendar)
    move_case(writer, number, {"stage": "filed", "at": NOW, "condition": "停工"}, NOW, calendar)
    assert stored(writer, number).due_at == NOW + 6 * HOUR


def test_clocks_made_anew_from_the_steps_are_the_same_to_the_byte(demo_clone: Database) -> None:
    told = text("SELECT md5(string_agg(c::text, '|' ORDER BY case_id, stage, condition, turn)) FROM stage_clock c")
    with demo_clone.owner() as conn:
        before = conn.execute(told).scalar_one()
        assert rebuild_all(conn) > 50_000
        assert conn.execute(told).scalar_one() == before
        assert list(row_faults(conn, "110102")) == []
        broken = conn.execute(select(stage_clock.c.case_id).where(stage_clock.c.used_min > 1).limit(1)).scalar_one()
        conn.execute(update(stage_clock).where(stage_clock.c.case_id == broken).values(used_min=1e6))
        assert "used_min" in next(iter(row_faults(conn, "110102"))).sentence


def test_rules_are_a_file_that_people_edit(demo_clone: Database, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("DATABASE_URL", demo_clone.url.render_as_string(hide_password=False))
    path = tmp_path / "rules.csv"
    assert main(["rules", "export", str(path)]) == 0
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") and set(rows["is_sample"]) == {"True"}
    rows.loc[(rows["category"] == "E0102") & (rows["stage"] == "handled"), "quantity"] = "2"
    rows.to_csv(path, index=False, encoding="gb18030")
    assert main(["rules", "import", str(path)]) == 0
    with demo_clone.reading() as conn:
        changed = conn.execute(select(sla_rule.c.category, sla_rule.c.quantity).where(~sla_rule.c.is_sample)).all()
    assert changed == [("E0102", 2.0)]
    rows["unit"] = "fortnight"
    rows.to_csv(path, index=False)
    assert main(["rules", "import", str(path)]) == 1
    assert "line 2: unit 'fortnight'" in capsys.readouterr().err
    with demo_clone.reading() as conn:
        assert conn.execute(select(sla_rule.c.category).where(~sla_rule.c.is_sample)).scalars().all() == ["E0102"]


def test_deadline_of_a_report_follows_the_rule_in_force(writer, calendar):
    with writer.begin_nested() as undone:
        rules = pd.DataFrame([("E0102", "", "handled", "2", "work_hour", "本区")], columns=list(RULE_COLUMNS))
        assert replace_rules(writer, rules) == 1
        number = opened(writer, calendar, category="E0102", reported_at=NOW)
        assert stored(writer, number).due_at == NOW + 2 * HOUR
        replace_shifts(writer, pd.DataFrame({"unit": ["夜班"], "shifts": ["16:00-24:00"]}))
        assert set(sla.calendars(writer, calendar)) == {"", "夜班"}
        undone.rollback()
