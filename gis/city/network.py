"""The linework of the demo city: main roads, streets, alleys, compound walls' lanes, water, parks and the railway.

Everything is in the district's metric CRS (metres). The blocks are the faces of what this module draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops

from gis.city import plan
from gis.city.model import METRIC_SRID
from gis.city.plan import PlanFrame
from gis.city.subdivision import Cut, subdivide

SUPERBLOCK = {
    "hutong": Cut(430, 360, 4.0, uneven=0.16),
    "slab": Cut(430, 400, 2.0),
    "tower": Cut(460, 430, 2.0),
    "office": Cut(300, 280, 0.6),
    "institution": Cut(480, 440, 2.0),
    "commercial": Cut(330, 300, 1.5),
}
PLOT = {
    "slab": Cut(235, 215, 1.0),
    "tower": Cut(280, 260, 1.0),
    "institution": Cut(240, 230, 1.0),
}
GRAIN = {
    "hutong": Cut(150, 70, 2.4, uneven=0.2),
    "slab": Cut(126, 98, 0.5),
    "tower": Cut(128, 112, 0.5),
    "office": Cut(150, 135, 0.3),
    "institution": Cut(150, 140, 0.5),
    "commercial": Cut(115, 100, 0.8),
}
SLANTED_STREETS = {"110102013": -16.0, "110102012": 11.0}
"""Streets with slanting old lanes: degrees that some of their superblocks are turned by."""


NamedRoads = list[tuple[str, str, shapely.LineString]]
"""Class, name and path of each main road of the plan."""


@dataclass(frozen=True)
class Network:
    """Lines with class and name; plots with kind and compound number (0 = none); features with layer, class, name."""

    lines: pd.DataFrame
    plots: gpd.GeoDataFrame
    features: gpd.GeoDataFrame


def draw_features(frame: PlanFrame, outline: shapely.Geometry, srid: int) -> gpd.GeoDataFrame:
    """Return water, parks and railway land inside the district: layer, class, name_zh, geometry."""
    drawn: list[tuple[str, str, str, shapely.Geometry]] = []
    for water_class, name, words in plan.WATER:
        drawn.append(("water", water_class, name, frame.lake(words)))
    for name, words, width_m in plan.RIVERS:
        drawn.append(("water", "river", name, frame.ribbon(words, width_m)))
    for green_class, name, words in plan.PARKS:
        drawn.append(("green", green_class, name, shapely.Polygon(frame.place(words))))
    for name, words in plan.RAILWAYS:
        drawn.append(("rail", "corridor", name, frame.ribbon(words, plan.RAIL_WIDTH_M)))
    kept = []
    for layer, feature_class, name, shape in drawn:
        inside = shapely.intersection(shape, outline)
        parts = [part for part in shapely.get_parts(inside) if part.geom_type == "Polygon" and part.area > 1500.0]
        kept += [{"layer": layer, "class": feature_class, "name_zh": name, "geometry": part} for part in parts]
    columns = ["layer", "class", "name_zh", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(kept, columns=columns), geometry="geometry", crs=srid)


def road_through(polygon: shapely.Polygon, line: shapely.LineString) -> list[shapely.LineString]:
    """Return the parts of a road that cross a street's inside, drawn on to the street's border.

    A part that runs within 45 m along the border is left out: the border is a road already. An end of the road that
    lies well inside is drawn on by 140 m too; `settle_ends` cuts it back to the next road.
    """
    through = []
    inside = shapely.intersection(line, polygon.buffer(-45.0))
    for part in shapely.get_parts(shapely.line_merge(inside) if inside.geom_type == "MultiLineString" else inside):
        if part.geom_type != "LineString" or part.length < 110.0:
            continue
        points = shapely.get_coordinates(part)
        first, last = points[0] - points[1], points[-1] - points[-2]
        before = points[0] + first / np.hypot(*first) * 140.0
        after = points[-1] + last / np.hypot(*last) * 140.0
        longer = shapely.intersection(shapely.LineString(np.vstack([before, points, after])), polygon)
        pieces = [piece for piece in shapely.get_parts(longer) if piece.geom_type == "LineString"]
        if pieces:
            through.append(max(pieces, key=lambda piece: piece.length))
    return through


def settle_ends(parts: list[shapely.LineString], polygon: shapely.Polygon) -> list[shapely.LineString]:
    """Cut the ends of roads that stop inside a street back to the outermost crossing within 300 m of the end."""
    settled = list(parts)
    for at in range(len(parts)):
        others = shapely.union_all([other for row, other in enumerate(settled) if row != at])
        for _ in range(2):
            line = shapely.reverse(settled[at])
            settled[at] = line
            if polygon.boundary.distance(shapely.Point(line.coords[-1])) < 1.0:
                continue
            crossings = shapely.get_parts(shapely.intersection(line, others))
            along = [float(shapely.line_locate_point(line, spot.centroid)) for spot in crossings]
            near_end = [metres for metres in along if line.length - 300.0 < metres and metres > 60.0]
            if near_end:
                settled[at] = cast(shapely.LineString, shapely.ops.substring(line, 0.0, max(near_end) + 0.02))
    return settled


def place_quarters(
    code: str, polygon: shapely.Polygon, frame: PlanFrame, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres (n, 2) and kinds (n,) of a street's quarters; land takes the kind of the nearest centre."""
    words = plan.QUARTERS.get(code, plan.DEFAULT_QUARTERS).split()
    kinds, shares = words[0::2], np.array([float(word) for word in words[1::2]])
    count = max(4, round(polygon.area / 150_000.0))
    quota = np.floor(shares / shares.sum() * count + 0.5).astype(int)
    names = np.repeat(kinds, np.maximum(quota, 1))
    low_x, low_y, high_x, high_y = polygon.bounds
    spots: list[np.ndarray] = []
    while len(spots) < len(names):
        tries = rng.uniform((low_x, low_y), (high_x, high_y), (12, 2))
        tries = tries[shapely.contains_xy(polygon, tries[:, 0], tries[:, 1])]
        if len(tries) == 0:
            continue
        # The candidate furthest from the centres so far keeps quarters apart.
        near = [min((np.hypot(*(spot - other)) for other in spots), default=0.0) for spot in tries]
        spots.append(tries[int(np.argmax(near))])
    centres = np.array(spots)
    names = rng.permutation(names)
    if code in plan.FAVOURED:
        kind, place = plan.FAVOURED[code]
        nearest = np.argsort(np.hypot(*(centres - frame.place(place)[0]).T), kind="stable")
        ranked = np.concatenate([names[names == kind], names[names != kind]])
        names = names.copy()
        names[nearest] = ranked
    return centres, names


