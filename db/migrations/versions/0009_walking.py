"""Walking: networks, gates, homes, doors, and planners' scenarios.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CODE = sa.String(15, collation="C")
POINT = Geometry("POINT", 4326, spatial_index=False)

_GRANTS = """
GRANT SELECT ON walk_network, walk_node, walk_edge, walk_gate, demand, entrance, scenario
    TO quanxiang_read, quanxiang_write;
GRANT INSERT, UPDATE, DELETE ON scenario TO quanxiang_write;
"""


def upgrade() -> None:
    """Create the seven tables."""
    _network()
    _people()
    op.create_table(
        "scenario",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "changes", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False,
            comment="add, move, remove, open_gate",
        ),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_scenario_name_is_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("district_code", "owner", "name", name=op.f("uq_scenario_district_code_owner_name")),
    )  # fmt: skip
    op.execute(_GRANTS)


def _network() -> None:
    op.create_table(
        "walk_network",
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="whom the ways come from"),
        sa.Column("source_date", sa.Date(), comment="day the ways were true; null = not told"),
        sa.Column(
            "content_hash", sa.Text(), nullable=False,
            comment="of nodes, edges and gates; names the arrays kept as files",
        ),
        sa.Column(
            "margin_m", sa.Float(), server_default="0", nullable=False,
            comment="how far the ways go on beyond the district",
        ),
        sa.Column("is_schematic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attribution", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "report", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False, comment="counts of the import"
        ),
        sa.Column("loaded_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("district_code", name=op.f("pk_walk_network")),
    )  # fmt: skip
    op.create_table(
        "walk_node",
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("node", sa.BigInteger(), nullable=False),
        sa.Column("geom", POINT, nullable=False),
        sa.PrimaryKeyConstraint("district_code", "node", name=op.f("pk_walk_node")),
    )
    op.create_table(
        "walk_edge",
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("edge", sa.BigInteger(), nullable=False),
        sa.Column("node_from", sa.BigInteger(), nullable=False),
        sa.Column("node_to", sa.BigInteger(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False, comment="geodesic"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="street, path, steps, ramp, crossing, gate or inside (a compound)",
        ),
        sa.Column("forward", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("backward", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "night", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="can be walked at night"
        ),
        sa.Column("gate", sa.Text(), server_default="", nullable=False, comment="the gate that it leads through"),
        sa.CheckConstraint("length_m >= 0", name=op.f("ck_walk_edge_length_is_not_negative")),
        sa.CheckConstraint(
            "kind IN ('street', 'path', 'steps', 'ramp', 'crossing', 'gate', 'inside')",
            name=op.f("ck_walk_edge_kind_is_known"),
        ),
        sa.PrimaryKeyConstraint("district_code", "edge", name=op.f("pk_walk_edge")),
    )
    op.create_table(
        "walk_gate",
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False, comment="what lies behind it"),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False, comment="by day"),
        sa.Column("night", sa.Boolean(), nullable=False, comment="open at night too"),
        sa.Column("geom", POINT, nullable=False),
        sa.PrimaryKeyConstraint("district_code", "gate", name=op.f("pk_walk_gate")),
    )


def _people() -> None:
    op.create_table(
        "demand",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="building, compound or cell: what one row stands for"),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("cell_code", CODE, comment="deepest area that holds it; null = outside the district"),
        sa.Column("people", sa.Float(), nullable=False),
        sa.Column("over60", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_estimate", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("geom", POINT, nullable=False),
        sa.CheckConstraint(
            "people >= 0 AND over60 >= 0 AND over60 <= people", name=op.f("ck_demand_people_are_plausible")
        ),
        sa.CheckConstraint("kind IN ('building', 'compound', 'cell')", name=op.f("ck_demand_kind_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
        sa.UniqueConstraint(
            "district_code", "source", "external_id", name=op.f("uq_demand_district_code_source_external_id")
        ),
    )
    op.create_index("ix_demand_district_code_cell_code", "demand", ["district_code", "cell_code"])
    op.create_table(
        "entrance",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger()),
        sa.Column("demand_id", sa.BigInteger()),
        sa.Column("geom", POINT, nullable=False),
        sa.CheckConstraint("num_nonnulls(facility_id, demand_id) = 1", name=op.f("ck_entrance_belongs_to_one")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_entrance_facility_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["demand_id"], ["demand.id"], name=op.f("fk_entrance_demand_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entrance")),
    )
    op.create_index("ix_entrance_facility_id", "entrance", ["facility_id"])
    op.create_index("ix_entrance_demand_id", "entrance", ["demand_id"])


def downgrade() -> None:
    """Drop them, with every scenario."""
    for name in ("scenario", "entrance", "demand", "walk_gate", "walk_edge", "walk_node", "walk_network"):
        op.drop_table(name)
