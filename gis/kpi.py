"""The dictionary of measures as data, and what they come to over the facts of cases.

A measure names columns of `gis.kpi_facts.case_facts`: the cases it counts, and those it counts them among. What a
person reads of it (name, formula, what is left out, where it comes from) is in `layouts.text.kpi`, under its key.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gis.errors import ContractFault
from gis.intervals import poisson, ratio, survival_quantile, wilson

LEAST_RANKED = 5
"""Groups with fewer cases are shown and not ranked."""

Kind = Literal["share", "count", "ratio", "per_10k", "hours", "multiple"]


@dataclass(frozen=True)
class Kpi:
    """One measure.

    Attributes
    ----------
    kind
        `share` of the denominator; plain `count`; `ratio` of two counts of different cases; cases `per_10k` residents;
        working `hours` by which a share of cases is handled; `multiple` of the limit, the median of late cases.
    numerator, denominator
        Columns of the facts; the population is no column.
    better
        Whether `high` or `low` is better, or nothing: then it is never ranked, because it says more about reporting
        than about work.
    quantile
        For hours: which share.
    """

    key: str
    kind: Kind
    numerator: str
    denominator: str = ""
    better: Literal["high", "low", ""] = ""
    quantile: float = 0.5


KPIS = (
    Kpi("filing_rate", "share", "filed", "accepted"),
    Kpi("due_to_close", "count", "due_to_close"),
    Kpi("closing_rate", "share", "closed", "due_to_close", "high"),
    Kpi("on_time_rate", "share", "closed_on_time", "due_with_deadline", "high"),
    Kpi("handling_median", "hours", "is_handled", "handling_h", "low", 0.5),
    Kpi("handling_p90", "hours", "is_handled", "handling_h", "low", 0.9),
    Kpi("overtime_multiple", "multiple", "overtime_multiple", "closed", "low"),
    Kpi("rework_rate", "share", "reworked", "ever_handled", "low"),
    Kpi("return_rate", "share", "returned", "dispatched", "low"),
    Kpi("misdispatch_rate", "share", "misdispatched", "unit_known", "low"),
    Kpi("first_solved_rate", "share", "solved_first", "closed_by_unit", "high"),
    Kpi("hung", "count", "hung"),
    Kpi("hang_rate", "share", "ever_hung", "filed", "low"),
    Kpi("postpone_rate", "share", "postponed", "dispatched", "low"),
    Kpi("stock", "count", "stock"),
    Kpi("open", "count", "is_open"),
    Kpi("overdue", "count", "overdue"),
    Kpi("near_due", "count", "near_due"),
    Kpi("repeat_rate", "ratio", "repeat", "closed", "low"),
    Kpi("duplicate_rate", "share", "duplicate", "reported"),
    Kpi("appeals_per_10k", "per_10k", "by_hotline"),
    Kpi("proactive_share", "share", "proactive", "reported"),
)

STANDING = ("hung", "stock", "open", "overdue", "near_due")
"""Measures of how things stand at a moment: of all open cases, whenever they were reported; the others are of the cases
reported in a period."""

BY_KEY = {kpi.key: kpi for kpi in KPIS}


@dataclass(frozen=True)
class Measure:
    """What a measure comes to.

    Attributes
    ----------
    value, low, high
        The value and its interval at 95 %; NaN where there is nothing to measure. Shares are 0 to 1.
    hits, n
        How many cases of how many; `n` of a measure per residents is the population.
    """

    value: float
    low: float
    high: float
    hits: int
    n: int


def behind(kpi: Kpi, facts: pd.DataFrame) -> pd.Index:
    """Return the ids of the cases that a measure's numerator counts."""
    return facts.index[_hits(kpi, facts).to_numpy()]


