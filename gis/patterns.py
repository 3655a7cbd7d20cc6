"""What comes back at one place, of one kind, in one season: candidates for 每月一题 and for acting before a complaint.

A candidate is a place (community), a small class and a month with more cases than its place and its class explain:
the expectation is the class's share of the district in that month times all cases of the place in that month. The
list carries its evidence: interval of the ratio, repeats of known matters, in how many of the months before the same
pair stood out, and how seasonal the class is. Nothing is ranked on differences smaller than its interval: candidates
come in the order of the lower end.

References
----------
Garwood (1936), as in `gis.intervals`. Benjamini, Hochberg (1995), as in `gis.hotspots`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammainc

from gis.errors import ContractFault
from gis.hotspots import ALPHA, LEAST_CASES, false_discovery
from gis.intervals import poisson

COLUMNS = (
    "place", "category", "month", "cases", "expected", "low", "high", "p", "q", "repeats", "months_before", "season",
)  # fmt: skip


def candidates(counts: pd.DataFrame, alpha: float = ALPHA, most: int = 60) -> pd.DataFrame:
    """Return the candidates of the last month in the record.

    Parameters
    ----------
    counts
        [place, category, month, cases, repeats]; `month` sorts in time ('2026-10').
    most
        Rows returned.

    Returns
    -------
    DataFrame
        `COLUMNS`; `low` and `high` bound cases / expected at 95 %; `months_before` counts earlier months in which the
        pair stood out; `season` is the class's share of cases in this month over an equal share of all months.

    Raises
    ------
    ContractFault
        When a column is missing.
    """
    absent = {"place", "category", "month", "cases", "repeats"} - set(counts.columns)
    if absent:
        raise ContractFault(f"patterns lack {', '.join(sorted(absent))}")
    if counts.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    told = pd.concat([_judged(part, alpha) for _, part in counts.groupby("month")])
    last = told["month"].max()
    clear = told[(told["q"] <= alpha) & (told["cases"] > told["expected"])]
    before = clear[clear["month"] < last].groupby(["place", "category"]).size().rename("months_before")
    now = clear[clear["month"] == last].merge(before, on=["place", "category"], how="left")
    now["months_before"] = now["months_before"].fillna(0).astype(int)
    by_month = counts.groupby(["category", "month"])["cases"].sum()
    months = counts["month"].nunique()
    season = by_month.xs(last, level="month") / by_month.groupby("category").sum() * months
    now["season"] = now["category"].map(season)
    bounds = np.array([poisson(int(n)) for n in now["cases"]]).reshape(-1, 2)
    now["low"], now["high"] = bounds[:, 0] / now["expected"], bounds[:, 1] / now["expected"]
    now = now.sort_values(["low", "place", "category"], ascending=[False, True, True])
    return now[list(COLUMNS)].head(most).reset_index(drop=True)


def _judged(part: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Return one month's pairs with expectation, p and q; pairs with few cases are counted in the family only."""
    by_place = part.groupby("place")["cases"].transform("sum")
    by_class = part.groupby("category")["cases"].transform("sum")
    total = max(int(part["cases"].sum()), 1)
    made = part.assign(expected=by_place * by_class / total)
    tail = gammainc(made["cases"].to_numpy(float), made["expected"].to_numpy(float))
    made["p"] = np.where(made["cases"] >= LEAST_CASES, tail, np.nan)
    family = part["place"].nunique() * part["category"].nunique()
    return made.assign(q=false_discovery(made["p"].to_numpy(), family=family))
