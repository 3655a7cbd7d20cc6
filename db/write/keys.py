"""Keys of the programs that may report cases: made, withdrawn, listed, recognised. Only a hash of a key is stored."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables import api_key, feed
from gis.errors import InputFault

_LABEL = re.compile(r"^[0-9a-z][0-9a-z._-]{0,39}$")
_HINT = 7
_QUIET_S = 86_400
"""Open311 knows no sign of life, so a program that reports nothing for a day is not yet late."""


def source_of(label: str) -> str:
    """Return the source under which the cases of a key are stored, and its feed is listed."""
    return f"open311:{label}"


def add_key(conn: Connection, label: str, *, answers_token: bool = False, per_minute: int = 120) -> str:
    """Make a key and return it; it can not be read again afterwards.

    Raises
    ------
    InputFault
        The label is not usable or taken, or the limit is not positive.
    """
    if not _LABEL.fullmatch(label):
        raise InputFault(f"label {label!r} is not 1 to 40 of a-z, 0-9, '.', '_', '-', beginning with a letter or digit")
    if not 0 < per_minute <= 100_000:
        raise InputFault("the limit is from 1 to 100000 reports a minute")
    if conn.execute(select(api_key.c.id).where(api_key.c.label == label)).scalar() is not None:
        raise InputFault(f"there is, or was, a key with the label {label!r}: choose another")
    secret = f"qx_{secrets.token_urlsafe(24)}"
    conn.execute(
        insert(api_key).values(
            label=label, secret_sha256=hashed(secret), hint=secret[:_HINT], answers_token=answers_token,
            per_minute=per_minute,
        )
    )  # fmt: skip
    name = source_of(label)
    title = f"Open311 · {label}"
    conn.execute(
        upsert(feed).values(name=name, title_zh=title, title_en=title, period_s=_QUIET_S).on_conflict_do_nothing()
    )
    return secret


def revoke_key(conn: Connection, label: str, now: datetime) -> None:
    """Withdraw a key; its cases stay.

    Raises
    ------
    InputFault
        No active key has this label.
    """
    gone = conn.execute(
        update(api_key).where(api_key.c.label == label, api_key.c.is_active).values(is_active=False, revoked_at=now)
    )
    if not gone.rowcount:
        raise InputFault(f"no active key has the label {label!r}")


def list_keys(conn: Connection) -> list[dict[str, Any]]:
    """Return every key without what would reveal it, oldest first."""
    columns = [column for column in api_key.c if column.name != "secret_sha256"]
    return [dict(row) for row in conn.execute(select(*columns).order_by(api_key.c.id).limit(10_000)).mappings()]


def find_key(conn: Connection, secret: str) -> dict[str, Any] | None:
    """Return the active key that was given, or None; index: uq_api_key_secret_sha256."""
    stmt = select(api_key).where(api_key.c.secret_sha256 == hashed(secret), api_key.c.is_active)
    found = conn.execute(stmt).mappings().first()
    return dict(found) if found else None


def hashed(secret: str) -> str:
    """Return what is stored of a key. Keys are random and long, so a plain hash can not be searched through."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
