"""The community's instruments: diary entries, council meetings, supervision orders, whistles; and shift hand-overs.

A diary entry (民情日记) or a meeting (议事会) becomes a case through the same door as any report. What a community can
not solve goes up by a supervision order (督办单): each hop, community to street and street to district, is an order of
its own with its own deadline, and every step of it is an event. A whistle (吹哨) calls departments to the spot.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import metadata
from db.tables.geography import Code


def _moment(name: str, comment: str | None = None, *, is_known: bool = True) -> "Column[object]":
    return Column(name, DateTime(timezone=True), nullable=not is_known, comment=comment)


def _words(name: str, comment: str | None = None) -> "Column[str]":
    return Column(name, Text, nullable=False, server_default="", comment=comment)


diary_entry = Table(
    "diary_entry",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("community_code", Code, nullable=False),
    _moment("heard_at"),
    Column("author", Text, nullable=False),
    Column("channel", Text, nullable=False, comment="visit, desk, phone, walk, meeting, online"),
    Column("topic", Text, nullable=False, comment="a word of gis.community.TOPICS"),
    Column("text", Text, nullable=False),
    _words("population_group"),
    Column("urgency", SmallInteger, nullable=False, server_default="3", comment="1 urgent, 2 high, 3 ordinary"),
    Column("outcome", Text, nullable=False, server_default="waits", comment="waits, solved, case, meeting, order"),
    _moment("outcome_at", is_known=False),
    _words("outcome_text"),
    Column("case_id", BigInteger, ForeignKey("cases.id"), comment="the case that it became"),
    Column("is_simulated", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("outcome IN ('waits', 'solved', 'case', 'meeting', 'order')", name="outcome_is_known"),
    CheckConstraint("(outcome = 'waits') = (outcome_at IS NULL)", name="waits_until_outcome"),
    CheckConstraint("urgency BETWEEN 1 AND 3", name="urgency_is_known"),
    Index("ix_diary_entry_community_code_heard_at", "community_code", "heard_at"),
    Index("ix_diary_entry_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
)

council_meeting = Table(
    "council_meeting",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("community_code", Code, nullable=False),
    _moment("held_at"),
    Column("topic", Text, nullable=False),
    _words("participants", "who was there, in words"),
    Column("present", Integer, nullable=False, comment="how many people"),
    _words("decision"),
    _words("follow_up", "who does what next"),
    Column("follow_up_on", Date, comment="by which day"),
    Column("is_kept", Boolean, comment="whether the decision was kept; null = not known yet"),
    _words("author"),
    Column("is_simulated", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("present > 0", name="somebody_was_there"),
    Index("ix_council_meeting_community_code_held_at", "community_code", "held_at"),
)

meeting_link = Table(
    "meeting_link",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("meeting_id", BigInteger, ForeignKey("council_meeting.id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("cases.id")),
    Column("diary_id", BigInteger, ForeignKey("diary_entry.id")),
    CheckConstraint("(case_id IS NULL) <> (diary_id IS NULL)", name="one_thing_is_linked"),
    Index("ix_meeting_link_meeting_id", "meeting_id"),
    Index("ix_meeting_link_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
)

supervision_order = Table(
    "supervision_order",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("previous_id", BigInteger, ForeignKey("supervision_order.id"), comment="the hop below that went up"),
    Column("community_code", Code, nullable=False, comment="where the matter comes from; a street's own has 9 digits"),
    Column("from_code", Code, nullable=False),
    Column("to_code", Code, nullable=False),
    Column("topic", Text, nullable=False),
    _words("reason", "why the level below can not solve it"),
    _words("owner", "who answers for it at the level asked"),
    Column("case_id", BigInteger, ForeignKey("cases.id")),
    Column("diary_id", BigInteger, ForeignKey("diary_entry.id")),
    _moment("issued_at"),
    _moment("due_at", "by the working clock"),
    Column("status", Text, nullable=False, comment="a word of gis.supervision.STATUSES"),
    Column("is_open", Boolean, nullable=False),
    _words("answer"),
    _moment("answered_at", is_known=False),
    _moment("ended_at", is_known=False),
    Column("is_simulated", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("is_open = (ended_at IS NULL)", name="open_has_no_end"),
    Index("ix_supervision_order_community_code_issued_at", "community_code", "issued_at"),
    Index("ix_supervision_order_open", "to_code", "due_at", postgresql_where=text("is_open")),
    Index("ix_supervision_order_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
    Index("ix_supervision_order_previous_id", "previous_id", postgresql_where=text("previous_id IS NOT NULL")),
)

supervision_event = Table(
    "supervision_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_id", BigInteger, ForeignKey("supervision_order.id"), nullable=False),
    Column("word", Text, nullable=False),
    _moment("at"),
    _words("actor"),
    _words("unit"),
    _words("reason"),
    Index("ix_supervision_event_order_id", "order_id"),
)

whistle = Table(
    "whistle",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False, comment="daily, enforcement, emergency"),
    Column("street_code", Code, nullable=False, comment="who blew it"),
    Column("community_code", Code, nullable=False, comment="where; 9 digits when only the street is known"),
    Column("reason", Text, nullable=False),
    _words("place"),
    _words("actor"),
    Column("case_id", BigInteger, ForeignKey("cases.id")),
    _moment("blown_at"),
    _moment("due_at", "by when the called ones have to be there"),
    _moment("ended_at", is_known=False),
    _words("result"),
    Column("is_simulated", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("kind IN ('daily', 'enforcement', 'emergency')", name="kind_is_known"),
    Index("ix_whistle_street_code_blown_at", "street_code", "blown_at"),
    Index("ix_whistle_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
)

whistle_call = Table(
    "whistle_call",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("whistle_id", BigInteger, ForeignKey("whistle.id"), nullable=False),
    Column("department", Text, nullable=False),
    _moment("arrived_at", is_known=False),
    _words("arrived_told", "who told that they were there"),
    UniqueConstraint("whistle_id", "department"),
)

handover_note = Table(
    "handover_note",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("area_code", Code, nullable=False, comment="the area that the desk watches"),
    _moment("at"),
    Column("actor", Text, nullable=False),
    _words("unit"),
    Column("text", Text, nullable=False),
    Column("counts", JSONB, nullable=False, comment="the bands of the queue at that moment"),
    Index("ix_handover_note_area_code_at", "area_code", "at"),
)

photo = Table(
    "photo",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("cases.id"), nullable=False),
    Column("sha256", Text, nullable=False, comment="of the re-encoded file, which is its name below var/photos"),
    Column("width", Integer, nullable=False, comment="pixels"),
    Column("height", Integer, nullable=False, comment="pixels"),
    Column("size_bytes", Integer, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("case_id", "sha256"),
    Index("ix_photo_sha256", "sha256"),
)

caller = Table(
    "caller",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("contact", Text, nullable=False, unique=True, comment="the reading role can not see it"),
    Column("masked", Text, nullable=False, comment="as screens may show it"),
)

case_caller = Table(
    "case_caller",
    metadata,
    Column("case_id", BigInteger, ForeignKey("cases.id"), primary_key=True),
    Column("caller_id", BigInteger, ForeignKey("caller.id"), nullable=False),
    Index("ix_case_caller_caller_id", "caller_id"),
)
