"""Wall screens, and the alarms that may take them over."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Identity,
    Index,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import metadata
from db.tables.geography import Code

screen = Table(
    "screen",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, unique=True, comment="stands in its address; null until somebody approves it"),
    Column("area_code", Code, comment="all that it may see; null until somebody approves it"),
    Column("layout", Text, nullable=False, server_default="1x1"),
    Column("metres", Float, nullable=False, server_default="4", comment="to the farthest viewer"),
    Column("mm_per_px", Float, comment="size of a pixel; null = panels of 55 inches"),
    Column("lang", Text, nullable=False, server_default="zh"),
    Column("token_sha256", Text, nullable=False, unique=True, comment="the token itself is kept by the screen only"),
    Column("code", Text, comment="six digits to approve it by; null afterwards"),
    Column("code_expires_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("approved_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True), comment="last heartbeat"),
    Column("beat", JSONB, nullable=False, server_default=text("'{}'::jsonb"), comment="what it said of itself"),
    CheckConstraint("(approved_at IS NULL) = (name IS NULL)", name="approved_has_name"),
    CheckConstraint("(approved_at IS NULL) = (area_code IS NULL)", name="approved_has_scope"),
    CheckConstraint("approved_at IS NULL OR code IS NULL", name="code_is_used_once"),
    CheckConstraint("layout IN ('1x1', '3x1', '6x3')", name="layout_is_known"),
    Index("uq_screen_code", "code", unique=True, postgresql_where=text("code IS NOT NULL")),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("kind", Text, nullable=False, comment="urgent = urgent cases overdue, feed = a source fell silent"),
    Column("key", Text, nullable=False, comment="what it is about; one open alarm for each"),
    Column("area_code", Code, nullable=False, comment="screens whose scope holds it may be taken over"),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("shown_at", DateTime(timezone=True), comment="when it took the screens"),
    Column("cleared_at", DateTime(timezone=True)),
    Index("uq_alarm_open_key", "district_code", "key", unique=True, postgresql_where=text("cleared_at IS NULL")),
    Index("ix_alarm_district_code_shown_at", "district_code", "shown_at"),
)
