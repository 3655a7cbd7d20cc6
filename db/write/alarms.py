"""Alarms raised, followed, shown and cleared."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from db.tables import alarm
from gis.alarms import Alarm, Condition, changes, next_to_show

_LOCK = 7_310_010
"""Two servers of one database take turns."""


def settle_alarms(conn: Connection, district_code: str, found: list[Condition], now: datetime) -> str | None:
    """Bring the record in line with how things stand; return the key of an alarm that takes the screens now."""
    conn.execute(select(func.pg_advisory_xact_lock(_LOCK, int(district_code))))
    mine = alarm.c.district_code == district_code
    is_open = alarm.c.cleared_at.is_(None)
    rows = conn.execute(
        select(alarm.c.kind, alarm.c.key, alarm.c.raised_at, alarm.c.shown_at).where(mine, is_open).limit(1_000)
    )
    known = [Alarm(*row) for row in rows]
    last = conn.execute(select(func.max(alarm.c.shown_at)).where(mine)).scalar()
    wanted = changes(known, found)
    for one in wanted.raised:
        row = {"district_code": district_code, "kind": one.kind, "key": one.key, "area_code": one.area_code}
        conn.execute(insert(alarm).values(**row, facts=one.facts, raised_at=now))
    for one in wanted.updated:
        conn.execute(update(alarm).where(mine, is_open, alarm.c.key == one.key).values(facts=one.facts))
    if wanted.cleared:
        conn.execute(update(alarm).where(mine, is_open, alarm.c.key.in_(wanted.cleared)).values(cleared_at=now))
    still = [one for one in known if one.key not in wanted.cleared]
    still += [Alarm(one.kind, one.key, now) for one in wanted.raised]
    key = next_to_show(still, last, now)
    if key is not None:
        conn.execute(update(alarm).where(mine, is_open, alarm.c.key == key).values(shown_at=now))
    return key
