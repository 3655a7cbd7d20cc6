"""The figures of a report about one area and one period: what every form of it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from gis.periods import Period

PERIOD_COUNTS = ("new", "urgent", "closed", "with_deadline", "on_time", "open", "overdue")
"""new, urgent: reported in it; closed in it, of these with a deadline and handled within; open, overdue: at its end."""


@dataclass(frozen=True)
class Brief:
    """One period of one area, compared with another.

    Attributes
    ----------
    total, total_before
        `PERIOD_COUNTS` of the whole scope; equal to the sum of `rows` and `buckets`.
    rows
        The areas one level down in official order, indexed by code: names, `PERIOD_COUNTS`, the same with `_before`,
        `on_time_share` with `low` and `high` (95 %), `stands_out` for new cases that moved otherwise than the whole
        scope, by more than chance.
    buckets
        The same counts of cases that lie in none of them, indexed by location status.
    days
        [day, new, closed] of the days up to the period's end.
    classes
        The small classes with most new cases: names, `new`, `new_before`.
    late
        Cases that were late longest at the end, with `unit` and `late_s`.
    """

    kind: str
    place: dict[str, Any]
    district_zh: str
    timezone: str
    is_demo: bool
    attribution: str
    period: Period
    compared: Period
    total: dict[str, int]
    total_before: dict[str, int]
    rows: pd.DataFrame
    buckets: pd.DataFrame
    days: pd.DataFrame
    classes: pd.DataFrame
    late: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    made_at: datetime
    data_time: datetime | None
    made_by: str
