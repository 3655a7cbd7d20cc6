"""Atoms: the smallest pieces that merged cells are joined from, and the joining.

An atom is a face of the overlay together with the slivers it has absorbed. It lies in one community and, but for its
slivers, in one cell of each source grid.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.locate import CellIndex
from gis.overlay import Borders, absorb_slivers, shared_borders
from gis.partition import Graph, components, partition

COMMUNITY = "community"

# An overlay face narrower or smaller than this is the difference of two drawings of one line, not ground of its own.
_SLIVER_WIDTH_M = 2.0
_SLIVER_AREA_M2 = 25.0
# How the price of a cell border falls with the share of source grids that have an edge there.
_PRICE_OF_NONE = 1.2
_PRICE_OF_ALL = 0.3
# A detached part of a community smaller than this share of a cell does not become a cell of its own.
_ISLAND_SHARE = 0.05


@dataclass(frozen=True)
class Atoms:
    """Atoms in order of community, with their borders.

    Attributes
    ----------
    of_face : ndarray of int
        The atom of each face.
    geometry, community, size : ndarray
        Per atom; size is half its share of the community's people and half its share of the area, so that the sizes
        of a community sum to 1.
    borders : Borders
        Who borders whom.
    agreement : ndarray of int
        Per border, the number of source grids that have an edge there.
    n_grids : int
        The number of source grids.
    """

    of_face: NDArray[np.intp]
    geometry: NDArray[Any]
    community: NDArray[Any]
    size: NDArray[np.float64]
    borders: Borders
    agreement: NDArray[np.intp]
    n_grids: int

    def settle(self, faces: gpd.GeoDataFrame, grids: Sequence[str]) -> gpd.GeoDataFrame:
        """Return the faces with absorbed slivers carrying the source codes of the atom that absorbed them.

        A strip between two drawings of one line is nobody's origin; it would fill the lineage with hairline shares.
        """
        main = _main_faces(self.of_face, faces["area_m2"].to_numpy(dtype=float))
        return faces.assign(**{grid: faces[grid].to_numpy()[main[self.of_face]] for grid in grids})

    @classmethod
    def from_faces(cls, faces: gpd.GeoDataFrame, grids: Sequence[str]) -> Atoms:
        """Join slivers to their neighbours and measure what is left.

        Parameters
        ----------
        faces : GeoDataFrame
            As from `overlay_faces` and `populate_faces`.
        grids : sequence of str
            The columns that hold source codes.
        """
        polygons, owner = np.asarray(faces.geometry.array, dtype=object), faces[COMMUNITY].to_numpy()
        area = faces["area_m2"].to_numpy(dtype=float)
        touching = shared_borders(polygons)
        of_face = absorb_slivers(polygons, touching, owner, width_m=_SLIVER_WIDTH_M, area_m2=_SLIVER_AREA_M2)
        main = _main_faces(of_face, area)
        codes, borders = faces[list(grids)].to_numpy()[main], touching.grouped(of_face)
        community = owner[main]
        size = np.zeros(len(main))
        atom_area = np.bincount(of_face, area).astype(float)
        atom_people = np.bincount(of_face, faces["population"].to_numpy(dtype=float)).astype(float)
        for places in _places(community).values():
            size[places] = half_and_half(atom_area[places], atom_people[places])
        return cls(
            of_face,
            union_groups(polygons, of_face),
            community,
            size,
            borders,
            (codes[borders.left] != codes[borders.right]).sum(axis=1).astype(np.intp),
            len(grids),
        )

    def graph(self, places: NDArray[np.intp], count: int) -> Graph:
        """Return the map graph of the atoms of one community that is to become `count` cells.

        Parameters
        ----------
        places : ndarray of int
            The atoms, as from `by_community`.
        count : int
            Sets the unit of prices: the side of a square cell.
        """
        # Atoms are in order of community and borders in order of their left atom: both are runs.
        start, end = np.searchsorted(self.borders.left, [places[0], places[-1] + 1])
        rows = start + np.flatnonzero(self.borders.right[start:end] <= places[-1])
        price = np.linspace(_PRICE_OF_NONE, _PRICE_OF_ALL, self.n_grids + 1)[self.agreement[rows]]
        side_m = np.sqrt(shapely.area(self.geometry[places]).sum() / count)
        left, right = self.borders.left[rows] - places[0], self.borders.right[rows] - places[0]
        return Graph(self.size[places], left, right, price * self.borders.length_m[rows] / side_m)

    def by_community(self) -> dict[str, NDArray[np.intp]]:
        """Return the atoms of each community, in order of its code."""
        return _places(self.community)


def populate_faces(faces: gpd.GeoDataFrame, weights: gpd.GeoDataFrame | None) -> tuple[gpd.GeoDataFrame, float]:
    """Return the faces with `population`, and how many people live in none.

    Parameters
    ----------
    faces : GeoDataFrame
        As from `overlay_faces`.
    weights : GeoDataFrame or None
        `people` at points or areas in the same CRS; an area counts where its inner point lies.
    """
    if weights is None:
        return faces.assign(population=0.0), 0.0
    index = CellIndex([f"{place:09d}" for place in range(len(faces))], np.asarray(faces.geometry.array))
    inner = shapely.point_on_surface(np.asarray(weights.geometry.array))
    place = index.locate_xy(shapely.get_x(inner), shapely.get_y(inner))
    people = weights["people"].to_numpy(dtype=float)
    known = place >= 0
    counted = np.bincount(place[known], people[known], minlength=len(faces))
    return faces.assign(population=counted), float(people[~known].sum())


def half_and_half(area: NDArray[np.float64], people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return half the share of people and half the share of area; the area alone where nobody lives. Sums to 1."""
    by_area = area / area.sum()
    return by_area if people.sum() == 0 else (by_area + people / people.sum()) / 2


