"""Who helps with a case, and the rules by which cases find their chain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables import case_support, cases, category, district, outbox, routing_rule, unit
from gis.errors import InputFault, MoveRefused
from gis.routing import RULE_COLUMNS, TIME_BANDS, route
from gis.terms import CHAINS
from gis.worktime import DutyCalendar

MOST_SHARED = 200


def supports_of(conn: Connection, case_id: int) -> list[int]:
    """Return the chains that support a case now."""
    stmt = select(case_support.c.chain).where(case_support.c.case_id == case_id, case_support.c.ended_at.is_(None))
    return sorted(set(conn.execute(stmt).scalars()))


def keep_supports(
    conn: Connection, case_id: int, chains: Iterable[int], now: datetime, reason: str, unit_id: int | None = None
) -> None:
    """Make these chains support a case, and end the support of every other one; the caller writes the event."""
    wanted = set(chains)
    held = set(supports_of(conn, case_id))
    conn.execute(
        update(case_support)
        .where(
            case_support.c.case_id == case_id, case_support.c.ended_at.is_(None), case_support.c.chain.not_in(wanted)
        )
        .values(ended_at=now)
    )
    for chain in sorted(wanted - held):
        _begin(conn, case_id, chain, unit_id, now, reason)


def _begin(conn: Connection, case_id: int, chain: int, unit_id: int | None, now: datetime, reason: str) -> None:
    fresh = upsert(case_support).values(case_id=case_id, chain=chain, unit_id=unit_id, since=now, reason=reason)
    conn.execute(
        fresh.on_conflict_do_update(
            constraint="uq_case_support_case_id_chain_unit_id", set_={"since": now, "ended_at": None, "reason": reason}
        )
    )


def share_cases(
    conn: Connection, from_id: int, to_id: int, count: int, who: Any, now: datetime, reason: str
) -> list[str]:  # fmt: skip
    """Ask a unit to support the oldest open cases of another one of its chain; return their numbers.

    Each case keeps its lead; the support is an event of the case and is announced to the screens.

    Raises
    ------
    InputFault
        When a unit is unknown, or both are not of one chain.
    MoveRefused
        When no open case is left that nobody of this unit supports yet.
    """
    from db.write.handwork import record  # the desk's writes stand on the supports kept here

    if not 1 <= count <= MOST_SHARED:
        raise InputFault(f"from 1 to {MOST_SHARED} cases can be shared at once")
    found = {row.id: row for row in conn.execute(select(unit).where(unit.c.id.in_((from_id, to_id))))}
    if len(found) != 2 or found[from_id].chain != found[to_id].chain:
        raise InputFault("two units of one chain are needed")
    giver, helper = found[from_id], found[to_id]
    helped = select(case_support.c.case_id).where(
        case_support.c.unit_id == to_id, case_support.c.ended_at.is_(None)
    )  # fmt: skip
    stmt = (
        select(cases.c.id, cases.c.number, cases.c.area_code)
        .where(
            cases.c.area_code.startswith(giver.area_code), cases.c.lead_chain == giver.chain, cases.c.is_open,
            cases.c.handled_at.is_(None), cases.c.id.not_in(helped),
        )
        .order_by(cases.c.due_at.asc().nulls_last(), cases.c.reported_at)
        .limit(count)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    rows = conn.execute(stmt).all()
    if not rows:
        raise MoveRefused(f"no open case of {giver.name_zh} is left to be shared")
    for row in rows:
        _begin(conn, row.id, helper.chain, helper.id, now, reason)
        told = {"lead": giver.chain, "supporting": supports_of(conn, row.id), "helper": helper.name_zh}
        record(conn, row.id, "chained", who, now, areas=(row.area_code,), reason=reason, payload=told)
    return [row.number for row in rows]


def save_rule(conn: Connection, rule: dict[str, Any], now: datetime) -> int:
    """Keep a rule as a new version, switched off; an edit names in `replaces` the version before it.

    Raises
    ------
    InputFault
        When a chain, a category or the part of the day is unknown, or the lead would support itself.
    """
    helping = sorted(set(rule.get("support_chains", [])))
    if rule["lead_chain"] not in CHAINS or not set(helping) <= set(CHAINS):
        raise InputFault(f"chains are {CHAINS[0]} to {CHAINS[-1]}")
    if rule["lead_chain"] in helping:
        raise InputFault("the lead chain does not support itself", "lead_supports")
    if rule["time_band"] not in TIME_BANDS:
        raise InputFault(f"time_band is one of {', '.join(TIME_BANDS)}")
    kind = rule.get("category", "")
    if kind and conn.execute(select(category.c.code).where(category.c.code.startswith(kind)).limit(1)).scalar() is None:
        raise InputFault(f"no category begins with {kind!r}")
    known = conn.execute(select(district.c.code).where(district.c.code == rule["area_code"][:6])).scalar()
    if known is None:
        raise InputFault(f"district {rule['area_code'][:6]!r} is not loaded")
    version = 1
    if rule.get("replaces"):
        before = conn.execute(select(routing_rule.c.version).where(routing_rule.c.id == rule["replaces"])).scalar()
        if before is None:
            raise InputFault(f"there is no rule {rule['replaces']}")
        version = before + 1
    row = {
        "district_code": known, "name": rule["name"], "version": version, "area_code": rule["area_code"],
        "category": kind, "time_band": rule["time_band"], "lead_chain": rule["lead_chain"], "support_chains": helping,
        "replaces": rule.get("replaces"), "is_active": False, "changed_at": now,
    }  # fmt: skip
    return conn.execute(insert(routing_rule).values(**row).returning(routing_rule.c.id)).scalar_one()


def switch_rule(conn: Connection, rule_id: int, active: bool, now: datetime) -> None:
    """Switch a rule on or off; the version that it replaces goes off with it. Screens are told.

    Raises
    ------
    InputFault
        When there is no such rule.
    """
    found = conn.execute(
        update(routing_rule).where(routing_rule.c.id == rule_id).values(is_active=active, changed_at=now)
        .returning(routing_rule.c.replaces, routing_rule.c.area_code)
    ).first()  # fmt: skip
    if found is None:
        raise InputFault(f"there is no rule {rule_id}")
    if active and found.replaces is not None:
        conn.execute(update(routing_rule).where(routing_rule.c.id == found.replaces).values(is_active=False))
    conn.execute(insert(outbox).values(kind="bulk", area_code=found.area_code))


def routed(
    conn: Connection, area_code: str, kind: str, reported_at: datetime, default: int, calendar: DutyCalendar
) -> tuple[int, list[int]]:
    """Return the lead and supporting chains of a new case by the rules in force; index: ix_routing_rule_active."""
    stmt = select(*[routing_rule.c[name] for name in RULE_COLUMNS]).where(
        routing_rule.c.is_active, routing_rule.c.district_code == area_code[:6]
    )
    rules = pd.DataFrame(conn.execute(stmt).all(), columns=list(RULE_COLUMNS))
    if rules.empty:
        return default, []
    case = pd.DataFrame({"area_code": [area_code], "category": [kind], "lead_chain": [default],
                         "reported_at": pd.DatetimeIndex([reported_at])})  # fmt: skip
    told = route(case, rules, calendar).iloc[0]
    if told["rule"] < 0:
        return default, []
    helping: Any = rules.set_index("id").loc[int(told["rule"]), "support_chains"]
    return int(told["lead_chain"]), [int(chain) for chain in helping]


__all__ = ["keep_supports", "routed", "save_rule", "share_cases", "supports_of", "switch_rule"]
