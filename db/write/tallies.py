"""Upkeep of the counts that triggers keep (`db.tables.tallies`): rows of one key are put together now and then."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, tuple_

from db.tables import area_tally, street_tally
from db.tables.tallies import AREA_COUNTS

_LOCK = 0x7A11
_KEYS = {
    area_tally: ("span", "first_day", "area_code", "location_status"),
    street_tally: ("area_code", "day", "family", "lead_chain", "is_urgent"),
}
_SUMS = {area_tally: AREA_COUNTS, street_tally: ("reported", "closed")}


def settle(conn: Connection, *, since: date | None = None) -> int:
    """Put rows of the same key together, and drop those that add up to nothing; no sum changes.

    Readers and writers go on meanwhile: whoever reads sees the rows before or those after. Two that settle at once
    would count twice, so the second one does nothing.

    Parameters
    ----------
    conn
        As the writer.
    since
        Only blocks that begin on this local day or later; all when None.

    Returns
    -------
    int
        Rows that are fewer now.
    """
    if not conn.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one():
        return 0
    return sum(_settle(conn, table, since) for table in (area_tally, street_tally))


def _settle(conn: Connection, table: Table, since: date | None) -> int:
    names, sums = _KEYS[table], _SUMS[table]
    key = [table.c[name] for name in names]
    many = select(*key).group_by(*key).having(func.count() > 1)
    if since is not None:
        many = many.where((table.c.first_day if table is area_tally else table.c.day) >= since)
    gone = delete(table).where(tuple_(*key).in_(many)).returning(*table.c).cte("gone")
    whole = [func.sum(gone.c[name]).label(name) for name in sums]
    kept = (
        select(*[gone.c[name] for name in names], *whole)
        .group_by(*[gone.c[name] for name in names])
        .having(or_(*[one != 0 for one in whole]))
    )
    put = insert(table).from_select([*names, *sums], kept).returning(table.c.area_code).cte("put")
    fewer = (
        select(func.count()).select_from(gone).scalar_subquery()
        - select(func.count()).select_from(put).scalar_subquery()
    )
    return int(conn.execute(select(fewer)).scalar_one())
