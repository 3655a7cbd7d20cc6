"""Every table of the product; importing this package fills `metadata`."""

from db.tables.base import metadata
from db.tables.cases import case_event, cases, category, feed, outbox, quality_issue
from db.tables.geography import (
    area,
    base_feature,
    building,
    district,
    element,
    facility,
    lineage,
    source_cell,
)

__all__ = [
    "area",
    "base_feature",
    "building",
    "case_event",
    "cases",
    "category",
    "district",
    "element",
    "facility",
    "feed",
    "lineage",
    "metadata",
    "outbox",
    "quality_issue",
    "source_cell",
]
