"""What leaves the record: exactly the scope, in files that say where they come from and cannot run as formulas."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from sqlalchemy import Connection

from db.export.files import FORMATS, write_export
from db.export.frames import export_areas, export_cases
from db.intake.profile import Profile
from db.intake.tabular import read_table
from db.write.areas import import_areas
from db.write.cases_file import import_cases
from gis.codes import Level
from gis.errors import AreaNotFound, CodeFault, InputFault

NOW = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
ROWS = (
    "编号,上报时间,经度,纬度,category,标题",
    'A1,2026-05-01 08:30:00,116.345,39.885,E0102,=HYPERLINK("http://x")',
    "A2,2026-05-02 23:59:00,116.355,39.885,E0102,@SUM(A1)",
    "A3,2026-05-03 00:00:00,116.345,39.885,E0102,-1+1",
    "A4,2026-05-03 08:30:00,,,E0102,没有坐标",
)


@pytest.fixture
def filled(conn: Connection, tmp_path: Path) -> Connection:
    """One schematic district of two streets with four cases."""
    frame = gpd.GeoDataFrame(
        {"code": ["110199001", "110199002"], "name": ["东街街道", "西街街道"], "is_schematic": ["true", "true"]},
        geometry=[shapely.box(116.34, 39.88, 116.35, 39.89), shapely.box(116.35, 39.88, 116.36, 39.89)],
        crs=4326,
    )
    frame.to_file(tmp_path / "streets.geojson")
    streets = Profile(options={"attribution": "Survey office", "district": {"name_zh": "试区"}})
    import_areas(conn, tmp_path / "streets.geojson", streets, Level.STREET, today=date(2026, 1, 1))
    (tmp_path / "cases.csv").write_text("\n".join(ROWS), encoding="utf-8")
    import_cases(conn, tmp_path / "cases.csv", Profile(), now=NOW, source="hall", district_code="110199")
    return conn


def test_a_street_exports_its_own_cases_only(filled: Connection) -> None:
    made = export_cases(filled, "110199001", now=NOW)
    assert sorted(made.frame["external_id"]) == ["A1", "A3"]


def test_a_district_exports_its_buckets_too(filled: Connection) -> None:
    made = export_cases(filled, "110199", now=NOW)
    assert sorted(made.frame["external_id"]) == ["A1", "A2", "A3", "A4"]
    assert made.frame.set_index("external_id")["location_status"]["A4"] == "unlocated"


def test_days_are_local_days_both_included(filled: Connection) -> None:
    made = export_cases(filled, "110199", now=NOW, since=date(2026, 5, 2), until=date(2026, 5, 2))
    assert made.frame["external_id"].tolist() == ["A2"]
    assert made.provenance.filters == "reported from 2026-05-02, reported to 2026-05-02"


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_every_format_says_where_it_comes_from(filled: Connection, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"cases.{kind}"
    write_export(export_cases(filled, "110199001", now=NOW), path)
    said = _provenance(path, kind)
    assert "110199001 东街街道" in said
    assert "Survey office" in said
    assert "2026-05-20T12:00:00+08:00" in said
    assert list(tmp_path.glob(".*partial*")) == []


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_schematic_outlines_are_marked_in_every_format(filled: Connection, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"areas.{kind}"
    write_export(export_areas(filled, "110199", now=NOW), path)
    assert "示意 / schematic" in _provenance(path, kind)


def _provenance(path: Path, kind: str) -> str:
    if kind == "geojson":
        return str(json.loads(path.read_text(encoding="utf-8"))["about"])
    if kind == "gpkg":
        return " ".join(pyogrio.read_dataframe(path, layer="about")["value"])
    if kind == "parquet":
        return " ".join(value.decode() for value in pq.read_metadata(path).metadata.values())
    if kind == "csv":
        return path.read_text(encoding="utf-8-sig").split("code,")[0]
    return str([[cell.value for cell in row] for row in load_workbook(path)["说明 about"].rows])


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet"])
def test_outlines_come_back_as_they_are(filled: Connection, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"areas.{kind}"
    write_export(export_areas(filled, "110199", now=NOW, level=Level.STREET), path)
    back = gpd.read_parquet(path) if kind == "parquet" else gpd.read_file(path, layer="areas")
    assert back["code"].tolist() == ["110199001", "110199002"]
    assert back.crs.to_epsg() == 4326
    assert shapely.equals(back.geometry.iloc[0], shapely.box(116.34, 39.88, 116.35, 39.89))


def test_no_text_can_run_as_a_formula_in_a_spreadsheet(filled: Connection, tmp_path: Path) -> None:
    made = export_cases(filled, "110199", now=NOW)
    write_export(made, tmp_path / "c.csv")
    write_export(made, tmp_path / "c.xlsx")
    titles = read_table(tmp_path / "c.csv").frame["title"].tolist()
    assert titles == ['\'=HYPERLINK("http://x")', "'@SUM(A1)", "'-1+1", "没有坐标"]
    sheet = load_workbook(tmp_path / "c.xlsx")["cases"]
    column = [cell.value for cell in sheet[1]].index("title") + 1
    cells = [sheet.cell(row, column) for row in range(2, 6)]
    assert all(cell.data_type == "s" for cell in cells)
    assert [cell.value for cell in cells] == titles


def test_csv_opens_in_excel_and_in_our_own_reader(filled: Connection, tmp_path: Path) -> None:
    write_export(export_areas(filled, "110199", now=NOW), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf# title: ")
    again = read_table(tmp_path / "a.csv").frame
    assert again["code"].tolist() == ["110199", "110199001", "110199002"]
    assert pd.to_numeric(again["area_m2"]).iloc[0] == pytest.approx(2 * 949_500, rel=0.01)


def test_a_failed_export_leaves_the_old_file(filled: Connection, tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_text("old", encoding="utf-8")
    made = export_areas(filled, "110199", now=NOW)
    with pytest.raises(InputFault, match="'doc' is not one of"):
        write_export(made, path, "doc")
    with pytest.raises(InputFault, match="no such folder"):
        write_export(made, tmp_path / "nowhere" / "a.csv")
    assert path.read_text(encoding="utf-8") == "old"


def test_a_scope_that_is_no_area_is_refused(filled: Connection) -> None:
    with pytest.raises(AreaNotFound, match="110199009"):
        export_cases(filled, "110199009", now=NOW)
    with pytest.raises(CodeFault):
        export_areas(filled, "1101%", now=NOW)
