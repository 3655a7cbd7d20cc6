"""Whether a set of areas tiles the ground."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ContractFault, CrsFault, GeometryFault
from gis.topology import check_coverage, repair, repair_layer

METRIC = 4548
EAST, NORTH = 440_000.0, 4_418_000.0
PARENT = "110102001001"


def box(west, south, east, north):
    """A box in metres from the corner of a made-up community."""
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def layer(*shapes, codes=None):
    codes = codes or [f"{PARENT}{n:03d}" for n in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"code": codes}, geometry=list(shapes), crs=METRIC)


def quarters():
    return layer(box(0, 0, 50, 50), box(50, 0, 100, 50), box(0, 50, 50, 100), box(50, 50, 100, 100))


def community(shape=None, code=PARENT):
    return layer(box(0, 0, 100, 100) if shape is None else shape, codes=[code])


def only(faults):
    assert len(faults) == 1, faults.drop(columns="geometry").to_string()
    return faults.iloc[0]


def test_clean_layer_has_no_fault():
    assert check_coverage(quarters()).empty
    assert check_coverage(quarters(), parents=community()).empty


def test_enclosed_hole_is_a_gap_with_its_size_and_place():
    ring = shapely.difference(box(0, 0, 100, 100), box(40, 40, 60, 60))
    fault = only(check_coverage(layer(ring)))
    assert (fault.kind, fault.code, fault.size_m2) == ("gap", f"{PARENT}001", pytest.approx(400))
    assert fault.geometry.equals(box(40, 40, 60, 60))


def test_uncovered_corner_of_a_parent_is_a_gap():
    fault = only(check_coverage(quarters().iloc[:3], parents=community()))
    assert (fault.kind, fault.code, fault.size_m2) == ("gap", PARENT, pytest.approx(2500))


def test_overlap_names_both_areas():
    fault = only(check_coverage(layer(box(0, 0, 60, 100), box(50, 0, 100, 100)), parents=community()))
    assert (fault.kind, fault.code, fault.other_code) == ("overlap", f"{PARENT}001", f"{PARENT}002")
    assert fault.size_m2 == pytest.approx(1000)


def test_hairline_overlap_and_hairline_gap_are_slivers():
    overlap = only(check_coverage(layer(box(0, 0, 50.3, 100), box(50, 0, 100, 100)), parents=community()))
    gap = only(check_coverage(layer(box(0, 0, 49.7, 100), box(50, 0, 100, 100)), parents=community()))
    assert overlap.kind == gap.kind == "sliver"
    assert overlap.size_m2 == pytest.approx(30) and gap.size_m2 == pytest.approx(30)


def test_area_that_is_a_hairline_itself_is_a_sliver():
    faults = check_coverage(layer(box(0, 0, 99.5, 100), box(99.5, 0, 100, 100)), parents=community())
    assert only(faults)[["kind", "code"]].tolist() == ["sliver", f"{PARENT}002"]


def test_child_outside_its_parent_is_found():
    faults = check_coverage(layer(box(0, 0, 100, 100), box(100, 0, 120, 20)), parents=community())
    fault = only(faults)
    assert (fault.kind, fault.code, fault.other_code, fault.size_m2) == (
        "outside_parent",
        f"{PARENT}002",
        PARENT,
        pytest.approx(400),
    )


def test_child_without_a_parent_is_found():
    faults = check_coverage(layer(box(0, 0, 100, 100), codes=["110102099001001"]), parents=community())
    assert faults["kind"].tolist() == ["outside_parent"] and faults["code"].tolist() == ["110102099001001"]


def test_parent_may_be_named_in_a_column_instead_of_the_code():
    areas = layer(box(0, 0, 100, 100), codes=["Roxbury-1"]).assign(parent_code="Roxbury")
    assert check_coverage(areas, parents=community(code="Roxbury")).empty


def test_invalid_missing_and_repeated_are_found_together():
    bowtie = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])
    areas = layer(bowtie, None, box(20, 0, 30, 10), box(30, 0, 40, 10), codes=["a", "b", "c", "c"])
    faults = check_coverage(areas)
    assert faults.groupby("kind")["code"].agg(list).to_dict() == {"invalid": ["a", "b"], "duplicate_code": ["c"]}
    assert faults.loc[faults["code"] == "b", "detail"].item() == "no geometry"


def test_degrees_are_refused_because_a_sliver_is_a_matter_of_metres():
    with pytest.raises(CrsFault, match="metres"):
        check_coverage(quarters().to_crs(4326))


def test_layer_without_codes_is_refused():
    with pytest.raises(ContractFault, match="code"):
        check_coverage(quarters().drop(columns="code"))


def test_empty_layer_leaves_the_whole_parent_as_a_gap():
    assert only(check_coverage(quarters().iloc[:0], parents=community())).kind == "gap"


@given(st.integers(0, 2**32 - 1), st.integers(0, 11))
def test_cell_taken_out_of_a_closed_coverage_is_the_gap_that_is_found(seed, victim):
    sites = np.random.default_rng(seed).uniform(0, 100, (12, 2)) + np.array([EAST, NORTH])
    cells = shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=box(0, 0, 100, 100))
    cells = np.array([cell.intersection(box(0, 0, 100, 100)) for cell in cells.geoms])
    whole = layer(*cells)
    assert check_coverage(whole, parents=community(), tolerance_m=0.01).empty
    faults = check_coverage(whole.drop(index=victim), parents=community(), tolerance_m=0.01)
    assert faults["size_m2"].sum() == pytest.approx(cells[victim].area, rel=1e-6)


def test_valid_outline_is_returned_untouched():
    shape = box(0, 0, 1, 1)
    assert repair(shape, "row 1") == (shape, "")


def test_repair_says_which_feature_and_keeps_its_area():
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (10, 14), (10, 10), (0, 10)])
    mended, note = repair(spike, "row 7 (110102013)")
    assert mended.is_valid and mended.area == pytest.approx(100)
    assert "row 7 (110102013)" in note


def test_outline_with_two_readings_is_refused_by_name():
    # A ring that runs twice round its middle: one reading fills the middle, the other leaves it out.
    twice = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (3, 3), (7, 3), (7, 7), (3, 7), (3, 3)])
    with pytest.raises(GeometryFault, match="row 3"):
        repair(twice, "row 3")


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])])
def test_what_is_not_an_area_is_refused(shape):
    with pytest.raises(GeometryFault, match="row 1"):
        repair(shape, "row 1")


def test_layer_repair_lists_all_refusals_at_once():
    areas = gpd.GeoDataFrame({"code": ["a", "b", "c"]}, geometry=[None, box(0, 0, 1, 1), shapely.Point(0, 0)])
    with pytest.raises(GeometryFault, match=r"row 1 \(a\).*row 3 \(c\)"):
        repair_layer(areas)
