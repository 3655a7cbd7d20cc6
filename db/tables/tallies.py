"""Counts that the database keeps by itself: a trigger on `cases` writes them in the transaction that changes a case.

Rows are only ever added: a change adds what is more and takes off what is less, so no writer waits for another.
Readers sum; `db.write.tallies.settle` puts rows of one key together now and then. Days are local days of the district.
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, SmallInteger, Table, Text

from db.tables.base import metadata
from db.tables.geography import Code

AREA_COUNTS = tuple(f"{what}_{of}" for what in ("reported", "closed") for of in ("part", "event", "social", "urgent"))
"""Cases reported, and cases closed, in a block of days: by family, and of all families those that are urgent."""

area_tally = Table(
    "area_tally",
    metadata,
    Column("area_code", Code, nullable=False, comment="deepest area known of the cases"),
    Column("location_status", Text, nullable=False),
    Column("span", SmallInteger, nullable=False, comment="days of the block: 1, 4, 16, 64 (gis.dayblocks)"),
    Column("first_day", Date, nullable=False, comment="local day with which the block begins"),
    *[Column(name, Integer, nullable=False) for name in AREA_COUNTS],
    # one block of one scope is one run of this index, and holds every number
    Index(
        "ix_area_tally_block",
        "span",
        "first_day",
        "area_code",
        postgresql_include=["location_status", *AREA_COUNTS],
    ),
)

street_tally = Table(
    "street_tally",
    metadata,
    Column("area_code", Code, nullable=False, comment="street of the cases, or the district where no street is known"),
    Column("day", Date, nullable=False, comment="local day"),
    Column("family", Text, nullable=False),
    Column("lead_chain", SmallInteger, nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("reported", Integer, nullable=False, comment="reported on that day"),
    Column("closed", Integer, nullable=False, comment="closed on that day"),
    Index(
        "ix_street_tally_area_day",
        "area_code",
        "day",
        postgresql_include=["family", "lead_chain", "is_urgent", "reported", "closed"],
    ),
)
