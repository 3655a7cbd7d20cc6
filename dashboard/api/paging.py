"""Lists in pages: `items`, how many there are in all, and where the next page begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    """At most `limit` rows after the first `offset`."""

    limit: int
    offset: int


def page_of(rows: list[dict[str, Any]], total: int, page: Page) -> dict[str, Any]:
    """Return a page; `next_offset` is None on the last one."""
    following = page.offset + len(rows)
    return {"items": rows, "total": total, "next_offset": following if following < total and rows else None}
