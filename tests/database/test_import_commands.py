"""The commands as a person types them: one line and exit status 1 on bad input, nothing left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import func, select

from dashboard.__main__ import main
from db.engine import Database
from db.tables import area, cases, district

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run a command against an empty database; return exit status, standard output and standard error."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("QUANXIANG_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> tuple[int, str, str]:
        status = main([str(word) for word in words])
        seen = capsys.readouterr()
        return status, seen.out, seen.err

    return run


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    path = tmp_path / "streets.geojson"
    gpd.GeoDataFrame(
        {"adcode": ["110199001", "110199002"], "name": ["东街", "西街"]},
        geometry=[shapely.box(116.34, 39.88, 116.35, 39.89), shapely.box(116.35, 39.88, 116.36, 39.89)], crs=4326,
    ).to_file(path)  # fmt: skip
    return path


def test_a_district_from_files_to_export_in_four_commands(
    command: Command, streets: Path, tmp_path: Path, database: Database
) -> None:
    status, said, _ = command("import", "areas", streets, "--level", "street", "--map", "code=adcode")
    assert status == 0
    assert "2 rows of level street in district 110199: 2 new, 0 refused" in said
    rows = tmp_path / "cases.csv"
    rows.write_text(
        "编号,上报时间,经度,纬度,category\nA1,2026-05-01 08:30,116.345,39.885,E0102\nA2,2026-05-01,,,错\n",
        encoding="gb18030",
    )
    status, said, _ = command("import", "cases", rows, "--source", "hall", "--map", "category=category")
    assert status == 0
    assert "2 rows (gb18030): 1 new, 0 known before, 1 refused" in said
    report = next((tmp_path / "var" / "reports").glob("cases-*.csv")).read_text(encoding="utf-8-sig")
    assert "category 错 is not in the category tree" in report
    assert "A2" in report
    status, said, _ = command("export", "cases", "--scope", "110199001", "-o", tmp_path / "out.xlsx")
    assert status == 0
    assert said.startswith("1 cases of 110199001 东街 written to")
    status, said, _ = command("check")
    assert status == 0
    assert "0 faults" in said


def test_check_exits_with_one_and_a_table_when_something_is_wrong(
    command: Command, streets: Path, database: Database
) -> None:
    command("import", "areas", streets, "--level", "street")
    with database.owner() as conn:
        conn.execute(area.update().where(area.c.code == "110199002").values(area_m2=1.0))
    status, said, _ = command("check", "--district", "110199")
    assert status == 1
    assert "110199002" in said
    assert "1 faults" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("import", "areas", "nowhere.geojson", "--level", "street"), "no such file: nowhere.geojson"),
        (("import", "areas", "{streets}"), "say which level"),
        (("import", "areas", "{streets}", "--level", "parish"), "'parish' is not one of"),
        (("import", "areas", "{streets}", "--level", "street", "--map", "code"), "not of the form ours=theirs"),
        (("import", "areas", "{streets}", "--level", "street", "--crs", "mars"), "'mars' is unknown"),
        (("import", "areas", "{streets}", "--level", "street", "--profile", "mine"), "no profile 'mine'; built in are"),
        (("import", "areas", "{streets}", "--level", "community"), "2 of 2 features refused"),
        (("import", "grids", "{streets}"), "say one of"),
        (("import", "grids", "--merge", "10"), "none is loaded"),
        (("import", "cases", "{streets}", "--source", "x"), "not one of .csv"),
        (("import", "facilities", "{streets}", "--source", "x", "--district", "110199"), "110199 is not loaded"),
        (("export", "cases", "--scope", "110199", "-o", "x.csv"), "no area in force has the code 110199"),
        (("export", "people", "--scope", "110199", "-o", "x.csv"), "'people' is not one of"),
        (("check",), "no district is loaded"),
    ],
)
def test_bad_input_is_one_clear_line_and_leaves_nothing(
    command: Command, streets: Path, database: Database, words: tuple[str, ...], message: str
) -> None:
    status, _, said = command(*(word.format(streets=streets) for word in words))
    assert status == 1
    assert message in said
    assert said.count("\n") == 1
    with database.owner() as conn:
        for table in (area, cases, district):
            assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 0
