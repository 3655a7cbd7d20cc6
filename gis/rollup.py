"""Counts of one scope rolled up to any level, so that children and buckets always add up to the parent.

Every number on a screen comes from one frame of counts per deepest known area; this module only adds them up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.codes import Level, level_of

COUNTS = ("open", "overdue", "near_due", "new", "new_today", "closed", "earlier")
"""open: not closed now; overdue and near_due: of the open; new, closed: in the window; earlier: new in the window
before, to compare; new_today: since local midnight."""


@dataclass(frozen=True)
class RollUp:
    """Counts of a scope: per child, in its buckets, and in all.

    Attributes
    ----------
    children : DataFrame indexed by child code, columns `COUNTS`.
    buckets : DataFrame indexed by location status, columns `COUNTS`: cases known to lie in the scope (or reported to
        it) that belong to none of its children.
    total : Series of `COUNTS`; equals children plus buckets.
    """

    children: pd.DataFrame
    buckets: pd.DataFrame
    total: pd.Series


def roll_up(counts: pd.DataFrame, scope: str, unit: Level) -> RollUp:
    """Add up counts per deepest area to the areas of level `unit` inside `scope`.

    Parameters
    ----------
    counts : DataFrame with columns `area_code`, `location_status` and `COUNTS`; one row per pair.
    scope : code of the area on screen.
    unit : level to add up to; not above the scope's own.

    Returns
    -------
    RollUp
        `children` holds only areas that have a case; the caller joins the rest as zeros.
    """
    codes = counts["area_code"].to_numpy(dtype="U15")
    numbers = counts[list(COUNTS)].to_numpy(dtype="int64")
    inside = np.char.startswith(codes, scope)
    deep = inside & (np.char.str_len(codes) >= int(unit))
    shallow = inside & ~deep
    statuses = counts["location_status"].to_numpy(dtype=object)[shallow].astype(str)
    return RollUp(
        children=_summed(codes[deep].astype(f"U{int(unit)}"), numbers[deep], "code"),
        buckets=_summed(statuses, numbers[shallow], "location_status"),
        total=pd.Series(numbers[inside].sum(axis=0), index=list(COUNTS)),
    )


def _summed(keys: NDArray[np.str_], numbers: NDArray[np.int64], name: str) -> pd.DataFrame:
    """Add up rows of the same key; plain arrays, since grouping a few rows as a frame costs more than all the rest."""
    unique, row = np.unique(keys, return_inverse=True)
    sums = np.zeros((len(unique), len(COUNTS)), dtype="int64")
    np.add.at(sums, row, numbers)
    return pd.DataFrame(sums, index=pd.Index(unique.astype(object), name=name, dtype=str), columns=list(COUNTS))


def table_unit(scope: str) -> Level:
    """Return the level of the rows beside the map: one below the scope, or the cell itself."""
    return level_of(scope).child or Level.CELL
