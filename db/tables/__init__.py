"""Every table of the product; importing this package fills `metadata`."""

from db.tables.base import metadata
from db.tables.cases import case_event, cases, category, feed, outbox, quality_issue
from db.tables.chains import case_support, offer, participation, routing_rule, unit, unit_duty
from db.tables.clocks import duty_shift, sla_rule, stage_clock
from db.tables.community import (
    caller,
    case_caller,
    council_meeting,
    diary_entry,
    handover_note,
    meeting_link,
    photo,
    supervision_event,
    supervision_order,
    whistle,
    whistle_call,
)
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
from db.tables.open311 import api_key, open311_request, service_attribute
from db.tables.tallies import area_tally, street_tally
from db.tables.walking import demand, entrance, scenario, walk_edge, walk_gate, walk_network, walk_node
from db.tables.wall import alarm, screen

__all__ = [
    "alarm",
    "screen",
    "api_key",
    "area",
    "area_tally",
    "base_feature",
    "building",
    "caller",
    "case_caller",
    "case_event",
    "case_support",
    "cases",
    "category",
    "council_meeting",
    "demand",
    "diary_entry",
    "district",
    "duty_shift",
    "element",
    "entrance",
    "facility",
    "feed",
    "handover_note",
    "lineage",
    "meeting_link",
    "metadata",
    "offer",
    "open311_request",
    "outbox",
    "participation",
    "photo",
    "quality_issue",
    "routing_rule",
    "scenario",
    "service_attribute",
    "sla_rule",
    "source_cell",
    "stage_clock",
    "street_tally",
    "supervision_event",
    "supervision_order",
    "unit",
    "unit_duty",
    "walk_edge",
    "walk_gate",
    "walk_network",
    "walk_node",
    "whistle",
    "whistle_call",
]
