"""One wide row of facts per case, so that measures are counts; clocks keep the limit in minutes.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CODE = sa.String(15, collation="C")

_GRANTS = """
GRANT SELECT ON case_fact TO quanxiang_read, quanxiang_write;
GRANT INSERT, UPDATE ON case_fact TO quanxiang_write;
"""

# whoever moves a case to another area, or corrects what it is: its facts go with it
_FOLLOW = """
CREATE FUNCTION carry_case_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_fact SET area_code = NEW.area_code, family = NEW.family, channel = NEW.channel, urgency = NEW.urgency,
        is_repeat = NEW.is_repeat, is_duplicate = NEW.duplicate_of IS NOT NULL
    WHERE case_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER case_fact_follows AFTER UPDATE OF area_code, family, channel, urgency, is_repeat, duplicate_of ON cases
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION carry_case_fact();
"""


def upgrade() -> None:
    """Create the table and what keeps it in step."""
    op.add_column(
        "stage_clock",
        sa.Column(
            "limit_min", sa.Float(), comment="the limit in force in minutes of its own time, without time on hold"
        ),
    )
    times = {
        "due_at": None, "near_at": None, "hung_since": None, "handled_at": None,
        "closed_at": "closed, not made void", "void_at": None, "accepted_at": None, "filed_at": None,
        "dispatched_at": "the first dispatch; so are the times below", "first_handled_at": None,
        "undone_at": "a check sent it back",
        "reworked_at": "a second end of handling by the same unit", "returned_at": None, "postponed_at": None,
        "hung_at": None, "unit_at": "first dispatch that names its unit",
    }  # fmt: skip
    op.create_table(
        "case_fact",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("reported_at", TIME, nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("is_duplicate", sa.Boolean(), nullable=False),
        *[sa.Column(name, TIME, comment=comment) for name, comment in times.items()],
        sa.Column("other_unit_at", TIME, comment="sent to another unit, where first and last differ"),
        sa.Column(
            "work_min",
            sa.Float(),
            comment="working minutes from dispatch to the end of handling, not on hold",
        ),
        sa.Column(
            "overtime_multiple", sa.Float(), comment="of late ones: minutes past the deadline by those of the limit"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_fact")),
    )
    op.create_index("ix_case_fact_area_reported", "case_fact", ["area_code", "reported_at"])
    op.create_index(
        "ix_case_fact_open", "case_fact", ["area_code"],
        postgresql_where=sa.text("closed_at IS NULL AND void_at IS NULL"),
    )  # fmt: skip
    op.execute(_GRANTS)
    op.execute(_FOLLOW)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TRIGGER case_fact_follows ON cases")
    op.execute("DROP FUNCTION carry_case_fact()")
    op.drop_table("case_fact")
    op.drop_column("stage_clock", "limit_min")
