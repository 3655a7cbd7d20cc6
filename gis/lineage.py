"""Where each unified cell came from: its shares of area and of people in every source grid."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

LINEAGE_COLUMNS = ("cell_code", "grid", "source_code", "area_m2", "population", "area_share", "population_share")


def build_lineage(faces: gpd.GeoDataFrame, cell_of_face: NDArray[np.str_], grids: Sequence[str]) -> pd.DataFrame:
    """Return one row per pair of a cell and a source cell that share ground.

    Parameters
    ----------
    faces : GeoDataFrame
        Overlay faces with one column of source codes per grid ('' = not covered), `area_m2` and `population`.
    cell_of_face : ndarray of str
        The unified cell of each face.
    grids : sequence of str
        Names of the source grids.

    Returns
    -------
    DataFrame
        `LINEAGE_COLUMNS`; shares are of the unified cell and sum to 1 per cell and grid. In a cell where nobody lives
        the population shares are the area shares.
    """
    return pd.concat([_of_grid(faces, cell_of_face, grid) for grid in grids], ignore_index=True)


def _of_grid(faces: gpd.GeoDataFrame, cell_of_face: NDArray[np.str_], grid: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "cell_code": cell_of_face,
            "grid": grid,
            "source_code": faces[grid].to_numpy(),
            "area_m2": faces["area_m2"].to_numpy(dtype=float),
            "population": faces["population"].to_numpy(dtype=float),
        }
    )
    pairs = table.groupby(["cell_code", "grid", "source_code"], sort=True, as_index=False)[
        ["area_m2", "population"]
    ].sum()
    area = pairs.groupby("cell_code")["area_m2"].transform("sum").to_numpy(dtype=float)
    people = pairs.groupby("cell_code")["population"].transform("sum").to_numpy(dtype=float)
    by_area = pairs["area_m2"].to_numpy(dtype=float) / area
    by_people = np.divide(pairs["population"].to_numpy(dtype=float), people, out=by_area.copy(), where=people > 0)
    return pairs.assign(area_share=by_area, population_share=by_people)[list(LINEAGE_COLUMNS)]
