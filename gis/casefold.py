"""The current rows of many cases out of their events: the same as `gis.workflow.after`, a column at a time.

Events are taken in the order in which they were recorded, not in that of their times: a file may say that a case was
closed before it was reported, and the record keeps that as it was told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gis.errors import ContractFault
from gis.terms import CLOSED_STAGES, OPEN_STAGES, STAGES
from gis.workflow import BEFORE_CHECK, ENTERS, EVENT_WORDS

FOLDED = ("stage", "is_open", "handled_at", "closed_at", "rework_count", "hang_count", "hung_since")

_STAGES = np.array([*STAGES, ""], dtype=object)
_NOWHERE = len(STAGES)


class EventLines:
    """Events in lines, one line per case: positions of the first and last event of a kind in each.

    Parameters
    ----------
    events
        `case_id`, `stage` (a word of `EVENT_WORDS`) and `at` (aware), each case's in recorded order; the cases need
        not stand together.

    Raises
    ------
    ContractFault
        When a column is missing or a word unknown.
    """

    def __init__(self, events: pd.DataFrame) -> None:
        absent = [name for name in ("case_id", "stage", "at") if name not in events.columns]
        if absent:
            raise ContractFault(f"events lack {', '.join(absent)}")
        case = events["case_id"].to_numpy()
        order = np.argsort(case, kind="stable")
        case = case[order]
        word = pd.Index(EVENT_WORDS).get_indexer(pd.Index(events["stage"])).astype(np.int8)
        if (word < 0).any():
            raise ContractFault(
                f"event {events['stage'].iloc[int(np.argmax(word < 0))]!r} is not one of {', '.join(EVENT_WORDS)}"
            )
        self.order = order
        """Row of `events` at each position."""
        self.word = word[order]
        self.at = pd.DatetimeIndex(events["at"]).take(order)
        begins = np.ones(len(case), dtype=bool)
        begins[1:] = case[1:] != case[:-1]
        self.starts = np.flatnonzero(begins)
        self.line = np.cumsum(begins) - 1
        self.cases = case[self.starts]
        self._place = np.arange(len(case))

    def is_word(self, *words: str) -> np.ndarray:
        """Return which events have one of these words."""
        return np.isin(self.word, [EVENT_WORDS.index(word) for word in words])

    def enters(self) -> np.ndarray:
        """Return the position in `STAGES` of the stage each event enters, `len(STAGES)` where it enters none."""
        to = np.array([STAGES.index(ENTERS[word]) if word in ENTERS else _NOWHERE for word in EVENT_WORDS])
        return to[self.word]

    def last(self, chosen: np.ndarray) -> np.ndarray:
        """Return the position of the last chosen event of each line, -1 where there is none."""
        if not len(self.starts):
            return np.empty(0, dtype=np.int64)
        return np.maximum.reduceat(np.where(chosen, self._place, -1), self.starts)

    def first(self, chosen: np.ndarray, beyond: np.ndarray | None = None) -> np.ndarray:
        """Return the position of the first chosen event of each line, after `beyond`, or -1 where there is none."""
        if not len(self.starts):
            return np.empty(0, dtype=np.int64)
        if beyond is not None:
            chosen = chosen & (self._place > beyond[self.line])
        none = len(self._place)
        found = np.minimum.reduceat(np.where(chosen, self._place, none), self.starts)
        return np.where(found == none, -1, found)

    def count(self, chosen: np.ndarray) -> np.ndarray:
        """Return how many events of each line are chosen."""
        return np.bincount(self.line[chosen], minlength=len(self.starts))

    def times(self, place: np.ndarray) -> pd.DatetimeIndex:
        """Return the times of the events at these positions; NaT for -1."""
        return _taken(self.at, place)

    def before(self, chosen: np.ndarray) -> np.ndarray:
        """Return for each chosen event the position of the chosen one before it in its line, -1 where there is none."""
        place = np.flatnonzero(chosen)
        previous = np.full(len(place), -1)
        same = self.line[place[1:]] == self.line[place[:-1]]
        previous[1:][same] = place[:-1][same]
        return previous


def _taken(times: pd.DatetimeIndex, place: np.ndarray) -> pd.DatetimeIndex:
    """Return the times at these positions; NaT for -1."""
    missing: Any = pd.NaT
    return times.take(place, allow_fill=True, fill_value=missing)


def reworked(lines: EventLines) -> np.ndarray:
    """Return which events send a case back from its check: `rework`, and `handling` straight after `checking`."""
    enters = lines.enters()
    moving = enters < _NOWHERE
    from_check = np.zeros(len(moving), dtype=bool)
    previous = lines.before(moving)
    from_check[moving] = (previous >= 0) & (enters[previous] == STAGES.index("checking"))
    return lines.is_word("rework") | (lines.is_word("handling") & from_check)


def fold(events: pd.DataFrame) -> pd.DataFrame:
    """Return what the events of each case add up to.

    Parameters
    ----------
    events
        See `EventLines`. `due_at` (aware), when there, is the new deadline that a step gave: a postponement, the end
        of a hang, a filing under a condition.

    Returns
    -------
    pandas.DataFrame
        One row per case, indexed by `case_id` in rising order, with `FOLDED`: `stage`, `is_open`, `handled_at`,
        `closed_at` as the current row has them; `rework_count`; `hang_count` (periods) and `hung_since` (NaT unless
        hung now); and `postponed_to` (NaT unless a step moved the deadline) when `due_at` was given.

    Raises
    ------
    ContractFault
        As `EventLines`.
    """
    lines = EventLines(events)
    enters = lines.enters()
    opening, closing, unhandled, done = (
        np.isin(enters, [STAGES.index(stage) for stage in stages])
        for stages in (OPEN_STAGES, CLOSED_STAGES, BEFORE_CHECK, ("checking", "closed"))
    )
    standing = lines.last(enters < _NOWHERE)
    stage = np.where(standing >= 0, enters[standing] if len(enters) else 0, _NOWHERE)
    is_open = ~np.isin(stage, [STAGES.index(word) for word in CLOSED_STAGES])
    ended = lines.first(closing, beyond=lines.last(opening))
    periods = _hang_places(lines, closing)
    now_hung = np.full(len(lines.cases), -1)
    unfinished = periods[1] < 0
    now_hung[lines.line[periods[0][unfinished]]] = periods[0][unfinished]
    rows = pd.DataFrame(
        {
            "stage": _STAGES[stage],
            "is_open": is_open,
            "handled_at": lines.times(lines.first(done, beyond=lines.last(unhandled))),
            "closed_at": lines.times(np.where(is_open, -1, ended)),
            "rework_count": lines.count(reworked(lines)),
            "hang_count": np.bincount(lines.line[periods[0]], minlength=len(lines.cases)),
            "hung_since": lines.times(now_hung),
        },
        index=pd.Index(lines.cases, name="case_id"),
    )
    if "due_at" in events.columns:
        given = pd.DatetimeIndex(events["due_at"]).take(lines.order)
        place = lines.last(np.asarray(given.notna()))
        rows["postponed_to"] = _taken(given, place)
    return rows


def hang_periods(events: pd.DataFrame) -> pd.DataFrame:
    """Return from when to when cases were hung: `case_id`, `start`, `end` (NaT while it lasts), one row per period.

    Raises
    ------
    ContractFault
        As `EventLines`.
    """
    lines = EventLines(events)
    starts, ends = _hang_places(lines, np.isin(lines.enters(), [STAGES.index(stage) for stage in CLOSED_STAGES]))
    return pd.DataFrame(
        {"case_id": lines.cases[lines.line[starts]], "start": lines.times(starts), "end": lines.times(ends)}
    )


def _hang_places(lines: EventLines, closing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the events that begin a hang period, and of those that end it (-1 while it lasts)."""
    begin = lines.is_word("hung")
    ever = np.zeros(len(lines.cases), dtype=bool)
    ever[lines.line[begin]] = True
    turning = begin | ((lines.is_word("resumed") | closing) & ever[lines.line])
    place, previous = np.flatnonzero(turning), lines.before(turning)
    opens = begin[place] & ~((previous >= 0) & begin[np.maximum(previous, 0)])
    starts, stops = place[opens], place[~begin[place]]
    after = np.searchsorted(stops, starts)
    found = stops[np.minimum(after, len(stops) - 1)] if len(stops) else np.full(len(starts), -1)
    same = (
        (after < len(stops)) & (lines.line[found] == lines.line[starts]) if len(stops) else np.zeros(len(starts), bool)
    )
    return starts, np.where(same, found, -1)
