"""Where time is lost: the paths that cases really take, out of the log of their steps.

A directly-follows graph counts how often one step comes straight after another within a case, and how long that took.
It is our own, in arrays: a street's year (some 400,000 steps) takes well under two seconds.

References
----------
van der Aalst (2016), Process Mining: Data Science in Action, 2nd edition, chapter 6.
Leemans, Poppe, Wynn (2019), Directly follows-based process mining: exploration & a case study. ICPM 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis.casefold import EventLines
from gis.errors import ContractFault
from gis.terms import CHANNELS, FAMILIES, STAGES
from gis.workflow import ENTERS, EVENT_WORDS, MOVE_WORDS, MOVES, next_moves

PATH_WORDS = STAGES + MOVE_WORDS
"""Steps that move a case on; notes, photographs and the like are no part of its path."""

START, END = "start", "end"
_ALSO_WHILE_HUNG = ("resumed", "supervised")
_BASE = np.uint64(1_099_511_628_211)


@dataclass(frozen=True)
class Paths:
    """What the log says.

    Attributes
    ----------
    edges : `source`, `target`, `count`, `cases`, `median_h`, `p90_h` (hours between the two, natural time), most
        frequent first; `start` and `end` stand before the first and after the last step of a case.
    variants : `path` (words joined by a space), `cases`, `share` (0 to 1), most frequent first.
    case_count, event_count : how much was read.
    """

    edges: pd.DataFrame
    variants: pd.DataFrame
    case_count: int
    event_count: int


def path_events(events: pd.DataFrame) -> pd.DataFrame:
    """Return the steps that belong to a path, in their recorded order."""
    return events[events["stage"].isin(PATH_WORDS)]


def discover(events: pd.DataFrame, *, most_variants: int = 30) -> Paths:
    """Return the directly-follows graph and the variants of a log.

    Parameters
    ----------
    events
        `case_id`, `stage`, `at` (aware), each case's in recorded order.

    Raises
    ------
    ContractFault
        When a column is missing or a word unknown.
    """
    lines = EventLines(path_events(events))
    word = lines.word.astype(np.int64)
    count, size = len(lines.cases), len(word)
    if not size:
        edges = pd.DataFrame(columns=["source", "target", "count", "cases", "median_h", "p90_h"])
        return Paths(edges, pd.DataFrame(columns=["path", "cases", "share"]), 0, 0)
    same = lines.line[1:] == lines.line[:-1]
    at = lines.at.as_unit("us").asi8
    waits = (at[1:] - at[:-1])[same] / 3.6e9
    pair = (word[:-1] * len(EVENT_WORDS) + word[1:])[same]
    edges = _edge_table(pair, lines.line[1:][same], waits)
    lasts = np.append(lines.starts[1:], size) - 1
    ends = [(START, EVENT_WORDS[w], n) for w, n in zip(*np.unique(word[lines.starts], return_counts=True), strict=True)]
    ends += [(EVENT_WORDS[w], END, n) for w, n in zip(*np.unique(word[lasts], return_counts=True), strict=True)]
    rim = pd.DataFrame(ends, columns=["source", "target", "count"])
    rim["cases"] = rim["count"]
    both = pd.concat([edges, rim.assign(median_h=np.nan, p90_h=np.nan)], ignore_index=True)
    both = both.sort_values(["count", "source", "target"], ascending=[False, True, True], ignore_index=True)
    return Paths(both, _variants(lines, word, lasts, most_variants), count, size)


def _edge_table(pair: np.ndarray, line: np.ndarray, waits: np.ndarray) -> pd.DataFrame:
    order = np.lexsort((waits, pair))
    pair, line, waits = pair[order], line[order], waits[order]
    kinds, first, counts = np.unique(pair, return_index=True, return_counts=True)
    low, high = first + (counts - 1) // 2, first + counts // 2
    p90 = first + np.minimum(np.ceil(0.9 * counts).astype(int), counts) - 1
    distinct = pd.DataFrame({"pair": pair, "line": line}).drop_duplicates()["pair"].value_counts()
    return pd.DataFrame(
        {
            "source": [EVENT_WORDS[k // len(EVENT_WORDS)] for k in kinds],
            "target": [EVENT_WORDS[k % len(EVENT_WORDS)] for k in kinds],
            "count": counts,
            "cases": distinct.reindex(kinds).to_numpy(),
            "median_h": (waits[low] + waits[high]) / 2 if len(kinds) else np.empty(0),
            "p90_h": waits[p90] if len(kinds) else np.empty(0),
        }
    )


def _variants(lines: EventLines, word: np.ndarray, lasts: np.ndarray, most: int) -> pd.DataFrame:
    """Group cases by their sequence of words: equal sequences have equal sums of words times powers of one base."""
    place = np.arange(len(word)) - lines.starts[lines.line]
    powers = np.cumprod(np.full(int(place.max()) + 1, _BASE, dtype=np.uint64))
    with np.errstate(over="ignore"):
        mark = np.add.reduceat((word.astype(np.uint64) + np.uint64(1)) * powers[place], lines.starts)
    _, first, counts = np.unique(mark, return_index=True, return_counts=True)
    chosen = np.lexsort((first, -counts))[:most]
    rows = []
    for k in chosen:
        case = first[k]
        words = [EVENT_WORDS[w] for w in word[lines.starts[case] : lasts[case] + 1]]
        rows.append((" ".join(words), int(counts[k]), counts[k] / len(lines.cases)))
    return pd.DataFrame(rows, columns=["path", "cases", "share"])


def bottlenecks(paths: Paths, *, least: int = 20) -> pd.DataFrame:
    """Return the steps between which most time is spent in all: `hours` is count times median; at least `least` times.

    The median, not the mean: a few cases that lie for months would hide where most of them wait.
    """
    known = paths.edges[paths.edges["median_h"].notna() & (paths.edges["count"] >= least)]
    made = known.assign(hours=known["count"] * known["median_h"])
    return made.sort_values("hours", ascending=False, ignore_index=True)


def loops(events: pd.DataFrame) -> pd.DataFrame:
    """Return how often cases went back: per word `rework` and `returned`, how many cases, rounds, and hours until on.

    `lost_h` is the median time from being sent back to the next step; `most` the rounds of the worst case.
    """
    lines = EventLines(path_events(events))
    at = lines.at.as_unit("us").asi8
    rows = []
    for name in ("rework", "returned"):
        place = np.flatnonzero(lines.is_word(name))
        rounds = np.bincount(lines.line[place], minlength=len(lines.cases)) if len(place) else np.zeros(0, dtype=int)
        inside = place[place + 1 < len(at)]
        inside = inside[lines.line[inside + 1] == lines.line[inside]]
        lost = (at[inside + 1] - at[inside]) / 3.6e9
        most, median_h = (int(rounds.max()) if len(rounds) else 0), (float(np.median(lost)) if len(lost) else np.nan)
        rows.append((name, int((rounds > 0).sum()), int(rounds.sum()), int((rounds > 1).sum()), most, median_h))
    return pd.DataFrame(rows, columns=["word", "cases", "rounds", "twice", "most", "lost_h"])


def deviations(events: pd.DataFrame) -> pd.DataFrame:
    """Return steps that the rules do not allow from where the case stood: `stage`, `word`, `count`, `cases`.

    Parameters
    ----------
    events
        As for `discover`, with `family` and `channel` of the case.

    Raises
    ------
    ContractFault
        When a column is missing.
    """
    absent = [name for name in ("family", "channel") if name not in events.columns]
    if absent:
        raise ContractFault(f"events lack {', '.join(absent)}")
    own = path_events(events)
    lines = EventLines(own)
    if not len(lines.cases):
        return pd.DataFrame(columns=["stage", "word", "count", "cases"])
    enters = lines.enters()
    place = np.arange(len(enters))
    entering = np.where(enters < len(STAGES), place, -1)
    last = np.maximum.accumulate(np.maximum(entering, lines.starts[lines.line] - 1))
    # the stage before an event: that entered by the newest earlier event of its case which entered one
    before = np.full(len(enters), len(STAGES))
    inner = np.flatnonzero(place > lines.starts[lines.line])
    held = last[inner - 1]
    known = held >= lines.starts[lines.line[inner]]
    before[inner] = np.where(known, enters[np.maximum(held, 0)], len(STAGES))
    family = pd.Index(FAMILIES).get_indexer(pd.Index(own["family"]))[lines.order]
    channel = pd.Index(CHANNELS).get_indexer(pd.Index(own["channel"]))[lines.order]
    hung = _hung_before(lines)
    table = allowed_table()
    first = place == lines.starts[lines.line]
    fine = np.where(first, lines.is_word("reported"),
                    (before < len(STAGES)) & table[lines.word, np.minimum(before, len(STAGES) - 1), family, channel,
                                                    hung.astype(int)])  # fmt: skip
    bad = np.flatnonzero(~fine)
    told = pd.DataFrame(
        {
            "stage": [STAGES[b] if b < len(STAGES) else "" for b in before[bad]],
            "word": [EVENT_WORDS[w] for w in lines.word[bad]],
            "case_id": lines.cases[lines.line[bad]],
        }
    )
    made = told.groupby(["stage", "word"])["case_id"].agg(count="size", cases="nunique").reset_index()
    return made.sort_values(["count", "stage", "word"], ascending=[False, True, True], ignore_index=True)


def _hung_before(lines: EventLines) -> np.ndarray:
    """Return whether the case of each event was hung just before it."""
    turn = lines.is_word("hung").astype(int) - lines.is_word("resumed").astype(int)
    total = np.cumsum(turn)
    base = np.where(lines.starts > 0, total[lines.starts - 1], 0)
    return (total - turn - base[lines.line]) > 0


def allowed_table() -> np.ndarray:
    """Return which moves the rules allow: [word, stage before, family, channel, hung] -> bool."""
    table = np.zeros((len(EVENT_WORDS), len(STAGES), len(FAMILIES), len(CHANNELS), 2), dtype=bool)
    for s, stage in enumerate(STAGES):
        for f, family in enumerate(FAMILIES):
            for c, channel in enumerate(CHANNELS):
                for hung in (0, 1):
                    for move in next_moves(stage, family, channel, is_hung=bool(hung)):
                        table[EVENT_WORDS.index(move.word), s, f, c, hung] = True
    return table


def handovers(events: pd.DataFrame) -> pd.DataFrame:
    """Return every hand-over: a case sent back by one unit and sent on to another.

    Parameters
    ----------
    events
        `case_id`, `stage`, `at`, `unit`, each case's in recorded order.

    Returns
    -------
    pandas.DataFrame
        `case_id`, `source`, `target` (units), `hours` from the first dispatch before it to the next one, `number` (1
        for the first of its case), `is_back` (the target had the case before).
    """
    lines = EventLines(events)
    unit = events["unit"].to_numpy(dtype=object)[lines.order]
    sent = lines.is_word("dispatched")
    place = np.flatnonzero(sent)
    previous = lines.before(sent)
    later = previous >= 0
    place, previous = place[later], previous[later]
    changed = (unit[place] != unit[previous]) & (unit[place] != "") & (unit[previous] != "")
    place, previous = place[changed], previous[changed]
    at = lines.at.as_unit("us").asi8
    line = lines.line[place]
    number = np.ones(len(place), dtype=int)
    if len(place):
        begins = np.ones(len(place), dtype=bool)
        begins[1:] = line[1:] != line[:-1]
        number = np.arange(len(place)) - np.maximum.accumulate(np.where(begins, np.arange(len(place)), 0)) + 1
    had: dict[Any, set[Any]] = {}
    back = np.zeros(len(place), dtype=bool)
    for i, (case, source, target) in enumerate(zip(lines.cases[line], unit[previous], unit[place], strict=True)):
        seen = had.setdefault(case, {source})
        back[i] = target in seen
        seen.add(target)
    return pd.DataFrame(
        {"case_id": lines.cases[line], "source": unit[previous], "target": unit[place],
         "hours": (at[place] - at[previous]) / 3.6e9, "number": number, "is_back": back}
    )  # fmt: skip


__all__ = ["ENTERS", "MOVES", "Paths", "allowed_table", "bottlenecks", "deviations", "discover", "handovers", "loops"]
