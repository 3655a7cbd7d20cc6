"""One grid out of three: cells that nest in communities, tile them, and keep the source grids' edges where they agree.

The way: lay the source grids and the communities over each other (atoms); share the wanted number of cells out to the
communities by population and area; join the atoms of each community into that many connected, balanced, compact
cells; number them; and write down from which source cells each one came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.apportion import apportion
from gis.atoms import COMMUNITY, Atoms, half_and_half, join_atoms, populate_faces, union_groups
from gis.crs import require_metric
from gis.cuts import cut_lines
from gis.errors import ContractFault, InputFault
from gis.lineage import build_lineage
from gis.numbering import LAST_SEQUENCE, number_cells
from gis.overlay import overlay_faces

# A cut area can fall apart differently than planned; each round cuts what is still missing.
_CUT_ROUNDS = 5


@dataclass(frozen=True)
class MergeReport:
    """Figures that say how good a merged grid is.

    Attributes
    ----------
    n_atoms : int
        Pieces that the cells were joined from.
    n_cuts : int
        Straight cuts of our own, where a community had fewer pieces than cells.
    n_slivers : int
        Faces that were absorbed as differences of two drawings.
    border_share : dict of int to float
        Share of the length of cell borders inside communities, by the number of source grids that have an edge there.
    offered_share : dict of int to float
        The same for all atoms' borders: what blind joining would give.
    size_cv, area_cv, population_cv : float
        Coefficient of variation over cells: of size (half people, half area, against the mean of the community), of
        area, and of population.
    compactness : float
        Mean Polsby-Popper ratio (4 pi area / perimeter squared), 1 for a disc.
    people_outside : float
        People who live in no community.
    """

    n_atoms: int
    n_cuts: int
    n_slivers: int
    border_share: dict[int, float]
    offered_share: dict[int, float]
    size_cv: float
    area_cv: float
    population_cv: float
    compactness: float
    people_outside: float


@dataclass(frozen=True)
class MergeResult:
    """A merged grid.

    Attributes
    ----------
    cells : GeoDataFrame
        code (15 digits), community_code, area_m2, population, geometry; in order of code; a valid coverage.
    lineage : DataFrame
        cell_code, grid, source_code, area_m2, population, area_share, population_share; both shares sum to 1 per cell
        and grid; `source_code` is '' for ground that the grid does not cover.
    report : MergeReport
        How good it is.
    """

    cells: gpd.GeoDataFrame
    lineage: pd.DataFrame
    report: MergeReport


def merge_grids(
    communities: gpd.GeoDataFrame,
    sources: Mapping[str, gpd.GeoDataFrame],
    n_cells: int,
    weights: gpd.GeoDataFrame | None,
    *,
    rng: np.random.Generator,
) -> MergeResult:
    """Merge source grids into exactly `n_cells` cells that nest in communities.

    Parameters
    ----------
    communities : GeoDataFrame
        `code` (12 digits) and polygons in a metric CRS; they must not overlap.
    sources : mapping of str to GeoDataFrame
        The source grids by name, each `code` and polygons in the same CRS; they need not nest in anything.
    n_cells : int
        The exact number of cells, at least one per community.
    weights : GeoDataFrame or None
        `people` at points or buildings in the same CRS; None balances by area alone. A building counts where its inner
        point lies.
    rng : numpy Generator
        Varies the starts of the search; the same state gives the same grid.

    Raises
    ------
    InputFault
        When `n_cells` is below the number of communities or beyond what codes can number.
    ContractFault
        When a layer lacks `code`, repeats a code, or is in another CRS.
    """
    _require(communities, sources, weights, n_cells)
    layers, grids = {COMMUNITY: communities, **sources}, list(sources)
    faces, people_outside = populate_faces(overlay_faces(layers, COMMUNITY), weights)
    wanted = share_out(faces, n_cells)
    atoms = Atoms.from_faces(faces, grids)
    lines: list[Any] = []
    for _ in range(_CUT_ROUNDS):
        cuts = _missing_cuts(atoms, wanted)
        if not cuts:
            break
        lines += cuts
        faces, people_outside = populate_faces(overlay_faces(layers, COMMUNITY, lines), weights)
        atoms = Atoms.from_faces(faces, grids)
    cell_of_atom = join_atoms(atoms, wanted, rng)
    cells, place = _number(faces, atoms, cell_of_atom)
    cell_of_atom = place[cell_of_atom]
    code_of_face = cells["code"].to_numpy()[cell_of_atom[atoms.of_face]]
    lineage = build_lineage(atoms.settle(faces, grids), code_of_face, grids)
    return MergeResult(cells, lineage, _report(atoms, cell_of_atom, cells, len(lines), people_outside))


def share_out(faces: gpd.GeoDataFrame, n_cells: int) -> dict[str, int]:
    """Return how many cells each community gets, by half its people and half its area.

    Parameters
    ----------
    faces : GeoDataFrame
        Overlay faces with the community, `area_m2` and `population`.
    n_cells : int
        How many there are to share out; every community gets at least one.

    Raises
    ------
    InputFault
        When that cannot be done.
    """
    totals = faces.groupby(COMMUNITY, sort=True)[["area_m2", "population"]].sum()
    claim = half_and_half(totals["area_m2"].to_numpy(), totals["population"].to_numpy())
    return dict(zip(totals.index, apportion(claim, n_cells, most=LAST_SEQUENCE).tolist(), strict=True))


def _require(
    communities: gpd.GeoDataFrame,
    sources: Mapping[str, gpd.GeoDataFrame],
    weights: gpd.GeoDataFrame | None,
    n_cells: int,
) -> None:
    """Refuse layers that cannot be merged and counts that cannot be reached."""
    require_metric(communities.crs)
    if not sources:
        raise InputFault("there is no source grid to merge")
    for name, layer in {COMMUNITY: communities, **sources}.items():
        if "code" not in layer.columns:
            raise ContractFault(f"layer {name} has no column `code`")
        if layer.crs != communities.crs:
            raise ContractFault(f"layer {name} is not in the coordinate system of the communities")
        if layer["code"].duplicated().any():
            raise ContractFault(f"layer {name} repeats code {layer.loc[layer['code'].duplicated(), 'code'].iloc[0]}")
    if weights is not None and ("people" not in weights.columns or weights.crs != communities.crs):
        raise ContractFault("weights need a column `people` and the coordinate system of the communities")
    if n_cells < len(communities):
        raise InputFault(f"{n_cells} cells cannot nest in {len(communities)} communities: each needs at least one")
    if n_cells > LAST_SEQUENCE * len(communities):
        raise InputFault(f"{n_cells} cells in {len(communities)} communities are more than codes can number")


def _missing_cuts(atoms: Atoms, wanted: Mapping[str, int]) -> list[Any]:
    """Return straight lines through the largest atoms of communities that have fewer atoms than cells to get."""
    lines: list[Any] = []
    for community, places in atoms.by_community().items():
        if len(places) < wanted[community]:
            pieces = apportion(atoms.size[places], wanted[community])
            for place, count in zip(places, pieces, strict=True):
                lines += cut_lines(atoms.geometry[place], int(count))
    return lines


def _number(
    faces: gpd.GeoDataFrame, atoms: Atoms, cell_of_atom: NDArray[np.intp]
) -> tuple[gpd.GeoDataFrame, NDArray[np.intp]]:
    """Return the cells in order of code, and the row of each joined cell in them."""
    cell_of_face = cell_of_atom[atoms.of_face]
    shapes = union_groups(np.asarray(faces.geometry.array), cell_of_face)
    table = faces.groupby(cell_of_face).agg(community_code=(COMMUNITY, "first"), population=("population", "sum"))
    codes = np.empty(len(shapes), dtype="<U15")
    for community, rows in table.groupby("community_code").indices.items():
        codes[rows] = number_cells(str(community), shapes[rows])
    cells = gpd.GeoDataFrame(
        {
            "code": codes,
            "community_code": table["community_code"].to_numpy(),
            "area_m2": shapely.area(shapes),
            "population": table["population"].to_numpy(),
        },
        geometry=shapes,
        crs=faces.crs,
    )
    order = np.argsort(codes)
    return cells.iloc[order].reset_index(drop=True), np.argsort(order).astype(np.intp)


def _report(
    atoms: Atoms, cell_of_atom: NDArray[np.intp], cells: gpd.GeoDataFrame, n_cuts: int, people_outside: float
) -> MergeReport:
    borders = atoms.borders
    inside = atoms.community[borders.left] == atoms.community[borders.right]
    cut = inside & (cell_of_atom[borders.left] != cell_of_atom[borders.right])
    size = np.bincount(cell_of_atom, atoms.size)
    share = size * cells.groupby("community_code")["code"].transform("size").to_numpy()
    return MergeReport(
        n_atoms=len(atoms.size),
        n_cuts=n_cuts,
        n_slivers=len(atoms.of_face) - len(atoms.size),
        border_share=_length_shares(borders.length_m[cut], atoms.agreement[cut], atoms.n_grids),
        offered_share=_length_shares(borders.length_m[inside], atoms.agreement[inside], atoms.n_grids),
        size_cv=float(share.std() / share.mean()),
        area_cv=float(cells["area_m2"].std(ddof=0) / cells["area_m2"].mean()),
        population_cv=_variation(cells["population"].to_numpy()),
        compactness=float(np.mean(4 * np.pi * cells.geometry.area / cells.geometry.length**2)),
        people_outside=people_outside,
    )


def _variation(numbers: NDArray[np.float64]) -> float:
    return float(numbers.std() / numbers.mean()) if numbers.sum() > 0 else 0.0


def _length_shares(length_m: NDArray[np.float64], agreement: NDArray[np.intp], n_grids: int) -> dict[int, float]:
    total = float(length_m.sum())
    return {n: float(length_m[agreement == n].sum()) / total if total else 0.0 for n in range(n_grids + 1)}
