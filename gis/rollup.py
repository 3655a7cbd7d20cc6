"""Counts of one scope rolled up to any level, so that children and buckets always add up to the parent.

Every number on a screen comes from one frame of counts per deepest known area; this module only adds them up.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

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
    inside = counts[counts["area_code"].str.startswith(scope)]
    deep = inside["area_code"].str.len() >= int(unit)
    children = inside[deep].groupby(inside["area_code"].str[: int(unit)])[list(COUNTS)].sum()
    children.index.name = "code"
    buckets = inside[~deep].groupby("location_status")[list(COUNTS)].sum()
    return RollUp(children=children, buckets=buckets, total=inside[list(COUNTS)].sum())


def table_unit(scope: str) -> Level:
    """Return the level of the rows beside the map: one below the scope, or the cell itself."""
    return level_of(scope).child or Level.CELL
