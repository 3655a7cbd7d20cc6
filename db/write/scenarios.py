"""Planners' scenarios: kept apart from the record that they change in thought only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.tables import scenario
from gis.errors import InputFault, ScenarioNotFound
from gis.scenario import Change

_MOST = 200
_COLUMNS = (scenario.c.id, scenario.c.name, scenario.c.owner, scenario.c.changes, scenario.c.created_at,
            scenario.c.changed_at)  # fmt: skip


def scenarios(conn: Connection, district_code: str) -> list[dict[str, Any]]:
    """Return the scenarios of a district, the last changed first."""
    stmt = (
        select(*_COLUMNS).where(scenario.c.district_code == district_code)
        .order_by(scenario.c.changed_at.desc(), scenario.c.id.desc()).limit(_MOST)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(stmt).mappings()]


def one_scenario(conn: Connection, district_code: str, number: int) -> dict[str, Any]:
    """Return one scenario.

    Raises
    ------
    ScenarioNotFound
        When the district has none of this number.
    """
    stmt = select(*_COLUMNS).where(scenario.c.district_code == district_code, scenario.c.id == number)
    row = conn.execute(stmt).mappings().first()
    if row is None:
        raise ScenarioNotFound(f"there is no scenario {number}")
    return dict(row)


def create_scenario(conn: Connection, district_code: str, name: str, owner: str, changes: tuple[Change, ...]) -> int:
    """Keep a new scenario and return its number.

    Raises
    ------
    InputFault
        When the name is empty, or its owner has one of this name already.
    """
    if not name.strip():
        raise InputFault("a scenario needs a name")
    count = conn.execute(select(func.count()).where(scenario.c.district_code == district_code)).scalar_one()
    if count >= _MOST:
        raise InputFault(f"the district has {_MOST} scenarios already: remove one first")
    row = {"district_code": district_code, "name": name.strip(), "owner": owner.strip(),
           "changes": [one.plain() for one in changes]}  # fmt: skip
    try:
        with conn.begin_nested():
            return int(conn.execute(insert(scenario).values(**row).returning(scenario.c.id)).scalar_one())
    except IntegrityError:
        raise InputFault(f"{owner.strip() or 'somebody'} has a scenario {name.strip()!r} already") from None


def change_scenario(conn: Connection, district_code: str, number: int, changes: tuple[Change, ...]) -> None:
    """Keep other changes under a scenario.

    Raises
    ------
    ScenarioNotFound
        When the district has none of this number.
    """
    stmt = (
        update(scenario).where(scenario.c.district_code == district_code, scenario.c.id == number)
        .values(changes=[one.plain() for one in changes], changed_at=func.now())
    )  # fmt: skip
    if conn.execute(stmt).rowcount == 0:
        raise ScenarioNotFound(f"there is no scenario {number}")


def remove_scenario(conn: Connection, district_code: str, number: int) -> None:
    """Remove a scenario; one that is not there is gone already."""
    conn.execute(delete(scenario).where(scenario.c.district_code == district_code, scenario.c.id == number))
