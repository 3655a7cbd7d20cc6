"""Open311: keys of the programs that may report, what they sent beyond a case, and the questions of a service."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
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

api_key = Table(
    "api_key",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("label", Text, nullable=False, unique=True, comment="who holds it; part of the source of its cases"),
    Column("secret_sha256", Text, nullable=False, unique=True, comment="the key itself is kept by its holder only"),
    Column("hint", Text, nullable=False, comment="the key's first characters, to tell keys apart"),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column(
        "answers_token",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="its reports are answered with a token instead of a number",
    ),
    Column("per_minute", Integer, nullable=False, server_default="120", comment="most reports a minute"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_at", DateTime(timezone=True)),
    CheckConstraint("per_minute > 0", name="per_minute_is_positive"),
    CheckConstraint("is_active = (revoked_at IS NULL)", name="revoked_is_inactive"),
)

open311_request = Table(
    "open311_request",
    metadata,
    Column("case_id", BigInteger, ForeignKey("cases.id"), primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("api_key_id", BigInteger, ForeignKey("api_key.id"), nullable=False),
    Column("fingerprint", Text, nullable=False, comment="of all that was sent, keyed with the sender's secret"),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("media_url", Text, nullable=False, server_default=""),
    Column("address_id", Text, nullable=False, server_default=""),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'::jsonb"), comment="code -> list of answers"),
    Index("ix_open311_request_api_key_id_received_at", "api_key_id", "received_at"),
)

service_attribute = Table(
    "service_attribute",
    metadata,
    Column("category", Text, ForeignKey("category.code"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("position", SmallInteger, nullable=False, comment="1 is asked first"),
    Column("is_variable", Boolean, nullable=False, comment="false = only tells something, nothing is answered"),
    Column("is_required", Boolean, nullable=False),
    Column("datatype", Text, nullable=False),
    Column("hint_zh", Text, nullable=False, server_default=""),
    Column("hint_en", Text, nullable=False, server_default=""),
    Column("question_zh", Text, nullable=False),
    Column("question_en", Text, nullable=False),
    Column("choices", JSONB, nullable=False, server_default=text("'[]'::jsonb"), comment="[key, zh, en] in order"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("category", "position"),
    CheckConstraint("position > 0", name="position_is_positive"),
    CheckConstraint(
        "datatype IN ('string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist')",
        name="datatype_is_known",
    ),
)
