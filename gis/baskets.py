"""What homes have within reach, added up: shares by area, minutes of a cell, who is missing what.

Times are tenths of a second per home and kind (`UNREACHED` when further than the limit). A home has a basket of kinds
when it reaches every one of them; its time is that of the last. People are counted home by home, so that the parts of
an area add up to the area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.reach import UNREACHED

CLASSES = ("no_homes", "within_5", "within_10", "within_15", "beyond_15", "not_connected")
"""Classes of a cell or home by its minutes, in the order of their numbers."""

_MINUTE_DS = 600
BREAKS_DS = (5 * _MINUTE_DS, 10 * _MINUTE_DS, 15 * _MINUTE_DS)


@dataclass(frozen=True)
class Homes:
    """h homes: the area that holds each, and who lives there.

    Attributes
    ----------
    code : ndarray of str, shape (h,)
        Deepest area of each home, '' outside.
    people, over60 : ndarray of float64, shape (h,)
    connected : ndarray of bool, shape (h,)
        On the walking network.
    """

    code: NDArray[np.str_]
    people: NDArray[np.float64]
    over60: NDArray[np.float64]
    connected: NDArray[np.bool_]

    def inside(self, scope: str) -> NDArray[np.bool_]:
        """Return which homes lie in an area."""
        return np.char.startswith(self.code, scope)


def of_last(times: list[NDArray[np.uint16]]) -> NDArray[np.uint16]:
    """Return the time to the last kind of a basket, per home; a basket of nothing takes no time."""
    return np.maximum.reduce(times) if times else np.zeros(0, dtype=np.uint16)


def class_of(ds: NDArray[np.uint16]) -> NDArray[np.int8]:
    """Return the class of each time (1 to 4); a bound belongs to the class below it."""
    return (1 + np.searchsorted(BREAKS_DS, ds, side="left")).astype(np.int8)


def limit_of(minutes: int) -> int:
    """Return minutes as tenths of a second."""
    return minutes * _MINUTE_DS


def shares(homes: Homes, ds: NDArray[np.uint16], limit_ds: int, digits: int, scope: str = "") -> pd.DataFrame:
    """Return who is covered per area of one level.

    Parameters
    ----------
    ds : time of each home. limit_ds : covered up to and including it.
    digits : length of the codes to add up to. scope : only homes inside this area.

    Returns
    -------
    DataFrame indexed by code: people, over60, homes; people_in, over60_in, homes_in; people_in_share, over60_in_share.
    """
    rows = np.flatnonzero(homes.inside(scope) & (np.char.str_len(homes.code) >= digits))
    codes, at = np.unique(homes.code[rows].astype(f"U{digits}"), return_inverse=True)
    inside = (ds[rows] <= limit_ds).astype(float)

    def add(weight: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(at, weight, len(codes)), dtype=np.float64)

    one = np.ones(len(rows))
    frame = pd.DataFrame(
        {
            "people": add(homes.people[rows]), "over60": add(homes.over60[rows]), "homes": add(one),
            "people_in": add(homes.people[rows] * inside), "over60_in": add(homes.over60[rows] * inside),
            "homes_in": add(inside),
        },
        index=pd.Index(codes.astype(object), name="code", dtype=str),
    )  # fmt: skip
    for name in ("people", "over60", "homes"):
        whole = frame[name].to_numpy()
        frame[f"{name}_in_share"] = np.divide(
            frame[f"{name}_in"], whole, out=np.full(len(frame), np.nan), where=whole > 0
        )
    return frame


def cell_times(homes: Homes, ds: NDArray[np.uint16], digits: int = 15) -> pd.Series:
    """Return the time within which half of an area's people have their basket, by code of `digits`.

    Areas whose people are mostly not connected get `UNREACHED`; areas without people are absent.
    """
    rows = np.flatnonzero((np.char.str_len(homes.code) >= digits) & (homes.people > 0))
    codes, at = np.unique(homes.code[rows].astype(f"U{digits}"), return_inverse=True)
    order = np.lexsort((ds[rows], at))
    weight, group, time = homes.people[rows][order], at[order], ds[rows][order]
    running = np.cumsum(weight)
    total = np.bincount(group, weight, len(codes))
    before = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    middle = np.searchsorted(running, before + total / 2.0 - 1e-9)
    return pd.Series(
        time[np.minimum(middle, len(time) - 1)], index=pd.Index(codes.astype(object), name="code", dtype=str)
    )


def curve(homes: Homes, ds: NDArray[np.uint16], minutes: NDArray[np.int64], scope: str = "") -> pd.DataFrame:
    """Return the share of people and over-60s covered within each number of minutes: [minutes, people, over60]."""
    rows = homes.inside(scope)
    limits = minutes * _MINUTE_DS

    def share(weight: NDArray[np.float64]) -> NDArray[np.float64]:
        order = np.argsort(ds[rows], kind="stable")
        running = np.concatenate([[0.0], np.cumsum(weight[rows][order])])
        whole = running[-1]
        found = running[np.searchsorted(ds[rows][order], limits, side="right")]
        return found / whole if whole else np.full(len(limits), np.nan)

    return pd.DataFrame({"minutes": minutes, "people": share(homes.people), "over60": share(homes.over60)})


def gaps(
    homes: Homes, times: dict[str, NDArray[np.uint16]], limit_ds: int, scope: str = "", digits: int = 12
) -> pd.DataFrame:
    """Return who is missing what: one row per area and kind with people beyond the limit, most people first.

    Returns
    -------
    DataFrame
        code, kind, people, over60 (beyond the limit), share (of the area's people), ds (the time within which half of
        them reach the nearest one; UNREACHED beyond an hour).
    """
    rows = np.flatnonzero(homes.inside(scope) & (np.char.str_len(homes.code) >= digits) & (homes.people > 0))
    codes, at = np.unique(homes.code[rows].astype(f"U{digits}"), return_inverse=True)
    whole = np.bincount(at, homes.people[rows], len(codes))
    found = []
    for kind, ds in times.items():
        beyond = ds[rows] > limit_ds
        if not beyond.any():
            continue
        part = rows[beyond]
        some = Homes(homes.code[part], homes.people[part], homes.over60[part], homes.connected[part])
        people = np.bincount(at[beyond], homes.people[part], len(codes))
        older = np.bincount(at[beyond], homes.over60[part], len(codes))
        middle = cell_times(some, ds[part], digits)
        frame = pd.DataFrame({"code": codes.astype(object), "kind": kind, "people": people, "over60": older})
        frame["share"] = people / whole
        frame["ds"] = middle.reindex(frame["code"]).fillna(UNREACHED).to_numpy().astype(np.uint16)
        found.append(frame[frame["people"] > 0])
    columns = ["code", "kind", "people", "over60", "share", "ds"]
    if not found:
        return pd.DataFrame({name: [] for name in columns})
    return pd.concat(found, ignore_index=True).sort_values(["people", "code"], ascending=[False, True], kind="stable")


def missing_kinds(times: dict[str, NDArray[np.uint16]], limit_ds: int) -> NDArray[np.int64]:
    """Return how many kinds each home is missing."""
    return np.sum([ds > limit_ds for ds in times.values()], axis=0) if times else np.zeros(0, dtype=np.int64)
