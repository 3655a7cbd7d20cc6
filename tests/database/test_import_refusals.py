"""Files of areas that must not come in: broken outlines, bad codes, wrong systems, no maps at all."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Connection, func, select

from db.intake.findings import ImportRefused
from db.intake.profile import Profile
from db.tables import area
from db.write.areas import import_areas
from gis.codes import Level
from gis.errors import CrsFault, InputFault
from tests.database.area_files import DAY, in_force_codes, run, square, write


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    """Two square streets side by side."""
    return write(
        tmp_path / "streets.geojson",
        [
            ({"code": "110199001", "name": "东街街道"}, square(0)),
            ({"code": "110199002", "name": "西街街道"}, square(1)),
        ],
    )


def test_a_bow_tie_is_refused_by_name_and_nothing_is_imported(conn: Connection, tmp_path: Path) -> None:
    bow = shapely.Polygon([(116.34, 39.88), (116.35, 39.89), (116.35, 39.88), (116.34, 39.89)])
    path = write(
        tmp_path / "bow.geojson",
        [({"code": "110199001", "name": "好街道"}, square(2)), ({"code": "110199002", "name": "领结街道"}, bow)],
    )
    with pytest.raises(ImportRefused, match=r"feature 2 \(110199002\) crosses itself"):
        run(conn, path)
    assert in_force_codes(conn, Level.STREET) == []


def test_all_bad_codes_are_reported_at_once(conn: Connection, tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.geojson",
        [
            ({"code": "110199001", "name": "甲"}, square(0)),
            ({"code": "110199001", "name": "乙"}, square(1)),
            ({"code": "1101", "name": "丙"}, square(2)),
            ({"code": None, "name": "丁"}, square(3)),
        ],
    )
    with pytest.raises(ImportRefused, match="4 of 4 features refused") as refused:
        run(conn, path)
    assert set(refused.value.findings.frame["kind"]) == {"duplicate_code", "bad_code", "no_code"}


def test_metres_that_claim_to_be_degrees_are_refused(conn: Connection, tmp_path: Path) -> None:
    metric = gpd.GeoSeries([square(0)], crs=4326).to_crs(4548).iloc[0]
    path = write(tmp_path / "metres.gpkg", [({"code": "110199001", "name": "甲"}, metric)], crs="EPSG:4326")
    with pytest.raises(CrsFault, match="not on the globe"):
        run(conn, path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_shapefile_without_prj_in_metres_asks_for_its_system(conn: Connection, tmp_path: Path) -> None:
    metric = gpd.GeoSeries([square(0)], crs=4326).to_crs(4548).iloc[0]
    path = write(tmp_path / "noprj.shp", [({"code": "110199001", "name": "甲"}, metric)], crs=None)
    with pytest.raises(CrsFault, match=r"declares no coordinate system.*--crs EPSG"):
        run(conn, path)
    done = run(conn, path, crs="EPSG:4548")
    assert done.changes.opened == ["110199001"]
    box = conn.execute(select(func.ST_XMin(area.c.geom)).where(area.c.code == "110199001")).scalar_one()
    assert box == pytest.approx(116.34, abs=1e-7)


def test_a_district_abroad_needs_its_time_zone(conn: Connection, tmp_path: Path) -> None:
    path = write(
        tmp_path / "abroad.geojson", [({"code": "025025001", "name": "A"}, shapely.box(-71.1, 42.3, -71, 42.4))]
    )
    with pytest.raises(InputFault, match="--timezone"):
        run(conn, path)
    assert run(conn, path, timezone="America/New_York").changes.opened == ["025025001"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.geojson", b"", "empty.geojson is empty"),
        ("words.geojson", b"just some words", "not a readable GeoJSON"),
        ("broken.gpkg", b"SQLite format 3\x00 no", "not a readable"),
        ("broken.parquet", b"PAR1", "not a GeoParquet"),
        ("note.docx", b"x", "not one of"),
        ("none.geojson", b'{"type":"FeatureCollection","features":[]}', "no features|no layer"),
    ],
)
def test_a_file_that_is_no_map_says_so_in_one_line(
    conn: Connection, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputFault, match=message) as fault:
        run(conn, tmp_path / name)
    assert "\n" not in str(fault.value)


def test_missing_columns_are_named_all_at_once(conn: Connection, streets: Path) -> None:
    profile = Profile().with_flags(["code=adcode", "name_zh=title"])
    with pytest.raises(InputFault, match=r"lacks the column.*'adcode', 'title'; it has code, name"):
        import_areas(conn, streets, profile, Level.STREET, today=DAY)


def test_two_districts_in_one_file_are_refused(conn: Connection, tmp_path: Path) -> None:
    path = write(
        tmp_path / "two.geojson",
        [({"code": "110199001", "name": "甲"}, square(0)), ({"code": "110198001", "name": "乙"}, square(1))],
    )
    with pytest.raises(InputFault, match="mixes the districts 110198, 110199"):
        run(conn, path)