class _Draft:
    """Collects lines and plots while the streets are drawn one by one."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, shapely.Geometry]] = []
        self.plots: list[tuple[str, str, int, shapely.Geometry]] = []
        self.compounds = 0

    def draw_street(
        self, code: str, polygon: shapely.Polygon, named: NamedRoads, frame: PlanFrame, rng: np.random.Generator
    ) -> None:
        """Draw one street: named roads, then streets between superblocks, then alleys and compound lanes."""
        found = [(road_class, name, part) for road_class, name, path in named for part in road_through(polygon, path)]
        main = settle_ends([part for _, _, part in found], polygon)
        self.lines.extend((road_class, name, part) for (road_class, name, _), part in zip(found, main, strict=True))
        faces = shapely.get_parts(shapely.polygonize([shapely.union_all([polygon.boundary, *main])]))
        faces = faces[shapely.contains(polygon, shapely.point_on_surface(faces))]
        centres, kinds = place_quarters(code, polygon, frame, rng)
        for face in faces:
            first_kind = _kind_at(face, centres, kinds)
            superblocks, cuts = subdivide(face, SUPERBLOCK[first_kind], rng, 12_000.0)
            self.lines.extend(("street", "", line) for line in cuts)
            for superblock in superblocks:
                self._fill(code, superblock, _kind_at(superblock, centres, kinds), rng)

    def _fill(self, code: str, superblock: shapely.Polygon, kind: str, rng: np.random.Generator) -> None:
        """Cut a superblock into blocks by its kind; compounds first into plots with a wall round each."""
        grain = GRAIN[kind]
        if kind == "hutong":
            turn = SLANTED_STREETS.get(code, 0.0) if rng.random() < 0.3 else rng.normal(0.0, 1.2)
            grain = Cut(grain.wide_m, grain.deep_m * rng.uniform(0.9, 1.15), grain.crook_m, turn, grain.uneven)
        if kind not in PLOT:
            leaves, cuts = subdivide(superblock, grain, rng)
            self.lines.extend(("alley", "", line) for line in cuts)
            self.plots.extend((code, kind, 0, leaf) for leaf in leaves)
            return
        plots, cuts = subdivide(superblock, PLOT[kind], rng, 5_000.0)
        self.lines.extend(("alley", "", line) for line in cuts)
        for plot in plots:
            self.compounds += 1
            leaves, lanes = subdivide(plot, grain, rng, 1_600.0)
            self.lines.extend(("lane", "", line) for line in lanes)
            self.plots.extend((code, kind, self.compounds, leaf) for leaf in leaves)


def _kind_at(land: shapely.Polygon, centres: np.ndarray, kinds: np.ndarray) -> str:
    """Return the kind of the quarter whose centre is nearest to the land's centroid."""
    middle = shapely.get_coordinates(land.centroid)[0]
    return str(kinds[int(np.argmin(np.sum((centres - middle) ** 2, axis=1)))])


