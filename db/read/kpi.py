"""Measures as counts over the wide rows of facts: of the cases reported in a period, or of all that are open.

Every clause is told once, in `Moment`, under the name that `gis.kpi` has for it; a number and the cases behind it are
made of the same clauses, so they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, literal, not_, or_, select, true

from db.read.cases import case_rows
from db.tables import case_event, case_fact, cases
from gis.casefold import hang_periods
from gis.kpi import KPIS, STANDING, Kpi
from gis.kpi_facts import PROACTIVE_CHANNELS, STOCK_AFTER
from gis.scope import View
from gis.worktime import DutyCalendar, working_hours

f = case_fact.c
Clause = ColumnElement[bool]


@dataclass(frozen=True)
class Period:
    """Which cases: of an area, chosen by the filters of a view, reported after `start` and up to `end`, as of `end`."""

    code: str
    view: View
    start: datetime
    end: datetime


class Moment:
    """What is so of a case at a moment, by the names of `gis.kpi`."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def _by(self, column: Any) -> Clause:
        return func.coalesce(column <= self.at, false())

    @property
    def handled_at(self) -> ColumnElement[Any]:
        """When handling had ended, as of the moment: a check that sent the case back later had not done so yet."""
        first = and_(f.first_handled_at <= self.at, f.undone_at > self.at)
        return case((f.handled_at <= self.at, f.handled_at), (first, f.first_handled_at))

    def clause(self, name: str) -> Clause:
        """Return the clause of a numerator or denominator.

        Raises
        ------
        KeyError
            When nothing has this name.
        """
        void, closed, handled = self._by(f.void_at), self._by(f.closed_at), self.handled_at.is_not(None)
        is_open = not_(or_(void, closed))
        dispatched, hung = self._by(f.dispatched_at), and_(is_open, self._by(f.hung_since))
        is_handled = and_(handled, not_(void))
        clock = func.coalesce(f.hung_since, literal(self.at))
        passed = func.coalesce(f.due_at < func.coalesce(self.handled_at, clock), false())
        # of a case sent to and fro, what was so at an earlier moment is known by its end only
        named, other = self._by(f.unit_at), self._by(f.other_unit_at)
        in_hand = and_(dispatched, is_open, not_(handled))
        due = and_(not_(void), or_(is_handled, and_(in_hand, passed)))
        clauses: dict[str, Any] = {
            "reported": true(), "accepted": self._by(f.accepted_at), "filed": self._by(f.filed_at),
            "dispatched": dispatched, "is_open": is_open, "void": void, "closed": closed,
            "ever_handled": and_(or_(self._by(f.first_handled_at), closed), not_(void)), "is_handled": is_handled,
            "due_to_close": due, "due_with_deadline": and_(due, f.due_at.is_not(None), not_(hung)),
            "closed_on_time": and_(closed, func.coalesce(self.handled_at <= f.due_at, false())),
            "overdue": and_(is_open, passed),
            "near_due": and_(is_open, not_(handled), not_(hung), f.due_at >= self.at, f.near_at < self.at),
            "repeat": f.is_repeat, "duplicate": f.is_duplicate, "by_hotline": f.channel == "hotline",
            "proactive": f.channel.in_(PROACTIVE_CHANNELS), "hung": hung, "ever_hung": self._by(f.hung_at),
            "stock": and_(is_open, func.coalesce(f.hung_at <= self.at - STOCK_AFTER, false())),
            "reworked": self._by(f.reworked_at), "returned": self._by(f.returned_at),
            "postponed": self._by(f.postponed_at), "unit_known": named, "misdispatched": other,
            "closed_by_unit": and_(closed, named),
            "solved_first": and_(closed, named, not_(other), not_(self._by(f.returned_at))),
            "handling_h": and_(not_(void), or_(is_handled, in_hand)), "in_hand": in_hand,
            "overtime_multiple": and_(f.overtime_multiple.is_not(None), closed),
        }  # fmt: skip
        found: Clause = clauses[name]
        return found

    def numerator(self, kpi: Kpi) -> Clause:
        """Return which cases a measure counts."""
        own = self.clause(kpi.numerator)
        return and_(own, self.clause(kpi.denominator)) if kpi.kind in ("share", "hours", "multiple") else own

    def denominator(self, kpi: Kpi) -> Clause | None:
        """Return among which cases it counts them; None when it is no share of cases."""
        return self.clause(kpi.denominator) if kpi.denominator and kpi.kind != "multiple" else None


