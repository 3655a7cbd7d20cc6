"""The steps of many cases as a frame, in the order in which they were recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, DateTime, Select, cast, extract, func, select

from db.tables import case_event

_MICROSECONDS = 1_000_000


def microseconds(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """A time as whole microseconds, which are read several times as fast as a timestamp; see `moments`."""
    return cast(extract("epoch", moment) * _MICROSECONDS, BigInteger)


def moments(told: pd.Series) -> pd.DatetimeIndex:
    """Return microseconds as aware times; missing ones as NaT."""
    given = told.notna().to_numpy()
    times = np.full(len(told), np.datetime64("NaT"), dtype="datetime64[us]")
    times[given] = told.to_numpy()[given].astype(np.int64).astype("datetime64[us]")
    return pd.DatetimeIndex(times, tz="UTC")


def events_stmt(chosen: ColumnElement[bool]) -> Select[Any]:
    """Return the steps that a clause over `case_event` chooses; index for ranges of cases: ix_case_event_case_id_at."""
    postponed = cast(func.jsonb_extract_path_text(case_event.c.payload, "due_at"), DateTime(timezone=True))
    return (
        select(
            case_event.c.case_id, case_event.c.stage, microseconds(case_event.c.at).label("at"), case_event.c.unit,
            microseconds(postponed).label("due_at"),
        )
        .where(chosen)
        .order_by(case_event.c.case_id, case_event.c.id)
    )  # fmt: skip


def event_frame(conn: Connection, chosen: ColumnElement[bool]) -> pd.DataFrame:
    """Return steps as `gis.casefold.fold` takes them: `case_id`, `stage`, `at`, `unit`, `due_at` (where moved)."""
    stmt = events_stmt(chosen)
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=[column.name for column in stmt.selected_columns])
    return frame.assign(at=moments(frame["at"]), due_at=moments(frame["due_at"]))
