"""The check finds what somebody broke, and says nothing about a record that adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Connection, func, insert, literal, select, update

from db.audit.checks import check_district
from db.audit.findings import Finding
from db.audit.rows import row_faults
from db.engine import Database
from db.intake.profile import Profile
from db.tables import area, case_event, cases, lineage
from db.write.areas import AreaOptions, import_areas
from db.write.cases_file import import_cases
from db.write.clocks import rebuild_clocks
from gis.codes import Level
from gis.worktime import usual_calendar

NOW = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def sound(conn: Connection, tmp_path: Path) -> Connection:
    """A district of two streets with populations and a case in each."""
    frame = gpd.GeoDataFrame(
        {"code": ["110199001", "110199002"], "name": ["东街", "西街"], "population": [100, 200]},
        geometry=[shapely.box(116.34, 39.88, 116.35, 39.89), shapely.box(116.35, 39.88, 116.36, 39.89)],
        crs=4326,
    )
    frame.to_file(tmp_path / "streets.geojson")
    import_areas(conn, tmp_path / "streets.geojson", Profile(), Level.STREET, today=date(2026, 1, 1))
    conn.execute(update(area).where(area.c.code == "110199").values(population=300))
    (tmp_path / "cases.csv").write_text(
        "id,reported_at,lon,lat,category\nA,2026-05-01 08:00:00,116.345,39.885,E0102\n"
        "B,2026-05-01 08:00:00,116.355,39.885,E0102\n",
        encoding="utf-8",
    )
    import_cases(conn, tmp_path / "cases.csv", Profile(), now=NOW, source="hall", district_code="110199")
    return conn


def faults(conn: Connection) -> list[Finding]:
    return [item for item in check_district(conn, "110199") if item.weight == "fault"]


def test_a_sound_record_has_neither_faults_nor_notices(sound: Connection) -> None:
    assert check_district(sound, "110199") == []


def test_a_case_in_an_area_that_never_was_breaks_the_totals(sound: Connection) -> None:
    sound.execute(update(cases).where(cases.c.external_id == "A").values(area_code="110199009"))
    found = faults(sound)
    assert {item.check for item in found} == {"orphans", "totals"}
    assert all(item.examples == "110199009" for item in found)


def test_a_stage_that_no_event_tells_is_a_fault(sound: Connection) -> None:
    sound.execute(update(cases).where(cases.c.external_id == "A").values(stage="handling"))
    assert [item.sentence for item in faults(sound)] == ["cases whose stage is not what their steps add up to"]


BROKEN = {
    "stage": {"stage": "handling"},
    "is_open": {"is_open": False, "closed_at": NOW},
    "handled_at": {"handled_at": NOW},
    "closed_at": {"is_open": False, "closed_at": NOW},
}


@pytest.mark.parametrize("column", BROKEN)
def test_a_row_that_its_steps_do_not_tell_is_named(sound: Connection, column: str) -> None:
    sound.execute(update(cases).where(cases.c.external_id == "B").values(**BROKEN[column]))
    number = sound.execute(select(cases.c.number).where(cases.c.external_id == "B")).scalar_one()
    found = {item.sentence: item for item in row_faults(sound, "110199")}
    one = found[f"cases whose {column} is not what their steps add up to"]
    assert (one.count, one.examples) == (1, number)


def test_a_deadline_that_no_postponement_gave_is_a_fault(sound: Connection) -> None:
    case_id = sound.execute(select(cases.c.id).where(cases.c.external_id == "A")).scalar_one()
    told = {"case_id": case_id, "stage": "postponed", "at": NOW, "payload": {"due_at": NOW.isoformat()}}
    sound.execute(insert(case_event).values(**told))
    assert [item.sentence for item in faults(sound)] == ["cases whose due_at is not what their steps add up to"]
    sound.execute(update(cases).where(cases.c.id == case_id).values(due_at=NOW))
    assert [item.sentence for item in faults(sound)] == [
        "cases with a clock whose due_at is not what their steps add up to",
        "cases with a clock whose limit_min is not what their steps add up to",
    ]
    rebuild_clocks(sound, [case_id], usual_calendar(NOW.year))
    assert faults(sound) == []


def test_a_step_with_an_unknown_word_is_a_fault(sound: Connection) -> None:
    case_id = sound.execute(select(cases.c.id).where(cases.c.external_id == "A")).scalar_one()
    sound.execute(insert(case_event).values(case_id=case_id, stage="lost", at=NOW))
    assert [item.sentence for item in faults(sound)] == ["cases with a step that has no known word"]


def test_what_a_file_says_of_handling_and_closing_is_told_by_steps_too(sound: Connection, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(
        "id,reported_at,handled_at,closed_at,lon,lat,category\n"
        "C,2026-05-01 08:00:00,2026-05-02 08:00:00,2026-05-03 08:00:00,116.345,39.885,E0102\n"
        "D,2026-05-01 08:00:00,2026-05-02 08:00:00,,116.345,39.885,E0102\n"
        "E,2026-05-01 08:00:00,,2026-04-03 08:00:00,116.345,39.885,E0102\n",
        encoding="utf-8",
    )
    import_cases(sound, tmp_path / "more.csv", Profile(), now=NOW, source="hall", district_code="110199")
    assert faults(sound) == []
    stage = dict(sound.execute(select(cases.c.external_id, cases.c.stage)).all())
    assert stage == {"A": "reported", "B": "reported", "C": "closed", "D": "checking", "E": "closed"}


def test_rows_are_compared_the_same_whatever_the_portion(demo_clone: Database) -> None:
    with demo_clone.owner() as conn:
        ids = conn.execute(select(cases.c.id).where(cases.c.is_open).order_by(cases.c.id)).scalars().all()[::400]
        conn.execute(update(cases).where(cases.c.id.in_(ids)).values(stage="evaluated"))
        found = [list(row_faults(conn, "110102", portion=portion)) for portion in (700, 20_000)]
    assert found[0] == found[1] and [item.count for item in found[0]] == [len(ids)]


def test_a_case_without_events_is_a_fault(sound: Connection) -> None:
    told = [column for column in cases.c if column.name not in ("id", "number", "external_id")]
    copied = select(literal("20260501X"), literal("C"), *told).where(cases.c.external_id == "A")
    sound.execute(insert(cases).from_select(["number", "external_id", *(column.name for column in told)], copied))
    assert [(item.sentence, item.examples) for item in faults(sound)] == [("cases without any event", "20260501X")]


def test_an_overlap_is_a_fault_with_its_size(sound: Connection) -> None:
    wider = func.ST_Multi(func.ST_MakeEnvelope(116.34, 39.88, 116.351, 39.89, 4326))
    sound.execute(update(area).where(area.c.code == "110199001").values(geom=wider))
    found = {item.check: item for item in faults(sound)}
    assert found["topology street"].sentence.startswith("overlap, 9")
    assert found["measures"].examples == "110199001"


def test_an_unknown_population_is_a_notice_and_a_wrong_sum_a_fault(sound: Connection) -> None:
    sound.execute(update(area).where(area.c.code == "110199001").values(population=None))
    found = check_district(sound, "110199")
    assert [(item.weight, item.check, item.examples) for item in found] == [("notice", "population", "110199001")]
    sound.execute(update(area).where(area.c.code == "110199001").values(population=101))
    assert [(item.weight, item.examples) for item in check_district(sound, "110199")] == [("fault", "110199")]


def test_a_street_whose_district_is_gone_is_an_orphan(sound: Connection) -> None:
    sound.execute(update(area).where(area.c.code == "110199").values(valid_to=date(2026, 2, 1)))
    assert "areas whose parent is not in force" in {item.sentence for item in faults(sound)}


def test_the_demo_district_adds_up(demo_database: Database) -> None:
    with demo_database.reading(timeout_ms=120_000) as conn:
        found = check_district(conn, "110102")
    assert [item for item in found if item.weight == "fault"] == []


def test_lineage_that_sums_to_more_than_one_is_a_fault(demo_clone: Database) -> None:
    with demo_clone.owner() as conn:
        one = conn.execute(lineage.select().limit(1)).one()
        conn.execute(
            update(lineage)
            .where(lineage.c.cell_code == one.cell_code, lineage.c.source_cell_id == one.source_cell_id)
            .values(area_share=one.area_share + 0.5)
        )
        found = [item for item in check_district(conn, "110102") if item.weight == "fault"]
    assert [(item.check, item.examples) for item in found] == [("lineage", one.cell_code)]


def test_accepted_overlaps_stay_on_record_until_they_are_mended(sound: Connection, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["110199001"], "name": ["东街"]}, geometry=[shapely.box(116.34, 39.88, 116.352, 39.89)], crs=4326
    )
    frame.to_file(tmp_path / "wide.geojson")
    import_areas(
        sound,
        tmp_path / "wide.geojson",
        Profile(),
        Level.STREET,
        today=date(2026, 2, 1),
        options=AreaOptions(accept=True),
    )
    assert "overlap" in faults(sound)[0].sentence
    frame.geometry = [shapely.box(116.34, 39.88, 116.35, 39.89)]
    frame.to_file(tmp_path / "mended.geojson")
    import_areas(sound, tmp_path / "mended.geojson", Profile(), Level.STREET, today=date(2026, 3, 1))
    assert faults(sound) == []
