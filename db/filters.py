"""The only place that turns what a person has chosen into where-clauses over cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal

from db.tables import cases
from gis.scope import View


def in_scope(code: str) -> ColumnElement[bool]:
    """Cases whose deepest known area is `code` or lies inside it; the prefix search uses the C-collated index."""
    return cases.c.area_code.like(f"{code}%")


def overdue(now: datetime) -> ColumnElement[bool]:
    """Open cases whose handling ended, or still goes on, after the handling deadline; hung ones stand still."""
    return and_(cases.c.is_open, cases.c.due_at < func.coalesce(cases.c.handled_at, cases.c.hung_since, literal(now)))


def near_due(now: datetime) -> ColumnElement[bool]:
    """Open, not yet handled, not hung cases with less than a fifth of their limit left, on the limit's own clock."""
    return and_(
        cases.c.is_open,
        cases.c.handled_at.is_(None),
        cases.c.hung_since.is_(None),
        cases.c.due_at >= now,
        func.coalesce(cases.c.near_at, cases.c.due_at) < now,
    )


def chosen(view: View, now: datetime) -> list[ColumnElement[bool]]:
    """Where-clauses for the filters of a view, without its place and its time window."""
    clauses: list[ColumnElement[bool]] = []
    if view.families:
        clauses.append(cases.c.family.in_(view.families))
    if view.channels:
        clauses.append(cases.c.channel.in_(view.channels))
    if view.urgent_only:
        clauses.append(cases.c.urgency == 1)
    if view.overdue_only:
        clauses.append(overdue(now))
    for column, chosen_ones in (
        (cases.c.category, view.categories),
        (cases.c.population_group, view.groups),
        (cases.c.lead_chain, view.chains),
        (cases.c.stage, view.stages),
    ):
        if chosen_ones:
            clauses.append(column.in_(chosen_ones))
    return clauses
