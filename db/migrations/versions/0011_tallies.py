"""Counts per area and block of days, and per street, day and kind, kept by a trigger in the transaction of each case.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CODE = sa.String(15, collation="C")
_COUNTS = [f"{what}_{of}" for what in ("reported", "closed") for of in ("part", "event", "social", "urgent")]

# one statement adds up what the cases of `moved` (with a sign) are more or less, for both tables
_ADD = """
WITH moved AS (%s), steps AS (
    SELECT m.area_code, m.location_status, m.family, m.lead_chain, m.urgency = 1 AS is_urgent,
           (m.reported_at AT TIME ZONE coalesce(d.timezone, 'UTC'))::date AS day, m.sign AS reported, 0 AS closed
    FROM moved m LEFT JOIN district d ON d.code = left(m.area_code, 6)
    UNION ALL
    SELECT m.area_code, m.location_status, m.family, m.lead_chain, m.urgency = 1,
           (m.closed_at AT TIME ZONE coalesce(d.timezone, 'UTC'))::date, 0, m.sign
    FROM moved m LEFT JOIN district d ON d.code = left(m.area_code, 6) WHERE m.closed_at IS NOT NULL
), streets AS (
    INSERT INTO street_tally (area_code, day, family, lead_chain, is_urgent, reported, closed)
    SELECT left(area_code, 9), day, family, lead_chain, is_urgent, sum(reported), sum(closed)
    FROM steps GROUP BY left(area_code, 9), day, family, lead_chain, is_urgent
    HAVING sum(reported) <> 0 OR sum(closed) <> 0
), days AS (
    SELECT area_code, location_status, day, family, is_urgent, sum(reported) AS reported, sum(closed) AS closed
    FROM steps GROUP BY area_code, location_status, day, family, is_urgent
    HAVING sum(reported) <> 0 OR sum(closed) <> 0
)
INSERT INTO area_tally (area_code, location_status, span, first_day,
                        reported_part, reported_event, reported_social, reported_urgent,
                        closed_part, closed_event, closed_social, closed_urgent)
SELECT area_code, location_status, span, date '1900-01-01' + (day - date '1900-01-01') / span * span,
       coalesce(sum(reported) FILTER (WHERE family = 'part'), 0),
       coalesce(sum(reported) FILTER (WHERE family = 'event'), 0),
       coalesce(sum(reported) FILTER (WHERE family = 'social'), 0),
       coalesce(sum(reported) FILTER (WHERE is_urgent), 0),
       coalesce(sum(closed) FILTER (WHERE family = 'part'), 0),
       coalesce(sum(closed) FILTER (WHERE family = 'event'), 0),
       coalesce(sum(closed) FILTER (WHERE family = 'social'), 0), coalesce(sum(closed) FILTER (WHERE is_urgent), 0)
FROM days CROSS JOIN (VALUES (1), (4), (16), (64)) AS spans (span)
GROUP BY 1, 2, 3, 4
"""

_COLUMNS = "area_code, location_status, family, lead_chain, urgency, reported_at, closed_at"


def _signed(sign: int, rows: str) -> str:
    return f"SELECT {sign} AS sign, {_COLUMNS} FROM {rows}"


def _other(first: str, second: str) -> str:
    """Rows of an update whose counted columns changed: most steps of a case change none of them."""
    own = ", ".join(f"a.{name}" for name in _COLUMNS.split(", "))
    other = ", ".join(f"b.{name}" for name in _COLUMNS.split(", "))
    return f"(SELECT a.* FROM {first} a JOIN {second} b USING (id) WHERE ({own}) IS DISTINCT FROM ({other})) AS changed"


_TRIGGERS = {
    "insert": ("REFERENCING NEW TABLE AS new_rows", _signed(1, "new_rows")),
    "update": (
        "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
        f"{_signed(1, _other('new_rows', 'old_rows'))} UNION ALL {_signed(-1, _other('old_rows', 'new_rows'))}",
    ),
    "delete": ("REFERENCING OLD TABLE AS old_rows", _signed(-1, "old_rows")),
}

_GRANTS = """
GRANT SELECT ON area_tally, street_tally TO quanxiang_read;
GRANT SELECT, INSERT, DELETE ON area_tally, street_tally TO quanxiang_write;
"""


def upgrade() -> None:
    """Create the tables and triggers, and count what is there."""
    op.create_table(
        "area_tally",
        sa.Column("area_code", CODE, nullable=False, comment="deepest area known of the cases"),
        sa.Column("location_status", sa.Text(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False, comment="days of the block: 1, 4, 16, 64 (gis.dayblocks)"),
        sa.Column("first_day", sa.Date(), nullable=False, comment="local day with which the block begins"),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS],
    )
    op.create_table(
        "street_tally",
        sa.Column(
            "area_code", CODE, nullable=False, comment="street of the cases, or the district where no street is known"
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="local day"),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("lead_chain", sa.SmallInteger(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("reported", sa.Integer(), nullable=False, comment="reported on that day"),
        sa.Column("closed", sa.Integer(), nullable=False, comment="closed on that day"),
    )
    op.execute((_ADD % _signed(1, "cases")).replace(":", r"\:"))
    op.create_index("ix_area_tally_block", "area_tally", ["span", "first_day", "area_code"],
                    postgresql_include=["location_status", *_COUNTS])  # fmt: skip
    op.create_index("ix_street_tally_area_day", "street_tally", ["area_code", "day"],
                    postgresql_include=["family", "lead_chain", "is_urgent", "reported", "closed"])  # fmt: skip
    for event, (rows, source) in _TRIGGERS.items():
        body = f"BEGIN {_ADD % source}; RETURN NULL; END"
        op.execute(
            f"CREATE FUNCTION tally_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$".replace(":", r"\:")
        )
        op.execute(
            f"CREATE TRIGGER cases_are_tallied_{event} AFTER {event.upper()} ON cases {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION tally_{event}()"
        )
    op.execute(_GRANTS)


def downgrade() -> None:
    """Drop them; nothing is lost, because everything is counted from the cases."""
    for event in _TRIGGERS:
        op.execute(f"DROP TRIGGER cases_are_tallied_{event} ON cases")
        op.execute(f"DROP FUNCTION tally_{event}()")
    op.drop_table("street_tally")
    op.drop_table("area_tally")
