"""Wall screens and alarms.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CODE = sa.String(15, collation="C")

# tokens of screens are looked up by the writer only, as keys are
_GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON screen TO quanxiang_write;
GRANT SELECT ON alarm TO quanxiang_read, quanxiang_write;
GRANT INSERT, UPDATE ON alarm TO quanxiang_write;
"""


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "screen",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), comment="stands in its address; null until somebody approves it"),
        sa.Column("area_code", CODE, comment="all that it may see; null until somebody approves it"),
        sa.Column("layout", sa.Text(), server_default="1x1", nullable=False),
        sa.Column("metres", sa.Float(), server_default="4", nullable=False, comment="to the farthest viewer"),
        sa.Column("mm_per_px", sa.Float(), comment="size of a pixel; null = panels of 55 inches"),
        sa.Column("lang", sa.Text(), server_default="zh", nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False, comment="the token itself is kept by the screen only"),
        sa.Column("code", sa.Text(), comment="six digits to approve it by; null afterwards"),
        sa.Column("code_expires_at", TIME),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("approved_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("seen_at", TIME, comment="last heartbeat"),
        sa.Column(
            "beat", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False, comment="what it said of itself"
        ),
        sa.CheckConstraint("(approved_at IS NULL) = (name IS NULL)", name=op.f("ck_screen_approved_has_name")),
        sa.CheckConstraint("(approved_at IS NULL) = (area_code IS NULL)", name=op.f("ck_screen_approved_has_scope")),
        sa.CheckConstraint("approved_at IS NULL OR code IS NULL", name=op.f("ck_screen_code_is_used_once")),
        sa.CheckConstraint("layout IN ('1x1', '3x1', '6x3')", name=op.f("ck_screen_layout_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screen")),
        sa.UniqueConstraint("name", name=op.f("uq_screen_name")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_screen_token_sha256")),
    )
    op.create_index("uq_screen_code", "screen", ["code"], unique=True, postgresql_where=sa.text("code IS NOT NULL"))
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="urgent = urgent cases overdue, feed = a source fell silent"
        ),
        sa.Column("key", sa.Text(), nullable=False, comment="what it is about; one open alarm for each"),
        sa.Column("area_code", CODE, nullable=False, comment="screens whose scope holds it may be taken over"),
        sa.Column("facts", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        sa.Column("shown_at", TIME, comment="when it took the screens"),
        sa.Column("cleared_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index(
        "uq_alarm_open_key", "alarm", ["district_code", "key"], unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_alarm_district_code_shown_at", "alarm", ["district_code", "shown_at"])
    op.execute(_GRANTS)


def downgrade() -> None:
    """Drop them, with every enrolment."""
    op.drop_table("alarm")
    op.drop_table("screen")
