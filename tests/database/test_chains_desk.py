"""What a desk does with chains: a neighbour helps, rules are kept as versions, tried, and switched on."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from db.engine import Database
from db.read import routing as stored
from db.tables import case_event, case_support, cases, outbox, routing_rule, unit
from db.write import chains, handwork
from db.write.cases import report_case
from gis.errors import InputFault
from gis.worktime import build_calendar
from tests.conftest import DEMO_UNTIL as NOW

WHO = handwork.Author("王", "分中心")
RULE = {"name": "试", "area_code": "110102", "category": "E0405", "time_band": "any", "lead_chain": 2,
        "support_chains": [3]}  # fmt: skip


def test_a_neighbour_supports_the_oldest_cases_and_the_lead_stays(demo_clone: Database):
    with demo_clone.writing() as conn:
        two = conn.execute(select(unit).where(unit.c.chain == 2, func.length(unit.c.area_code) == 9).limit(2)).all()
        before = conn.execute(select(func.max(outbox.c.id))).scalar_one() or 0
        numbers = chains.share_cases(conn, two[0].id, two[1].id, 3, WHO, NOW, "不均")
        rows = conn.execute(select(cases).where(cases.c.number.in_(numbers))).all()
        assert len(numbers) == 3 and all(row.lead_chain == 2 and row.is_open for row in rows)
        helped = select(func.count()).where(case_support.c.unit_id == two[1].id, case_support.c.since == NOW)
        assert conn.execute(helped).scalar_one() == 3
        told = select(func.count()).where(case_event.c.stage == "chained", case_event.c.reason == "不均")
        assert conn.execute(told).scalar_one() == 3
        assert conn.execute(select(func.count()).where(outbox.c.id > before)).scalar_one() == 3
        with pytest.raises(InputFault, match="one chain"):
            chains.share_cases(conn, two[0].id, conn.execute(select(unit.c.id).where(unit.c.chain == 1)).scalar(), 3,
                               WHO, NOW, "不均")  # fmt: skip


def test_a_rule_is_tried_switched_on_and_then_leads_new_cases(demo_clone: Database):
    calendar = build_calendar(2025, 2028)
    report = {"source": "t", "channel": "patrol", "category": "E0405", "title": "车", "street_code": "110102012",
              "reported_at": NOW}  # fmt: skip
    with demo_clone.writing() as conn:
        rule = chains.save_rule(conn, RULE, NOW)
        number, _ = report_case(conn, report | {"external_id": "1"}, NOW, calendar)
        assert _leads(conn, number) == (3, [])
        chains.switch_rule(conn, rule, True, NOW)
        number, _ = report_case(conn, report | {"external_id": "2"}, NOW, calendar)
        assert _leads(conn, number) == (2, [3])
        newer = chains.save_rule(conn, RULE | {"lead_chain": 8, "support_chains": [], "replaces": rule}, NOW)
        chains.switch_rule(conn, newer, True, NOW)
        every = stored.rules(conn, "110102").set_index("id")
        assert every.loc[newer, "version"] == 2 and not every.loc[rule, "is_active"]
        number, _ = report_case(conn, report | {"external_id": "3"}, NOW, calendar)
        assert _leads(conn, number) == (8, [])
        with pytest.raises(InputFault, match="itself"):
            chains.save_rule(conn, RULE | {"support_chains": [2]}, NOW)


def _leads(conn, number: str) -> tuple[int, list[int]]:
    row = conn.execute(select(cases.c.id, cases.c.lead_chain).where(cases.c.number == number)).one()
    assert conn.execute(select(func.count()).where(routing_rule.c.is_active)).scalar_one() >= 3
    return row.lead_chain, chains.supports_of(conn, row.id)
