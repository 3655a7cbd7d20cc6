"""Many rows at once: frames go in by `COPY`, whole or not at all, inside the caller's transaction.

The text that `COPY` reads is built by pyarrow a column at a time: no Python code runs per row, which keeps a file of
cases within twice the time of the bare `COPY` (see `benchmarks/import_boston.py`).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely
from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, BigInteger, Column, Connection, Date, Integer, SmallInteger, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, REGCLASS, insert

from db.read import sla
from db.tables import cases, feed, metadata, outbox
from db.write.facts import write_facts
from gis.clocks import near_moments, stage_clocks
from gis.errors import ContractFault
from gis.worktime import DutyCalendar, deadlines, usual_calendar

BATCH_ROWS = 8_000
"""Rows turned into text at a time: small enough that client and server work at the same time."""

CASE_EXTRAS = ("lon", "lat")
"""What a cases frame has instead of `geom`, in degrees of WGS-84; NaN when the place is not known."""

_EVENT_COLUMNS = ("case_id", "stage", "at", "actor", "unit", "reason")
_NUMBER_STYLE = "%Y%m%d"
_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
_POINT_WITH_SRID = 0x20000001


@dataclass(frozen=True)
class BulkReport:
    """What one bulk load wrote."""

    cases: int
    events: int
    area_code: str
    ids: np.ndarray


def copy_frame(conn: Connection, table_name: str, frame: pd.DataFrame, columns: Sequence[str] | None = None) -> int:
    """Copy a frame into a table inside the transaction of `conn`.

    Parameters
    ----------
    conn
        A connection in a transaction; the rows become visible when it commits.
    table_name
        A table of `db.tables`; its column types decide how values are written. Geometry must be shapely objects in
        EPSG:4326, lists go to array columns, dicts to JSON columns, missing values to null.
    frame
        The rows.
    columns
        Which columns to write; all of the frame by default. The others of the table keep their defaults.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    ContractFault
        When a column is not in the frame or in the table, or the geometry is declared in another CRS.
    """
    names = list(frame.columns) if columns is None else list(columns)
    table = metadata.tables[table_name]
    absent = [name for name in names if name not in frame.columns or name not in table.columns]
    if absent:
        raise ContractFault(f"cannot copy into {table_name}: no column {', '.join(map(repr, absent))}")
    if frame.empty:
        return 0
    listed = ", ".join(f'"{name}"' for name in names)
    statement = f"COPY {table_name} ({listed}) FROM STDIN (FORMAT csv, ENCODING 'UTF8')"
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    cursor = conn.connection.cursor()

    def text_of(start: int) -> pa.Buffer:
        part = frame.iloc[start : start + BATCH_ROWS]
        arrays = [_column_text(part[name], table.columns[name]) for name in names]
        sink = pa.BufferOutputStream()
        pa_csv.write_csv(pa.Table.from_arrays(arrays, names=names), sink, write_options=options)
        return sink.getvalue()

    try:
        with (
            ThreadPoolExecutor(max_workers=1) as ahead,
            cursor.copy(statement) as copy,  # type: ignore[attr-defined]  # psycopg's own cursor
        ):
            # the next batch is made while the server stores the last one
            batches = deque([ahead.submit(text_of, 0)])
            for start in range(BATCH_ROWS, len(frame) + BATCH_ROWS, BATCH_ROWS):
                if start < len(frame):
                    batches.append(ahead.submit(text_of, start))
                copy.write(batches.popleft().result())
    finally:
        cursor.close()
    return len(frame)


def take_ids(conn: Connection, table_name: str, count: int) -> np.ndarray:
    """Take `count` ids from the identity sequence of a table in one call, in rising order."""
    # named once: looking the sequence up by table for each id takes three times as long
    sequence = conn.execute(select(func.pg_get_serial_sequence(table_name, "id"))).scalar_one()
    series = func.generate_series(1, count).table_valued("n")
    taken = select(func.nextval(cast(sequence, REGCLASS)).label("id")).select_from(series).subquery()
    first, last = conn.execute(select(func.min(taken.c.id), func.max(taken.c.id))).one()
    if last - first + 1 == count:
        return np.arange(first, last + 1, dtype=np.int64)
    # another session took ids in between: take others, and have each of them told
    rows = conn.execute(select(func.array_agg(taken.c.id)))
    return np.sort(np.asarray(rows.scalar_one() or [], dtype=np.int64))


def case_numbers(reported_at: pd.Series, ids: Sequence[int] | np.ndarray, zone: str) -> np.ndarray:
    """Return the number that people quote for each case: local day of the report and seven digits of the id.

    Parameters
    ----------
    reported_at
        Aware times.
    ids
        Row ids, which make the number unique.
    zone
        IANA name of the district's time zone.
    """
    # one strftime per distinct day instead of per row
    day = pd.Categorical(reported_at.dt.tz_convert(zone).dt.normalize())
    words = np.array(list(pd.DatetimeIndex(day.categories).strftime(_NUMBER_STYLE)))
    digits = np.char.zfill((np.asarray(ids, dtype=np.int64) % 10_000_000).astype(str), 7)
    return np.char.add(words[day.codes], digits)


def bulk_cases(
    conn: Connection,
    cases_frame: pd.DataFrame,
    events: pd.DataFrame,
    *,
    feed_name: str = "",
    zone: str = "Asia/Shanghai",
) -> BulkReport:
    """Write cases and their events in the caller's transaction, with one outbox row of kind `bulk` for live screens.

    Parameters
    ----------
    conn
        A connection in a transaction, with the right to insert.
    cases_frame
        The columns of `cases` without `id` and `geom`, and `lon`, `lat` in degrees of WGS-84 (NaN when not located).
        Without `number` each case gets one made of its day and id. Columns left out keep the table's defaults.
        `duplicate_row`, when given, is the position in this frame of the case that a case repeats (or missing).
    events
        `case_row` (position in `cases_frame`), `stage`, `at`, and any of `actor`, `unit`, `reason`.
    feed_name
        The feed whose counters move, if any.
    zone
        IANA time zone for numbers.

    Raises
    ------
    ContractFault
        When a needed column is missing or an event points at no case.
    """
    needed = [name for name in ("lon", "lat", "reported_at", "area_code") if name not in cases_frame.columns]
    needed += [name for name in ("case_row", "stage", "at") if name not in events.columns]
    if needed:
        raise ContractFault(f"cannot load cases: no column {', '.join(map(repr, needed))}")
    count = len(cases_frame)
    if count == 0:
        return BulkReport(0, 0, "", np.empty(0, dtype=np.int64))
    rows = events["case_row"].to_numpy()
    if len(rows) and (rows.min() < 0 or rows.max() >= count):
        raise ContractFault(f"cannot load events: case_row outside 0 to {count - 1}")
    ids = take_ids(conn, "cases", count)
    known = [name for name in cases_frame.columns if name in cases.columns]
    filled = cases_frame[known].reset_index(drop=True).assign(id=ids)
    filled["geom"] = point_texts(cases_frame["lon"].to_numpy(float), cases_frame["lat"].to_numpy(float))
    if "near_at" not in known and "due_at" in known:
        filled["near_at"] = _near(conn, filled)
    if "number" not in known:
        filled["number"] = case_numbers(filled["reported_at"], ids, zone)
    if "duplicate_row" in cases_frame.columns:
        row = cases_frame["duplicate_row"].reset_index(drop=True).astype("Int64")
        filled["duplicate_of"] = pd.array([None] * count, dtype="Int64")
        filled.loc[~row.isna(), "duplicate_of"] = ids[row[~row.isna()].to_numpy(dtype=int)]
    copy_frame(conn, "cases", filled)
    moved = events.assign(case_id=ids[rows])
    copy_frame(conn, "case_event", moved, [name for name in _EVENT_COLUMNS if name in moved.columns])
    _write_clocks(conn, filled, moved)
    write_facts(conn, int(ids.min()), int(ids.max()))
    scope = _common_scope([str(code) for code in pd.unique(cases_frame["area_code"])])
    conn.execute(insert(outbox).values(kind="bulk", area_code=scope))
    if feed_name:
        latest = pd.Timestamp(cases_frame["reported_at"].max()).to_pydatetime()
        beat = func.greatest(func.coalesce(feed.c.record_at, latest), latest)
        conn.execute(
            update(feed).where(feed.c.name == feed_name).values(received=feed.c.received + count, record_at=beat)
        )
    return BulkReport(count, len(events), scope, ids)


def _near(conn: Connection, filled: pd.DataFrame) -> pd.DatetimeIndex:
    """From when each deadline is near, on the clock of its rule; a deadline that no rule gave runs round the clock."""
    rules = sla.rules(conn)
    calendar = _calendar(filled)
    stage = np.full(len(filled), "handled", dtype=object)
    quantity, unit = rules.of_stays(filled["category"].to_numpy(object), stage)
    starts = pd.DatetimeIndex(filled["reported_at"])
    ruled = deadlines(starts, quantity, unit, calendar) == pd.DatetimeIndex(filled["due_at"])
    return near_moments(starts, filled["due_at"], np.where(ruled, unit, ""), calendar)


def _write_clocks(conn: Connection, filled: pd.DataFrame, moved: pd.DataFrame) -> None:
    """Copy the clocks of new cases, made of the frames at hand."""
    defaults: dict[str, Any] = {"urgency": 3, "due_at": pd.NaT}
    rows = filled.assign(**{name: value for name, value in defaults.items() if name not in filled.columns})
    rows["due_at"] = pd.DatetimeIndex(pd.to_datetime(rows["due_at"], utc=True))
    events = moved.assign(unit=moved["unit"].fillna("") if "unit" in moved.columns else "")
    calendar = _calendar(filled)
    copy_frame(conn, "stage_clock", stage_clocks(rows, events, sla.rules(conn), sla.calendars(conn, calendar)))


def _calendar(filled: pd.DataFrame) -> DutyCalendar:
    return usual_calendar(int(pd.Timestamp(filled["reported_at"].max()).year) + 1)


def _common_scope(codes: Sequence[str]) -> str:
    """Return the smallest area that contains all of the codes, or nothing."""
    least, most = min(codes), max(codes)
    return next((least[:n] for n in (15, 12, 9, 6) if len(least) >= n and most.startswith(least[:n])), "")


def point_texts(lon: np.ndarray, lat: np.ndarray) -> pd.Series:
    """Return points in EPSG:4326 as the hexadecimal text PostGIS reads; missing where either coordinate is NaN."""
    packed = np.empty(len(lon), dtype=_POINT)
    packed["order"], packed["type"], packed["srid"] = 1, _POINT_WITH_SRID, 4326
    packed["x"], packed["y"] = lon, lat
    text, width = packed.tobytes().hex(), 2 * _POINT.itemsize
    found = np.isfinite(lon) & np.isfinite(lat)
    return pd.Series(
        [text[i * width : (i + 1) * width] if ok else None for i, ok in enumerate(found.tolist())], dtype=object
    )


def _column_text(values: pd.Series, column: Column[Any]) -> pa.Array:
    """Turn one column into an Arrow array whose CSV text the column's type reads."""
    kind = column.type
    if isinstance(kind, Geometry):
        return _geometry_text(values, column.name)
    if isinstance(kind, ARRAY):
        return pa.array([None if item is None else _array_literal(item) for item in values], pa.string())
    if isinstance(kind, JSONB):
        return pa.array(
            [None if item is None else json.dumps(item, ensure_ascii=False) for item in values], pa.string()
        )
    if isinstance(kind, (Integer, BigInteger, SmallInteger)) and values.dtype.kind not in "iu":
        return pa.array(values.astype("Int64"), from_pandas=True)
    if isinstance(kind, Date) and values.dtype.kind == "M":
        return pa.array(values, from_pandas=True).cast(pa.date32())
    array = pa.array(values, from_pandas=True)
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def _geometry_text(values: pd.Series, name: str) -> pa.Array:
    """Turn shapely objects into EWKB text in EPSG:4326; text is taken to be that already."""
    crs = getattr(values, "crs", None)
    if crs is not None and crs.to_epsg() != 4326:
        raise ContractFault(f"column {name!r} is in {crs.to_string()}: geometry is stored in EPSG:4326")
    plain = np.array(values, dtype=object)
    plain[pd.isna(plain)] = None
    if isinstance(next((item for item in plain if item is not None), ""), str):
        return pa.array(plain, pa.string())
    return pa.array(shapely.to_wkb(shapely.set_srid(plain, 4326), hex=True, include_srid=True), pa.string())


def _array_literal(items: Iterable[str]) -> str:
    """Return a text array as PostgreSQL writes it, every item quoted."""
    quoted = ('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items)
    return "{" + ",".join(quoted) + "}"
