"""Rules of time, shifts of units, and the clocks of cases; the row of a case knows when its deadline is near and hung.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)

_GRANTS = """
GRANT SELECT ON sla_rule, duty_shift, stage_clock TO quanxiang_read, quanxiang_write;
GRANT INSERT, UPDATE, DELETE ON sla_rule, duty_shift, stage_clock TO quanxiang_write;
"""

# cases on record: a fifth of the plain time between report and deadline, and hung as their steps say
_FILL = """
UPDATE cases SET near_at = due_at - greatest(due_at - reported_at, interval '0') * 0.2 WHERE due_at IS NOT NULL;
WITH turns AS (
    SELECT e.case_id, max(e.id) FILTER (WHERE e.stage = 'hung') AS hung,
           max(e.id) FILTER (WHERE e.stage = 'resumed') AS resumed, min(e.at) FILTER (WHERE e.stage = 'hung') AS since
    FROM case_event e WHERE e.stage IN ('hung', 'resumed') GROUP BY e.case_id
)
UPDATE cases SET hung_since = turns.since FROM turns
WHERE turns.case_id = cases.id AND cases.is_open AND turns.hung > coalesce(turns.resumed, 0);
"""


def upgrade() -> None:
    """Create the tables and columns."""
    op.create_table(
        "sla_rule",
        sa.Column("category", sa.Text(), nullable=False, comment="small class, or * for every class"),
        sa.Column(
            "condition", sa.Text(), server_default="", nullable=False, comment="filing condition; empty = always"
        ),
        sa.Column(
            "stage", sa.Text(), nullable=False,
            comment="an open stage, handled (report to end of handling), or hotline",
        ),
        sa.Column("quantity", sa.Float(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, comment="urgent_hour, work_hour, work_day, natural_day"),
        sa.Column("source", sa.Text(), server_default="", nullable=False, comment="where the limit comes from"),
        sa.Column(
            "is_sample", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="shipped as an example"
        ),
        sa.Column("changed_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_sla_rule_quantity_is_positive")),
        sa.CheckConstraint(
            "unit IN ('urgent_hour', 'work_hour', 'work_day', 'natural_day')", name=op.f("ck_sla_rule_unit_is_known")
        ),
        sa.PrimaryKeyConstraint("category", "condition", "stage", name=op.f("pk_sla_rule")),
    )  # fmt: skip
    op.create_table(
        "duty_shift",
        sa.Column(
            "unit", sa.Text(), nullable=False,
            comment="a handling unit; those that are not here keep 08-12 and 14-18",
        ),
        sa.Column("shifts", sa.Text(), nullable=False, comment="such as 08:00-12:00,14:00-18:00"),
        sa.Column("changed_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_duty_shift")),
    )  # fmt: skip
    op.create_table(
        "stage_clock",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="the stage stayed in, or handled, or hotline"),
        sa.Column("condition", sa.Text(), server_default="", nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False, comment="counts the clocks of one stage from 1"),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("start_at", TIME, nullable=False),
        sa.Column("end_at", TIME, comment="null while it runs"),
        sa.Column("due_at", TIME, comment="null = no limit"),
        sa.Column("limit_quantity", sa.Float()),
        sa.Column("limit_unit", sa.Text(), server_default="", nullable=False),
        sa.Column("used_min", sa.Float(), comment="working minutes, without those hung"),
        sa.Column("overtime_min", sa.Float(), comment="minutes past the deadline in the limit's own time"),
        sa.PrimaryKeyConstraint("case_id", "stage", "condition", "turn", name=op.f("pk_stage_clock")),
    )
    op.add_column(
        "cases",
        sa.Column("near_at", TIME, comment="from when the deadline is near: a fifth of the limit is left"),
    )
    op.add_column("cases", sa.Column("hung_since", TIME, comment="the clock stands still since then"))
    op.execute(_FILL)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Drop them."""
    op.drop_column("cases", "hung_since")
    op.drop_column("cases", "near_at")
    op.drop_table("stage_clock")
    op.drop_table("duty_shift")
    op.drop_table("sla_rule")
