"""Which chain leads a case: rules by area, category and time, tried on past cases before they are switched on.

The most particular rule wins: the smaller area first, then the narrower category, then a rule for a part of the day,
and among equals the newest. A case that no rule names keeps the chain of its category.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis.worktime import DutyCalendar, local_seconds

TIME_BANDS = ("any", "work", "off")
RULE_COLUMNS = ("id", "area_code", "category", "time_band", "lead_chain", "support_chains")


@dataclass(frozen=True)
class Effect:
    """What a set of rules would have done.

    Attributes
    ----------
    matched : cases that a rule names. changed : of those, how many get another lead.
    load : by chain: `before`, `after`, `supports` (new supports asked for).
    moves : `source`, `target`, `n` of cases whose lead changes.
    """

    matched: int
    changed: int
    load: pd.DataFrame
    moves: pd.DataFrame


def in_duty_hours(moments: pd.Series | pd.DatetimeIndex, calendar: DutyCalendar) -> np.ndarray:
    """Return whether each aware time lies in duty hours."""
    local = calendar.within(local_seconds(moments, calendar.timezone))
    later = calendar.within(local + np.timedelta64(1, "s"))
    return calendar.elapsed_s(later) > calendar.elapsed_s(local)


def route(cases: pd.DataFrame, rules: pd.DataFrame, calendar: DutyCalendar) -> pd.DataFrame:
    """Return the rule of each case: `rule` (id, -1 for none) and `lead_chain` as it would be.

    Parameters
    ----------
    cases
        `area_code`, `category`, `reported_at` (aware), `lead_chain` of its category.
    rules
        `RULE_COLUMNS`.
    """
    rule = np.full(len(cases), -1, dtype=np.int64)
    lead = cases["lead_chain"].to_numpy(dtype=int).copy()
    areas = cases["area_code"].to_numpy(dtype=str)
    kinds = cases["category"].to_numpy(dtype=str)
    on_duty = in_duty_hours(cases["reported_at"], calendar) if len(cases) else np.zeros(0, dtype=bool)
    for row in _by_weight(rules):
        hit = np.char.startswith(areas, row["area_code"]) & np.char.startswith(kinds, row["category"])
        if row["time_band"] != "any":
            hit &= on_duty == (row["time_band"] == "work")
        rule[hit], lead[hit] = row["id"], row["lead_chain"]
    return pd.DataFrame({"rule": rule, "lead_chain": lead}, index=cases.index)


def _by_weight(rules: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rules from the most general to the most particular, so that a later one overwrites."""
    rows: list[dict[str, Any]] = rules.to_dict("records")  # type: ignore[assignment]
    return sorted(rows, key=lambda r: (len(r["area_code"]), len(r["category"]), r["time_band"] != "any", r["id"]))


def effect(cases: pd.DataFrame, rules: pd.DataFrame, calendar: DutyCalendar) -> Effect:
    """Return what rules would have done to past cases.

    Parameters
    ----------
    cases
        As for `route`, with `now_chain`, the lead that each really has.
    """
    told = route(cases, rules, calendar)
    before = cases["now_chain"].to_numpy(dtype=int)
    after = np.where(told["rule"] >= 0, told["lead_chain"], before)
    matched = (told["rule"] >= 0).to_numpy()
    changed = matched & (after != before)
    load = pd.DataFrame(
        {"before": np.bincount(before, minlength=9)[1:9], "after": np.bincount(after, minlength=9)[1:9],
         "supports": _supports(told["rule"], rules)},
        index=pd.Index(range(1, 9), name="chain"),
    )  # fmt: skip
    moves = pd.DataFrame({"source": before[changed], "target": after[changed]}).value_counts().rename("n")
    return Effect(int(matched.sum()), int(changed.sum()), load, moves.reset_index())


def _supports(rule: pd.Series, rules: pd.DataFrame) -> np.ndarray:
    asked = np.zeros(9, dtype=np.int64)
    counts = rule.value_counts()
    for row in rules.to_dict("records"):
        for chain in row["support_chains"]:
            asked[int(chain)] += int(counts.get(row["id"], 0))
    return asked[1:]
