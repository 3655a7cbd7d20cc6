"""Buildings: rectangles set along each block's own edges, by what kind of block it is. Metric CRS, metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


@dataclass(frozen=True)
class Footprint:
    """A kind of building: its sides, the gaps round it, the set-back from the block's edge, storeys that are homes."""

    kind: str
    long_m: float
    short_m: float
    gap_long_m: float
    gap_short_m: float
    setback_m: float
    homes: float


FOOTPRINTS = {
    "hutong": Footprint("courtyard", 29.0, 21.0, 4.0, 4.0, 3.0, 1.25),
    "slab": Footprint("slab", 56.0, 12.5, 11.0, 24.0, 8.0, 6.0),
    "tower": Footprint("tower", 27.0, 23.0, 28.0, 32.0, 10.0, 18.0),
    "office": Footprint("office", 46.0, 36.0, 14.0, 14.0, 9.0, 0.02),
    "institution": Footprint("hall", 48.0, 17.0, 16.0, 26.0, 9.0, 0.25),
    "commercial": Footprint("shop", 38.0, 26.0, 6.0, 7.0, 5.0, 0.1),
}
INSTITUTION_KINDS = ("school", "government", "hospital", "research")
INSTITUTION_SHARES = (0.42, 0.30, 0.08, 0.20)


def institution_kind(compound_no: np.ndarray, seed: int) -> np.ndarray:
    """Return what stands in each institution's compound, the same for every block of the compound."""
    draw = np.random.default_rng([seed, 77]).random(int(compound_no.max(initial=0)) + 1)
    step = np.searchsorted(np.cumsum(INSTITUTION_SHARES)[:-1], draw)
    return np.array(INSTITUTION_KINDS, dtype=object)[step[compound_no]]


