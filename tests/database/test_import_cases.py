"""Cases out of files: what becomes of good rows, and every way in which a file can be wrong."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection, func, select

from db.intake.profile import Profile, load_profile
from db.intake.tabular import read_table
from db.tables import case_event, cases, outbox, quality_issue
from db.write.areas import import_areas
from db.write.cases_file import CaseImport, import_cases
from gis.codes import Level
from gis.crs import wgs84_to_gcj02
from gis.errors import AreaNotFound, CrsFault, InputFault

NOW = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
HEADER = "编号,上报时间,经度,纬度,category,结案时间,标题"


@pytest.fixture
def district(conn: Connection, tmp_path: Path) -> str:
    """One district of two square streets around 116.35, 39.885."""
    frame = gpd.GeoDataFrame(
        {"code": ["110199001", "110199002"], "name": ["东街", "西街"]},
        geometry=[shapely.box(116.34, 39.88, 116.35, 39.89), shapely.box(116.35, 39.88, 116.36, 39.89)],
        crs=4326,
    )
    frame.to_file(tmp_path / "streets.geojson")
    import_areas(conn, tmp_path / "streets.geojson", Profile(), Level.STREET, today=date(2026, 1, 1))
    return "110199"


def table(path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path.write_bytes(("\r\n".join((header, *rows)) + "\r\n").encode(encoding))
    return path


def run(conn: Connection, path: Path, **options: object) -> CaseImport:
    return import_cases(conn, path, Profile(), now=NOW, source="hall", district_code="110199", **options)  # type: ignore[arg-type]


GOOD = "A1,2026-05-01 08:30:00,116.345,39.885,E0102,,路边垃圾"


def test_good_rows_go_in_and_bad_rows_to_the_report(conn: Connection, district: str, tmp_path: Path) -> None:
    path = table(
        tmp_path / "mixed.csv",
        GOOD,
        ",2026-05-01 08:31:00,116.345,39.885,E0102,,无编号",
        "A1,2026-05-01 08:32:00,116.345,39.885,E0102,,重复",
        "A3,昨天,116.345,39.885,E0102,,时间不明",
        "A4,2027-05-01 08:30:00,116.345,39.885,E0102,,未来",
        "A5,2026-05-01 08:30:00,116.345,39.885,X9999,,类别不明",
        "A6,2026-05-01 08:30:00,116.345",
        "A7,,116.345,39.885,E0102,,无时间",
    )
    done = run(conn, path)
    assert (done.total, done.new, done.refused) == (8, 1, 7)
    found = done.findings.frame.set_index("row")["kind"].to_dict()
    assert found == {
        3: "no_id", 4: "duplicate_id", 5: "unreadable_time", 6: "future", 7: "unknown_category", 8: "broken_row",
        9: "no_time",
    }  # fmt: skip
    done.findings.write_csv(tmp_path / "report.csv", read_table(path).frame)
    report = pd.read_csv(tmp_path / "report.csv", dtype=str, encoding="utf-8-sig")
    assert report.loc[report["row"] == "7", "file.标题"].item() == "类别不明"
    assert report.loc[report["row"] == "7", "reason"].item() == "category X9999 is not in the category tree"


def test_a_case_is_known_by_its_area_time_and_first_event(conn: Connection, district: str, tmp_path: Path) -> None:
    run(conn, table(tmp_path / "one.csv", GOOD))
    row = conn.execute(select(cases)).one()
    assert (row.area_code, row.location_status, row.stage, row.family) == ("110199001", "located", "reported", "event")
    assert row.reported_at == datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
    assert row.number.startswith("20260501")
    events = conn.execute(select(case_event.c.stage, case_event.c.at)).all()
    assert events == [("reported", row.reported_at)]
    assert conn.execute(select(outbox.c.kind, outbox.c.area_code).where(outbox.c.kind == "bulk")).all() == [
        ("bulk", "110199001")
    ]


def test_a_point_on_a_shared_edge_belongs_to_the_smaller_code(conn: Connection, district: str, tmp_path: Path) -> None:
    run(conn, table(tmp_path / "edge.csv", "E1,2026-05-01 08:30:00,116.35,39.885,E0102,,界线上"))
    assert conn.execute(select(cases.c.area_code)).scalar_one() == "110199001"


def test_points_elsewhere_and_no_points_are_buckets_of_the_district(
    conn: Connection, district: str, tmp_path: Path
) -> None:
    done = run(
        conn,
        table(
            tmp_path / "buckets.csv",
            "B1,2026-05-01 08:30:00,116.90,39.885,E0102,,区外",
            "B2,2026-05-01 08:30:00,,,E0102,,无坐标",
            "B3,2026-05-01 08:30:00,0,0,E0102,,零坐标",
            "B4,2026-05-01 08:30:00,东边,39.885,E0102,,坐标不是数",
        ),
    )
    assert done.statuses == {"unlocated": 3, "outside": 1}
    assert set(conn.execute(select(cases.c.area_code)).scalars()) == {"110199"}
    assert "unreadable_coordinate" in set(done.findings.frame["kind"])


def test_impossible_times_are_flagged_and_listed_for_the_quality_page(
    conn: Connection, district: str, tmp_path: Path
) -> None:
    done = run(conn, table(tmp_path / "t.csv", "C1,2026-05-02 08:30:00,116.345,39.885,E0102,2026-05-01 08:00:00,倒流"))
    assert done.new == 1
    flagged = done.findings.frame.query("severity == 'flagged'")
    assert flagged["kind"].tolist() == ["impossible_time"]
    said = conn.execute(select(quality_issue.c.detail_en).where(quality_issue.c.kind == "impossible_time")).scalar_one()
    assert said.startswith("hall: 1 rows flagged")


def test_a_gb18030_file_and_a_utf16_file_read_as_chinese(conn: Connection, district: str, tmp_path: Path) -> None:
    done = run(conn, table(tmp_path / "gb.csv", GOOD, encoding="gb18030"))
    assert done.encoding == "gb18030"
    run(conn, table(tmp_path / "u16.csv", GOOD.replace("A1", "A2"), encoding="utf-16"))
    assert conn.execute(select(cases.c.title)).scalars().all() == ["路边垃圾", "路边垃圾"]


def test_an_xlsx_and_a_zipped_csv_give_the_same_case(conn: Connection, district: str, tmp_path: Path) -> None:
    values = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    pd.DataFrame([values]).to_excel(tmp_path / "one.xlsx", index=False)
    run(conn, tmp_path / "one.xlsx")
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.write(table(tmp_path / "one.csv", GOOD), "one.csv")
    again = run(conn, tmp_path / "one.zip")
    assert (again.new, again.known) == (0, 1)


def test_a_case_closed_since_the_last_file_is_closed_with_an_event(
    conn: Connection, district: str, tmp_path: Path
) -> None:
    run(conn, table(tmp_path / "may.csv", GOOD))
    done = run(conn, table(tmp_path / "june.csv", GOOD.replace(",,", ",2026-05-03 10:00:00,")))
    assert (done.new, done.known, done.closed_since) == (0, 1, 1)
    row = conn.execute(select(cases)).one()
    assert (row.is_open, row.stage, row.closed_at) == (False, "closed", datetime(2026, 5, 3, 2, 0, tzinfo=UTC))
    assert conn.execute(select(case_event.c.stage).order_by(case_event.c.at)).scalars().all() == ["reported", "closed"]


def test_gcj02_points_come_to_lie_where_they_are(conn: Connection, district: str, tmp_path: Path) -> None:
    x, y = wgs84_to_gcj02(116.345, 39.885)
    run(
        conn,
        table(tmp_path / "g.csv", f"G1,2026-05-01 08:30:00,{float(x):.8f},{float(y):.8f},E0102,,高德"),
        crs="gcj02",
    )
    row = conn.execute(select(cases.c.received_crs, func.ST_X(cases.c.geom).label("x"), cases.c.received_x)).one()
    assert row.received_crs == "gcj02"
    assert row.x == pytest.approx(116.345, abs=1e-6)
    assert row.received_x == pytest.approx(float(x), abs=1e-8)


def test_lon_and_lat_the_wrong_way_round_are_refused_whole(conn: Connection, district: str, tmp_path: Path) -> None:
    rows = [f"S{n},2026-05-01 08:30:00,39.885,116.345,E0102,,反" for n in range(30)]
    with pytest.raises(CrsFault, match=r"not degrees|the right way round"):
        run(conn, table(tmp_path / "swapped.csv", *rows))
    assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == 0


def test_hours_that_the_clocks_repeat_are_said(conn: Connection, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["025025001"], "name": ["A"]}, geometry=[shapely.box(-71.1, 42.3, -71, 42.4)], crs=4326
    )
    frame.to_file(tmp_path / "a.geojson")
    streets = Profile(options={"district": {"timezone": "America/New_York"}})
    import_areas(conn, tmp_path / "a.geojson", streets, Level.STREET, today=date(2026, 1, 1))
    path = table(
        tmp_path / "dst.csv",
        "D1,2025-11-02 01:30:00,-71.05,42.35,E0102,,x",
        "D2,2025-11-02 03:30:00,-71.05,42.35,E0102,,x",
    )
    done = import_cases(conn, path, Profile(), now=NOW, source="us", district_code="025025")
    assert done.findings.frame["kind"].tolist() == ["clock_change"]
    assert done.findings.frame["row"].tolist() == [2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (HEADER.encode() + b"\n", "has a header but no rows"),
        ("编号,上报时间\n1,2026-05-01\n".encode(), "says no category"),
        (b"a,a\n1,2\n", "has the column 'a' twice"),
        (b"\xff\xff\x81\x00", "neither UTF-8 nor GB18030"),
    ],
)
def test_a_file_that_holds_no_cases_says_so_in_one_line(
    conn: Connection, district: str, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(InputFault, match=message) as fault:
        run(conn, tmp_path / "bad.csv")
    assert "\n" not in str(fault.value)


def test_a_district_that_is_not_loaded_is_named(conn: Connection, tmp_path: Path) -> None:
    with pytest.raises(AreaNotFound, match="district 110199 is not loaded"):
        run(conn, table(tmp_path / "one.csv", GOOD))


def test_a_profile_that_names_absent_columns_is_refused(conn: Connection, district: str, tmp_path: Path) -> None:
    with pytest.raises(InputFault, match=r"lacks the column.*'case_enquiry_id'"):
        import_cases(
            conn, table(tmp_path / "one.csv", GOOD), load_profile("boston311"), now=NOW, district_code="110199"
        )
