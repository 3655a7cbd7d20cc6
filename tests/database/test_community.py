"""The community's instruments as the writing role: diary, council, orders hop by hop, whistles, refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from db.engine import READER
from db.read import casework
from db.read import community as read
from db.tables import area, council_meeting, diary_entry, supervision_order, whistle
from db.write import community, supervision, whistles
from db.write.handwork import Author
from gis.errors import CaseNotFound, InputFault, MoveRefused
from gis.supervision import MOVES, STATUSES, next_moves
from tests.conftest import acting_as
from tests.database.api_door import own_api
from tests.database.case_door import DISTRICT, NOW, calendar, opened, stored, writer

__all__ = ["calendar", "own_api", "writer"]

LIU = Author("刘敏", "校场社区")
STREET = "110102012"


@pytest.fixture
def here(writer) -> str:
    stmt = select(area.c.code).where(area.c.code.like(f"{STREET}%"), area.c.level == 12)
    return str(writer.execute(stmt.order_by(area.c.code).limit(1)).scalar_one())


def an_entry(code: str, **changes: Any) -> dict[str, Any]:
    return {"community_code": code, "channel": "visit", "topic": "parking", "text": "消防通道被占"} | changes


def row_of(conn: Connection, table: Any, **key: Any) -> Any:
    (name, value), = key.items()  # fmt: skip
    return conn.execute(select(table).where(table.c[name] == value)).one()


def test_entry_becomes_a_case_through_the_door_of_reports_once(writer, calendar, here):
    made = community.write_diary(writer, an_entry(here, population_group="elderly", urgency=2), LIU, NOW)
    given = {"category": "S0301", "title": "消防通道被占", "place": "3号楼北侧"}
    number = community.diary_to_case(writer, made, given, LIU, NOW, calendar)
    case, entry = stored(writer, number), row_of(writer, diary_entry, id=made)
    assert (case.channel, case.area_code, case.location_status, case.urgency) == ("diary", STREET, "unlocated", 2)
    assert (entry.outcome, entry.case_id, entry.outcome_text) == ("case", case.id, number)
    assert [row["id"] for row in read.of_case(writer, case.id)["diary"]] == [made]
    with pytest.raises(MoveRefused, match="is settled: case"):
        community.diary_to_case(writer, made, given, LIU, NOW, calendar)
    with pytest.raises(MoveRefused, match="is settled"):
        community.settle_diary(writer, made, "solved", "x", NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"community_code": STREET}, {"community_code": "110102012999"}, {"channel": "rumour"}, {"topic": "x"},
        {"text": " "}, {"population_group": "x"}, {"heard_at": NOW + timedelta(days=1)},
    ],
)  # fmt: skip
def test_entry_that_makes_no_sense_is_refused(writer, here, changes):
    with pytest.raises(InputFault):
        community.write_diary(writer, an_entry(here, **changes), LIU, NOW)


def test_meeting_takes_up_entries_and_cases_and_remembers_whether_it_was_kept(writer, calendar, here):
    number = opened(writer, calendar)
    waiting = community.write_diary(writer, an_entry(here), LIU, NOW)
    given = {"community_code": here, "topic": "院内停车", "present": 12, "cases": [number], "diary": [waiting, waiting]}
    made = community.write_meeting(writer, given, LIU, NOW)
    assert row_of(writer, diary_entry, id=waiting).outcome == "meeting"
    assert read.meeting_links(writer, [made])[made] == [("case", number), ("diary", "消防通道被占")]
    assert [row["id"] for row in read.of_case(writer, stored(writer, number).id)["meetings"]] == [made]
    community.keep_meeting(writer, made, is_kept=False)
    assert row_of(writer, council_meeting, id=made).is_kept is False
    for bad, fault in (({"cases": ["x"]}, CaseNotFound), ({"diary": [0]}, InputFault)):
        with pytest.raises(fault), writer.begin_nested():
            community.write_meeting(writer, given | bad, LIU, NOW)


def test_order_goes_up_two_hops_and_its_answer_comes_back_down(writer, calendar, here):
    number = opened(writer, calendar)
    asked = {"from_code": here, "topic": "井盖权属", "reason": "权属不清", "case": number}
    first = supervision.issue_order(writer, asked, LIU, NOW, calendar)
    order = row_of(writer, supervision_order, number=first)
    assert (order.from_code, order.to_code, order.status) == (here, STREET, "issued")
    assert order.due_at == NOW + timedelta(days=7)  # five working days from a Wednesday
    event = casework.course_of(writer, stored(writer, number).id)[-1]
    assert (event["stage"], event["payload"]["told"]) == ("escalated", {"number": first})
    step = lambda which, word, **given: supervision.move_order(  # noqa: E731
        writer, which, word, Author("赵静", "街道"), NOW, calendar, **given
    )
    step(first, "accepted", owner="城市管理办")
    second = step(first, "forwarded", reason="需要专项资金")
    above = row_of(writer, supervision_order, number=second)
    assert (above.previous_id, above.from_code, above.to_code) == (order.id, STREET, DISTRICT)
    with pytest.raises(MoveRefused, match="next may be answered, urged, not returned"):
        step(first, "returned", reason="x")
    step(second, "accepted", owner="区城管委")
    step(second, "answered", reason="已列入本月计划")
    step(second, "closed")
    below = row_of(writer, supervision_order, number=first)
    assert (below.status, below.answer, below.is_open) == ("accepted", "已列入本月计划", True)
    step(first, "answered", reason="区里本月修")
    step(first, "reopened", reason="日期没写")
    step(first, "answered", reason="25日前修")
    step(first, "closed")
    way = read.order_way(writer, second)
    assert [hop["number"] for hop in way] == [first, second]
    assert [event["word"] for event in way[0]["events"]] == [
        "issued", "accepted", "forwarded", "came_back", "answered", "reopened", "answered", "closed",
    ]  # fmt: skip
    assert way[0]["ended_at"] is not None and way[1]["ended_at"] is not None


def test_order_is_refused_with_the_reason(writer, calendar, here):
    number = opened(writer, calendar)
    asked = {"from_code": here, "topic": "x", "reason": "y", "case": number}
    made = supervision.issue_order(writer, asked, LIU, NOW, calendar)
    for bad, why in (
        ({}, "order_waits"), ({"from_code": DISTRICT}, "unknown_area"), ({"reason": " "}, "needs_words"),
        ({"case": "0"}, ""), ({"case": "", "diary": 0}, "diary_settled"),
    ):  # fmt: skip
        with pytest.raises((MoveRefused, InputFault, CaseNotFound)) as caught, writer.begin_nested():
            supervision.issue_order(writer, asked | bad, LIU, NOW, calendar)
        assert caught.value.why == why, bad
    for word, why in (("accepted", "needs_owner"), ("answered", "needs_words"), ("closed", "order_not_now"),
                      ("difficult", "order_not_now")):  # fmt: skip
        with pytest.raises(MoveRefused) as caught:
            supervision.move_order(writer, made, word, LIU, NOW, calendar)
        assert caught.value.why == why
    assert len(read.order_way(writer, made)[0]["events"]) == 1


def test_every_status_has_moves_that_lead_to_known_ones():
    assert {move.enters for move in MOVES} - {""} <= set(STATUSES)
    for status in STATUSES:
        for code in (STREET, DISTRICT):
            words = {move.word for move in next_moves(status, code)}
            assert bool(words) == (status not in ("returned", "closed"))
            assert not (code == DISTRICT and "forwarded" in words) and not (code == STREET and "difficult" in words)


def test_whistle_times_each_arrival_and_ends_only_when_somebody_was_there(writer, calendar, here):
    number = opened(writer, calendar)
    asked = {"kind": "emergency", "area_code": here, "reason": "路面塌陷", "case": number}
    made = whistles.blow(writer, asked, ["交通支队", "自来水公司", "交通支队"], LIU, NOW, calendar)
    row = row_of(writer, whistle, number=made)
    assert (row.street_code, row.due_at) == (STREET, NOW + timedelta(minutes=30))
    with pytest.raises(MoveRefused, match="nobody has arrived"):
        whistles.end(writer, made, "修好", NOW)
    whistles.arrive(writer, made, "交通支队", LIU, NOW + timedelta(minutes=12))
    for department, fault in (("交通支队", MoveRefused), ("消防", InputFault)):
        with pytest.raises(fault):
            whistles.arrive(writer, made, department, LIU, NOW)
    late = read.listed(writer, "whistles", here, "late", NOW + timedelta(hours=1))[0]
    assert [row["number"] for row in late] == [made]
    whistles.end(writer, made, "围挡并修复", NOW + timedelta(hours=2))
    assert read.listed(writer, "whistles", here, "late", NOW + timedelta(hours=3))[1] == 0
    with pytest.raises(MoveRefused, match="has ended"):
        whistles.arrive(writer, made, "自来水公司", LIU, NOW)
    for bad, departments in (({"kind": "x"}, ["甲"]), ({}, []), ({"reason": ""}, ["甲"]), ({"area_code": "1"}, ["甲"])):
        with pytest.raises(InputFault):
            whistles.blow(writer, asked | bad, departments, LIU, NOW, calendar)


@pytest.mark.parametrize(("scope", "digits"), [(DISTRICT, 9), (STREET, 12)])
def test_counts_of_areas_add_up_and_every_number_opens_as_many_rows(writer, calendar, here, scope, digits):
    community.write_diary(writer, an_entry(here), LIU, NOW)
    supervision.issue_order(writer, {"from_code": STREET, "topic": "x", "reason": "y"}, LIU, NOW, calendar)
    counts = read.counts_by_area(writer, scope, digits, NOW)
    total = {name: sum(row[name] for row in counts.values()) for name in read.COUNTS}
    assert total["orders_district"] >= 1 and total["diary_waits"] >= 1
    for name, (kind, state) in {
        "diary_waits": ("diary", "waits"),
        "orders_street": ("orders", "street"), "orders_district": ("orders", "district"),
        "orders_overdue": ("orders", "overdue"), "orders_answered": ("orders", "answered"),
        "whistles_open": ("whistles", "open"), "whistles_late": ("whistles", "late"),
    }.items():  # fmt: skip
        rows, n = read.listed(writer, kind, scope, state, NOW, 100_000)
        assert n == len(rows) == total[name], name


def test_demo_has_some_of_everything_and_says_that_it_is_simulated(demo_database):
    with demo_database.reading() as conn:
        for table in (diary_entry, council_meeting, supervision_order, whistle):
            states = set(conn.execute(select(table.c.is_simulated)).scalars())
            assert states == {True}, table.name
        hops = conn.execute(select(supervision_order.c.id).where(supervision_order.c.previous_id.is_not(None))).all()
        assert len(hops) > 3


def test_reader_sees_no_number_of_a_caller_and_nobody_rewrites_an_event(conn):
    with acting_as(conn, READER):
        conn.execute(text("SELECT id, masked FROM caller"))
        with pytest.raises(Exception, match="permission denied"), conn.begin_nested():
            conn.execute(text("SELECT contact FROM caller"))
    with pytest.raises(Exception, match="append-only"), conn.begin_nested():
        conn.execute(text("DELETE FROM supervision_event"))


def test_instruments_over_http(own_api):
    code = own_api.get("/api/v1/areas?level=community&scope=" + STREET).json()["children"][0]["code"]
    at = "/api/v1/community"
    made = own_api.post(f"{at}/diary", json=an_entry(code, actor="刘敏")).json()["id"]
    case = own_api.post(f"{at}/diary/{made}/case", json={"category": "S0301", "title": "停车"})
    assert case.status_code == 201 and own_api.get("/api/v1/cases/" + case.json()["number"]).status_code == 200
    assert own_api.post(f"{at}/diary/{made}/outcome", json={"outcome": "solved", "reason": "x"}).status_code == 409
    order = own_api.post(f"{at}/orders", json={"from_code": code, "topic": "x", "reason": "y"}).json()["number"]
    step = own_api.post(f"{at}/orders/{order}/events", json={"word": "closed"}, headers={"X-Language": "zh"})
    assert step.status_code == 409 and "督办单" in step.json()["error"]["message"]
    given = {"kind": "daily", "area_code": code, "departments": "房管局、城管 交警", "reason": "x", "actor": "刘敏"}
    whistled = own_api.post(f"{at}/whistles", json=given).json()["number"]
    assert own_api.post(f"{at}/whistles/{whistled}/arrivals", json={"department": "城管"}).status_code == 201
    listed = own_api.get(f"{at}/whistles?scope={code}&state=open").json()
    assert listed["total"] >= 1
    for path, body in (
        ("diary", {}), ("diary", an_entry(code, actor="")), ("diary", an_entry(code, actor="x", extra=1)),
        ("meetings", {"community_code": code, "topic": "x", "present": 0}), ("orders", {"from_code": code}),
        ("meetings", {"community_code": code, "topic": "x", "present": 3, "diary": "a"}),
        ("whistles", given | {"kind": "loud"}), ("whistles", given | {"departments": "，"}),
        ("diary/0/case", {"category": "S0301", "title": "x"}), (f"orders/{order}/events", {"word": "sung"}),
    ):  # fmt: skip
        assert own_api.post(f"{at}/{path}", json=body).status_code == 422, (path, body)
    assert own_api.get(f"{at}/orders?state=x").status_code == 422
