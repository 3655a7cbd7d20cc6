"""Open311: keys, what a request carries beyond its case, and the questions of a service.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)

# only the writer may look at keys: a reader has no use for them
_GRANTS = """
GRANT SELECT ON api_key TO quanxiang_write;
GRANT SELECT ON open311_request, service_attribute TO quanxiang_read, quanxiang_write;
GRANT INSERT ON open311_request TO quanxiang_write;
"""


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False, comment="who holds it; part of the source of its cases"),
        sa.Column("secret_sha256", sa.Text(), nullable=False, comment="the key itself is kept by its holder only"),
        sa.Column("hint", sa.Text(), nullable=False, comment="the key's first characters, to tell keys apart"),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "answers_token",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="its reports are answered with a token instead of a number",
        ),
        sa.Column("per_minute", sa.Integer(), server_default="120", nullable=False, comment="most reports a minute"),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", TIME),
        sa.CheckConstraint("per_minute > 0", name=op.f("ck_api_key_per_minute_is_positive")),
        sa.CheckConstraint("is_active = (revoked_at IS NULL)", name=op.f("ck_api_key_revoked_is_inactive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("label", name=op.f("uq_api_key_label")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_api_key_secret_sha256")),
    )
    op.create_table(
        "open311_request",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("api_key_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="of all that was sent, keyed with the sender's secret"
        ),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("media_url", sa.Text(), server_default="", nullable=False),
        sa.Column("address_id", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "attributes",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="code -> list of answers",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_open311_request_case_id")),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_open311_request_api_key_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_open311_request")),
        sa.UniqueConstraint("token", name=op.f("uq_open311_request_token")),
    )
    op.create_index("ix_open311_request_api_key_id_received_at", "open311_request", ["api_key_id", "received_at"])
    op.create_table(
        "service_attribute",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False, comment="1 is asked first"),
        sa.Column(
            "is_variable", sa.Boolean(), nullable=False, comment="false = only tells something, nothing is answered"
        ),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("datatype", sa.Text(), nullable=False),
        sa.Column("hint_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("hint_en", sa.Text(), server_default="", nullable=False),
        sa.Column("question_zh", sa.Text(), nullable=False),
        sa.Column("question_en", sa.Text(), nullable=False),
        sa.Column(
            "choices", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False,
            comment="[key, zh, en] in order",
        ),
        sa.Column("changed_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_service_attribute_position_is_positive")),
        sa.CheckConstraint(
            "datatype IN ('string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist')",
            name=op.f("ck_service_attribute_datatype_is_known"),
        ),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_service_attribute_category")),
        sa.PrimaryKeyConstraint("category", "code", name=op.f("pk_service_attribute")),
        sa.UniqueConstraint("category", "position", name=op.f("uq_service_attribute_category_position")),
    )  # fmt: skip
    op.execute(_GRANTS)


def downgrade() -> None:
    """Drop them, with every key."""
    op.drop_table("service_attribute")
    op.drop_table("open311_request")
    op.drop_table("api_key")
