"""Topology and undeclared shifts on real polygons, where they are at hand."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from gis import crs
from gis.topology import check_coverage

STREETS = Path(__file__).parents[3] / "shared" / "data" / "xicheng" / "streets_osm.geojson"
pytestmark = pytest.mark.skipif(not STREETS.is_file(), reason=f"needs {STREETS}")


@pytest.fixture(scope="module")
def streets():
    return gpd.read_file(STREETS).rename(columns={"adcode": "code"}).astype({"code": str})[["code", "geometry"]]


def test_fifteen_real_streets_tile_fifty_square_kilometres(streets):
    metric = crs.to_metric(streets, 4548)
    assert len(metric) == 15 and check_coverage(metric).empty
    assert metric.area.sum() / 1e6 == pytest.approx(50.5, abs=0.1)


def test_street_pulled_over_its_neighbour_is_found(streets):
    metric = crs.to_metric(streets, 4548)
    metric.loc[3, "geometry"] = metric.geometry[3].buffer(5.0)
    faults = check_coverage(metric)
    assert set(faults["kind"]) <= {"overlap", "sliver"} and len(faults) >= 2
    assert all(metric["code"][3] in pair for pair in zip(faults["code"], faults["other_code"], strict=True))


def test_real_streets_in_gcj02_are_recognised_street_by_street(streets):
    moved = streets.set_geometry(
        streets.geometry.transform(lambda xy: np.column_stack(crs.wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    )
    report = crs.detect_shift(moved, streets)
    assert report.datum == "gcj02" and 0.2 < report.iou["wgs84"] < 0.53 and report.iou["gcj02"] > 0.97
    assert report.moved_m["gcj02"] == pytest.approx(551, abs=3)