def draw_network(
    streets: gpd.GeoDataFrame, border_roads: pd.DataFrame, frame: PlanFrame, rng: np.random.Generator
) -> Network:
    """Draw every line of the city inside the given street outlines.

    Parameters
    ----------
    streets : GeoDataFrame
        code, geometry (Polygon), metric CRS.
    border_roads : DataFrame
        class, name_zh, geometry of roads along the borders; may be empty.
    frame : PlanFrame
        Where the plan's places are.
    rng : Generator
        The only source of chance.

    Returns
    -------
    Network
        Lines are not yet noded; lines of streets and alleys stop at water and parks.
    """
    outline = shapely.union_all(streets.geometry.to_numpy(), grid_size=0.01)
    features = draw_features(frame, outline, METRIC_SRID)
    named = [(road_class, name, shapely.LineString(frame.place(words))) for road_class, name, words in plan.ROADS]
    draft = _Draft()
    for code, polygon in zip(streets["code"], streets.geometry, strict=True):
        draft.draw_street(str(code), cast(shapely.Polygon, polygon), named, frame, rng)
    for park in features[(features["layer"] == "green") & (features.area > 60_000.0)].geometry:
        _, paths = subdivide(cast(shapely.Polygon, park), Cut(240, 220, 7.0), rng, 8_000.0)
        draft.lines.extend(("path", "", line) for line in paths)
    lines = pd.DataFrame(draft.lines, columns=["class", "name_zh", "geometry"])
    lines["geometry"] = _stop_at_features(lines, features)
    border = border_roads.assign(is_border=True) if len(border_roads) else border_roads
    lines = pd.concat([border, lines.assign(is_border=False)], ignore_index=True)
    lines = lines[~shapely.is_empty(lines["geometry"].to_numpy())].reset_index(drop=True)
    plots = gpd.GeoDataFrame(
        pd.DataFrame(draft.plots, columns=["street_code", "kind", "compound_no", "geometry"]),
        geometry="geometry",
        crs=streets.crs,
    )
    return Network(lines, plots, features)


def _stop_at_features(lines: pd.DataFrame, features: gpd.GeoDataFrame) -> np.ndarray:
    """Return the lines' geometry without what would cross parks, lakes or railway land.

    Main roads cross everything, streets cross rivers and the railway, park paths stop at lakes only.
    """
    ribbon = features["class"].isin(["river", "corridor"]).to_numpy()
    water = features["layer"].eq("water").to_numpy()
    shapes = features.geometry.to_numpy()
    solid, lakes = shapely.union_all(shapes[~ribbon]), shapely.union_all(shapes[water & ~ribbon])
    everything = shapely.union_all(shapes)
    geometry = lines["geometry"].to_numpy().copy()
    for classes, cover in (({"street"}, solid), ({"alley", "lane"}, everything), ({"path"}, lakes)):
        rows = np.flatnonzero(lines["class"].isin(classes).to_numpy())
        if len(rows) == 0 or cover.is_empty:
            continue
        shapely.prepare(cover)
        rows = rows[shapely.intersects(cover, geometry[rows])]
        geometry[rows] = shapely.difference(geometry[rows], cover)
    return geometry