def place_buildings(blocks: gpd.GeoDataFrame, seed: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the buildings inside the blocks.

    Parameters
    ----------
    blocks : GeoDataFrame
        street_code, kind, compound_no, geometry; metric CRS.
    seed : int
        Seed of the institutions' kinds.
    rng : Generator
        Any other chance.

    Returns
    -------
    GeoDataFrame
        block (position), street_code, kind, compound_no, room (m2 of dwelling), geometry (Polygon). Each
        block of a built kind has at least one.
    """
    frames = [_fill(blocks, kind, footprint, rng) for kind, footprint in FOOTPRINTS.items()]
    built = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    built = built.sort_values(["block", "order"], kind="stable").reset_index(drop=True)
    at = built["block"].to_numpy()
    built["street_code"] = blocks["street_code"].to_numpy()[at]
    built["compound_no"] = blocks["compound_no"].to_numpy()[at]
    halls = (built["kind"] == "hall").to_numpy()
    built.loc[halls, "kind"] = institution_kind(built["compound_no"].to_numpy(), seed)[halls]
    columns = ["block", "street_code", "kind", "compound_no", "room", "geometry"]
    return gpd.GeoDataFrame(built[columns], geometry="geometry", crs=blocks.crs)


def _fill(blocks: gpd.GeoDataFrame, kind: str, print_: Footprint, rng: np.random.Generator) -> pd.DataFrame:
    """Set buildings of one kind in rows inside the blocks of their kind."""
    at = np.flatnonzero((blocks["kind"] == kind).to_numpy())
    if len(at) == 0:
        return pd.DataFrame()
    land = blocks.geometry.to_numpy()[at]
    inner = shapely.buffer(land, -print_.setback_m, join_style="mitre")
    inner = np.where(shapely.is_empty(inner), shapely.buffer(land, -2.0), inner)
    corners = shapely.get_coordinates(shapely.oriented_envelope(inner)).reshape(-1, 5, 2)
    side = corners[:, 1] - corners[:, 0]
    angle = np.arctan2(side[:, 1], side[:, 0])
    # Beijing's houses face south: the long side runs along whichever edge of the box is nearer to east-west.
    turn = np.round(angle / (np.pi / 2.0)) * (np.pi / 2.0)
    angle = angle - turn
    axis = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    middle = corners[:, :4].mean(axis=1)
    reach_u = np.abs(np.einsum("nij,nj->ni", corners[:, :4] - middle[:, None], axis)).max(axis=1) * 2.0
    reach_v = np.abs(np.einsum("nij,nj->ni", corners[:, :4] - middle[:, None], across)).max(axis=1) * 2.0
    columns = np.maximum(1, np.floor((reach_u + print_.gap_long_m) / (print_.long_m + print_.gap_long_m))).astype(int)
    rows = np.maximum(1, np.floor((reach_v + print_.gap_short_m) / (print_.short_m + print_.gap_short_m))).astype(int)
    number = columns * rows
    which = np.repeat(np.arange(len(at)), number)
    place = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    column, row = place % columns[which], place // columns[which]
    pitch_u, pitch_v = reach_u / columns, reach_v / rows
    u = (column + 0.5) * pitch_u[which] - reach_u[which] / 2.0
    v = (row + 0.5) * pitch_v[which] - reach_v[which] / 2.0
    # Buildings stretch with the room that a row has, up to a third more, and no two are quite alike.
    long = np.minimum(pitch_u[which] - print_.gap_long_m * 0.8, print_.long_m * 1.35) * rng.uniform(0.86, 1.0, len(u))
    short = np.minimum(pitch_v[which] - print_.gap_short_m * 0.8, print_.short_m * 1.35) * rng.uniform(
        0.86, 1.0, len(u)
    )
    long, short = np.maximum(long, 6.0), np.maximum(short, 5.0)
    shapes = _rectangles(middle[which], axis[which], across[which], u, v, long, short)
    shapely.prepare(inner)
    fits = shapely.contains(inner[which], shapes)
    # What does not fit is tried again smaller, so that crooked blocks fill up too.
    if kind in ("hutong", "commercial"):
        smaller = 0.62
        left = np.flatnonzero(~fits)
        again = _rectangles(
            middle[which[left]], axis[which[left]], across[which[left]], u[left], v[left],
            np.maximum(long[left] * smaller, 7.0), np.maximum(short[left] * smaller, 6.0),
        )  # fmt: skip
        shapes[left] = again
        fits[left] = shapely.contains(inner[which[left]], again)
    # A block where nothing fits gets one small house at its inmost point.
    bare = np.setdiff1d(np.arange(len(at)), which[fits])
    spots = shapely.get_coordinates(shapely.point_on_surface(inner[bare]))
    none = np.zeros(len(bare))
    small = _rectangles(spots, axis[bare], across[bare], none, none, none + 7.0, none + 6.0)
    small_fits = shapely.contains(land[bare], small)
    posts = cast(np.ndarray, shapely.buffer(shapely.points(spots), 1.0, quad_segs=1))
    small = np.where(small_fits, small, posts)
    geometry = np.concatenate([shapes[fits], small])
    block = np.concatenate([at[which[fits]], at[bare]])
    room = shapely.area(geometry) * print_.homes * rng.uniform(0.75, 1.25, len(geometry))
    order = np.concatenate([place[fits], np.zeros(len(bare), dtype=int)])
    return pd.DataFrame({"block": block, "order": order, "kind": print_.kind, "room": room, "geometry": geometry})


def _rectangles(
    middle: np.ndarray,
    axis: np.ndarray,
    across: np.ndarray,
    u: np.ndarray,
    v: np.ndarray,
    long_m: np.ndarray,
    short_m: np.ndarray,
) -> np.ndarray:
    """Return rectangles by centre offset (u, v) and side lengths along each row's two axes, whole centimetres."""
    signs = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5)])
    along = u[:, None] + signs[None, :, 0] * long_m[:, None]
    aside = v[:, None] + signs[None, :, 1] * short_m[:, None]
    points = middle[:, None] + along[..., None] * axis[:, None] + aside[..., None] * across[:, None]
    return cast(np.ndarray, shapely.polygons(np.round(points, 2)))
