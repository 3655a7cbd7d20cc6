"""Whether the clocks of cases are what their steps make them, to the minute."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import ARRAY, BigInteger, Connection, any_, literal, select

from db.read.events import microseconds, moments
from db.tables import stage_clock
from db.write.clocks import clocks_for
from gis.clocks import CLOCK_COLUMNS
from gis.worktime import usual_calendar

_KEY = ["case_id", "stage", "condition", "turn"]
_TIMES = ("start_at", "end_at", "due_at")
_MINUTES = ("limit_min", "used_min", "overtime_min")


def clock_differences(conn: Connection, ids: pd.Index | Sequence[int]) -> dict[str, list[int]]:
    """Return the ids of cases whose clocks differ from what their steps make them, by what differs.

    A limit that was changed by a person since then is no difference: deadlines are compared under the same limit only.
    """
    if not len(ids):
        return {}
    stored = _stored(conn, ids)
    made = clocks_for(conn, list(ids), usual_calendar(pd.Timestamp(stored["start_at"].max()).year + 1))
    both = made.merge(stored, on=_KEY, how="outer", suffixes=("", "_stored"), indicator="side")
    # a span under a condition, and a hotline clock, come and go with the rules
    ruled = (both["stage"].isin(("handled", "hotline"))) & ~((both["stage"] == "handled") & (both["condition"] == ""))
    told = {"without a clock for one of their stays, or with one too many": both[(both["side"] != "both") & ~ruled]}
    pairs = both[both["side"] == "both"]
    same_limit = pairs["limit_unit"] == pairs["limit_unit_stored"]
    same_limit &= pairs["limit_quantity"].fillna(-1) == pairs["limit_quantity_stored"].fillna(-1)
    for column in (*_TIMES, *_MINUTES):
        other = pairs[f"{column}_stored"]
        off = (pairs[column] != other) & ~(pairs[column].isna() & other.isna())
        if column in ("due_at", "overtime_min", "limit_min"):
            # the deadline of a case stands in its row, so no change of the rules explains a difference
            off &= same_limit | ((pairs["stage"] == "handled") & (pairs["condition"] == ""))
        told[f"with a clock whose {column} is not what their steps add up to"] = pairs[off]
    return {what: sorted({*rows["case_id"]}) for what, rows in told.items() if len(rows)}


def _stored(conn: Connection, ids: pd.Index | Sequence[int]) -> pd.DataFrame:
    columns = [microseconds(stage_clock.c[n]).label(n) if n in _TIMES else stage_clock.c[n] for n in CLOCK_COLUMNS]
    chosen = any_(literal([int(one) for one in ids], ARRAY(BigInteger)))
    rows = conn.execute(select(*columns).where(stage_clock.c.case_id == chosen)).all()
    frame = pd.DataFrame(rows, columns=list(CLOCK_COLUMNS))
    frame = frame.assign(**{name: moments(frame[name]) for name in _TIMES})
    return frame.astype({"limit_quantity": float, "limit_min": float, "used_min": float, "overtime_min": float})
