"""Reading facilities of an OpenStreetMap extract by a mapping from tags to the product's kinds.

A facility may be a point or an area. An area is entered at its mapped entrances, else where ways cross or touch its
outline, else anywhere along the outline; never at its middle, which nobody walks to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely

from db.intake.osm_network import open_osm
from db.intake.osm_tags import walk_of
from gis.errors import InputFault
from gis.terms import FACILITY_KINDS

KIND_TAGS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "market": (("shop", ("supermarket", "greengrocer", "farm")), ("amenity", ("marketplace",))),
    "convenience": (("shop", ("convenience", "kiosk", "general")),),
    "breakfast": (("amenity", ("cafe", "fast_food")), ("shop", ("bakery", "pastry"))),
    "housekeeping": (("office", ("domestic_services",)), ("craft", ("cleaning",))),
    "hairdresser": (("shop", ("hairdresser", "beauty")),),
    "parcel": (("amenity", ("parcel_locker", "post_office")),),
    "repair": (
        ("shop", ("repair", "shoe_repair", "locksmith", "tailor")),
        ("craft", ("electronics_repair", "key_cutter", "shoemaker", "tailor", "watchmaker")),
    ),
    "laundry": (("shop", ("laundry", "dry_cleaning")),),
    "pharmacy": (("amenity", ("pharmacy",)),),
    "clinic": (("amenity", ("clinic", "doctors")), ("healthcare", ("clinic", "doctor", "centre"))),
    "hospital": (("amenity", ("hospital",)),),
    "kindergarten": (("amenity", ("kindergarten", "childcare")),),
    "primary_school": (("amenity", ("school",)),),
    "elderly_care": (
        ("amenity", ("nursing_home",)), ("social_facility", ("nursing_home", "assisted_living", "day_care")),
    ),
    "community_service": (("amenity", ("community_centre", "townhall", "social_centre")),),
    "culture": (("amenity", ("library", "arts_centre", "theatre")), ("tourism", ("museum", "gallery"))),
    "sports": (("leisure", ("sports_centre", "fitness_centre", "fitness_station", "stadium", "pitch")),),
    "park": (("leisure", ("park",)),),
    "bus_stop": (("highway", ("bus_stop",)),),
    "metro_entrance": (("railway", ("subway_entrance",)),),
}  # fmt: skip
"""First match counts. OpenStreetMap does not tell primary from other schools everywhere: all schools are taken."""

OUTLINE_STEP_M = 40.0
"""An outline that nothing crosses can be entered at points this far apart."""

_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class OsmPlaces:
    """Facilities as read.

    Attributes
    ----------
    facilities : DataFrame
        facility (int from 0), kind, name, tag (`key=value` that decided), osm (`n1`, `w1`, `r1`), opening_hours,
        capacity (NaN where not mapped), lon, lat (a point on it), area_m2 (0 for points).
    entrances : DataFrame
        facility, lon, lat, how (`point`, `entrance`, `crossing` or `outline`): where one gets in; at least one each.
    """

    facilities: pd.DataFrame
    entrances: pd.DataFrame


def kind_of(tags: Mapping[str, str]) -> tuple[str, str] | None:
    """Return (kind, deciding tag) for tags, None when they name none of the product's kinds."""
    if any(key in tags for key in ("disused", "abandoned", "demolished")):
        return None
    for kind in FACILITY_KINDS:
        for key, values in KIND_TAGS.get(kind, ()):
            if tags.get(key) in values:
                return kind, f"{key}={tags[key]}"
    return None


