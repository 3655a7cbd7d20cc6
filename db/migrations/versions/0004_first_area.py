"""A case that a later grid moves keeps the area of its report time.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COMMENT = "deepest area as of the report time, once a later grid moved the case; null = area_code still is it"


def upgrade() -> None:
    """Add the column; no row changes, so this takes no time on a large table."""
    op.add_column("cases", sa.Column("first_area_code", sa.String(15, collation="C"), comment=_COMMENT))


def downgrade() -> None:
    """Forget the former areas."""
    op.drop_column("cases", "first_area_code")
