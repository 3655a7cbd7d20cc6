"""The questions that a service asks of whoever reports, of `db/reference`, go into an empty or older record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from db.tables import category, service_attribute

QUESTIONS = Path(__file__).parent.parent / "reference" / "service_attributes.csv"


def ensure_attributes(conn: Connection, questions: Path = QUESTIONS) -> int:
    """Add the questions that the record lacks and return how many; those it has stay as they are.

    A category that has any question is left alone, and so is a question of a category that the record does not have.
    """
    rows = pd.read_csv(questions, dtype=str, keep_default_na=False)
    wanted = set(conn.execute(select(category.c.code)).scalars())
    wanted -= set(conn.execute(select(service_attribute.c.category).distinct()).scalars())
    values: list[dict[str, Any]] = [
        {
            **{str(name): value for name, value in row.items()},
            "position": int(row["position"]),
            "is_variable": row["is_variable"] == "true",
            "is_required": row["is_required"] == "true",
            "choices": [choice.split("=") for choice in row["choices"].split("|") if choice],
        }
        for row in rows.to_dict("records")
        if row["category"] in wanted
    ]
    if values:
        conn.execute(insert(service_attribute).on_conflict_do_nothing(), values)
    return len(values)
