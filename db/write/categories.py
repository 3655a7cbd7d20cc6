"""The category tree of `db/reference` goes into an empty or older record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from db.tables import category
from db.write.service_attributes import ensure_attributes
from db.write.sla import ensure_rules

TREE = Path(__file__).parent.parent / "reference" / "categories.csv"


def ensure_categories(conn: Connection, tree: Path = TREE) -> int:
    """Add the categories that the record lacks and return how many; those it has stay as they are.

    The questions that services ask through Open311 and the sample rules of time follow in the same way.
    """
    rows = pd.read_csv(tree, dtype=str, keep_default_na=False)
    values: list[dict[str, Any]] = []
    for row in rows[[name for name in rows.columns if name in category.c]].to_dict("records"):
        limit = str(row["limit_quantity"])
        values.append(
            {str(key): value for key, value in row.items()} | {"limit_quantity": float(limit) if limit else None}
        )
    known = set(conn.execute(select(category.c.code)).scalars())
    fresh = [value for value in values if value["code"] not in known]
    if fresh:
        conn.execute(insert(category).on_conflict_do_nothing(), fresh)
    ensure_attributes(conn)
    ensure_rules(conn)
    return len(fresh)
