"""The rules of time, the shifts of units, and the clocks of cases that derive from their steps."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)

from db.tables.base import metadata

sla_rule = Table(
    "sla_rule",
    metadata,
    Column("category", Text, nullable=False, comment="small class, or * for every class"),
    Column("condition", Text, nullable=False, server_default="", comment="filing condition; empty = always"),
    Column("stage", Text, nullable=False, comment="an open stage, handled (report to end of handling), or hotline"),
    Column("quantity", Float, nullable=False),
    Column("unit", Text, nullable=False, comment="urgent_hour, work_hour, work_day, natural_day"),
    Column("source", Text, nullable=False, server_default="", comment="where the limit comes from"),
    Column("is_sample", Boolean, nullable=False, server_default=text("false"), comment="shipped as an example"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("category", "condition", "stage"),
    CheckConstraint("quantity > 0", name="quantity_is_positive"),
    CheckConstraint("unit IN ('urgent_hour', 'work_hour', 'work_day', 'natural_day')", name="unit_is_known"),
)

duty_shift = Table(
    "duty_shift",
    metadata,
    Column("unit", Text, primary_key=True, comment="a handling unit; those that are not here keep 08-12 and 14-18"),
    Column("shifts", Text, nullable=False, comment="such as 08:00-12:00,14:00-18:00"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

stage_clock = Table(
    "stage_clock",
    metadata,
    Column("case_id", BigInteger, nullable=False),
    Column("stage", Text, nullable=False, comment="the stage stayed in, or handled, or hotline"),
    Column("condition", Text, nullable=False, server_default=""),
    Column("turn", SmallInteger, nullable=False, comment="counts the clocks of one stage from 1"),
    Column("unit", Text, nullable=False, server_default=""),
    Column("start_at", DateTime(timezone=True), nullable=False),
    Column("end_at", DateTime(timezone=True), comment="null while it runs"),
    Column("due_at", DateTime(timezone=True), comment="null = no limit"),
    Column("limit_quantity", Float),
    Column("limit_unit", Text, nullable=False, server_default=""),
    Column("used_min", Float, comment="working minutes, without those hung"),
    Column("overtime_min", Float, comment="minutes past the deadline in the limit's own time"),
    PrimaryKeyConstraint("case_id", "stage", "condition", "turn"),
)
