"""How hot spots of one run become those of the next: the same one, a new one, merged, split, ended.

The rule, stated on the page: a find continues a known hot spot of the same class when they share at least half of the
cells of the smaller of the two. When one find continues several, the one with the largest common part of all their
cells (Jaccard) keeps its number, and the others are merged into it. When one known hot spot goes on in several finds,
the find with the largest common part keeps the number, and the others are new, split from it. A hot spot that no find
continues is ended once it has not been seen for `ENDED_AFTER_H` hours; until then it stays, so that nothing flickers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHARED = 0.5
ENDED_AFTER_H = 24.0


@dataclass(frozen=True)
class Step:
    """What becomes of the finds of a run and of the hot spots known before it.

    Attributes
    ----------
    continues : find -> known hot spot that it continues, as positions.
    split_from : find that is new -> known hot spot that it has come off.
    merged : known hot spot -> find (position) that has taken it in.
    unseen : known hot spots that no find continues.
    """

    continues: dict[int, int]
    split_from: dict[int, int]
    merged: dict[int, int]
    unseen: tuple[int, ...]


def overlap(first: set[str], second: set[str]) -> float:
    """Return the common cells as a share of the smaller set (0 to 1); 0 when one is empty."""
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def jaccard(first: set[str], second: set[str]) -> float:
    """Return the common cells as a share of all cells of both (0 to 1)."""
    return len(first & second) / len(first | second) if first or second else 0.0


def follow(known: Sequence[tuple[str, set[str]]], found: Sequence[tuple[str, set[str]]]) -> Step:
    """Match finds with known hot spots.

    Parameters
    ----------
    known, found : (class, cells) of each.
    """
    pairs = [
        (jaccard(cells, mine), -k, -f)
        for f, (kind, mine) in enumerate(found)
        for k, (other, cells) in enumerate(known)
        if kind == other and overlap(cells, mine) >= SHARED
    ]
    continues: dict[int, int] = {}
    split: dict[int, int] = {}
    merged: dict[int, int] = {}
    for _, minus_k, minus_f in sorted(pairs, reverse=True):
        k, f = -minus_k, -minus_f
        if k not in continues.values() and f not in continues:
            continues[f] = k
    for _, minus_k, minus_f in sorted(pairs, reverse=True):
        k, f = -minus_k, -minus_f
        if f in continues and k not in continues.values():
            merged.setdefault(k, f)
        elif f not in continues:
            split.setdefault(f, k)
    seen = set(continues.values()) | set(merged)
    return Step(continues, split, merged, tuple(k for k in range(len(known)) if k not in seen))


def common_area(codes: Sequence[str], lengths: Sequence[int] = (15, 12, 9, 6)) -> str:
    """Return the code of the smallest area that holds all cells."""
    letters = np.array([list(code) for code in codes])
    same = (letters == letters[0]).all(axis=0)
    shared = len(same) if same.all() else int(np.argmin(same))
    return codes[0][: next(length for length in lengths if length <= shared)]
