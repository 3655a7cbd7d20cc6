"""The only place that turns what a person has chosen into where-clauses over cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, extract, func, literal

from db.tables import cases
from gis.scope import View

NEAR_SHARE = 0.2
"""A case is near due when less than this share of its time limit is left."""


def in_scope(code: str) -> ColumnElement[bool]:
    """Cases whose deepest known area is `code` or lies inside it; the prefix search uses the C-collated index."""
    return cases.c.area_code.like(f"{code}%")


def overdue(now: datetime) -> ColumnElement[bool]:
    """Open cases whose handling ended, or still goes on, after the handling deadline."""
    return and_(cases.c.is_open, cases.c.due_at < func.coalesce(cases.c.handled_at, literal(now)))


def near_due(now: datetime) -> ColumnElement[bool]:
    """Open, not yet handled cases with less than a fifth of the time between report and deadline left."""
    left_s = extract("epoch", cases.c.due_at - literal(now))
    limit_s = extract("epoch", cases.c.due_at - cases.c.reported_at)
    return and_(
        cases.c.is_open,
        cases.c.handled_at.is_(None),
        cases.c.due_at >= now,
        left_s < limit_s * NEAR_SHARE,
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
    return clauses
