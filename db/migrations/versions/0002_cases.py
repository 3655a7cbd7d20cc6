"""What happened: the category tree, cases, their events, the outbox of live screens, feeds.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CODE = sa.String(15, collation="C")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of cases."""
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False, comment="family letter and four digits: P0101, E0102, S0301"),
        sa.Column("family", sa.Text(), nullable=False, comment="part, event or social"),
        sa.Column("major_zh", sa.Text(), nullable=False),
        sa.Column("major_en", sa.Text(), nullable=False),
        sa.Column("minor_zh", sa.Text(), nullable=False),
        sa.Column("minor_en", sa.Text(), nullable=False),
        sa.Column("limit_quantity", sa.Float(), comment="sample handling limit; null = none"),
        sa.Column(
            "limit_unit",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="urgent_hour, work_hour, work_day, natural_day",
        ),
        sa.Column("lead_chain", sa.SmallInteger(), nullable=False, comment="default lead chain 1 to 8"),
        sa.CheckConstraint("family IN ('part', 'event', 'social')", name=op.f("ck_category_family_is_known")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
    )

    op.create_geospatial_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="which system reported it"),
        sa.Column("external_id", sa.Text(), nullable=False, comment="its id there; a replay returns the same case"),
        sa.Column(
            "channel",
            sa.Text(),
            nullable=False,
            comment="patrol, app, pda, building_head, hotline, diary, video, web, open311",
        ),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column(
            "urgency", sa.SmallInteger(), server_default="3", nullable=False, comment="1 urgent, 2 high, 3 ordinary"
        ),
        sa.Column("population_group", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False, comment="the place in words, as received"),
        sa.Column("received_x", sa.Float()),
        sa.Column("received_y", sa.Float()),
        sa.Column("received_crs", sa.Text(), server_default="EPSG:4326", nullable=False),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False)),
        sa.Column("location_status", sa.Text(), nullable=False, comment="located, unlocated, outside, cross_street"),
        sa.Column("area_code", CODE, nullable=False, comment="deepest area known, as of the report time"),
        sa.Column("lead_chain", sa.SmallInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("duplicate_of", sa.BigInteger()),
        sa.Column("reported_at", TIME, nullable=False),
        sa.Column("due_at", TIME, comment="handling deadline; null = no deadline binds it"),
        sa.Column("handled_at", TIME),
        sa.Column("closed_at", TIME),
        sa.Column("changed_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "location_status <> 'located' OR (geom IS NOT NULL AND length(area_code) > 6)",
            name=op.f("ck_cases_located_has_area"),
        ),
        sa.CheckConstraint(
            "location_status IN ('located', 'unlocated', 'outside', 'cross_street')",
            name=op.f("ck_cases_location_status_is_known"),
        ),
        sa.CheckConstraint("is_open = (closed_at IS NULL)", name=op.f("ck_cases_open_has_no_closing_time")),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_cases_category")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["cases.id"], name=op.f("fk_cases_duplicate_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_cases_source_external_id")),
    )
    op.create_index(
        "ix_cases_area_reported", "cases", ["area_code", "reported_at"], postgresql_include=["family", "closed_at"]
    )
    op.create_index(
        "ix_cases_closed",
        "cases",
        ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
        postgresql_include=["area_code"],
    )
    op.create_geospatial_index(
        "ix_cases_geom", "cases", ["geom"], postgresql_using="gist", postgresql_where=sa.text("geom IS NOT NULL")
    )
    op.create_index("ix_cases_open_area", "cases", ["area_code", "due_at"], postgresql_where=sa.text("is_open"))
    op.create_index(
        "ix_cases_reported", "cases", ["reported_at"], postgresql_include=["area_code", "family", "closed_at"]
    )

    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="the stage that the case enters"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("payload", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index("ix_case_event_case_id_at", "case_event", ["case_id", "at"])

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="case = one case changed, bulk = many, geography = areas changed"
        ),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("tx", sa.Text(), server_default=sa.text("pg_current_xact_id()::text"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )

    op.create_table(
        "feed",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("period_s", sa.Integer(), nullable=False, comment="how often a sign of life is expected"),
        sa.Column("beat_at", TIME, comment="last sign of life, with or without a case"),
        sa.Column("record_at", TIME, comment="last case received"),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed")),
    )


def downgrade() -> None:
    """Remove these tables."""
    op.drop_table("feed")
    op.drop_table("outbox")
    op.drop_table("case_event")
    op.drop_geospatial_table("cases")
    op.drop_table("category")
