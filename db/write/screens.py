"""Wall screens: enrolled by a code that somebody reads off them, seen alive, revoked. Tokens are kept as hashes."""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from db.tables import area, screen
from db.write.keys import hashed
from gis.codes import level_of
from gis.errors import AreaNotFound, InputFault
from gis.wall import LAYOUTS, font_px

CODE_HOLDS = timedelta(minutes=10)
TOKEN_HOLDS = timedelta(days=90)
_MOST_WAITING = 50
_LONGEST_BEAT = 2_000
_NAME = re.compile(r"^[a-z][a-z0-9-]{1,39}$")


def enrol_screen(conn: Connection, now: datetime) -> tuple[str, str]:
    """Begin an enrolment; return the code to show and the token to keep. The token opens nothing until approved.

    Raises
    ------
    InputFault
        When too many screens wait to be approved.
    """
    conn.execute(delete(screen).where(screen.c.approved_at.is_(None), screen.c.code_expires_at < now))
    taken = set(conn.execute(select(screen.c.code).where(screen.c.code.is_not(None)).limit(_MOST_WAITING)).scalars())
    if len(taken) >= _MOST_WAITING:
        raise InputFault(f"{_MOST_WAITING} screens wait to be approved already")
    code = next(one for one in (f"{secrets.randbelow(1_000_000):06}" for _ in iter(int, 1)) if one not in taken)
    token = f"qxs_{secrets.token_urlsafe(32)}"
    conn.execute(insert(screen).values(token_sha256=hashed(token), code=code, code_expires_at=now + CODE_HOLDS))
    return code, token


def approve_screen(
    conn: Connection, code: str, name: str, scope: str, now: datetime, *,
    layout: str = "1x1", metres: float = 4.0, mm_per_px: float | None = None, lang: str = "zh",
) -> None:  # fmt: skip
    """Let the screen that shows `code` see one area, read-only, under a name.

    Raises
    ------
    InputFault
        The code is not waiting, the name is not usable or taken, or a setting is out of range.
    AreaNotFound
        No area in force has the code `scope`.
    """
    if not _NAME.fullmatch(name):
        raise InputFault(f"name {name!r} is not 2 to 40 of a-z, 0-9, '-', beginning with a letter")
    if layout not in LAYOUTS:
        raise InputFault(f"layout {layout!r} is not one of {', '.join(LAYOUTS)}")
    font_px(metres, mm_per_px or 0.5)
    level_of(scope)
    if not conn.execute(select(func.count()).where(area.c.code == scope, area.c.valid_to.is_(None))).scalar():
        raise AreaNotFound(f"no area in force has the code {scope}")
    if conn.execute(select(func.count()).where(screen.c.name == name)).scalar():
        raise InputFault(f"there is, or was, a screen named {name!r}: choose another")
    values: dict[str, Any] = {"name": name, "area_code": scope, "layout": layout, "metres": metres,
                              "mm_per_px": mm_per_px, "lang": lang if lang == "en" else "zh"}  # fmt: skip
    done = conn.execute(
        update(screen)
        .where(screen.c.code == code, screen.c.code_expires_at >= now)
        .values(**values, code=None, approved_at=now, seen_at=now)
    )
    if not done.rowcount:
        raise InputFault(f"no screen waits with the code {code!r}: it may have expired, look at the screen again")


def revoke_screen(conn: Connection, name: str, now: datetime) -> None:
    """Close a screen's door at once.

    Raises
    ------
    InputFault
        No active screen has this name.
    """
    gone = conn.execute(
        update(screen).where(screen.c.name == name, screen.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    if not gone.rowcount:
        raise InputFault(f"no active screen is named {name!r}")


def find_screen(conn: Connection, token: str, now: datetime) -> dict[str, Any] | None:
    """Return the approved screen that holds a token, or None; index: uq_screen_token_sha256."""
    alive = and_(screen.c.revoked_at.is_(None), screen.c.seen_at > now - TOKEN_HOLDS)
    stmt = select(screen).where(screen.c.token_sha256 == hashed(token), screen.c.approved_at.is_not(None), alive)
    row = conn.execute(stmt).mappings().first()
    return dict(row) if row else None


def waiting_code(conn: Connection, token: str, now: datetime) -> str | None:
    """Return the code that the holder of a token still shows, or None."""
    stmt = select(screen.c.code).where(screen.c.token_sha256 == hashed(token), screen.c.code_expires_at >= now)
    return conn.execute(stmt).scalar()


def beat_screen(conn: Connection, screen_id: int, said: dict[str, Any], now: datetime) -> None:
    """Note that a screen is alive and what it says of itself.

    Raises
    ------
    InputFault
        When it says too much.
    """
    if len(json.dumps(said, ensure_ascii=False)) > _LONGEST_BEAT:
        raise InputFault(f"a heartbeat has at most {_LONGEST_BEAT} characters")
    conn.execute(update(screen).where(screen.c.id == screen_id).values(seen_at=now, beat=said))


def list_screens(conn: Connection, now: datetime) -> list[dict[str, Any]]:
    """Return every approved screen and every one that waits, without what would open a door."""
    columns = [column for column in screen.c if column.name != "token_sha256"]
    waits = or_(screen.c.approved_at.is_not(None), screen.c.code_expires_at >= now)
    stmt = select(*columns).where(waits).order_by(screen.c.revoked_at.desc().nulls_first(), screen.c.name)
    return [dict(row) for row in conn.execute(stmt.limit(1_000)).mappings()]