def measure(kpi: Kpi, facts: pd.DataFrame, population: int = 0) -> Measure:
    """Return what a measure comes to over the facts of some cases.

    Parameters
    ----------
    kpi
        One of `KPIS`.
    facts
        As `gis.kpi_facts.case_facts` returns them.
    population
        Residents, for measures per 10,000; 0 gives NaN.
    """
    hits = int(_hits(kpi, facts).sum())
    if kpi.kind == "hours":
        own = facts[facts[kpi.denominator].notna()]
        return spread(kpi, own[kpi.denominator].to_numpy(float), own[kpi.numerator].to_numpy(bool))
    if kpi.kind == "multiple":
        values = facts[kpi.numerator].dropna().to_numpy(float)
        return spread(kpi, values, np.ones(len(values), dtype=bool))
    n = int(facts[kpi.denominator].sum()) if kpi.kind in ("share", "ratio") else hits
    return counted(kpi, hits, population if kpi.kind == "per_10k" else n)


def counted(kpi: Kpi, hits: int, n: int) -> Measure:
    """Return what a measure of counts comes to: so many cases, of so many (or of so many residents)."""
    if kpi.kind == "count":
        low, high = poisson(hits)
        return Measure(float(hits), low, high, hits, hits)
    if kpi.kind == "per_10k":
        if n <= 0:
            return Measure(math.nan, math.nan, math.nan, hits, 0)
        low, high = (end / n * 10_000 for end in poisson(hits))
        return Measure(hits / n * 10_000, low, high, hits, n)
    low, high = wilson(hits, n) if kpi.kind == "share" else ratio(hits, n)
    return Measure(hits / n if n else math.nan, low, high, hits, n)


def spread(kpi: Kpi, values: np.ndarray, is_done: np.ndarray) -> Measure:
    """Return what a measure of durations or multiples comes to; those that are not done yet count as still running."""
    value, low, high = survival_quantile(values, is_done, kpi.quantile)
    return Measure(value, low, high, int(np.sum(is_done)), len(values))


def ranked(kpi: Kpi, table: pd.DataFrame) -> pd.DataFrame:
    """Add `is_ranked` and `rank` to a frame of measures by group; see `measure_by`."""
    counts = table["hits"] if kpi.kind == "per_10k" else table["n"]
    table["is_ranked"] = (counts >= LEAST_RANKED) & table["value"].notna() & (kpi.better != "")
    places = table["value"].where(table["is_ranked"])
    table["rank"] = places.rank(method="min", ascending=kpi.better == "low").astype("Int64")
    return table


def measure_by(kpi: Kpi, facts: pd.DataFrame, groups: pd.Series, population: pd.Series | None = None) -> pd.DataFrame:
    """Return a measure for each group of cases, with its rank where a rank means something.

    Parameters
    ----------
    kpi, facts
        As for `measure`.
    groups
        The group of each case, in the order of `facts`; missing ones are left out.
    population
        Residents by group. Groups that are only here have no cases and are listed too.

    Returns
    -------
    pandas.DataFrame
        Indexed by group: `value`, `low`, `high`, `hits`, `n`, `is_ranked`, `rank` (1 is best, equal values share
        one; missing when not ranked).

    Raises
    ------
    ContractFault
        When groups and facts differ in length.
    """
    if len(groups) != len(facts):
        raise ContractFault(f"{len(groups)} groups for {len(facts)} cases")
    own = facts.groupby(groups.to_numpy(), sort=True).indices
    names = sorted({*own, *([] if population is None else population.index)})
    told = [
        measure(kpi, facts.iloc[own.get(name, [])], 0 if population is None else int(population.get(name, 0)))
        for name in names
    ]
    table = pd.DataFrame([vars(one) for one in told], index=pd.Index(names, name="group"), columns=_COLUMNS)
    return ranked(kpi, table)


_COLUMNS = ["value", "low", "high", "hits", "n"]


def _hits(kpi: Kpi, facts: pd.DataFrame) -> pd.Series:
    """Which cases the numerator counts: always some of the denominator, but for a ratio of different cases."""
    own = facts[kpi.numerator]
    chosen = own.notna() if kpi.kind == "multiple" else own.astype(bool)
    if kpi.kind == "hours":
        return chosen & facts[kpi.denominator].notna()
    return chosen & facts[kpi.denominator].astype(bool) if kpi.kind in ("share", "multiple") else chosen
