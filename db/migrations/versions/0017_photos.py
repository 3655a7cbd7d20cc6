"""A photo is found by its hash.

Revision: 0017, after 0016.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_photo_sha256", "photo", ["sha256"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_photo_sha256", table_name="photo")
