"""The rules of time, the shifts of units, and the clocks of cases that derive from their steps."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)

from db.tables.base import metadata
from db.tables.geography import Code

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
    Column("limit_min", Float, comment="the limit in force in minutes of its own time, without time on hold"),
    Column("used_min", Float, comment="working minutes, without those hung"),
    Column("overtime_min", Float, comment="minutes past the deadline in the limit's own time"),
    PrimaryKeyConstraint("case_id", "stage", "condition", "turn"),
)

case_fact = Table(
    "case_fact",
    metadata,
    Column("case_id", BigInteger, primary_key=True),
    Column("area_code", Code, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("family", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("urgency", SmallInteger, nullable=False),
    Column("is_repeat", Boolean, nullable=False),
    Column("is_duplicate", Boolean, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("near_at", DateTime(timezone=True)),
    Column("hung_since", DateTime(timezone=True)),
    Column("handled_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True), comment="closed, not made void"),
    Column("void_at", DateTime(timezone=True)),
    Column("accepted_at", DateTime(timezone=True)),
    Column("filed_at", DateTime(timezone=True)),
    Column("dispatched_at", DateTime(timezone=True), comment="the first dispatch; so are the times below"),
    Column("first_handled_at", DateTime(timezone=True)),
    Column("undone_at", DateTime(timezone=True), comment="a check sent it back"),
    Column("reworked_at", DateTime(timezone=True), comment="a second end of handling by the same unit"),
    Column("returned_at", DateTime(timezone=True)),
    Column("postponed_at", DateTime(timezone=True)),
    Column("hung_at", DateTime(timezone=True)),
    Column("unit_at", DateTime(timezone=True), comment="first dispatch that names its unit"),
    Column("other_unit_at", DateTime(timezone=True), comment="sent to another unit, where first and last differ"),
    Column("work_min", Float, comment="working minutes from dispatch to the end of handling, not on hold"),
    Column("overtime_multiple", Float, comment="of late ones: minutes past the deadline by those of the limit"),
    Index("ix_case_fact_area_reported", "area_code", "reported_at"),
    # the open ones of an area, whenever they were reported
    Index(
        "ix_case_fact_open",
        "area_code",
        postgresql_where=text("closed_at IS NULL AND void_at IS NULL"),
    ),
)
