"""The rules of time go into the record: the labelled sample of `db/reference`, and tables that people edit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select

from db.tables import category, duty_shift, sla_rule
from gis.errors import InputFault
from gis.sla import RULE_COLUMNS, checked_rules
from gis.worktime import parse_shifts

_REFERENCE = Path(__file__).parent.parent / "reference"
SAMPLE = _REFERENCE / "sla_rules.csv"
TREE = _REFERENCE / "categories.csv"


def sample_rules() -> pd.DataFrame:
    """Return the sample that ships: the limit of every small class of the tree, and the rules beside them."""
    tree = pd.read_csv(TREE, dtype=str, keep_default_na=False)
    own = tree[tree["limit_quantity"] != ""].rename(
        columns={"code": "category", "limit_quantity": "quantity", "limit_unit": "unit"}
    )
    own = own.assign(condition="", stage="handled")
    return pd.concat([own[list(RULE_COLUMNS)], pd.read_csv(SAMPLE, dtype=str, keep_default_na=False)])


def ensure_rules(conn: Connection) -> int:
    """Write the sample into a record that has no rules yet, for the classes it knows; return how many were written."""
    if conn.execute(select(func.count()).select_from(sla_rule)).scalar_one():
        return 0
    known = set(conn.execute(select(category.c.code)).scalars())
    rows = sample_rules()
    told = checked_rules(rows[rows["category"].isin({*known, "*"})], known)
    conn.execute(insert(sla_rule), [row | {"is_sample": True} for row in told])
    return len(told)


def replace_rules(conn: Connection, rows: pd.DataFrame) -> int:
    """Put a table of rules in place of the one in force, whole or not at all; return how many there are.

    Rules that are as the sample has them stay labelled as a sample. Deadlines that cases already have stay.

    Raises
    ------
    InputFault
        Naming the lines that are wrong.
    """
    told = checked_rules(rows, conn.execute(select(category.c.code)).scalars())
    if not told:
        raise InputFault("the table holds no rules")
    sample = {
        (row["category"], row["condition"], row["stage"]): (float(row["quantity"]), row["unit"])
        for row in sample_rules().to_dict("records")
    }
    marked = [
        row | {"is_sample": sample.get((row["category"], row["condition"], row["stage"])) == (row["quantity"],
                                                                                            row["unit"])}
        for row in told
    ]  # fmt: skip
    conn.execute(delete(sla_rule))
    conn.execute(insert(sla_rule), marked)
    return len(marked)


def replace_shifts(conn: Connection, rows: pd.DataFrame) -> int:
    """Put a table of `unit`, `shifts` in place of the one in force; return how many units have shifts of their own.

    Raises
    ------
    InputFault
        When a column is missing, a unit is named twice or without a name, or shifts can not be read.
    """
    if not {"unit", "shifts"} <= {*rows.columns}:
        raise InputFault("the table of shifts has the columns unit and shifts")
    told = [{"unit": str(row["unit"]).strip(), "shifts": str(row["shifts"]).strip()} for row in rows.to_dict("records")]
    names = [row["unit"] for row in told]
    if "" in names or len({*names}) < len(names):
        raise InputFault("every line names a unit, and no unit twice")
    for row in told:
        parse_shifts(row["shifts"])
    conn.execute(delete(duty_shift))
    if told:
        conn.execute(insert(duty_shift), told)
    return len(told)
