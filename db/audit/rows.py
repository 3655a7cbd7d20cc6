"""Whether the current row of every case is what its steps add up to; read by portions, so of any number of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd
from sqlalchemy import Connection, and_, select

from db.audit.clocks import clock_differences
from db.audit.findings import Finding, faults_of
from db.read.events import event_frame, microseconds, moments
from db.tables import case_event, cases
from gis.casefold import fold
from gis.workflow import EVENT_WORDS

PORTION = 20_000
"""Cases held in memory at a time, with their steps."""

_TIMES = ("handled_at", "closed_at", "due_at", "hung_since")


def row_faults(conn: Connection, code: str, *, portion: int = PORTION) -> Iterator[Finding]:
    """Compare the row of every case of a district with the fold of its steps.

    Parameters
    ----------
    conn
        A connection that may read everything.
    code
        Six digits.
    portion
        Cases read at a time.
    """
    wrong: dict[str, list[str]] = defaultdict(list)
    last = 0
    while True:
        rows = _rows(conn, code, last, portion)
        if rows.empty:
            break
        first, last = int(rows.index[0]), int(rows.index[-1])
        events = event_frame(conn, case_event.c.case_id.between(first, last))
        events = events[events["case_id"].isin(rows.index)]
        strange = events.loc[~events["stage"].isin(EVENT_WORDS), "case_id"].unique()
        wrong["with a step that has no known word"] += rows.loc[strange, "number"].tolist()
        events = events[~events["case_id"].isin(strange)]
        # cases without any step are told of by another check
        folded = fold(events)
        for column, numbers in _differences(rows.loc[folded.index], folded).items():
            wrong[f"whose {column} is not what their steps add up to"] += numbers
        for what, ids in clock_differences(conn, rows.index[rows.index.isin(folded.index)]).items():
            wrong[what] += rows.loc[ids, "number"].tolist()
    for what, numbers in wrong.items():
        yield from faults_of("steps", numbers, f"cases {what}")


def _rows(conn: Connection, code: str, last: int, limit: int) -> pd.DataFrame:
    """The next cases of a district by their id; index: the primary key."""
    stmt = (
        select(
            cases.c.id, cases.c.number, cases.c.stage, cases.c.is_open,
            *[microseconds(cases.c[name]).label(name) for name in _TIMES],
        )
        .where(and_(cases.c.id > last, cases.c.area_code.like(f"{code}%")))
        .order_by(cases.c.id)
        .limit(limit)
    )  # fmt: skip
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=[column.name for column in stmt.selected_columns])
    return frame.assign(**{name: moments(frame[name]) for name in _TIMES}).set_index("id")


def _differences(rows: pd.DataFrame, folded: pd.DataFrame) -> dict[str, list[str]]:
    """Return the numbers of the cases that differ, by column; a deadline is only known where it was postponed."""
    told = {}
    for column in ("stage", "is_open", "handled_at", "closed_at", "hung_since"):
        told[column] = (rows[column] != folded[column]) & ~(rows[column].isna() & folded[column].isna())
    told["due_at"] = folded["postponed_to"].notna() & (rows["due_at"] != folded["postponed_to"])
    return {column: rows.loc[off.to_numpy(), "number"].tolist() for column, off in told.items() if off.any()}
