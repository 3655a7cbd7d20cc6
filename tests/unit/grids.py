"""Made-up ground for tests of the unified grid: irregular blocks, communities and source grids grouped from them."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

METRIC = 4548
CORNER = np.array([440_000.0, 4_418_000.0])
GRIDS = ("city_management", "public_order", "social_service")


@dataclass
class Ground:
    """Communities, source grids and people on one square of ground."""

    communities: gpd.GeoDataFrame
    sources: dict[str, gpd.GeoDataFrame]
    people: gpd.GeoDataFrame


def blocks(rng: np.random.Generator, count: int, side_m: float) -> np.ndarray:
    """Return irregular blocks that tile a square with shared vertices."""
    square = shapely.box(*CORNER, *(CORNER + side_m))
    sites = shapely.multipoints(rng.uniform(0, side_m, (count, 2)) + CORNER)
    faces = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=square))
    return shapely.intersection(faces, square)


def grouped(rng: np.random.Generator, shapes: np.ndarray, count: int, code) -> gpd.GeoDataFrame:
    """Return areas that each unite the blocks nearest to a random seed."""
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    seeds = rng.uniform(centres.min(axis=0), centres.max(axis=0), (count, 2))
    group = np.unique(cKDTree(seeds).query(centres)[1], return_inverse=True)[1]
    unions = [shapely.union_all(shapes[group == place]) for place in range(group.max() + 1)]
    codes = [code(place) for place in range(len(unions))]
    return gpd.GeoDataFrame({"code": codes}, geometry=unions, crs=METRIC)


def make_ground(seed: int, *, n_blocks=60, n_communities=4, n_sources=(18, 12, 9), side_m=600.0, shared=True) -> Ground:
    """Return made-up ground; `shared=False` gives source grids their own blocks, so that no edge agrees."""
    rng = np.random.default_rng(seed)
    base = blocks(rng, n_blocks, side_m)
    communities = grouped(rng, base, n_communities, lambda place: f"110102001{place + 1:03d}")
    sources = {
        grid: grouped(
            rng, base if shared else blocks(rng, n_blocks, side_m), count, lambda place, g=grid: f"{g[0]}{place:04d}"
        )
        for grid, count in zip(GRIDS, n_sources, strict=True)
    }
    homes = shapely.points(rng.uniform(0, side_m, (n_blocks * 4, 2)) + CORNER)
    people = gpd.GeoDataFrame({"people": rng.integers(0, 60, len(homes))}, geometry=homes, crs=METRIC)
    return Ground(communities, sources, people)
