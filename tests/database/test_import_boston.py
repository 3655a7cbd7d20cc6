"""The 58,251 real service requests of Boston on their 26 neighbourhoods, with the counts that the city itself gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection, case, func, select

from db.engine import Database
from db.intake.profile import load_profile
from db.intake.tabular import read_table
from db.read import areas, chains
from db.read.artefacts import fallbacks
from db.tables import area, case_event, cases
from db.write.areas import import_areas
from db.write.artefacts import is_fallback, set_apart
from db.write.cases_file import CaseImport, import_cases
from gis.chains import board
from gis.codes import Level
from gis.scope import View
from tests.clones import TestServer

BOSTON = Path(__file__).resolve().parents[3] / "shared" / "data" / "boston"
ZIP = BOSTON / "311_service_requests_2011.zip"
NOW = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def boston(test_server: TestServer) -> Iterator[tuple[Connection, CaseImport]]:
    """The 58,251 requests imported once, for all tests that look at them."""
    if not BOSTON.is_dir():
        pytest.skip("the real data of ../shared/data/boston is not here")
    with test_server.clone(test_server.schema_template()) as url:
        database = Database(url)
        with database.engine.connect() as conn, conn.begin() as outer:
            streets = load_profile("boston_neighborhoods")
            import_areas(conn, BOSTON / "neighborhoods.geojson", streets, Level.STREET, today=date(2026, 1, 1))
            done = import_cases(conn, ZIP, load_profile("boston311"), now=NOW)
            yield conn, done
            outer.rollback()
        database.dispose()


def test_all_58251_boston_requests_come_in(boston: tuple[Connection, CaseImport]) -> None:
    conn, done = boston
    assert (done.total, done.new, done.refused) == (58_251, 58_251, 0)
    assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == 58_251
    open_cases = conn.execute(select(func.count()).where(cases.c.is_open)).scalar_one()
    assert open_cases == 3_681
    assert conn.execute(select(func.count()).select_from(case_event)).scalar_one() == 58_251 + 54_570


def test_9997_of_10000_located_boston_requests_lie_in_a_neighbourhood(boston: tuple[Connection, CaseImport]) -> None:
    conn, done = boston
    located = done.statuses["located"]
    assert round(100 * located / (located + done.statuses["outside"]), 2) == 99.97
    by_street = select(func.count()).where(func.length(cases.c.area_code) == 9)
    assert conn.execute(by_street).scalar_one() == located
    on_edge = select(func.count()).select_from(
        cases.join(
            area,
            (area.c.code == cases.c.area_code) & (area.c.level == 9) & ~func.ST_Intersects(area.c.geom, cases.c.geom),
        )
    )
    assert conn.execute(on_edge).scalar_one() == 0


def test_the_citys_own_verdicts_follow_from_due_and_closing_times(boston: tuple[Connection, CaseImport]) -> None:
    conn, _ = boston
    in_time = cases.c.due_at.is_(None) | (cases.c.closed_at <= cases.c.due_at)
    verdict = case((in_time, "ONTIME"), else_="OVERDUE")
    ours = pd.DataFrame(conn.execute(select(cases.c.external_id, verdict)).all(), columns=["id", "ours"])
    told = read_table(ZIP, ["case_enquiry_id", "ontime"]).frame.set_index("case_enquiry_id")["ontime"]
    both = ours.set_index("id").join(told)
    judged = both[both["ontime"].notna()]
    assert judged["ours"].value_counts().to_dict() == {"ONTIME": 46_572, "OVERDUE": 11_521}
    assert (judged["ours"] == judged["ontime"]).all()
    assert both["ontime"].isna().sum() == 158


def test_the_fallback_point_of_boston_keeps_its_4775_requests(boston: tuple[Connection, CaseImport]) -> None:
    conn, _ = boston
    stmt = select(func.count()).where(cases.c.received_x == -71.0587, cases.c.received_y == 42.3594)
    assert conn.execute(stmt).scalar_one() == 4_775


def test_the_fallback_point_of_boston_is_recognised_and_set_apart(boston: tuple[Connection, CaseImport]) -> None:
    conn, _ = boston
    with conn.begin_nested() as inner:
        found = fallbacks(conn, "025025", datetime(2011, 1, 1, tzinfo=UTC))
        assert 1 <= len(found) <= 2  # the second is the city hall, with 35 classes in 154 cases
        assert found.loc[0, ["cases", "lon", "lat"]].tolist() == [4_775, -71.0587, 42.3594]
        assert found.loc[0, "expected_points"] < 0.001
        assert set_apart(conn, "025025", found, NOW) == found["cases"].sum()
        counted = select(func.count()).where(cases.c.location_status == "fallback", cases.c.area_code == "025025")
        assert conn.execute(counted).scalar_one() == found["cases"].sum()
        assert is_fallback(conn, "025025", -71.0587, 42.3594)
        assert not is_fallback(conn, "025025", -71.0680, 42.3742)  # 30 cases there, nearly all of three classes
        again = fallbacks(conn, "025025", datetime(2011, 1, 1, tzinfo=UTC))
        assert again["cases"].tolist() == found["cases"].tolist()
        assert set_apart(conn, "025025", again, NOW) == 0
        inner.rollback()


def test_boston_times_are_read_in_bostons_zone(boston: tuple[Connection, CaseImport]) -> None:
    conn, _ = boston
    first = conn.execute(select(cases.c.reported_at, cases.c.number).where(cases.c.external_id == "101000295613")).one()
    assert first.reported_at == datetime(2011, 7, 1, 5, 32, 33, tzinfo=UTC)
    assert first.number.startswith("20110701")


def test_the_same_boston_file_again_brings_nothing_new(boston: tuple[Connection, CaseImport]) -> None:
    conn, _ = boston
    again = import_cases(conn, ZIP, load_profile("boston311"), now=NOW)
    assert (again.new, again.known, again.refused, again.closed_since) == (0, 58_251, 0, 0)
    assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == 58_251


def test_every_word_of_boston_without_a_category_of_its_own_is_listed(boston: tuple[Connection, CaseImport]) -> None:
    _, done = boston
    notes = done.findings.frame.query("kind == 'unmapped_category'")
    assert "Notification" in set(notes["subject"])
    assert len(notes) < 20


def test_every_department_and_reason_has_a_chain_and_the_chains_add_up(boston: tuple[Connection, CaseImport]) -> None:
    conn, done = boston
    frame = read_table(ZIP, ["department", "reason"]).frame
    assert frame["department"].nunique() == 11 and frame["reason"].nunique() == 35
    by_reason = load_profile("boston311").fields["lead_chain"].otherwise
    assert by_reason is not None and set(frame["reason"]) <= set(by_reason.values or {})
    by_chain = select(cases.c.lead_chain, func.count().label("n")).group_by(cases.c.lead_chain)
    told = {row.lead_chain: row.n for row in conn.execute(by_chain)}
    assert sum(told.values()) == done.total == 58_251
    assert told[4] == (frame["department"].isin(["BPS_", "BHA_"])).sum() == 3
    assert told[6] == (frame["department"] == "DISB").sum() == 9
    assert told[5] == (frame["reason"] == "Volunteer & Corporate Groups").sum() == 16
    districts = areas.inside(conn, "025025", Level.STREET).index
    made = board(chains.counts(conn, "025025", View(window="24h"), NOW, 9), districts, Level.STREET)
    assert made.totals["open"].sum() == 3_681
    assert made.cells["open"].sum() + made.buckets["open"].sum() == 3_681