def _chosen(period: Period, *, standing: bool) -> list[Clause]:
    """Return the clauses of a period; indexes: ix_case_fact_area_reported, ix_case_fact_open."""
    view, told = period.view, [f.area_code.like(f"{period.code}%"), f.reported_at <= period.end]
    if standing:
        told += [f.closed_at.is_(None), f.void_at.is_(None)]
    else:
        told.append(f.reported_at > period.start)
    if view.families:
        told.append(f.family.in_(view.families))
    if view.channels:
        told.append(f.channel.in_(view.channels))
    if view.urgent_only:
        told.append(f.urgency == 1)
    if view.overdue_only:
        told.append(Moment(period.end).clause("overdue"))
    return told


def counts_stmt(period: Period, *, standing: bool, group: ColumnElement[Any] | None = None) -> Select[Any]:
    """Count every measure of counts by family, and by a group: `key`, `family`, `hits_<measure>`, `n_<measure>`."""
    moment, columns = Moment(period.end), []
    for kpi in KPIS:
        if (kpi.key in STANDING) is standing and kpi.kind in ("count", "share", "ratio", "per_10k"):
            columns.append(func.count().filter(moment.numerator(kpi)).label(f"hits_{kpi.key}"))
            below = moment.denominator(kpi)
            if below is not None:
                columns.append(func.count().filter(below).label(f"n_{kpi.key}"))
    hung = func.count().filter(moment.clause("hung")).label("on_hold")
    key = (literal("") if group is None else group).label("key")
    stmt = select(key, f.family, *columns, hung).where(*_chosen(period, standing=standing))
    return stmt.group_by(f.family) if group is None else stmt.group_by(key, f.family)


def counts(conn: Connection, period: Period, *, standing: bool, length: int = 0) -> pd.DataFrame:
    """Return the counts of a period by family, and by area of a level when `length` digits of its code are given."""
    stmt = counts_stmt(period, standing=standing, group=func.left(f.area_code, length) if length else None)
    return pd.DataFrame(conn.execute(stmt).all(), columns=[column.name for column in stmt.selected_columns])


def counts_by_time(conn: Connection, period: Period, kpi: Kpi, step: timedelta) -> pd.DataFrame:
    """Return `hits` and `n` of one measure of counts by the step of the period in which cases were reported."""
    moment = Moment(period.end)
    below = moment.denominator(kpi)
    tick = func.date_bin(step, f.reported_at, period.start)
    stmt = (
        select(
            tick.label("at"), func.count().filter(moment.numerator(kpi)).label("hits"),
            func.count().filter(true() if below is None else below).label("n"),
        )
        .where(*_chosen(period, standing=False))
        .group_by(tick)
        .order_by(tick)
    )  # fmt: skip
    return pd.DataFrame(conn.execute(stmt).all(), columns=["at", "hits", "n"])


def durations(conn: Connection, period: Period, calendar: DutyCalendar, *, length: int = 0) -> pd.DataFrame:
    """Return the handling hours of a period: `key`, `family`, `hours`, `is_done`, and `multiple` (of late ones)."""
    moment = Moment(period.end)
    key = (func.left(f.area_code, length) if length else literal("")).label("key")
    place = _chosen(period, standing=False)
    final = f.handled_at <= period.end
    done = select(key, f.family, f.work_min, f.overtime_multiple, f.closed_at <= period.end).where(
        *place, moment.clause("is_handled"), final
    )
    ended = pd.DataFrame(conn.execute(done).all(), columns=["key", "family", "minutes", "multiple", "is_closed"])
    # those in hand, and those whose handling had ended then and was undone by a check later
    handled = moment.handled_at.is_not(None)
    still = select(
        key,
        f.family,
        f.case_id,
        func.coalesce(f.dispatched_at, f.reported_at),
        f.hung_at,
        handled,
        func.coalesce(moment.handled_at, func.least(f.hung_since, period.end)),
    ).where(
        *place, or_(moment.clause("in_hand"), and_(moment.clause("is_handled"), not_(func.coalesce(final, false()))))
    )
    columns = ["key", "family", "case_id", "dispatched_at", "hung_at", "is_done", "until"]
    rows = pd.DataFrame(conn.execute(still).all(), columns=columns)
    running = _running_hours(conn, rows, period.end, calendar)
    closed = ended["is_closed"].fillna(False).astype(bool)
    done_part = ended[["key", "family"]].assign(
        hours=ended["minutes"].astype(float) / 60, is_done=True, multiple=ended["multiple"].astype(float).where(closed)
    )
    running_part = rows[["key", "family", "is_done"]].assign(hours=running.to_numpy(), multiple=float("nan"))
    whole = pd.concat([done_part, running_part], ignore_index=True)
    return whole[whole["hours"].notna()]


