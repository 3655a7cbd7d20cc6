"""Areas out of files: real outlines, wrong datums, broken features, dated versions, names without outlines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection, func, select

from db.intake.findings import ImportRefused
from db.intake.profile import load_profile
from db.tables import area, district, outbox, quality_issue
from db.write.areas import AreaOptions, import_areas
from gis.codes import Level
from gis.crs import wgs84_to_gcj02
from gis.errors import CrsFault
from tests.database.area_files import DAY, LATER, in_force_codes, run, square, write

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
XICHENG = SHARED / "xicheng"
BOSTON = SHARED / "boston"

real_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data of ../shared is not here")


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


@real_data
def test_the_15_real_streets_of_xicheng_come_in_whole(conn: Connection) -> None:
    done = import_areas(
        conn, XICHENG / "streets_osm.geojson", load_profile("osm_streets"), Level.STREET, today=DAY,
        options=AreaOptions(metric_srid=4548),
    )  # fmt: skip
    assert len(done.changes.opened) == 15
    assert done.made == ["110102"]
    assert done.faults is not None
    assert done.faults[done.faults["kind"].isin(["overlap", "gap"])].empty
    stored = conn.execute(select(area).where(area.c.code == "110102")).one()
    assert stored.area_m2 / 1e6 == pytest.approx(50.5, abs=0.1)
    pieces = select(func.ST_NumGeometries(area.c.geom)).where(area.c.code == "110102")
    assert conn.execute(pieces).scalar_one() == 1
    niujie = conn.execute(select(area).where(area.c.code == "110102018")).one()
    assert (niujie.name_zh, niujie.short_zh, niujie.pinyin, niujie.initials) == (
        "牛街街道",
        "牛街",
        "niujiejiedao",
        "nj",
    )
    assert "OpenStreetMap" in conn.execute(select(district.c.attribution)).scalar_one()


@real_data
def test_the_same_file_again_changes_nothing(conn: Connection) -> None:
    path, profile = XICHENG / "streets_osm.geojson", load_profile("osm_streets")
    import_areas(conn, path, profile, Level.STREET, today=DAY)
    told = conn.execute(select(func.count()).select_from(outbox)).scalar_one()
    again = import_areas(conn, path, profile, Level.STREET, today=LATER)
    assert len(again.changes.unchanged) == 15
    assert not again.changes.any_geometry
    assert conn.execute(select(func.count()).select_from(area)).scalar_one() == 16
    assert conn.execute(select(func.count()).select_from(outbox)).scalar_one() == told


@real_data
def test_a_vendor_outline_is_refused_until_its_datum_is_declared(conn: Connection, tmp_path: Path) -> None:
    profile = load_profile("osm_streets")
    import_areas(conn, XICHENG / "streets_osm.geojson", profile, Level.STREET, today=DAY)
    shifted = gpd.read_file(XICHENG / "streets_osm.geojson")
    shifted.geometry = shapely.transform(
        shifted.geometry.to_numpy(),
        lambda xy: pd.DataFrame(dict(zip("xy", wgs84_to_gcj02(*xy.T), strict=True))).to_numpy(),
    )
    shifted.to_file(tmp_path / "vendor.geojson")
    with pytest.raises(CrsFault, match=r"looks like GCJ-02.*--crs gcj02"):
        import_areas(conn, tmp_path / "vendor.geojson", profile, Level.STREET, today=LATER)
    done = import_areas(
        conn, tmp_path / "vendor.geojson", profile, Level.STREET, today=LATER, options=AreaOptions(crs="gcj02")
    )
    said = " ".join(done.sentences)
    assert "converted from GCJ02" in said
    moved = float(said.split("vertices moved ")[1].split(" m on average")[0])
    assert moved == pytest.approx(552, abs=15)
    issue = select(quality_issue.c.detail_zh).where(quality_issue.c.kind == "crs_shift")
    assert "平均移动" in conn.execute(issue).scalar_one()
    outlines = gpd.GeoSeries(shapely.from_wkb([bytes(row) for row in _outlines(conn)]), crs=4326).to_crs(4548)
    truth = gpd.read_file(XICHENG / "streets_osm.geojson").sort_values("adcode").to_crs(4548).geometry
    apart = outlines.symmetric_difference(truth.reset_index(drop=True)).area / outlines.area
    assert apart.max() < 0.001


def _outlines(conn: Connection) -> list[Any]:
    stmt = select(func.ST_AsBinary(area.c.geom)).where(area.c.level == 9, area.c.valid_to.is_(None))
    return list(conn.execute(stmt.order_by(area.c.code)).scalars())


@real_data
def test_declaring_a_shift_that_is_not_there_is_refused(conn: Connection) -> None:
    profile = load_profile("osm_streets")
    import_areas(conn, XICHENG / "streets_osm.geojson", profile, Level.STREET, today=DAY)
    with pytest.raises(CrsFault, match="makes the fit with the known district worse"):
        import_areas(
            conn, XICHENG / "streets_osm.geojson", profile, Level.STREET, today=LATER, options=AreaOptions(crs="gcj02")
        )


@real_data
def test_26_boston_neighbourhoods_with_one_repair_and_one_real_gap(conn: Connection) -> None:
    done = import_areas(
        conn, BOSTON / "neighborhoods.geojson", load_profile("boston_neighborhoods"), Level.STREET, today=DAY
    )
    assert len(done.changes.opened) == 26
    found = done.findings.frame
    repaired = found[found["kind"] == "invalid_geometry"]
    assert repaired["subject"].tolist() == ["025025010"]
    assert "feature 20" in repaired["reason"].iloc[0]
    assert "gap" in set(found["kind"])
    row = conn.execute(select(district)).one()
    assert (row.code, row.metric_srid, row.timezone) == ("025025", 32619, "America/New_York")


@real_data
def test_a_table_of_communities_names_outlines_and_reports_the_rest(conn: Connection, tmp_path: Path) -> None:
    import_areas(conn, XICHENG / "streets_osm.geojson", load_profile("osm_streets"), Level.STREET, today=DAY)
    profile = load_profile("nbs_communities")
    with pytest.raises(ImportRefused, match="import outlines first") as refused:
        import_areas(conn, XICHENG / "communities.csv", profile, Level.COMMUNITY, today=DAY)
    assert refused.value.findings.count("refused") == 263
    listed = pd.read_csv(XICHENG / "communities.csv", dtype=str)
    one = listed[listed["street_code"] == "110102018"].iloc[0]
    ground = gpd.read_file(XICHENG / "streets_osm.geojson").set_index("adcode").geometry["110102018"]
    path = write(tmp_path / "community.geojson", [({"code": one["community_code"], "name": "无名"}, ground)])
    run(conn, path, Level.COMMUNITY)
    done = import_areas(conn, XICHENG / "communities.csv", profile, Level.COMMUNITY, today=DAY)
    assert done.changes.renamed == [one["community_code"]]
    assert done.findings.count("refused") == 262
    stored = conn.execute(select(area).where(area.c.code == one["community_code"])).one()
    assert stored.name_zh == one["community_name"].removesuffix("居委会")
    assert set(stored.aliases) == {"无名", one["community_name"]}


def test_a_changed_outline_closes_the_old_version_and_opens_a_new_one(
    conn: Connection, streets: Path, tmp_path: Path
) -> None:
    run(conn, streets)
    moved = write(
        tmp_path / "moved.geojson",
        [
            ({"code": "110199001", "name": "东街街道"}, shapely.box(116.34, 39.88, 116.352, 39.89)),
            ({"code": "110199002", "name": "西街街道"}, shapely.box(116.352, 39.88, 116.36, 39.89)),
        ],
    )
    done = run(conn, moved, day=LATER)
    assert done.changes.reshaped == ["110199001", "110199002"]
    stmt = select(area.c.valid_from, area.c.valid_to).where(area.c.code == "110199001").order_by(area.c.valid_from)
    assert conn.execute(stmt).all() == [(DAY, LATER), (LATER, None)]
    # their union is as before, so the district has no second version
    assert conn.execute(select(func.count()).where(area.c.code == "110199")).scalar_one() == 1


def test_an_outline_corrected_on_its_first_day_leaves_no_version_of_no_days(
    conn: Connection, streets: Path, tmp_path: Path
) -> None:
    run(conn, streets)
    grown = write(tmp_path / "grown.geojson", [({"code": "110199002", "name": "西街街道"}, square(1, size=0.012))])
    done = run(conn, grown, accept=True)
    assert done.changes.corrected == ["110199002"]
    assert conn.execute(select(func.count()).where(area.c.code == "110199002")).scalar_one() == 1


def test_a_new_name_keeps_the_old_one_as_an_alias_and_the_version(conn: Connection, streets: Path) -> None:
    run(conn, streets)
    content = json.loads(streets.read_text(encoding="utf-8"))
    content["features"][0]["properties"]["name"] = "新街街道"
    streets.write_text(json.dumps(content), encoding="utf-8")
    done = run(conn, streets, day=LATER)
    assert done.changes.renamed == ["110199001"]
    stored = conn.execute(select(area).where(area.c.code == "110199001")).one()
    assert (stored.name_zh, stored.aliases, stored.valid_from) == ("新街街道", ["东街街道"], DAY)


def test_the_district_grows_with_its_streets(conn: Connection, streets: Path, tmp_path: Path) -> None:
    run(conn, streets)
    third = write(tmp_path / "third.geojson", [({"code": "110199003", "name": "南街街道"}, square(2))])
    done = run(conn, third, day=LATER)
    assert any("110199 drawn as the union" in sentence for sentence in done.sentences)
    stmt = select(func.count()).where(area.c.code == "110199")
    assert conn.execute(stmt).scalar_one() == 2
    assert done.absent == ["110199001", "110199002"]
    assert in_force_codes(conn, Level.STREET) == ["110199001", "110199002", "110199003"]


def test_replace_closes_what_the_file_lacks(conn: Connection, streets: Path, tmp_path: Path) -> None:
    run(conn, streets)
    one = write(tmp_path / "one.geojson", [({"code": "110199001", "name": "东街街道"}, square(0))])
    done = run(conn, one, day=LATER, replace=True)
    assert done.changes.closed == ["110199002"]
    assert in_force_codes(conn, Level.STREET) == ["110199001"]


def test_a_child_outside_its_parent_is_refused_and_nothing_written(
    conn: Connection, streets: Path, tmp_path: Path
) -> None:
    run(conn, streets)
    strays = write(tmp_path / "strays.geojson", [({"code": "110199001001", "name": "远社区"}, square(1))])
    with pytest.raises(ImportRefused, match="110199001001, 100% outside_parent") as refused, conn.begin_nested():
        run(conn, strays, Level.COMMUNITY)
    assert refused.value.findings.count("refused") == 1
    assert in_force_codes(conn, Level.COMMUNITY) == []


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "parquet"])
def test_every_format_gives_the_same_area(conn: Connection, tmp_path: Path, suffix: str) -> None:
    frame = gpd.GeoDataFrame({"code": ["110199001"], "name": ["牛街街道"]}, geometry=[square(0)], crs=4326)
    path = tmp_path / f"one.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, **({"encoding": "GB18030"} if suffix == "shp" else {}))
    run(conn, path)
    stored = conn.execute(select(area.c.name_zh, area.c.area_m2).where(area.c.code == "110199001")).one()
    assert stored.name_zh == "牛街街道"
    assert stored.area_m2 == pytest.approx(949_500, rel=0.01)


def test_the_metric_system_defaults_to_the_utm_zone_and_can_be_said(conn: Connection, streets: Path) -> None:
    run(conn, streets)
    assert conn.execute(select(district.c.metric_srid)).scalar_one() == 32650
    with pytest.raises(CrsFault, match="metre"):
        run(conn, _renumbered(streets, "110198"), metric_srid=3857)


def _renumbered(path: Path, code: str) -> Path:
    target = path.with_name(f"{code}.geojson")
    target.write_text(path.read_text(encoding="utf-8").replace("110199", code), encoding="utf-8")
    return target


def test_a_surveyed_outline_takes_the_place_of_a_schematic_one(conn: Connection, tmp_path: Path) -> None:
    drawn = write(
        tmp_path / "drawn.geojson", [({"code": "110199001", "name": "甲", "is_schematic": "true"}, square(0))]
    )
    run(conn, drawn)
    schematic = select(area.c.code, area.c.is_schematic).where(area.c.valid_to.is_(None)).order_by(area.c.code)
    assert [tuple(row) for row in conn.execute(schematic)] == [("110199", True), ("110199001", True)]
    real = write(tmp_path / "real.geojson", [({"code": "110199001", "name": "甲"}, square(0, size=0.0101))])
    run(conn, real, day=LATER)
    assert [tuple(row) for row in conn.execute(schematic)] == [("110199", False), ("110199001", False)]
