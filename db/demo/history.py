"""Writing the demo's history in portions, so that a long load shows how far it is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from db.write.bulk import bulk_cases
from gis.city.cases_batch import CaseBatch

PORTION = 25_000
"""Cases written at a time; a portion ends with a local day, because a report and its copy are of one day."""


def write_history(conn: Connection, batch: CaseBatch, zone: str, tell: Callable[[float], None]) -> tuple[int, int]:
    """Write the cases and steps of a batch in the caller's transaction.

    Parameters
    ----------
    conn
        As the owner.
    batch
        In order of report.
    zone
        IANA zone of the district.
    tell
        Called with the share written (0 to 1).

    Returns
    -------
    tuple of int
        Cases and steps written.
    """
    edges = _portions(batch.cases["reported_at"], zone)
    rows = batch.events["case_row"].to_numpy()
    steps = 0
    for first, last in pairwise(edges):
        low, high = np.searchsorted(rows, [first, last])
        own = batch.cases.iloc[first:last].reset_index(drop=True)
        own["duplicate_row"] = own["duplicate_row"] - first
        events = batch.events.iloc[low:high]
        report = bulk_cases(conn, own, events.assign(case_row=events["case_row"] - first), zone=zone)
        steps += report.events
        tell(last / len(batch.cases))
    return len(batch.cases), steps


def _portions(reported_at: pd.Series, zone: str) -> list[int]:
    """Return the row at which each portion begins, and the number of rows."""
    day = reported_at.dt.tz_convert(zone).dt.normalize().to_numpy()
    starts = np.concatenate([[0], np.flatnonzero(day[1:] != day[:-1]) + 1]) if len(day) else np.zeros(1, dtype=int)
    edges = [0]
    for start in starts:
        if start - edges[-1] >= PORTION:
            edges.append(int(start))
    return [*edges, len(day)]
