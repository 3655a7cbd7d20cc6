"""The community's instruments, hand-overs, photos and callers; the events of supervision orders are append-only.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CODE = sa.String(15, collation="C")

# a caller's number is for the desk that calls back: screens, which read as the reader, see it masked only
_GRANTS = """
GRANT SELECT ON diary_entry, council_meeting, meeting_link, supervision_order, supervision_event, whistle, whistle_call,
    handover_note, photo, case_caller TO quanxiang_read, quanxiang_write;
GRANT INSERT, UPDATE ON diary_entry, council_meeting, supervision_order, whistle, whistle_call TO quanxiang_write;
GRANT INSERT ON meeting_link, supervision_event, handover_note, photo, case_caller TO quanxiang_write;
GRANT SELECT (id, masked) ON caller TO quanxiang_read;
GRANT SELECT, INSERT ON caller TO quanxiang_write;
GRANT USAGE ON SEQUENCE supervision_order_id_seq, whistle_id_seq TO quanxiang_write;
CREATE TRIGGER supervision_event_is_append_only BEFORE UPDATE OR DELETE ON supervision_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Create the tables, grants and the trigger."""
    op.create_table(
        "caller",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False, comment="the reading role can not see it"),
        sa.Column("masked", sa.Text(), nullable=False, comment="as screens may show it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller")),
        sa.UniqueConstraint("contact", name=op.f("uq_caller_contact")),
    )
    op.create_table(
        "council_meeting",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("community_code", CODE, nullable=False),
        sa.Column("held_at", TIME, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("participants", sa.Text(), server_default="", nullable=False, comment="who was there, in words"),
        sa.Column("present", sa.Integer(), nullable=False, comment="how many people"),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("follow_up", sa.Text(), server_default="", nullable=False, comment="who does what next"),
        sa.Column("follow_up_on", sa.Date(), comment="by which day"),
        sa.Column("is_kept", sa.Boolean(), comment="whether the decision was kept; null = not known yet"),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("is_simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("present > 0", name=op.f("ck_council_meeting_somebody_was_there")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_meeting")),
    )
    op.create_index("ix_council_meeting_community_code_held_at", "council_meeting", ["community_code", "held_at"])
    op.create_table(
        "handover_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("area_code", CODE, nullable=False, comment="the area that the desk watches"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False, comment="the bands of the queue at that moment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_note")),
    )
    op.create_index("ix_handover_note_area_code_at", "handover_note", ["area_code", "at"])
    op.create_table(
        "case_caller",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("caller_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["caller_id"], ["caller.id"], name=op.f("fk_case_caller_caller_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_caller_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_caller")),
    )
    op.create_index("ix_case_caller_caller_id", "case_caller", ["caller_id"])
    op.create_table(
        "diary_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("community_code", CODE, nullable=False),
        sa.Column("heard_at", TIME, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False, comment="visit, desk, phone, walk, meeting, online"),
        sa.Column("topic", sa.Text(), nullable=False, comment="a word of gis.community.TOPICS"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("population_group", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "urgency", sa.SmallInteger(), server_default="3", nullable=False, comment="1 urgent, 2 high, 3 ordinary"
        ),
        sa.Column(
            "outcome", sa.Text(), server_default="waits", nullable=False, comment="waits, solved, case, meeting, order"
        ),
        sa.Column("outcome_at", TIME),
        sa.Column("outcome_text", sa.Text(), server_default="", nullable=False),
        sa.Column("case_id", sa.BigInteger(), comment="the case that it became"),
        sa.Column("is_simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'waits') = (outcome_at IS NULL)", name=op.f("ck_diary_entry_waits_until_outcome")
        ),
        sa.CheckConstraint(
            "outcome IN ('waits', 'solved', 'case', 'meeting', 'order')", name=op.f("ck_diary_entry_outcome_is_known")
        ),
        sa.CheckConstraint("urgency BETWEEN 1 AND 3", name=op.f("ck_diary_entry_urgency_is_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_diary_entry_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diary_entry")),
    )
    op.create_index(
        "ix_diary_entry_case_id",
        "diary_entry",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_index("ix_diary_entry_community_code_heard_at", "diary_entry", ["community_code", "heard_at"])
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "sha256", sa.Text(), nullable=False, comment="of the re-encoded file, which is its name below var/photos"
        ),
        sa.Column("width", sa.Integer(), nullable=False, comment="pixels"),
        sa.Column("height", sa.Integer(), nullable=False, comment="pixels"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("added_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_photo_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("case_id", "sha256", name=op.f("uq_photo_case_id_sha256")),
    )
    op.create_table(
        "whistle",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="daily, enforcement, emergency"),
        sa.Column("street_code", CODE, nullable=False, comment="who blew it"),
        sa.Column("community_code", CODE, nullable=False, comment="where; 9 digits when only the street is known"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("blown_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False, comment="by when the called ones have to be there"),
        sa.Column("ended_at", TIME),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("is_simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind IN ('daily', 'enforcement', 'emergency')", name=op.f("ck_whistle_kind_is_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_whistle_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whistle")),
        sa.UniqueConstraint("number", name=op.f("uq_whistle_number")),
    )
    op.create_index(
        "ix_whistle_case_id", "whistle", ["case_id"], unique=False, postgresql_where=sa.text("case_id IS NOT NULL")
    )
    op.create_index("ix_whistle_street_code_blown_at", "whistle", ["street_code", "blown_at"])
    op.create_table(
        "meeting_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("diary_id", sa.BigInteger()),
        sa.CheckConstraint("(case_id IS NULL) <> (diary_id IS NULL)", name=op.f("ck_meeting_link_one_thing_is_linked")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_meeting_link_case_id")),
        sa.ForeignKeyConstraint(["diary_id"], ["diary_entry.id"], name=op.f("fk_meeting_link_diary_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["council_meeting.id"], name=op.f("fk_meeting_link_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_link")),
    )
    op.create_index(
        "ix_meeting_link_case_id",
        "meeting_link",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_index("ix_meeting_link_meeting_id", "meeting_link", ["meeting_id"])
    op.create_table(
        "supervision_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("previous_id", sa.BigInteger(), comment="the hop below that went up"),
        sa.Column(
            "community_code", CODE, nullable=False, comment="where the matter comes from; a street's own has 9 digits"
        ),
        sa.Column("from_code", CODE, nullable=False),
        sa.Column("to_code", CODE, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column(
            "reason", sa.Text(), server_default="", nullable=False, comment="why the level below can not solve it"
        ),
        sa.Column(
            "owner", sa.Text(), server_default="", nullable=False, comment="who answers for it at the level asked"
        ),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("diary_id", sa.BigInteger()),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False, comment="by the working clock"),
        sa.Column("status", sa.Text(), nullable=False, comment="a word of gis.supervision.STATUSES"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("is_simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("is_open = (ended_at IS NULL)", name=op.f("ck_supervision_order_open_has_no_end")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supervision_order_case_id")),
        sa.ForeignKeyConstraint(["diary_id"], ["diary_entry.id"], name=op.f("fk_supervision_order_diary_id")),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["supervision_order.id"], name=op.f("fk_supervision_order_previous_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_order")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_order_number")),
    )
    op.create_index(
        "ix_supervision_order_case_id",
        "supervision_order",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_index(
        "ix_supervision_order_community_code_issued_at", "supervision_order", ["community_code", "issued_at"]
    )
    op.create_index(
        "ix_supervision_order_open",
        "supervision_order",
        ["to_code", "due_at"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_supervision_order_previous_id",
        "supervision_order",
        ["previous_id"],
        unique=False,
        postgresql_where=sa.text("previous_id IS NOT NULL"),
    )
    op.create_table(
        "whistle_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("whistle_id", sa.BigInteger(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("arrived_at", TIME),
        sa.Column(
            "arrived_told", sa.Text(), server_default="", nullable=False, comment="who told that they were there"
        ),
        sa.ForeignKeyConstraint(["whistle_id"], ["whistle.id"], name=op.f("fk_whistle_call_whistle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whistle_call")),
        sa.UniqueConstraint("whistle_id", "department", name=op.f("uq_whistle_call_whistle_id_department")),
    )
    op.create_table(
        "supervision_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["supervision_order.id"], name=op.f("fk_supervision_event_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_event")),
    )
    op.create_index("ix_supervision_event_order_id", "supervision_event", ["order_id"])
    op.execute(_GRANTS)


def downgrade() -> None:
    """Drop them, with all that was written into them."""
    op.drop_table("supervision_event")
    op.drop_table("whistle_call")
    op.drop_table("supervision_order")
    op.drop_table("meeting_link")
    op.drop_table("whistle")
    op.drop_table("photo")
    op.drop_table("diary_entry")
    op.drop_table("case_caller")
    op.drop_table("handover_note")
    op.drop_table("council_meeting")
    op.drop_table("caller")
