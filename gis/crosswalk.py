"""Counts kept on one grid, told again on another, with nothing lost.

Old cells do not nest in new ones: a count is shared out by the area or the people that two cells have in common. What
lies outside every cell of the other grid goes to a bucket of its own, so that totals stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from gis.errors import ContractFault, InputFault

REMAINDER = ""
"""The code under which counts appear that fall outside every cell of the other grid."""

By = Literal["area", "population"]


@dataclass(frozen=True)
class Crosswalk:
    """Shares between the cells of one source grid and the unified cells.

    Attributes
    ----------
    grid : str
        The source grid.
    by : str
        `area` or `population`: what a count is shared out by.
    source_codes, cell_codes : ndarray of str
        Both sides, in order of code.
    forward : sparse matrix, source x (cells + remainder)
        Share of each source cell in each unified cell; the last column is the part outside every one. Rows sum to 1.
    backward : sparse matrix, cell x (sources + remainder)
        Share of each unified cell in each source cell; the last column is the part that the grid does not cover.
        Rows sum to 1.
    """

    grid: str
    by: By
    source_codes: NDArray[np.str_]
    cell_codes: NDArray[np.str_]
    forward: sparse.csr_array
    backward: sparse.csr_array

    def to_unified(self, counts: pd.Series) -> pd.Series:
        """Return counts of source cells as counts of unified cells and the `REMAINDER`.

        Parameters
        ----------
        counts : Series
            A count or another additive number per source code; a missing code counts as zero.

        Raises
        ------
        InputFault
            When a code is not in the source grid, is repeated, or its number is missing.
        """
        return _carry(counts, self.source_codes, self.forward, self.cell_codes, f"the {self.grid} grid")

    def to_source(self, counts: pd.Series) -> pd.Series:
        """Return counts of unified cells as counts of source cells and the `REMAINDER`.

        Raises
        ------
        InputFault
            When a code is not a unified cell, is repeated, or its number is missing.
        """
        return _carry(counts, self.cell_codes, self.backward, self.source_codes, "the unified grid")


def build_crosswalk(
    lineage: pd.DataFrame, grid: str, *, by: By = "area", source_totals: pd.Series | None = None
) -> Crosswalk:
    """Return the crosswalk of one source grid.

    Parameters
    ----------
    lineage : DataFrame
        As from `build_lineage`: cell_code, grid, source_code, area_m2, population.
    grid : str
        The source grid.
    by : {'area', 'population'}
        What to share counts out by. A cell in which nobody lives is shared out by area either way.
    source_totals : Series, optional
        Whole area (m2) or people of each source cell by code. What exceeds the common parts is the remainder. Without
        it source cells are taken to lie inside the unified grid as a whole.

    Raises
    ------
    ContractFault
        When the lineage has no row of the grid or lacks a column.

    References
    ----------
    Goodchild and Lam (1980), Areal interpolation: a variant of the traditional spatial problem.
    """
    needed = {"cell_code", "grid", "source_code", "area_m2", "population"}
    if needed - set(lineage.columns):
        raise ContractFault(f"the lineage lacks {', '.join(sorted(needed - set(lineage.columns)))}")
    if by not in ("area", "population"):
        raise InputFault(f"a crosswalk is by area or population, not by {by!r}")
    pairs = lineage[lineage["grid"] == grid]
    if pairs.empty:
        raise ContractFault(f"the lineage has no row of grid {grid!r}")
    cells = np.unique(pairs["cell_code"].to_numpy(dtype=str))
    known = pairs["source_code"].to_numpy(dtype=str)
    extra = known[:0] if source_totals is None else source_totals.index.to_numpy(dtype=str)
    sources = np.unique(np.concatenate([known[known != REMAINDER], extra]).astype(str))
    row = np.where(known == REMAINDER, len(sources), np.searchsorted(sources, known))
    column = np.searchsorted(cells, pairs["cell_code"].to_numpy(dtype=str))
    area = _common(row, column, pairs["area_m2"], len(sources), len(cells))
    common = area if by == "area" else _common(row, column, pairs["population"], len(sources), len(cells))
    whole = None if source_totals is None else source_totals.reindex(sources).to_numpy(dtype=float)
    forward = _shares(common[:-1], area[:-1], whole)
    # Backwards the uncovered part is a row of its own, so no total is needed.
    backward = _row_shares(sparse.csr_array(common.T), sparse.csr_array(area.T))
    return Crosswalk(grid, by, sources, cells, forward, backward)


def _common(row: NDArray[np.intp], column: NDArray[np.intp], amount: pd.Series, n: int, m: int) -> sparse.csr_array:
    """Return amounts common to each source cell (and the uncovered ground as last row) and each unified cell."""
    return sparse.csr_array((amount.to_numpy(dtype=float), (row, column)), shape=(n + 1, m))


def _shares(common: sparse.csr_array, area: sparse.csr_array, whole: NDArray[np.float64] | None) -> sparse.csr_array:
    """Return shares of rows with a last column for what the row has beyond the common parts."""
    inside = np.asarray(common.sum(axis=1)).ravel()
    beyond = np.zeros_like(inside) if whole is None else np.maximum(np.nan_to_num(whole) - inside, 0.0)
    # Sums of many small parts differ from the whole in the last digits; that is not ground outside.
    beyond[beyond <= 1e-9 * inside] = 0.0
    # A cell without any common ground and without a total keeps its count in the remainder.
    ground = np.asarray(area.sum(axis=1)).ravel()
    beyond[(inside + beyond == 0) & (ground == 0)] = 1.0
    last = sparse.csr_array(beyond[:, None])
    return _row_shares(
        sparse.csr_array(sparse.hstack([common, last])),
        sparse.csr_array(sparse.hstack([area, sparse.csr_array((len(beyond), 1))])),
    )


def _row_shares(common: sparse.csr_array, area: sparse.csr_array) -> sparse.csr_array:
    """Return rows scaled to sum to 1; a row without people is shared by area."""
    total = np.asarray(common.sum(axis=1)).ravel()
    ground = np.asarray(area.sum(axis=1)).ravel()
    by_people = sparse.diags_array(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0))
    by_area = sparse.diags_array(np.divide(1.0, ground, out=np.zeros_like(ground), where=(total == 0) & (ground > 0)))
    return sparse.csr_array(by_people @ common + by_area @ area)


def _carry(
    counts: pd.Series,
    givers: NDArray[np.str_],
    shares: sparse.csr_array,
    takers: Sequence[str] | NDArray[np.str_],
    of: str,
) -> pd.Series:
    codes = counts.index.to_numpy(dtype=str)
    values = counts.to_numpy(dtype=float)
    if len(np.unique(codes)) != len(codes):
        raise InputFault(f"a code is repeated among the counts of {of}")
    strange = codes[~np.isin(codes, givers) & (codes != REMAINDER)]
    if strange.size:
        raise InputFault(f"{strange[0]} is no cell of {of}" + (f" ({strange.size} such)" if strange.size > 1 else ""))
    if not np.all(np.isfinite(values)):
        raise InputFault(f"the count of {codes[~np.isfinite(values)][0]} in {of} is missing")
    given = np.zeros(len(givers))
    own = codes != REMAINDER
    given[np.searchsorted(givers, codes[own])] = values[own]
    taken = np.asarray(shares.T @ given)
    # What was outside stays outside.
    taken[-1] += values[~own].sum()
    return pd.Series(taken, index=pd.Index([*takers, REMAINDER], name="code"), name=counts.name)
