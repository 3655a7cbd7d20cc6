"""The board of the eight response chains: who carries how much, by area, with sums that always add up.

A case counts once, in its lead chain; support is counted apart and never added to it. Deadlines bind the first three
chains only, so near due and overdue exist only there; the other five are measured by what they take part in.

References
----------
Little (1961), A proof for the queuing formula L = lambda W. Operations Research 9: backlog, arrivals and departures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from gis.codes import Level
from gis.errors import ContractFault
from gis.intervals import survival_quantile
from gis.terms import CHAINS, DEADLINE_CHAINS
from gis.worktime import DutyCalendar, working_hours

COUNTS = ("open", "near_due", "overdue", "new", "closed", "open_before", "support")
"""open, near_due, overdue, support: now; new and closed: in the window; open_before: at its start."""

MEASURES = ("open", "new", "near_due", "overdue", "oldest", "p90", "flow", "support", "per_person", "taking_part")
"""What a cell of the board can show."""

PARTICIPATION = {
    4: ("offers", "hours", "matched"),
    5: ("projects", "beneficiaries"),
    6: ("visits_due", "visits_kept"),
    7: ("turn_up", "requests_met"),
    8: ("meetings", "self_solved"),
}
"""Kinds of participation by chain, in the order in which a person reads them."""

LEAST_TIMED = 5
"""Handling times of fewer cases are not shown."""

_KEYS = ("chain", "area_code", "location_status")


@dataclass(frozen=True)
class Board:
    """One moment of all chains over the areas of a scope.

    Attributes
    ----------
    cells : DataFrame indexed by (chain, code), every chain with every area; `COUNTS` and `oldest_at`.
    buckets : the same indexed by (chain, location status): cases of the scope that lie in none of its areas.
    totals : the same indexed by chain; cells plus buckets.
    """

    cells: pd.DataFrame
    buckets: pd.DataFrame
    totals: pd.DataFrame

    @property
    def change(self) -> pd.Series:
        """Change of the backlog per chain over the window: what came in less what went out."""
        return self.totals["new"] - self.totals["closed"]


def board(counts: pd.DataFrame, areas: pd.Index, unit: Level) -> Board:
    """Add counts per (chain, area, location status) up to the areas of one level.

    Parameters
    ----------
    counts
        `chain`, `area_code`, `location_status`, `COUNTS`, `oldest_at` (aware, NaT where nothing is open); codes may be
        deeper than `unit`, shallower ones are known to lie in the scope only.
    areas
        Codes of every area of the scope, in the order to show.
    unit
        Level of `areas`.

    Raises
    ------
    ContractFault
        When a column is missing, a chain is unknown, or an area of the counts is not one of `areas`.
    """
    absent = [name for name in (*_KEYS, *COUNTS, "oldest_at") if name not in counts.columns]
    if absent:
        raise ContractFault(f"counts of chains lack {', '.join(absent)}")
    if not set(counts["chain"]) <= set(CHAINS):
        raise ContractFault("counts name a chain that is not one of 1 to 8")
    deep = counts["area_code"].str.len() >= int(unit)
    code = counts["area_code"].str[: int(unit)]
    strange = set(code[deep]) - set(areas)
    if strange:
        raise ContractFault(f"counts name areas that are not of the scope: {', '.join(sorted(strange)[:5])}")
    whole = pd.MultiIndex.from_product([CHAINS, areas], names=["chain", "code"])
    inside = _summed(counts[deep], [counts.loc[deep, "chain"], code[deep]], ["chain", "code"]).reindex(whole)
    rest = counts[~deep]
    buckets = _summed(rest, [rest["chain"], rest["location_status"]], ["chain", "location_status"])
    totals = _summed(counts, [counts["chain"]], ["chain"]).reindex(pd.Index(CHAINS, name="chain"))
    return Board(_whole(inside), _whole(buckets), _whole(totals))


def _summed(rows: pd.DataFrame, keys: list[pd.Series], names: list[str]) -> pd.DataFrame:
    grouped = rows.groupby([key.to_numpy() for key in keys])
    made = grouped[list(COUNTS)].sum()
    made["oldest_at"] = grouped["oldest_at"].min()
    made.index.names = names
    return made


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Areas without a case are zero, not missing; only the oldest report can be missing."""
    filled = frame[list(COUNTS)].fillna(0).astype("int64")
    filled["oldest_at"] = pd.to_datetime(frame["oldest_at"], utc=True)
    # a promised deadline stays with a case that another chain took over; it is not that chain's to be counted late
    free = ~filled.index.get_level_values("chain").isin(DEADLINE_CHAINS)
    filled.loc[free, ["near_due", "overdue"]] = 0
    return filled


