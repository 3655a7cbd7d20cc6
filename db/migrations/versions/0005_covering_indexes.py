"""Indexes that hold every column which counts and filters need: ninety days of a street are counted without a row read.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FILTERED = ["location_status", "family", "channel", "urgency"]
_CLOSED = sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    """Make the three indexes anew."""
    _drop()
    op.create_index("ix_cases_area_reported", "cases", ["area_code", "reported_at"],
                    postgresql_include=[*_FILTERED, "closed_at"])  # fmt: skip
    op.create_index("ix_cases_reported", "cases", ["reported_at"], postgresql_include=["area_code", *_FILTERED])
    op.create_index("ix_cases_closed", "cases", ["closed_at"], postgresql_where=_CLOSED,
                    postgresql_include=["area_code", *_FILTERED])  # fmt: skip


def downgrade() -> None:
    """Go back to the narrower ones."""
    _drop()
    op.create_index("ix_cases_area_reported", "cases", ["area_code", "reported_at"],
                    postgresql_include=["family", "closed_at"])  # fmt: skip
    op.create_index("ix_cases_reported", "cases", ["reported_at"],
                    postgresql_include=["area_code", "family", "closed_at"])  # fmt: skip
    op.create_index("ix_cases_closed", "cases", ["closed_at"], postgresql_where=_CLOSED,
                    postgresql_include=["area_code"])  # fmt: skip


def _drop() -> None:
    for name in ("ix_cases_area_reported", "ix_cases_reported", "ix_cases_closed"):
        op.drop_index(name, "cases")
