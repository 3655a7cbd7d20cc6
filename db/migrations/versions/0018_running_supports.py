"""Supports that still run are found without reading those that have ended.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_case_support_running", "case_support", ["case_id"],
        postgresql_where=sa.text("ended_at IS NULL"), postgresql_include=["chain", "unit_id"],
    )  # fmt: skip


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_case_support_running", "case_support")