def union_groups(polygons: NDArray[Any], group: NDArray[np.intp]) -> NDArray[Any]:
    """Return the union of each group of polygons of one coverage, in order of group, shared vertices kept."""
    order = np.argsort(group, kind="stable")
    bounds = np.flatnonzero(np.diff(group[order], prepend=-1, append=group.max() + 1))
    unions = np.empty(len(bounds) - 1, dtype=object)
    for place, (start, end) in enumerate(itertools.pairwise(bounds)):
        members = polygons[order[start:end]]
        unions[place] = members[0] if len(members) == 1 else _tidy(shapely.coverage_union_all(members))
    return unions


def join_atoms(atoms: Atoms, wanted: Mapping[str, int], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the cell of each atom; cells are counted through all communities in order of code.

    Parameters
    ----------
    atoms : Atoms
        At least as many in each community as cells are wanted there.
    wanted : mapping of str to int
        Number of cells by community.
    rng : numpy Generator
        See `partition`.
    """
    cell = np.zeros(len(atoms.size), dtype=np.intp)
    first = 0
    for community, places in atoms.by_community().items():
        count = wanted[community]
        graph = _tie_islands(atoms.graph(places, count), atoms.geometry[places], count)
        cell[places] = first + partition(graph, count, rng=rng)
        first += count
    return cell


def _main_faces(of_face: NDArray[np.intp], area: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the largest face of each atom: the one that says which source cells the atom belongs to."""
    by_atom = np.lexsort((area, of_face))
    return by_atom[np.flatnonzero(np.diff(of_face[by_atom], append=-1))]


def _tie_islands(graph: Graph, shapes: NDArray[Any], count: int) -> Graph:
    """Link detached parts that are too small for a cell, or too many for the count, to the nearest other part."""
    parts = components(graph.neighbours())
    if len(parts) == 1:
        return graph
    cell_size = graph.sizes.sum() / count
    parts.sort(key=lambda part: (-graph.sizes[part].sum(), part[0]))
    left, right = [], []
    for rank, part in enumerate(parts[1:], start=1):
        if rank >= count or graph.sizes[part].sum() < _ISLAND_SHARE * cell_size:
            mainland = [node for other in parts[:rank] for node in other]
            gaps = shapely.distance(shapes[part][:, None], shapes[mainland][None, :])
            at = np.unravel_index(np.argmin(gaps), gaps.shape)
            left.append(part[int(at[0])])
            right.append(mainland[int(at[1])])
    return Graph(
        graph.sizes,
        np.append(graph.left, left).astype(np.intp),
        np.append(graph.right, right).astype(np.intp),
        np.append(graph.prices, np.zeros(len(left))),
    )


def _places(names: NDArray[Any]) -> dict[str, NDArray[np.intp]]:
    """Return the positions of each name, in order of name."""
    values, group = np.unique(names.astype(str), return_inverse=True)
    bounds = np.cumsum(np.bincount(group, minlength=len(values)))[:-1]
    parts = np.split(np.argsort(group, kind="stable"), bounds)
    return dict(zip(values.tolist(), parts, strict=False))


def _tidy(union: Any) -> Any:
    """Return one polygon as a Polygon; coverage unions come as collections."""
    parts = shapely.get_parts(union)
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
