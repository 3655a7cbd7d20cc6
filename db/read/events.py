"""The steps of many cases as a frame, in the order in which they were recorded."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, DateTime, Select, cast, extract, func, select

from db.tables import case_event

_MICROSECONDS = 1_000_000


def events_stmt(chosen: ColumnElement[bool]) -> Select[tuple[int, str, int, str, int | None]]:
    """Return the steps that a clause over `case_event` chooses; index for ranges of cases: ix_case_event_case_id_at.

    Times come as microseconds, which are read five times as fast as timestamps.
    """
    postponed = cast(func.jsonb_extract_path_text(case_event.c.payload, "due_at"), DateTime(timezone=True))
    return (
        select(
            case_event.c.case_id, case_event.c.stage,
            cast(extract("epoch", case_event.c.at) * _MICROSECONDS, BigInteger).label("at"), case_event.c.unit,
            cast(extract("epoch", postponed) * _MICROSECONDS, BigInteger).label("due_at"),
        )
        .where(chosen)
        .order_by(case_event.c.case_id, case_event.c.id)
    )  # fmt: skip


def event_frame(conn: Connection, chosen: ColumnElement[bool]) -> pd.DataFrame:
    """Return steps as `gis.casefold.fold` takes them: `case_id`, `stage`, `at`, `unit`, `due_at` (of postponements)."""
    stmt = events_stmt(chosen)
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=[column.name for column in stmt.selected_columns])
    for name in ("at", "due_at"):
        given = frame[name].notna().to_numpy()
        moments = np.full(len(frame), np.datetime64("NaT"), dtype="datetime64[us]")
        moments[given] = frame[name].to_numpy()[given].astype(np.int64).astype("datetime64[us]")
        frame[name] = pd.DatetimeIndex(moments, tz="UTC")
    return frame
