"""The hand-over of a shift (交接班): what the leaving desk writes, with the counts of the queue at that very moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from db.read.queue import band_counts
from db.tables import area, handover_note, outbox
from db.write.handwork import Author
from gis.errors import AreaNotFound, InputFault
from gis.scope import View


def hand_over(conn: Connection, area_code: str, text: str, who: Author, now: datetime, midnight: datetime) -> int:
    """Store a note for the next shift and announce it; return its id.

    Raises
    ------
    AreaNotFound
        When no area in force has the code.
    InputFault
        When the note or the name is empty.
    """
    if not text.strip() or not who.actor.strip():
        raise InputFault("a hand-over needs words and a name", "needs_words")
    known = select(area.c.id).where(area.c.code == area_code, area.c.valid_to.is_(None))
    if conn.execute(known.limit(1)).scalar() is None:
        raise AreaNotFound(f"no area in force has the code {area_code}")
    counts = band_counts(conn, area_code, View(), now, midnight)
    note = insert(handover_note).values(
        area_code=area_code, at=now, actor=who.actor, unit=who.unit, text=text.strip(), counts=counts
    )
    made = conn.execute(note.returning(handover_note.c.id)).scalar_one()
    conn.execute(insert(outbox).values(kind="desk", area_code=area_code))
    return int(made)
