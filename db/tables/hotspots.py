"""Hot spots as objects: runs that look for them, what each run saw, decisions about them, alerts, fallback addresses.

A hot spot keeps its number while its cells move: see `gis.spots` for the rule. Sightings and decisions are appended
and never changed, so that what was known and decided at any time can be read again.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import metadata
from db.tables.geography import Code

hotspot_run = Table(
    "hotspot_run",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, comment="the moment that the run is of"),
    Column("ended_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("cases", Integer, nullable=False, comment="cases looked at"),
    Column("classes", Integer, nullable=False, comment="small classes scanned"),
    Column("found", Integer, nullable=False),
    Column("method", JSONB, nullable=False, comment="parameters of the statistics"),
    Index("ix_hotspot_run_district_code_at", "district_code", "at"),
)

hotspot = Table(
    "hotspot",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("category", Text, nullable=False, server_default="", comment="small class; '' = all cases together"),
    Column("status", Text, nullable=False, server_default="open", comment="open, ended or merged"),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("merged_into", BigInteger, ForeignKey("hotspot.id")),
    Column("split_from", BigInteger, ForeignKey("hotspot.id")),
    Column("area_code", Code, nullable=False, comment="smallest area that holds all its cells"),
    Column("cells", ARRAY(Text), nullable=False),
    Column("window_start", DateTime(timezone=True), nullable=False),
    Column("window_end", DateTime(timezone=True), nullable=False),
    Column("observed", Integer, nullable=False),
    Column("expected", Float, nullable=False, comment="cases that the weeks before let expect in cells and window"),
    Column("p", Float, nullable=False, comment="of the scan of its class"),
    Column("q", Float, nullable=False, comment="false-discovery rate over the classes of the run"),
    Column("recurrence_days", Float, nullable=False),
    Column("weeks_class", Text, nullable=False, server_default="", comment="class of its weeks; see gis.emerging"),
    Column("mix", JSONB, nullable=False, server_default=text("'[]'::jsonb"), comment="[category, cases], most first"),
    CheckConstraint("status IN ('open', 'ended', 'merged')", name="status_is_known"),
    CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged_has_a_heir"),
    CheckConstraint("cardinality(cells) > 0", name="has_cells"),
    Index("ix_hotspot_district_code_status", "district_code", "status"),
)

hotspot_sighting = Table(
    "hotspot_sighting",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hotspot_id", BigInteger, ForeignKey("hotspot.id", ondelete="CASCADE"), nullable=False),
    Column("run_id", BigInteger, ForeignKey("hotspot_run.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("cells", ARRAY(Text), nullable=False),
    Column("window_start", DateTime(timezone=True), nullable=False),
    Column("observed", Integer, nullable=False),
    Column("expected", Float, nullable=False),
    Column("p", Float, nullable=False),
    Column("q", Float, nullable=False),
    Index("ix_hotspot_sighting_hotspot_id_at", "hotspot_id", "at"),
    Index("ix_hotspot_sighting_run_id", "run_id"),
)

hotspot_case = Table(
    "hotspot_case",
    metadata,
    Column("hotspot_id", BigInteger, ForeignKey("hotspot.id", ondelete="CASCADE"), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("cases.id"), primary_key=True),
    Index("ix_hotspot_case_case_id", "case_id"),
)

hotspot_decision = Table(
    "hotspot_decision",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hotspot_id", BigInteger, ForeignKey("hotspot.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False, server_default="", comment="who wrote it down"),
    Column("owner", Text, nullable=False, comment="who answers for it"),
    Column("decision", Text, nullable=False),
    Column("due_on", Date),
    Column("follow_up_on", Date, comment="when it is looked at again"),
    Column("outcome", Text, nullable=False, server_default="", comment="what became of it; '' = not known yet"),
    CheckConstraint("owner <> '' AND decision <> ''", name="says_who_and_what"),
    Index("ix_hotspot_decision_hotspot_id_at", "hotspot_id", "at"),
)

hotspot_alert = Table(
    "hotspot_alert",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hotspot_id", BigInteger, ForeignKey("hotspot.id", ondelete="CASCADE"), nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("cause", Text, nullable=False, comment="new = never seen before, grown = twice as many as when last told"),
    Column("area_code", Code, nullable=False),
    Column("window_start", DateTime(timezone=True), nullable=False),
    Column("window_end", DateTime(timezone=True), nullable=False),
    Column("observed", Integer, nullable=False),
    Column("expected", Float, nullable=False),
    Column("answered_at", DateTime(timezone=True), comment="when a decision was written; null = stands"),
    CheckConstraint("cause IN ('new', 'grown')", name="cause_is_known"),
    Index("ix_hotspot_alert_hotspot_id", "hotspot_id"),
    Index("ix_hotspot_alert_raised_at", "raised_at", postgresql_where=text("answered_at IS NULL")),
)

fallback_point = Table(
    "fallback_point",
    metadata,
    Column("district_code", Code, primary_key=True),
    Column("lon", Float, primary_key=True, comment="degrees, as stored with its cases"),
    Column("lat", Float, primary_key=True),
    Column("cases", Integer, nullable=False, comment="when it was recognised"),
    Column("categories", Integer, nullable=False),
    Column("effective", Float, nullable=False, comment="effective number of classes; see gis.artefacts"),
    Column("usual_effective", Float, nullable=False, comment="the same of the whole district"),
    Column("expected_points", Float, nullable=False, comment="points of this size that the record lets expect"),
    Column("found_at", DateTime(timezone=True), nullable=False),
)
