"""Reports of one matter are found by the case that they repeat; steps that are not stages have words of their own.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BEFORE = "the stage that the case enters"
_NOW = "the stage that the case enters, or the word of another move"


def upgrade() -> None:
    """Make the index and widen what the column is for."""
    op.create_index(
        "ix_cases_duplicate_of", "cases", ["duplicate_of"], postgresql_where=sa.text("duplicate_of IS NOT NULL")
    )
    op.alter_column("case_event", "stage", existing_type=sa.Text(), comment=_NOW, existing_comment=_BEFORE)


def downgrade() -> None:
    """Go back; the steps stay as they are."""
    op.alter_column("case_event", "stage", existing_type=sa.Text(), comment=_BEFORE, existing_comment=_NOW)
    op.drop_index("ix_cases_duplicate_of", "cases")
