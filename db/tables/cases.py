"""What happened: cases, their append-only events, the category tree, feeds, and the outbox that live screens follow.

`area_code` is the deepest area known for a case: 15 digits when it lies in a cell, 9 when only the street is known,
6 when only the district is. So a case is in a scope when its code starts with the scope's code, and the children of a
scope plus its buckets always add up to the scope.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import metadata
from db.tables.geography import Code

category = Table(
    "category",
    metadata,
    Column("code", Text, primary_key=True, comment="family letter and four digits: P0101, E0102, S0301"),
    Column("family", Text, nullable=False, comment="part, event or social"),
    Column("major_zh", Text, nullable=False),
    Column("major_en", Text, nullable=False),
    Column("minor_zh", Text, nullable=False),
    Column("minor_en", Text, nullable=False),
    Column("limit_quantity", Float, comment="sample handling limit; null = none"),
    Column(
        "limit_unit",
        Text,
        nullable=False,
        server_default="",
        comment="urgent_hour, work_hour, work_day, natural_day",
    ),
    Column("lead_chain", SmallInteger, nullable=False, comment="default lead chain 1 to 8"),
    CheckConstraint("family IN ('part', 'event', 'social')", name="family_is_known"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False, comment="which system reported it"),
    Column("external_id", Text, nullable=False, comment="its id there; a replay returns the same case"),
    Column(
        "channel",
        Text,
        nullable=False,
        comment="patrol, app, pda, building_head, hotline, diary, video, web, open311",
    ),
    Column("category", Text, ForeignKey("category.code"), nullable=False),
    Column("family", Text, nullable=False),
    Column("urgency", SmallInteger, nullable=False, server_default="3", comment="1 urgent, 2 high, 3 ordinary"),
    Column("population_group", Text, nullable=False, server_default=""),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False, server_default="", comment="the place in words, as received"),
    Column("received_x", Float),
    Column("received_y", Float),
    Column("received_crs", Text, nullable=False, server_default="EPSG:4326"),
    Column("geom", Geometry("POINT", 4326, spatial_index=False)),
    Column("location_status", Text, nullable=False, comment="located, unlocated, outside, cross_street, fallback"),
    Column("area_code", Code, nullable=False, comment="deepest area known, as of the report time"),
    Column("lead_chain", SmallInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("is_repeat", Boolean, nullable=False, server_default=text("false")),
    Column("duplicate_of", BigInteger, ForeignKey("cases.id")),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), comment="handling deadline; null = no deadline binds it"),
    Column("near_at", DateTime(timezone=True), comment="from when the deadline is near: a fifth of the limit is left"),
    Column("hung_since", DateTime(timezone=True), comment="the clock stands still since then"),
    Column("handled_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "first_area_code",
        Code,
        comment="deepest area as of the report time, once a later grid moved the case; null = area_code still is it",
    ),
    UniqueConstraint("source", "external_id"),
    CheckConstraint(
        "location_status IN ('located', 'unlocated', 'outside', 'cross_street', 'fallback')",
        name="location_status_is_known",
    ),
    CheckConstraint(
        "location_status <> 'located' OR (geom IS NOT NULL AND length(area_code) > 6)", name="located_has_area"
    ),
    CheckConstraint("is_open = (closed_at IS NULL)", name="open_has_no_closing_time"),
    # the three reads of every screen: what is open here, what came in here lately, what came in lately at all
    Index("ix_cases_open_area", "area_code", "due_at", postgresql_where=text("is_open")),
    # with every column that counts and filters need, so that a count never visits the rows themselves
    Index(
        "ix_cases_area_reported",
        "area_code",
        "reported_at",
        postgresql_include=["location_status", "family", "channel", "urgency", "closed_at"],
    ),
    Index(
        "ix_cases_reported",
        "reported_at",
        postgresql_include=["area_code", "location_status", "family", "channel", "urgency", "geom"],
    ),
    Index(
        "ix_cases_closed",
        "closed_at",
        postgresql_where=text("closed_at IS NOT NULL"),
        postgresql_include=["area_code", "location_status", "family", "channel", "urgency"],
    ),
    # how many voices one matter has
    Index("ix_cases_duplicate_of", "duplicate_of", postgresql_where=text("duplicate_of IS NOT NULL")),
    Index("ix_cases_geom", "geom", postgresql_using="gist", postgresql_where=text("geom IS NOT NULL")),
)

case_event = Table(
    "case_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("cases.id"), nullable=False),
    Column("stage", Text, nullable=False, comment="the stage that the case enters, or the word of another move"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False, server_default=""),
    Column("unit", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("payload", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("ix_case_event_case_id_at", "case_id", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False, comment="case = one case changed, bulk = many, geography = areas changed"),
    Column("case_id", BigInteger),
    Column("area_code", Code, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("tx", Text, nullable=False, server_default=text("pg_current_xact_id()::text")),
)

feed = Table(
    "feed",
    metadata,
    Column("name", Text, primary_key=True),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("period_s", Integer, nullable=False, comment="how often a sign of life is expected"),
    Column("beat_at", DateTime(timezone=True), comment="last sign of life, with or without a case"),
    Column("record_at", DateTime(timezone=True), comment="last case received"),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
)

quality_issue = Table(
    "quality_issue",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="gap, overlap, sliver, outside_parent, crs_shift, invalid_geometry, ...",
    ),
    Column("area_code", Code),
    Column("detail_zh", Text, nullable=False),
    Column("detail_en", Text, nullable=False),
    Column("size_m2", Float),
    Column("geom", Geometry("GEOMETRY", 4326, spatial_index=False)),
    Column("found_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_quality_issue_district_code_kind", "district_code", "kind"),
)