def read_osm_places(path: Path) -> OsmPlaces:
    """Read facilities of every kind of the product.

    Parameters
    ----------
    path : Path
        `.osm.pbf`, `.osm`, `.osm.gz` or `.osm.bz2`.

    Raises
    ------
    InputFault
        When the file is absent, broken, or no OpenStreetMap file.
    """
    name = open_osm(path)
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    doors: list[tuple[float, float]] = []
    lines: list[Any] = []
    wkb = osmium.geom.WKBFactory()
    keys = osmium.filter.KeyFilter("entrance", *{key for tags in KIND_TAGS.values() for key, _ in tags})
    try:
        things: Iterable[Any] = osmium.FileProcessor(name).with_locations().with_areas().with_filter(keys)
        for thing in things:
            tags = {tag.k: tag.v for tag in thing.tags}
            if thing.is_node() and "entrance" in tags:
                doors.append((thing.location.lon, thing.location.lat))
            if thing.is_way() and walk_of(tags) is not None:
                points = [(node.location.lon, node.location.lat) for node in thing.nodes if node.location.valid()]
                lines += [shapely.LineString(points)] if len(points) > 1 else []
            found = kind_of(tags)
            shape = _shape_of(thing, wkb) if found else None
            if found and shape is not None:
                rows.append(_row(thing, tags, *found))
                shapes.append(shape)
    except (RuntimeError, osmium.InvalidLocationError, ValueError) as fault:
        reason = (str(fault).splitlines() or ["unknown"])[0][:200]
        raise InputFault(f"{path.name} can not be read as OpenStreetMap data: {reason}") from None
    columns = ["kind", "name", "tag", "osm", "opening_hours", "capacity"]
    facilities = pd.DataFrame(rows, columns=columns)
    facilities.insert(0, "facility", np.arange(len(facilities)))
    middles: Any = shapely.point_on_surface(np.array(shapes, dtype=object))
    facilities["lon"], facilities["lat"] = shapely.get_x(middles), shapely.get_y(middles)
    squeeze = np.cos(np.radians(facilities["lat"].to_numpy(float))) * _M_PER_DEGREE**2
    facilities["area_m2"] = shapely.area(np.array(shapes, dtype=object)) * squeeze
    return OsmPlaces(facilities, _entrances(shapes, doors, lines))


def _row(thing: Any, tags: dict[str, str], kind: str, tag: str) -> dict[str, Any]:
    if thing.is_area():
        osm = f"{'w' if thing.from_way() else 'r'}{thing.orig_id()}"
    else:
        osm = f"{'n' if thing.is_node() else 'w'}{thing.id}"
    capacity = pd.to_numeric(tags.get("capacity", ""), errors="coerce")
    return {
        "kind": kind,
        "name": tags.get("name", ""),
        "tag": tag,
        "osm": osm,
        "opening_hours": tags.get("opening_hours", ""),
        "capacity": float(capacity) if capacity >= 0 else float("nan"),
    }


def _shape_of(thing: Any, wkb: Any) -> Any:
    """Return the geometry of a node, of an area, or of a way that the extract left open; None for what has none."""
    if thing.is_node():
        return shapely.Point(thing.location.lon, thing.location.lat)
    if thing.is_area():
        return shapely.make_valid(shapely.from_wkb(bytes.fromhex(wkb.create_multipolygon(thing))))
    if thing.is_way() and not thing.is_closed():
        points = [(node.location.lon, node.location.lat) for node in thing.nodes if node.location.valid()]
        return shapely.LineString(points) if len(points) > 1 else None
    return None


def _entrances(shapes: list[Any], doors: list[tuple[float, float]], lines: list[Any]) -> pd.DataFrame:
    """Return where one gets into each shape."""
    door_points: Any = shapely.points(np.array(doors, dtype=float).reshape(-1, 2))
    door_tree, line_tree = shapely.STRtree(door_points), shapely.STRtree(lines)
    rows: list[tuple[int, float, float, str]] = []
    for facility, shape in enumerate(shapes):
        if shape.geom_type == "Point":
            rows.append((facility, shape.x, shape.y, "point"))
            continue
        outline = shape.boundary if shape.area > 0 else shape
        found, how = door_points[door_tree.query(outline.buffer(1e-6), predicate="intersects")], "entrance"
        if not len(found):
            crossing = [outline.intersection(lines[at]) for at in line_tree.query(outline, predicate="intersects")]
            parts = shapely.get_parts(np.array(crossing, dtype=object)) if crossing else np.array([])
            found, how = shapely.centroid(parts), "crossing"
        if not len(found):
            step = OUTLINE_STEP_M / _M_PER_DEGREE
            count = int(np.clip(outline.length / step, 4, 60))
            shares = np.arange(count) / count
            found, how = shapely.line_interpolate_point(outline, shares, normalized=True), "outline"
        spots = np.unique(np.column_stack([shapely.get_x(found), shapely.get_y(found)]), axis=0)
        rows += [(facility, float(lon), float(lat), how) for lon, lat in spots]
    return pd.DataFrame(rows, columns=["facility", "lon", "lat", "how"])