def handling_quantiles(
    cases: pd.DataFrame, now: datetime, calendar: DutyCalendar, *, share: float = 0.9
) -> pd.DataFrame:
    """Return the working hours from report to the end of handling by which a share of cases is handled.

    Cases that still run count with the time they have run, so a chain that leaves its hard cases lying does not look
    fast (Kaplan and Meier's estimate, see `gis.intervals.survival_quantile`).

    Parameters
    ----------
    cases
        `chain`, `code`, `reported_at`, `handled_at` (aware; NaT while it runs), without void ones.

    Returns
    -------
    pandas.DataFrame
        Indexed by (chain, code) with `hours`, `low`, `high`, `n`; code '' is the chain as a whole. Hours are NaN under
        `LEAST_TIMED` cases, or where the estimate does not reach the share yet.
    """
    done = cases["handled_at"].notna().to_numpy()
    end = cases["handled_at"].fillna(pd.Timestamp(now))
    hours = np.maximum(working_hours(cases["reported_at"], end, calendar), 0)
    timed = pd.DataFrame({"chain": cases["chain"].to_numpy(), "code": cases["code"].to_numpy(), "h": hours, "d": done})
    rows = []
    for keys in (["chain", "code"], ["chain"]):
        for key, own in timed.groupby(keys, sort=True):
            chain, code = (key[0], key[1]) if len(keys) == 2 else (key[0], "")
            if len(own) >= LEAST_TIMED:
                told = survival_quantile(own["h"].to_numpy(), own["d"].to_numpy(), share)
            else:
                told = (np.nan, np.nan, np.nan)
            rows.append((chain, code, *told, len(own)))
    made = pd.DataFrame(rows, columns=["chain", "code", "hours", "low", "high", "n"])
    return made.set_index(["chain", "code"])


def load_per_person(open_cases: pd.Series, people: pd.Series) -> pd.Series:
    """Return open cases per person of the units that answer for each place; NaN where nobody does."""
    known = people.reindex(open_cases.index).astype(float).replace(0, np.nan)
    return open_cases / known


def participation_table(rows: pd.DataFrame, areas: pd.Index, unit: Level) -> pd.DataFrame:
    """Return what chains 4 to 8 took part in: one row per (chain, code), one column per kind, 0 where none is told.

    Parameters
    ----------
    rows
        `chain`, `area_code`, `kind`, `amount`; code '' of the result is the whole of `rows`.
    """
    kinds = list(dict.fromkeys(kind for own in PARTICIPATION.values() for kind in own))
    deep = rows[rows["area_code"].str.len() >= int(unit)]
    parts = [deep.assign(code=deep["area_code"].str[: int(unit)]), rows.assign(code="")]
    told = pd.concat(parts).pivot_table(index=["chain", "code"], columns="kind", values="amount", aggfunc="sum")
    whole = pd.MultiIndex.from_product([sorted(PARTICIPATION), ["", *areas]], names=["chain", "code"])
    return told.reindex(index=whole, columns=kinds).fillna(0.0)


def whistle_warning(orders: int, whistles: int, low: float = 0.005, high: float = 0.08) -> str:
    """Return `low`, `high` or '' for a whistle rate: an unused mechanism and a worn-out one are both warnings.

    The band is a local choice, shown with the figure; a rate of fewer than 50 orders says nothing.
    """
    if orders < 50:
        return ""
    rate = whistles / orders
    return "low" if rate < low else "high" if rate > high else ""
