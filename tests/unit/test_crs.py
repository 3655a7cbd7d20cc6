"""The shifted datums, the metric system, and finding a shift nobody declared."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import crs
from gis.errors import CrsFault

# Half a degree inside the rectangle where the wave is defined, so that images stay inside it.
CHINA_LON, CHINA_LAT = st.floats(73.0, 137.0), st.floats(1.5, 55.0)


def three_areas() -> gpd.GeoDataFrame:
    boxes = [shapely.box(116.35 + d, 39.9, 116.37 + d, 39.92) for d in (0.0, 0.02, 0.04)]
    return gpd.GeoDataFrame({"code": ["110102001", "110102002", "110102003"]}, geometry=boxes, crs=4326)


def shifted(areas: gpd.GeoDataFrame, forward) -> gpd.GeoDataFrame:
    return areas.set_geometry(areas.geometry.transform(lambda xy: np.column_stack(forward(xy[:, 0], xy[:, 1]))))


def test_shift_in_xicheng_has_the_published_size():
    lon, lat = crs.wgs84_to_gcj02(116.366, 39.912)
    assert lon - 116.366 == pytest.approx(0.006214, abs=1e-6)
    assert lat - 39.912 == pytest.approx(0.001377, abs=1e-6)


@given(CHINA_LON, CHINA_LAT)
def test_gcj02_image_comes_back_to_a_millionth_of_a_degree(lon, lat):
    back = crs.gcj02_to_wgs84(*crs.wgs84_to_gcj02(lon, lat))
    assert np.allclose(back, (lon, lat), rtol=0, atol=1e-6)


@given(CHINA_LON, CHINA_LAT)
def test_bd09_image_comes_back_to_a_millionth_of_a_degree(lon, lat):
    back = crs.bd09_to_wgs84(*crs.wgs84_to_bd09(lon, lat))
    assert np.allclose(back, (lon, lat), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["wgs84_to_gcj02", "gcj02_to_wgs84", "gcj02_to_bd09", "bd09_to_gcj02"])
def test_points_outside_china_do_not_move(name):
    lon, lat = np.array([-71.0587, 2.35, 151.2]), np.array([42.3594, 48.86, -33.87])
    moved = getattr(crs, name)(lon, lat)
    assert np.array_equal(moved, (lon, lat))


def test_missing_coordinates_stay_missing_among_known_ones():
    lon, lat = crs.gcj02_to_wgs84([np.nan, 116.372214], [np.nan, 39.913377])
    assert np.isnan(lon[0]) and np.isnan(lat[0])
    assert (lon[1], lat[1]) == (pytest.approx(116.366, abs=2e-6), pytest.approx(39.912, abs=2e-6))


def test_unknown_datum_is_named_in_the_fault():
    with pytest.raises(CrsFault, match="mars"):
        crs.to_wgs84(116.0, 39.0, "mars")


@pytest.mark.parametrize(
    ("lon", "lat", "srid"), [(116.36, 39.9, 32650), (-71.06, 42.36, 32619), (151.2, -33.9, 32756), (180.0, 10.0, 32660)]
)
def test_utm_zone_of_well_known_cities(lon, lat, srid):
    assert crs.utm_srid(lon, lat) == srid


def test_utm_zone_of_metres_is_refused():
    with pytest.raises(CrsFault, match="not a longitude"):
        crs.utm_srid(440000.0, 4420000.0)


def test_metric_area_of_a_small_box_is_its_size_on_the_ground():
    box = gpd.GeoDataFrame(geometry=[shapely.box(116.36, 39.9, 116.37, 39.91)], crs=4326)
    # 0.01 degrees there: 855.2 m of longitude, 1110.3 m of latitude.
    assert crs.to_metric(box, 4548).area.iloc[0] == pytest.approx(855.2 * 1110.3, rel=1e-3)
    assert crs.to_metric(box).crs.to_epsg() == 32650


@pytest.mark.parametrize("srid", [4326, 3857, 999999])
def test_degrees_and_web_mercator_are_refused_as_metric(srid):
    with pytest.raises(CrsFault):
        crs.to_metric(three_areas(), srid)


def test_layer_without_crs_is_refused():
    with pytest.raises(CrsFault, match="declares no coordinate system"):
        crs.to_metric(three_areas().set_crs(None, allow_override=True))


def test_true_outline_is_left_alone():
    report = crs.detect_shift(three_areas(), three_areas())
    assert report.datum == "wgs84" and not report.is_shifted and report.fits
    assert report.iou["wgs84"] == pytest.approx(1.0)


@pytest.mark.parametrize(("datum", "forward"), [("gcj02", crs.wgs84_to_gcj02), ("bd09", crs.wgs84_to_bd09)])
def test_shifted_outline_is_recognised_and_reported_with_metres(datum, forward):
    report = crs.detect_shift(shifted(three_areas(), forward), three_areas())
    assert report.datum == datum and report.is_shifted
    assert report.iou["wgs84"] < 0.7 and report.iou[datum] == pytest.approx(1.0, abs=1e-6)
    assert 400 < report.moved_m["gcj02"] < 700
    assert "it looks like" in report.sentence


def test_outline_shift_is_found_without_codes_too():
    areas = shifted(three_areas(), crs.wgs84_to_gcj02)
    assert crs.detect_shift(areas.drop(columns="code"), three_areas().drop(columns="code")).datum == "gcj02"


def test_outline_of_another_place_is_said_to_fit_nothing():
    elsewhere = three_areas().set_geometry(three_areas().translate(1.0, 0.0))
    report = crs.detect_shift(elsewhere, three_areas())
    assert not report.fits and not report.is_shifted and "no known shift" in report.sentence


def test_unshifting_a_frame_gives_back_its_true_place():
    back = crs.unshift(shifted(three_areas(), crs.wgs84_to_gcj02), "gcj02")
    assert shapely.equals_exact(back.geometry.to_numpy(), three_areas().geometry.to_numpy(), tolerance=1e-9).all()
