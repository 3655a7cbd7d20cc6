"""Who walks where: the walking network of a district, homes and their doors, doors of facilities, planners' scenarios.

An edge is one straight piece between two nodes, so that its geometry is that of its nodes. Lengths are geodesic.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
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
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import metadata

Code = String(15, collation="C")

walk_network = Table(
    "walk_network",
    metadata,
    Column("district_code", Code, primary_key=True),
    Column("source", Text, nullable=False, comment="whom the ways come from"),
    Column("source_date", Date, comment="day the ways were true; null = not told"),
    Column("content_hash", Text, nullable=False, comment="of nodes, edges and gates; names the arrays kept as files"),
    Column("margin_m", Float, nullable=False, server_default="0", comment="how far the ways go on beyond the district"),
    Column("is_schematic", Boolean, nullable=False, server_default=text("false")),
    Column("attribution", Text, nullable=False, server_default=""),
    Column("report", JSONB, nullable=False, server_default=text("'{}'::jsonb"), comment="counts of the import"),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

walk_node = Table(
    "walk_node",
    metadata,
    Column("district_code", Code, primary_key=True),
    Column("node", BigInteger, primary_key=True),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
)

walk_edge = Table(
    "walk_edge",
    metadata,
    Column("district_code", Code, primary_key=True),
    Column("edge", BigInteger, primary_key=True),
    Column("node_from", BigInteger, nullable=False),
    Column("node_to", BigInteger, nullable=False),
    Column("length_m", Float, nullable=False, comment="geodesic"),
    Column("kind", Text, nullable=False, comment="street, path, steps, ramp, crossing, gate or inside (a compound)"),
    Column("forward", Boolean, nullable=False, server_default=text("true")),
    Column("backward", Boolean, nullable=False, server_default=text("true")),
    Column("night", Boolean, nullable=False, server_default=text("true"), comment="can be walked at night"),
    Column("gate", Text, nullable=False, server_default="", comment="the gate that it leads through"),
    CheckConstraint("length_m >= 0", name="length_is_not_negative"),
    CheckConstraint("kind IN ('street', 'path', 'steps', 'ramp', 'crossing', 'gate', 'inside')", name="kind_is_known"),
)

walk_gate = Table(
    "walk_gate",
    metadata,
    Column("district_code", Code, primary_key=True),
    Column("gate", Text, primary_key=True),
    Column("name_zh", Text, nullable=False, server_default="", comment="what lies behind it"),
    Column("class", Text, nullable=False, server_default=""),
    Column("is_open", Boolean, nullable=False, comment="by day"),
    Column("night", Boolean, nullable=False, comment="open at night too"),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
)

demand = Table(
    "demand",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="building, compound or cell: what one row stands for"),
    Column("name_zh", Text, nullable=False, server_default=""),
    Column("cell_code", Code, comment="deepest area that holds it; null = outside the district"),
    Column("people", Float, nullable=False),
    Column("over60", Float, nullable=False),
    Column("source", Text, nullable=False),
    Column("is_estimate", Boolean, nullable=False, server_default=text("true")),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    CheckConstraint("people >= 0 AND over60 >= 0 AND over60 <= people", name="people_are_plausible"),
    CheckConstraint("kind IN ('building', 'compound', 'cell')", name="kind_is_known"),
    UniqueConstraint("district_code", "source", "external_id"),
    Index("ix_demand_district_code_cell_code", "district_code", "cell_code"),
)

entrance = Table(
    "entrance",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("facility_id", BigInteger, ForeignKey("facility.id", ondelete="CASCADE")),
    Column("demand_id", BigInteger, ForeignKey("demand.id", ondelete="CASCADE")),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    CheckConstraint("num_nonnulls(facility_id, demand_id) = 1", name="belongs_to_one"),
    Index("ix_entrance_facility_id", "facility_id"),
    Index("ix_entrance_demand_id", "demand_id"),
)

scenario = Table(
    "scenario",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
    Column(
        "changes", JSONB, nullable=False, server_default=text("'[]'::jsonb"), comment="add, move, remove, open_gate"
    ),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("name <> ''", name="name_is_given"),
    UniqueConstraint("district_code", "owner", "name"),
)
