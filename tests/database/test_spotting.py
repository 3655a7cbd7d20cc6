"""A search for hot spots on the demo: injected clusters are found, numbers last, decisions are appended."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from dash._utils import to_json
from sqlalchemy import func, select, text

from dashboard.callbacks import hotspots as hotspot_page
from dashboard.callbacks.asked import asked
from dashboard.services import District, Services
from dashboard.settings import Settings
from dashboard.spotting import run
from db.engine import Database
from db.read import areas, hotspots
from db.tables import cases, district, hotspot, hotspot_alert, hotspot_case, hotspot_run, hotspot_sighting
from db.write.hotspots import decide, try_lock
from gis.errors import InputFault
from gis.scope import View
from gis.worktime import build_calendar
from tests.conftest import DEMO_UNTIL

CALENDAR = build_calendar(2025, 2027)


def demo(database: Database) -> District:
    with database.reading() as conn:
        row = areas.districts(conn).iloc[0]
    return District(**{name: row[name] for name in District.__dataclass_fields__})


def write_four_ordinary_weeks(database: Database) -> None:
    """Tell the demo's one week four times more before it, without its injected clusters."""
    names = "number, source, external_id, reported_at, channel, category, family, urgency, title, geom,"
    names += " location_status, area_code, lead_chain, stage, is_open, closed_at"
    with database.owner() as conn:
        truth = conn.execute(select(district.c.facts)).scalar_one()["truth"]
        for week in range(1, 5):
            conn.execute(
                text(
                    f"INSERT INTO cases ({names}) SELECT number || 'w' || :week, source, external_id || 'w' || :week,"
                    " reported_at - :week * interval '7 days', channel, category, family, urgency, title, geom,"
                    " location_status, area_code, lead_chain, 'closed', false, reported_at FROM cases"
                    " WHERE number !~ 'w' AND NOT (category || area_code = ANY(:injected))"
                ),
                {"week": week, "injected": [one["category"] + cell for one in truth for cell in one["cells"]]},
            )


def test_a_record_of_one_week_tells_nothing(demo_clone: Database) -> None:
    done = run(demo_clone, demo(demo_clone), CALENDAR, DEMO_UNTIL)
    assert done and done["found"] == 0


def test_search_finds_clusters_keeps_them_and_takes_decisions(demo_clone: Database, tmp_path: Path) -> None:
    """One test, because a search of the whole district takes seconds."""
    place, later = demo(demo_clone), DEMO_UNTIL + timedelta(minutes=20)
    write_four_ordinary_weeks(demo_clone)
    done = run(demo_clone, place, CALENDAR, DEMO_UNTIL)
    assert done and 1 <= done["found"] <= 15 and done["set_apart"] == 0
    with demo_clone.reading() as conn:
        truth = conn.execute(select(district.c.facts)).scalar_one()["truth"]
        listed = hotspots.listed(conn, View(), place.code, DEMO_UNTIL - timedelta(days=14))
        ids = [row["id"] for row in listed]
        loud = [one for one in truth if one["injected_cases"] >= 12 and one["last_day"] >= f"{DEMO_UNTIL:%Y-%m-%d}"]
        for one in loud:
            hits = [r for r in listed if r["category"] == one["category"] and set(r["cells"]) & set(one["cells"])]
            assert hits, one["cluster_id"]
            assert hits[0]["observed"] > 2 * hits[0]["expected"] and hits[0]["q"] <= 0.05
        for row in listed:
            shown = hotspots.cases_of(conn, row["id"])
            assert len(shown) == row["linked"] == row["observed"]
            assert {case["area_code"] for case in shown} <= set(row["cells"])
        assert len(hotspots.standing_alerts(conn, place.code)) == len(ids)
    again = run(demo_clone, place, CALENDAR, later)
    assert again is not None
    with demo_clone.writing() as conn:
        with pytest.raises(InputFault, match="owner"):
            decide(conn, ids[0], later, owner=" ", decision="巡查")
        with pytest.raises(InputFault, match="follow-up"):
            decide(conn, ids[0], later, owner="a", decision="b", due_on=date(2026, 6, 2), follow_up_on=date(2026, 6, 1))
        decide(conn, ids[0], later, owner="城管科", decision="夜间加巡", due_on=date(2026, 6, 1))
        decide(conn, ids[0], later + timedelta(days=1), owner="城管科", decision="夜间加巡", outcome="已降到常态")
    with demo_clone.reading() as conn:
        first = next(r for r in hotspots.listed(conn, View(), place.code, DEMO_UNTIL) if r["id"] == ids[0])
        assert (first["owner"], first["outcome"]) == ("城管科", "已降到常态")
        assert [one["outcome"] for one in hotspots.decisions_of(conn, ids[0])] == ["已降到常态", ""]
        assert len(hotspots.sightings_of(conn, ids[0])) == 2
        assert ids[0] not in [alert["hotspot_id"] for alert in hotspots.standing_alerts(conn, place.code)]
        assert hotspots.changes(conn, place.code, later)["decided"] == 1
        assert conn.execute(select(func.count()).select_from(hotspot_run)).scalar_one() == 2
        seen = conn.execute(select(func.count()).select_from(hotspot_sighting)).scalar_one()
        assert seen >= conn.execute(select(func.count()).select_from(hotspot)).scalar_one()
        lost = select(func.count()).select_from(hotspot_case.outerjoin(cases, cases.c.id == hotspot_case.c.case_id))
        assert conn.execute(lost.where(cases.c.id.is_(None))).scalar_one() == 0
        assert conn.execute(select(func.count()).select_from(hotspot_alert)).scalar_one() >= len(ids)
    page = _page(demo_clone, tmp_path, f"?id={ids[0]}")
    assert all(f'"{row["observed"]} / ' in page for row in listed)
    assert "城管科" in page and "已降到常态" in page


def _page(database: Database, var_dir: Path, search: str) -> str:
    """The page as it is sent to a browser."""
    settings = Settings(database_url=database.url.render_as_string(hide_password=False), var_dir=var_dir)
    ask = asked("/hotspots", search, {"lang": "zh", "theme": "dark", "scale": 1.0, "map": [1376, 864]})
    return to_json(hotspot_page.build(Services(settings, database), ask)).encode().decode("unicode_escape")


def test_one_search_at_a_time(demo_clone: Database) -> None:
    place = demo(demo_clone)
    with demo_clone.writing() as conn:
        assert try_lock(conn, place.code)
        assert run(demo_clone, place, CALENDAR, DEMO_UNTIL) is None
