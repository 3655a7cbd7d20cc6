"""Whether the counts that the database keeps by itself are those of a recount of every case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Date, Integer, Select, cast, func, literal, select, union_all

from db.audit.findings import Finding, examples_of
from db.tables import area_tally, cases, district, street_tally
from db.tables.tallies import AREA_COUNTS
from gis.dayblocks import FIRST_DAY, SPANS


def tally_faults(conn: Connection, code: str) -> Iterator[Finding]:
    """Compare both tables of kept counts of a district with a recount.

    Parameters
    ----------
    conn
        A connection that may read everything.
    code
        Six digits.
    """
    for name, wrong in (("area", _areas(code)), ("street", _streets(code))):
        found = [str(row.area_code) for row in conn.execute(wrong.limit(1_000))]
        if found:
            words = f"kept counts per {name} that a recount of the cases does not give"
            yield Finding("fault", "tallies", len(found), words, examples_of(found))


def _steps(code: str) -> Any:
    """One row per report and one per closing, with its local day."""
    zone = select(district.c.timezone).where(district.c.code == code).scalar_subquery()
    keys = (cases.c.area_code, cases.c.location_status, cases.c.family, cases.c.lead_chain,
            (cases.c.urgency == 1).label("is_urgent"))  # fmt: skip
    mine = cases.c.area_code.like(f"{code}%")

    def of(moment: Any, reported: int) -> Select[Any]:
        day = cast(func.timezone(func.coalesce(zone, "UTC"), moment), Date).label("day")
        flags = (literal(reported, Integer).label("reported"), literal(1 - reported, Integer).label("closed"))
        return select(*keys, day, *flags).where(mine, moment.is_not(None))

    return union_all(of(cases.c.reported_at, 1), of(cases.c.closed_at, 0)).cte("steps")


def _streets(code: str) -> Select[Any]:
    steps = _steps(code)
    names = ("area_code", "day", "family", "lead_chain", "is_urgent", "reported", "closed")
    counted = select(func.left(steps.c.area_code, 9).label("area_code"), *[steps.c[name] for name in names[1:]])
    return _differences(counted, street_tally, names[:5], names[5:], code)


def _areas(code: str) -> Select[Any]:
    steps = _steps(code)
    parts = []
    for span in SPANS:
        day = literal(FIRST_DAY, Date) + cast(steps.c.day - literal(FIRST_DAY, Date), Integer) // span * span
        kinds = {name: steps.c.family == name for name in ("part", "event", "social")} | {"urgent": steps.c.is_urgent}
        sums = [
            (steps.c[what] * cast(kinds[kind], Integer)).label(f"{what}_{kind}")
            for what in ("reported", "closed")
            for kind in kinds
        ]
        parts.append(
            select(
                steps.c.area_code, steps.c.location_status, literal(span, Integer).label("span"),
                day.label("first_day"), *sums,
            )
        )  # fmt: skip
    keys = ("area_code", "location_status", "span", "first_day")
    return _differences(union_all(*parts), area_tally, keys, AREA_COUNTS, code)


def _differences(counted: Any, table: Any, keys: tuple[str, ...], sums: tuple[str, ...], code: str) -> Select[Any]:
    """Keys whose recount and kept count differ: what is counted less what is kept must be nothing, column by column."""
    own = counted.subquery()
    kept = select(*[table.c[k] for k in keys], *[-table.c[s] for s in sums]).where(table.c.area_code.like(f"{code}%"))
    both = union_all(select(*[own.c[name] for name in (*keys, *sums)]), kept).subquery()
    off = [func.sum(both.c[name]) != 0 for name in sums]
    clause = off[0]
    for one in off[1:]:
        clause = clause | one
    return select(both.c.area_code).group_by(*[both.c[k] for k in keys]).having(clause)
