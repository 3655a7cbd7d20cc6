"""Who answers: the units of the eight response chains, who helps with a case, routing rules, offers, participation.

The lead chain of a case stays in `cases.lead_chain`; here are the supporting ones, which are counted apart.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

from db.tables.base import metadata
from db.tables.geography import Code

unit = Table(
    "unit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("code", Text, nullable=False, comment="chain, area and a running number; stays when the name changes"),
    Column("chain", SmallInteger, nullable=False, comment="response chain 1 to 8"),
    Column("kind", Text, nullable=False, comment="committee, office, department, company, social_org, ..."),
    Column("name_zh", Text, nullable=False, comment="as the steps of cases name it"),
    Column("area_code", Code, nullable=False, comment="the area it belongs to; its duty may reach further"),
    Column("people", Integer, nullable=False),
    Column("per_day", Float, nullable=False, comment="cases that it can handle in a working day"),
    Column("opens", Text, nullable=False, server_default="", comment="OpenStreetMap opening_hours syntax"),
    Column("is_schematic", Boolean, nullable=False, server_default=text("false")),
    Column("geom", Geometry("POINT", 4326, spatial_index=False)),
    UniqueConstraint("district_code", "code"),
    CheckConstraint("chain BETWEEN 1 AND 8", name="chain_is_known"),
    CheckConstraint("people >= 0 AND per_day >= 0", name="capacity_is_not_negative"),
    Index("ix_unit_name_zh", "name_zh"),
)

unit_duty = Table(
    "unit_duty",
    metadata,
    Column("unit_id", BigInteger, ForeignKey("unit.id"), primary_key=True),
    Column("area_code", Code, primary_key=True, comment="an area that the unit answers for"),
)

case_support = Table(
    "case_support",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("cases.id"), nullable=False),
    Column("chain", SmallInteger, nullable=False, comment="the chain that helps; the lead is in cases.lead_chain"),
    Column("unit_id", BigInteger, ForeignKey("unit.id"), comment="null = the chain is asked, not yet a unit"),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), comment="null = still helping, as long as the case is open"),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("case_id", "chain", "unit_id", postgresql_nulls_not_distinct=True),
    CheckConstraint("chain BETWEEN 1 AND 8", name="chain_is_known"),
    Index(
        "ix_case_support_running",
        "case_id",
        postgresql_where=text("ended_at IS NULL"),
        postgresql_include=["chain", "unit_id"],
    ),
)

routing_rule = Table(
    "routing_rule",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1", comment="rises with every edit of a rule"),
    Column("area_code", Code, nullable=False, comment="cases inside this area"),
    Column("category", Text, nullable=False, server_default="", comment="prefix of the category's code; '' = all"),
    Column("time_band", Text, nullable=False, server_default="any", comment="any, work (duty hours), off"),
    Column("lead_chain", SmallInteger, nullable=False),
    Column("support_chains", ARRAY(SmallInteger), nullable=False, server_default=text("'{}'")),
    Column("unit_id", BigInteger, ForeignKey("unit.id"), comment="null = the unit on duty of the lead chain"),
    Column("is_active", Boolean, nullable=False, server_default=text("false")),
    Column("replaces", BigInteger, ForeignKey("routing_rule.id"), comment="the version before this one"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("lead_chain BETWEEN 1 AND 8", name="chain_is_known"),
    CheckConstraint("time_band IN ('any', 'work', 'off')", name="time_band_is_known"),
    Index("ix_routing_rule_active", "district_code", postgresql_where=text("is_active")),
)

offer = Table(
    "offer",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("unit_id", BigInteger, ForeignKey("unit.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="hall, parking, canteen, sports, project"),
    Column("title_zh", Text, nullable=False),
    Column("area_code", Code, nullable=False, comment="deepest area known"),
    Column("opens", Text, nullable=False, server_default="", comment="OpenStreetMap opening_hours syntax"),
    Column("capacity", Integer, nullable=False, comment="seats, spaces or places"),
    Column("needs", Text, nullable=False, server_default="", comment="prefixes of categories it can meet, by comma"),
    Column("is_schematic", Boolean, nullable=False, server_default=text("false")),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    CheckConstraint("capacity >= 0", name="capacity_is_not_negative"),
    Index("ix_offer_area_code", "area_code"),
)

participation = Table(
    "participation",
    metadata,
    Column("unit_id", BigInteger, ForeignKey("unit.id"), primary_key=True),
    Column("on_day", Date, primary_key=True, comment="the Monday of its week, local"),
    Column("kind", Text, primary_key=True, comment="offers, hours, matched, beneficiaries, visits_due, ..."),
    Column("chain", SmallInteger, nullable=False),
    Column("area_code", Code, nullable=False, comment="the unit's area"),
    Column("amount", Float, nullable=False),
    CheckConstraint("amount >= 0", name="amount_is_not_negative"),
    Index("ix_participation_on_day", "on_day"),
)
