"""The index of reports holds their points too: heat of any window is read without visiting a case.

Revision: 0015, after 0014.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_FILTERED = ["area_code", "location_status", "family", "channel", "urgency"]


def upgrade() -> None:
    """Make the index anew, with the point."""
    op.drop_index("ix_cases_reported", "cases")
    op.create_index("ix_cases_reported", "cases", ["reported_at"], postgresql_include=[*_FILTERED, "geom"])


def downgrade() -> None:
    """Go back to the narrower one."""
    op.drop_index("ix_cases_reported", "cases")
    op.create_index("ix_cases_reported", "cases", ["reported_at"], postgresql_include=_FILTERED)