def _running_hours(conn: Connection, rows: pd.DataFrame, end: datetime, calendar: DutyCalendar) -> pd.Series:
    """Return the working hours of cases from their dispatch to `until`, without those of hangs that ended."""
    if rows.empty:
        return pd.Series([], dtype=float)
    start = pd.DatetimeIndex(pd.to_datetime(rows["dispatched_at"], utc=True))
    hours = working_hours(start, pd.DatetimeIndex(pd.to_datetime(rows["until"], utc=True)), calendar)
    held = rows[rows["hung_at"].notna()]
    if len(held):
        stmt = select(case_event.c.case_id, case_event.c.stage, case_event.c.at).where(
            case_event.c.case_id.in_([int(one) for one in held["case_id"]]), case_event.c.at <= end
        )
        events = pd.DataFrame(conn.execute(stmt.order_by(case_event.c.id)).all(), columns=["case_id", "stage", "at"])
        events["at"] = pd.to_datetime(events["at"], utc=True)
        periods = hang_periods(events)
        begun = pd.Series(start, index=rows["case_id"]).reindex(periods["case_id"]).reset_index(drop=True)
        low = periods["start"].clip(lower=begun)
        until = pd.Series(pd.DatetimeIndex(pd.to_datetime(rows["until"], utc=True)), index=rows["case_id"])
        over = until.reindex(periods["case_id"]).reset_index(drop=True)
        high = periods["end"].fillna(over).clip(upper=over)
        away = pd.Series(working_hours(low, high, calendar)).clip(lower=0).groupby(periods["case_id"]).sum()
        hours = hours - rows["case_id"].map(away).fillna(0).to_numpy()
    return pd.Series(hours).clip(lower=0)


def behind_stmt(period: Period, kpi: Kpi, part: str, key: str = "") -> Select[Any]:
    """Return the cases behind a measure, `part` being `num` or `den`; `key` is an area inside the period's."""
    moment = Moment(period.end)
    own = moment.numerator(kpi) if part == "num" else moment.denominator(kpi)
    place = _chosen(period, standing=kpi.key in STANDING)
    clauses = [*place, *([] if own is None else [own]), *([f.area_code.like(f"{key}%")] if key else [])]
    return select(f.case_id).where(*clauses)


def behind(
    conn: Connection, period: Period, kpi: Kpi, part: str, *, key: str = "", limit: int = 200, offset: int = 0
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many cases are behind a measure, and a page of them, newest first."""
    chosen = behind_stmt(period, kpi, part, key).subquery()
    total = conn.execute(select(func.count()).select_from(chosen)).scalar_one()
    stmt = case_rows().where(cases.c.id.in_(select(chosen.c.case_id)))
    page = stmt.order_by(cases.c.reported_at.desc(), cases.c.id.desc()).limit(limit).offset(offset)
    return total, [dict(row) for row in conn.execute(page).mappings()]


def oldest_open(conn: Connection, period: Period) -> dict[str, Any] | None:
    """Return the open case that was reported longest ago."""
    own = select(f.case_id).where(*_chosen(period, standing=True)).order_by(f.reported_at).limit(1)
    found = conn.execute(case_rows().where(cases.c.id.in_(own))).mappings().first()
    return dict(found) if found is not None else None
