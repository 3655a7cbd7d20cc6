"""Reading OpenStreetMap: what tags mean on foot, gates, squares, entrances, two real extracts, and broken files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from db.intake.osm_network import read_osm_network
from db.intake.osm_places import kind_of, read_osm_places
from db.intake.osm_tags import walk_of
from gis.errors import InputFault
from gis.network import build_network
from gis.reach import UNREACHED, nearest_times, times_at
from gis.snapping import attach_points
from tests.clones import ROOT

EXTRACTS = ROOT.parent / "shared" / "data" / "osm"
_TOWN = [(0.0, 0.0), (0.001, 0.0), (0.002, 0.0), (0.001, 0.001), (0.002, 0.001), (0.0015, 0.002)]


def _osm(tmp_path: Path, ways: list[tuple[list[int], dict[str, str]]], nodes: dict[int, dict[str, str]]) -> Path:
    lines = ['<osm version="0.6" generator="test">']
    for ref, (lon, lat) in enumerate(_TOWN, start=1):
        tags = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in nodes.get(ref, {}).items())
        lines.append(f'<node id="{ref}" version="1" lon="{116 + lon}" lat="{40 + lat}">{tags}</node>')
    for number, (refs, given) in enumerate(ways, start=1):
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs) + "".join(
            f'<tag k="{k}" v="{v}"/>' for k, v in given.items()
        )
        lines.append(f'<way id="{number}" version="1">{inside}</way>')
    path = tmp_path / "town.osm"
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "residential"}, ("street", True, True, True)),
        ({"highway": "motorway"}, None),
        ({"highway": "footway", "foot": "no"}, None),
        ({"highway": "service", "access": "private"}, None),
        ({"highway": "service", "access": "private", "foot": "yes"}, ("street", True, True, True)),
        ({"highway": "trunk"}, None),
        ({"highway": "trunk", "sidewalk": "both"}, ("street", True, True, True)),
        ({"highway": "primary", "sidewalk": "separate"}, None),
        ({"highway": "residential", "oneway": "yes"}, ("street", True, True, True)),
        ({"highway": "footway", "oneway:foot": "yes"}, ("path", True, False, True)),
        ({"highway": "footway", "oneway:foot": "-1"}, ("path", False, True, True)),
        ({"highway": "steps", "conveying": "backward"}, ("steps", False, True, True)),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, ("ramp", True, True, True)),
        ({"highway": "footway", "footway": "crossing"}, ("crossing", True, True, True)),
        ({"highway": "service", "service": "driveway"}, ("inside", True, True, True)),
        ({"highway": "path", "incline": "8%"}, ("ramp", True, True, True)),
        ({"highway": "path", "opening_hours": "06:00-22:00"}, ("path", True, True, False)),
        ({"building": "yes"}, None),
    ],
)
def test_tags_say_how_a_way_is_walked(tags: dict[str, str], walked: tuple[object, ...] | None) -> None:
    walk = walk_of(tags)
    assert (walk and (walk.kind, walk.forward, walk.backward, walk.night)) == walked


def test_a_gate_is_an_edge_that_all_who_pass_need(tmp_path: Path) -> None:
    gate = {2: {"barrier": "gate", "access": "private"}}
    read = read_osm_network(_osm(tmp_path, [([1, 2, 3], {"highway": "footway"})], gate))
    assert read.closed_gates == ("n2",) and read.report["gates"] == 1
    assert read.edges.loc[read.edges["kind"] == "gate", "length_m"].tolist() == pytest.approx([1.0], abs=0.01)
    assert read.edges["length_m"].sum() == pytest.approx(2 * 85.39, rel=1e-3)
    shut = build_network(read.nodes, read.edges, closed_gates=read.closed_gates)
    ends = attach_points(shut, [116.0, 116.002], [40.0, 40.0], island_nodes=0)
    there = nearest_times(shut, ends.take([0]))
    assert times_at(shut, there, ends).ds[1] == UNREACHED
    way = shut.with_gates(opened=["n2"])
    assert times_at(way, nearest_times(way, ends.take([0])), ends).ds[1] / 10 == pytest.approx(170.8 / 1.25, abs=0.3)


def test_a_square_is_crossed_and_a_square_nobody_enters_is_left_out(tmp_path: Path) -> None:
    area = {"highway": "pedestrian", "area": "yes"}
    ways = [([1, 2], {"highway": "footway"}), ([2, 3, 4, 2], area), ([6, 4], {"highway": "footway"})]
    read = read_osm_network(_osm(tmp_path, [*ways[:1], ([2, 3, 5, 4, 2], area), ways[2]], {}))
    assert read.report["squares"] == 1 and len(read.edges) == 6
    square = [(116.001, 40.0), (116.001, 40.001)]
    network = build_network(read.nodes, read.edges)
    both = attach_points(network, *zip(*square, strict=True))
    assert times_at(network, nearest_times(network, both.take([0])), both).ds[1] / 10 == pytest.approx(
        111 / 1.25, abs=1
    )
    lonely = read_osm_network(_osm(tmp_path, [ways[0], ([3, 5, 6, 3], area)], {}))
    assert lonely.report["squares_left_out"] == 1 and len(lonely.edges) == 1


def test_kinds_and_entrances(tmp_path: Path) -> None:
    assert kind_of({"amenity": "school"}) == ("primary_school", "amenity=school")
    assert kind_of({"shop": "supermarket", "disused": "yes"}) is None
    park = ([2, 3, 5, 4, 2], {"leisure": "park", "name": "A"})
    places = read_osm_places(_osm(tmp_path, [park, ([1, 2], {"highway": "footway"})], {6: {"amenity": "pharmacy"}}))
    assert sorted(places.facilities["kind"]) == ["park", "pharmacy"]
    entry = places.entrances.merge(places.facilities[["facility", "kind"]], on="facility").set_index("kind")
    assert entry.loc["park", "how"] == "crossing" and entry.loc["park", "lon"] == pytest.approx(116.001)
    assert entry.loc["pharmacy", "how"] == "point"
    doored = read_osm_places(_osm(tmp_path, [park], {3: {"entrance": "main"}, 5: {"entrance": "yes"}}))
    assert doored.entrances["how"].tolist() == ["entrance", "entrance"]
    walled = read_osm_places(_osm(tmp_path, [park], {}))
    assert set(walled.entrances["how"]) == {"outline"} and len(walled.entrances) >= 4


def test_bad_files_are_refused_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader" + b"\x7f" * 64)
    for reader in (read_osm_network, read_osm_places):
        with pytest.raises(InputFault, match=r"broken.osm.pbf can not be read as OpenStreetMap data"):
            reader(broken)
        with pytest.raises(InputFault, match="no such file"):
            reader(tmp_path / "absent.osm.pbf")
        (tmp_path / "empty.osm.pbf").write_bytes(b"")
        with pytest.raises(InputFault, match=r"empty.osm.pbf is empty"):
            reader(tmp_path / "empty.osm.pbf")
    (tmp_path / "roads.txt").write_text("x")
    with pytest.raises(InputFault, match="no OpenStreetMap file"):
        read_osm_network(tmp_path / "roads.txt")
    with pytest.raises(InputFault, match=r"town.osm has no way that can be walked"):
        read_osm_network(_osm(tmp_path, [([1, 2], {"highway": "motorway"})], {}))


@pytest.mark.parametrize(
    ("name", "way_km", "counts"),
    [
        (
            "porto",
            378.3,
            {"amenity=school": 51, "amenity=pharmacy": 44, "shop=supermarket": 35, "highway=bus_stop": 204},
        ),
        ("liechtenstein", 1314.0, {"amenity=school": 22, "amenity=pharmacy": 5, "highway=bus_stop": 355}),
    ],
)
def test_real_extracts_give_their_counts_and_their_reach(name: str, way_km: float, counts: dict[str, int]) -> None:
    path = EXTRACTS / f"{name}.osm.pbf"
    if not path.is_file():
        pytest.skip(f"the real extract {path.name} is not on this machine")
    read, places = read_osm_network(path), read_osm_places(path)
    assert read.report["way_km"] == pytest.approx(way_km, abs=1)
    assert read.taken_at is not None and len(read.sha256) == 64
    assert places.facilities["tag"].value_counts()[list(counts)].to_dict() == counts
    network = build_network(read.nodes, read.edges, closed_gates=read.closed_gates)
    assert network.component_nodes[0] / network.n_nodes > 0.94
    chosen = places.entrances["facility"].map(places.facilities["tag"]) == "amenity=pharmacy"
    entry = places.entrances[chosen]
    shops = attach_points(network, entry["lon"], entry["lat"], owner=entry["facility"])
    field = nearest_times(network, shops)
    reached = field.dist_ds != UNREACHED
    assert (0.55 if name == "porto" else 0.05) < reached.mean() < 1
    assert set(np.unique(field.owner[reached])) <= set(entry["facility"])
