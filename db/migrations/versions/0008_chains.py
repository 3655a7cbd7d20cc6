"""Response chains: units with their duty, support of cases, routing rules, offers, participation.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CODE = sa.String(15, collation="C")

_GRANTS = """
GRANT SELECT ON unit, unit_duty, case_support, routing_rule, offer, participation TO quanxiang_read, quanxiang_write;
GRANT INSERT, UPDATE ON case_support, routing_rule, unit, offer, participation TO quanxiang_write;
GRANT INSERT, DELETE ON unit_duty TO quanxiang_write;
"""


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _chain(name: str = "chain", comment: str | None = None) -> sa.Column:
    return sa.Column(name, sa.SmallInteger(), nullable=False, comment=comment)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "unit", _id(),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column(
            "code", sa.Text(), nullable=False, comment="chain, area and a running number; stays when the name changes"
        ),
        _chain(comment="response chain 1 to 8"),
        sa.Column("kind", sa.Text(), nullable=False, comment="committee, office, department, company, social_org, ..."),
        sa.Column("name_zh", sa.Text(), nullable=False, comment="as the steps of cases name it"),
        sa.Column("area_code", CODE, nullable=False, comment="the area it belongs to; its duty may reach further"),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Float(), nullable=False, comment="cases that it can handle in a working day"),
        sa.Column("opens", sa.Text(), server_default="", nullable=False, comment="OpenStreetMap opening_hours syntax"),
        sa.Column("is_schematic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False)),
        sa.CheckConstraint("chain BETWEEN 1 AND 8", name=op.f("ck_unit_chain_is_known")),
        sa.CheckConstraint("people >= 0 AND per_day >= 0", name=op.f("ck_unit_capacity_is_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("district_code", "code", name=op.f("uq_unit_district_code_code")),
    )  # fmt: skip
    op.create_index("ix_unit_name_zh", "unit", ["name_zh"])
    op.create_table(
        "unit_duty",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("area_code", CODE, nullable=False, comment="an area that the unit answers for"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_duty_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "area_code", name=op.f("pk_unit_duty")),
    )
    op.create_table(
        "case_support", _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        _chain(comment="the chain that helps; the lead is in cases.lead_chain"),
        sa.Column("unit_id", sa.BigInteger(), comment="null = the chain is asked, not yet a unit"),
        sa.Column("since", TIME, nullable=False),
        sa.Column("ended_at", TIME, comment="null = still helping, as long as the case is open"),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("chain BETWEEN 1 AND 8", name=op.f("ck_case_support_chain_is_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_support_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_support_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_support")),
        sa.UniqueConstraint(
            "case_id", "chain", "unit_id", name=op.f("uq_case_support_case_id_chain_unit_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
    op.create_table(
        "routing_rule", _id(),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.Integer(), server_default="1", nullable=False, comment="rises with every edit of a rule"
        ),
        sa.Column("area_code", CODE, nullable=False, comment="cases inside this area"),
        sa.Column(
            "category", sa.Text(), server_default="", nullable=False, comment="prefix of the category's code; '' = all"
        ),
        sa.Column(
            "time_band", sa.Text(), server_default="any", nullable=False, comment="any, work (duty hours), off"
        ),
        _chain("lead_chain"),
        sa.Column("support_chains", sa.ARRAY(sa.SmallInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), comment="null = the unit on duty of the lead chain"),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("replaces", sa.BigInteger(), comment="the version before this one"),
        sa.Column("changed_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("lead_chain BETWEEN 1 AND 8", name=op.f("ck_routing_rule_chain_is_known")),
        sa.CheckConstraint("time_band IN ('any', 'work', 'off')", name=op.f("ck_routing_rule_time_band_is_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_routing_rule_unit_id")),
        sa.ForeignKeyConstraint(["replaces"], ["routing_rule.id"], name=op.f("fk_routing_rule_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rule")),
    )  # fmt: skip
    op.create_index("ix_routing_rule_active", "routing_rule", ["district_code"], postgresql_where=sa.text("is_active"))
    op.create_table(
        "offer", _id(),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="hall, parking, canteen, sports, project"),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("area_code", CODE, nullable=False, comment="deepest area known"),
        sa.Column("opens", sa.Text(), server_default="", nullable=False, comment="OpenStreetMap opening_hours syntax"),
        sa.Column("capacity", sa.Integer(), nullable=False, comment="seats, spaces or places"),
        sa.Column(
            "needs", sa.Text(), server_default="", nullable=False,
            comment="prefixes of categories it can meet, by comma",
        ),
        sa.Column("is_schematic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_offer_capacity_is_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_offer_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )  # fmt: skip
    op.create_index("ix_offer_area_code", "offer", ["area_code"])
    op.create_table(
        "participation",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False, comment="the Monday of its week, local"),
        sa.Column("kind", sa.Text(), nullable=False, comment="offers, hours, matched, beneficiaries, visits_due, ..."),
        _chain(),
        sa.Column("area_code", CODE, nullable=False, comment="the unit's area"),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_participation_amount_is_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_participation_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "on_day", "kind", name=op.f("pk_participation")),
    )
    op.create_index("ix_participation_on_day", "participation", ["on_day"])
    op.execute(_GRANTS)


def downgrade() -> None:
    """Drop the tables."""
    for table in ("participation", "offer", "routing_rule", "case_support", "unit_duty", "unit"):
        op.drop_table(table)
