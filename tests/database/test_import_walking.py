"""Walking networks, homes and facilities out of files: counts of real extracts, and one line for each bad file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy import func, select

from dashboard.__main__ import main
from dashboard.grounds import Grounds
from db.engine import Database
from db.read import walking
from db.tables import demand, entrance, facility

PORTO = Path(__file__).parents[3] / "shared" / "data" / "osm" / "porto.osm.pbf"
BOX = (-8.6200, 41.1430, -8.6060, 41.1530)
CODE = "990001"

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run a command against a database with one district; return exit status, standard output and standard error."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("QUANXIANG_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> tuple[int, str, str]:
        status = main([str(word) for word in words])
        seen = capsys.readouterr()
        return status, seen.out, seen.err

    frame = gpd.GeoDataFrame({"code": [f"{CODE}001"], "name": ["Centro"]}, geometry=[shapely.box(*BOX)], crs=4326)
    frame.to_file(tmp_path / "areas.geojson")
    areas = ("import", "areas", tmp_path / "areas.geojson", "--level", "street", "--map", "name_zh=name")
    assert run(*areas, "--timezone", "Europe/Lisbon")[0] == 0
    return run


def lines_file(folder: Path, shapes: list[shapely.Geometry], **columns: list[str]) -> Path:
    path = folder / "ways.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(path)
    return path


def homes_file(folder: Path, text: str) -> Path:
    path = folder / "homes.csv"
    path.write_text("id,people,over60,lon,lat\n" + text, encoding="utf-8")
    return path


def middle(dx: float, dy: float) -> tuple[float, float]:
    return (BOX[0] + BOX[2]) / 2 + dx, (BOX[1] + BOX[3]) / 2 + dy


@pytest.mark.skipif(not PORTO.is_file(), reason="the extract of Porto is not here")
def test_a_real_extract_becomes_a_network_with_its_places_and_homes_walk_to_them(
    command: Command, database: Database, tmp_path: Path
) -> None:
    status, said, _ = command("import", "network", PORTO, "--margin", "400")
    assert status == 0
    assert "network of district 990001 from porto.osm.pbf (" in said
    status, said, _ = command("import", "facilities", PORTO)
    assert status == 0
    rng = np.random.default_rng(5)
    spots = rng.uniform(BOX[:2], BOX[2:], (200, 2))
    rows = "".join(f"h{at},{at % 9 + 1},1,{lon:.6f},{lat:.6f}\n" for at, (lon, lat) in enumerate(spots))
    status, said, _ = command("import", "demand", homes_file(tmp_path, rows))
    assert (status, "200 homes stored (0 outside)" in said) == (0, True)
    with database.reading() as conn:
        told = walking.network_row(conn, CODE)
        kinds = dict(conn.execute(select(facility.c.kind, func.count()).group_by(facility.c.kind)).all())
        doors = conn.execute(select(func.count()).select_from(entrance)).scalar_one()
    assert told is not None
    assert told["source_date"] is not None
    assert told["report"]["nodes"] > 3_000
    assert "OpenStreetMap" in told["attribution"]
    assert kinds["pharmacy"] > 5
    assert doors > 20
    ground = Grounds(database, tmp_path / "var").get(CODE, 32629, wait_s=120)
    assert ground is not None
    assert ground.homes_at.owner_connected.mean() > 0.9
    assert (ground.times("pharmacy", "adult", None).ds < 9_000).mean() > 0.9


def test_lines_meet_at_common_points_and_with_cut_wherever_they_cross(
    command: Command, database: Database, tmp_path: Path
) -> None:
    west, east, south, north = middle(-0.002, 0), middle(0.002, 0), middle(0, -0.002), middle(0, 0.002)
    cross = [shapely.LineString([west, east]), shapely.LineString([south, north])]
    path = lines_file(tmp_path, cross, kind=["footway", "steps"], oneway=["", "yes"])
    status, said, _ = command("import", "network", path, "--date", "2026-03-01", "--source", "survey")
    assert status == 0
    assert "from survey (2026-03-01): 4 nodes, 2 edges" in said
    assert "2 connected parts" in said
    status, said, _ = command("import", "network", path, "--cut")
    assert (status, "5 nodes, 4 edges" in said, "1 connected parts" in said) == (0, True, True)
    with database.reading() as conn:
        _, edges = walking.network_frames(conn, CODE)
    assert set(edges["kind"]) == {"path", "steps"}
    assert not edges.loc[edges["kind"] == "steps", "backward"].any()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("broken.osm.pbf", b"no such thing", "can not be read as OpenStreetMap data"),
        ("empty.osm.pbf", b"", "is empty"),
        ("absent.osm.pbf", None, "no such file"),
        ("ways.geojson", b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
         b'"geometry":{"type":"Point","coordinates":[-8.61,41.15]}}]}', "has no way that can be walked"),
    ],
)  # fmt: skip
def test_a_bad_network_is_refused_in_one_line_and_leaves_nothing(
    command: Command, database: Database, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    status, _, said = command("import", "network", tmp_path / name)
    assert status == 1
    assert says in said
    assert len(said.strip().splitlines()) == 1
    with database.reading() as conn:
        assert walking.network_row(conn, CODE) is None


def test_a_network_elsewhere_is_refused(command: Command, tmp_path: Path) -> None:
    path = lines_file(tmp_path, [shapely.LineString([(116.3, 39.9), (116.31, 39.9)])])
    status, _, said = command("import", "network", path)
    assert (status, "no way in the district or near it" in said) == (1, True)


def test_homes_without_residents_are_refused_and_bad_rows_reported(
    command: Command, database: Database, tmp_path: Path
) -> None:
    lon, lat = middle(0, 0)
    status, _, said = command("import", "demand", homes_file(tmp_path, f"a,0,0,{lon},{lat}\n"))
    assert (status, "holds no residents" in said) == (1, True)
    rows = f"a,5,1,{lon},{lat}\nb,-3,0,{lon},{lat}\nc,4,9,{lon},{lat}\nd,x,0,{lon},{lat}\ne,2,0,,\nf,0,0,{lon},{lat}\n"
    status, said, _ = command("import", "demand", homes_file(tmp_path, rows))
    assert status == 0
    assert "6 rows: 1 homes stored (0 outside), 1 without people, 4 refused" in said
    for reason in ("is negative", "more over-60s than people", "no number of people", "no coordinates"):
        assert reason in said
    with database.reading() as conn:
        assert conn.execute(select(func.sum(demand.c.people))).scalar_one() == 5


def test_people_of_areas_are_spread_over_buildings_by_footprint(
    command: Command, database: Database, tmp_path: Path
) -> None:
    with database.owner() as conn:
        conn.exec_driver_sql("UPDATE area SET population = 300, over60 = 60 WHERE level = 9")
    lon, lat = middle(0, 0)
    shapes = [shapely.box(lon, lat, lon + 2e-4, lat + 1e-4), shapely.box(lon, lat + 1e-3, lon + 1e-4, lat + 1.1e-3)]
    gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=shapes, crs=4326).to_file(tmp_path / "buildings.gpkg")
    status, said, _ = command("import", "demand", tmp_path / "buildings.gpkg", "--spread")
    assert (status, "300 people, 60 over 60, spread over buildings, an estimate" in said) == (0, True)
    with database.reading() as conn:
        homes = walking.homes(conn, CODE)
    assert homes["people"].to_numpy() == pytest.approx([200, 100], rel=0.001)
    assert homes["is_estimate"].all()


def test_a_negative_capacity_is_refused(command: Command, tmp_path: Path) -> None:
    lon, lat = middle(0, 0)
    path = tmp_path / "places.csv"
    path.write_text(f"id,kind,name,capacity,lon,lat\n1,clinic,A,-4,{lon},{lat}\n2,clinic,B,4,{lon},{lat}\n")
    status, said, _ = command("import", "facilities", path, "--source", "survey")
    assert (status, "1 stored" in said, "is negative" in said) == (0, True, True)
