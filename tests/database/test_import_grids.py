"""Grids and facilities out of files, and the unified grid computed from the old ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection, func, select

from db.audit.checks import check_district
from db.engine import Database
from db.export.files import write_export
from db.export.frames import export_areas
from db.intake.findings import ImportRefused
from db.intake.profile import Profile
from db.tables import area, cases, facility, lineage, source_cell
from db.write.areas import AreaOptions, import_areas
from db.write.cases_file import import_cases
from db.write.facilities import import_facilities
from db.write.grids import import_source_grid, import_unified, merge_source_grids
from gis.codes import Level
from gis.errors import AreaNotFound, InputFault

DAY = date(2026, 1, 1)
LATER = date(2026, 6, 1)
WEST, SOUTH, STEP = 116.34, 39.88, 0.004


def tiles(columns: int, rows: int, width: float, height: float) -> list[shapely.Polygon]:
    """Return rectangles that tile the same ground of 4 x 2 steps, from the south-west corner."""
    return [
        shapely.box(WEST + c * width, SOUTH + r * height, WEST + (c + 1) * width, SOUTH + (r + 1) * height)
        for r in range(rows)
        for c in range(columns)
    ]


@pytest.fixture
def ground(conn: Connection, tmp_path: Path) -> Connection:
    """Two communities in one street."""
    frame = gpd.GeoDataFrame(
        {"code": ["110199001001", "110199001002"], "name": ["东社区", "西社区"]},
        geometry=tiles(2, 1, 2 * STEP, 2 * STEP), crs=4326,
    )  # fmt: skip
    frame.to_file(tmp_path / "communities.geojson")
    done = import_areas(conn, tmp_path / "communities.geojson", Profile(), Level.COMMUNITY, today=DAY)
    assert done.made == ["110199001", "110199"]
    return conn


def grid_file(path: Path, shapes: list[shapely.Polygon], codes: list[str] | None = None) -> Path:
    names = codes if codes is not None else [f"W{n:03d}" for n in range(len(shapes))]
    gpd.GeoDataFrame({"code": names}, geometry=shapes, crs=4326).to_file(path)
    return path


def test_the_old_grids_merge_into_the_number_of_cells_asked_for(ground: Connection, tmp_path: Path) -> None:
    a = import_source_grid(
        ground, grid_file(tmp_path / "a.geojson", tiles(4, 2, STEP, STEP)), Profile(), "city_management"
    )
    import_source_grid(
        ground, grid_file(tmp_path / "b.geojson", tiles(2, 2, 2 * STEP, STEP)), Profile(), "public_order"
    )
    import_source_grid(
        ground, grid_file(tmp_path / "c.geojson", tiles(3, 1, 4 * STEP / 3, 2 * STEP)), Profile(), "social_service"
    )
    assert (a.total, a.lineage_rows) == (8, 0)
    done = merge_source_grids(ground, 5, today=DAY, seed=1)
    assert done.total == 5
    codes = ground.execute(select(area.c.code).where(area.c.level == 15).order_by(area.c.code)).scalars().all()
    assert codes[0] == "110199001001001"
    assert [item for item in check_district(ground, "110199") if item.weight == "fault"] == []
    sums = (
        select(func.sum(lineage.c.area_share))
        .join(source_cell, source_cell.c.id == lineage.c.source_cell_id)
        .group_by(lineage.c.cell_code, source_cell.c.grid)
    )
    assert np.allclose(ground.execute(sums).scalars().all(), 1.0, atol=1e-9)


def test_a_source_grid_that_comes_again_tells_lineage_anew(ground: Connection, tmp_path: Path) -> None:
    import_source_grid(ground, grid_file(tmp_path / "a.geojson", tiles(4, 2, STEP, STEP)), Profile(), "city_management")
    merge_source_grids(ground, 4, today=DAY, seed=1)
    coarse = grid_file(tmp_path / "a2.geojson", tiles(1, 1, 4 * STEP, 2 * STEP), ["ALL"])
    done = import_source_grid(ground, coarse, Profile(), "city_management")
    assert done.lineage_rows == 4
    assert ground.execute(select(func.min(lineage.c.area_share))).scalar_one() == pytest.approx(1.0, abs=1e-4)


def test_unified_cells_without_codes_are_numbered_west_to_east_north_to_south(
    ground: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "cells.geojson"
    gpd.GeoDataFrame({"note": [""] * 8}, geometry=tiles(4, 2, STEP, STEP), crs=4326).to_file(path)
    done = import_unified(ground, path, Profile(), today=DAY)
    assert len(done.changes.opened) == 8
    stmt = select(area.c.code, func.ST_X(area.c.label_point), func.ST_Y(area.c.label_point))
    rows = ground.execute(stmt.where(area.c.code.like("110199001001%"), area.c.level == 15).order_by(area.c.code)).all()
    order = [(round((x - WEST) / STEP - 0.5), round((y - SOUTH) / STEP - 0.5)) for _, x, y in rows]
    assert order == [(0, 1), (1, 1), (0, 0), (1, 0)]


def test_a_cell_across_two_communities_is_refused(ground: Connection, tmp_path: Path) -> None:
    path = tmp_path / "cells.geojson"
    gpd.GeoDataFrame({"note": ["", ""]}, geometry=tiles(1, 2, 4 * STEP, STEP), crs=4326).to_file(path)
    with pytest.raises(ImportRefused, match=r"2 of 2 features refused.*does not lie in one community"):
        import_unified(ground, path, Profile(), today=DAY)


def test_a_new_unified_grid_closes_the_cells_it_lacks_and_moves_facilities(ground: Connection, tmp_path: Path) -> None:
    fine, coarse = tmp_path / "fine.geojson", tmp_path / "coarse.geojson"
    gpd.GeoDataFrame({"note": [""] * 8}, geometry=tiles(4, 2, STEP, STEP), crs=4326).to_file(fine)
    gpd.GeoDataFrame({"note": [""] * 2}, geometry=tiles(2, 1, 2 * STEP, 2 * STEP), crs=4326).to_file(coarse)
    import_unified(ground, fine, Profile(), today=DAY)
    (tmp_path / "f.csv").write_text(
        f"id,kind,name,lon,lat\nF1,pharmacy,药店,{WEST + 1.5 * STEP},{SOUTH + 0.5 * STEP}\n", encoding="utf-8"
    )
    import_facilities(ground, tmp_path / "f.csv", Profile(), source="survey")
    assert ground.execute(select(facility.c.cell_code)).scalar_one() == "110199001001004"
    done = import_unified(ground, coarse, Profile(), today=LATER)
    assert (len(done.changes.reshaped), len(done.changes.closed)) == (2, 6)
    assert ground.execute(select(facility.c.cell_code)).scalar_one() == "110199001001001"


def test_cases_move_with_the_grid_and_keep_the_cell_of_their_report(ground: Connection, tmp_path: Path) -> None:
    fine, coarse = tmp_path / "fine.geojson", tmp_path / "coarse.geojson"
    gpd.GeoDataFrame({"note": [""] * 8}, geometry=tiles(4, 2, STEP, STEP), crs=4326).to_file(fine)
    gpd.GeoDataFrame({"note": [""] * 2}, geometry=tiles(2, 1, 2 * STEP, 2 * STEP), crs=4326).to_file(coarse)
    import_unified(ground, fine, Profile(), today=DAY)
    rows = [
        f"A,2026-05-01,{WEST + 1.5 * STEP},{SOUTH + 0.5 * STEP},E0102",
        "B,2026-05-01,,,E0102",
        "C,2026-05-01,110,30,E0102",
    ]
    (tmp_path / "c.csv").write_text("\n".join(["id,reported_at,lon,lat,category", *rows]), encoding="utf-8")
    now = datetime(2026, 5, 20, tzinfo=UTC)
    import_cases(ground, tmp_path / "c.csv", Profile(), now=now, source="hall")
    done = import_unified(ground, coarse, Profile(), today=LATER)
    assert done.sentences[-1].startswith("1 cases moved")
    told = select(cases.c.external_id, cases.c.area_code, cases.c.first_area_code, cases.c.location_status)
    assert [tuple(row) for row in ground.execute(told.order_by(cases.c.external_id))] == [
        ("A", "110199001001001", "110199001001004", "located"),
        ("B", "110199", None, "unlocated"),
        ("C", "110199", None, "outside"),
    ]
    assert [item for item in check_district(ground, "110199") if item.weight == "fault"] == []


def test_facilities_update_and_bad_rows_are_reported(ground: Connection, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    rows = [
        "id,kind,name,lon,lat,capacity",
        f"F1,pharmacy,药店,{WEST},{SOUTH},12",
        "F2,casino,x,116.34,39.88,",
        "F3,clinic,y,,,",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    done = import_facilities(ground, path, Profile(), source="survey")
    assert (done.total, done.stored, done.refused) == (3, 1, 2)
    assert set(done.findings.frame["kind"]) == {"unknown_kind", "no_place"}
    path.write_text("\n".join(rows).replace("药店", "大药房"), encoding="utf-8")
    import_facilities(ground, path, Profile(), source="survey")
    assert ground.execute(select(facility.c.name_zh, facility.c.capacity)).all() == [("大药房", 12)]


@pytest.mark.parametrize(("grid", "message"), [("other", "not one of city_management"), ("city_management", "refused")])
def test_a_bad_grid_file_is_refused_whole(ground: Connection, tmp_path: Path, grid: str, message: str) -> None:
    path = grid_file(tmp_path / "a.geojson", tiles(2, 1, STEP, STEP), ["A", "A"])
    with pytest.raises(InputFault, match=message):
        import_source_grid(ground, path, Profile(), grid)
    assert ground.execute(select(func.count()).select_from(source_cell)).scalar_one() == 0


def test_a_merge_without_source_grids_says_what_to_import(ground: Connection) -> None:
    with pytest.raises(AreaNotFound, match="import grids FILE --grid"):
        merge_source_grids(ground, 4, today=DAY, seed=1)


def test_the_demos_own_cells_come_back_unchanged_from_their_export(demo_clone: Database, tmp_path: Path) -> None:
    with demo_clone.owner() as conn:
        made = export_areas(conn, "110102", now=datetime(2026, 5, 20, tzinfo=UTC), level=Level.CELL)
        write_export(made, tmp_path / "cells.gpkg")
        before = pd.Series(dict(conn.execute(select(area.c.code, area.c.area_m2).where(area.c.level == 15)).all()))
        profile = Profile().with_flags(["code=code", "population=population"])
        done = import_unified(conn, tmp_path / "cells.gpkg", profile, today=LATER, options=AreaOptions(layer="areas"))
        assert len(done.changes.unchanged) == 1_623
        after = pd.Series(dict(conn.execute(select(area.c.code, area.c.area_m2).where(area.c.level == 15)).all()))
    assert after.equals(before)
