"""The field's fixed vocabulary as data: grids, element kinds, case families, channels, stages.

Only machine words live here; what a person reads for them is in `layouts.text`.
"""

from __future__ import annotations

SOURCE_GRIDS = ("city_management", "public_order", "social_service")
"""The three older grids: 城市管理, 综合治理, 社会服务管理."""

ELEMENT_KINDS = ("person", "place", "thing", "affair", "organisation", "service", "project")
"""人、地、物、事、组织、服务资源、管理项目."""

FAMILIES = ("part", "event", "social")
"""部件, 事件 (GB/T 30428.2), and 社会服务/综治, which that standard does not class."""

CHANNELS = ("patrol", "app", "pda", "building_head", "hotline", "diary", "video", "web", "open311")

GROUPS = ("elderly", "children", "disabled", "tenant", "merchant", "commuter")
"""Whom a case is about, where the report tells."""

OPEN_STAGES = ("reported", "accepted", "verifying", "filed", "dispatched", "handling", "checking")
"""上报 受理 核实 立案 派遣 处置 核查, in the order a case goes through them."""

CLOSED_STAGES = ("closed", "evaluated", "void")
"""结案 评价 作废."""

STAGES = OPEN_STAGES + CLOSED_STAGES

LOCATION_STATUSES = ("located", "unlocated", "outside", "cross_street", "fallback")
"""`fallback`: the coordinates are a default address that implausibly many cases share, so nobody knows the place."""

CHAINS = (1, 2, 3, 4, 5, 6, 7, 8)
"""The eight response chains in the order the district gives them."""

DEADLINE_CHAINS = (1, 2, 3)
"""Deadlines bind only these; the others are measured by participation."""

FACILITY_KINDS = (
    "market", "convenience", "breakfast", "housekeeping", "hairdresser", "parcel", "repair", "laundry",
    "pharmacy", "clinic", "hospital", "kindergarten", "primary_school", "elderly_care", "community_service",
    "culture", "sports", "park", "bus_stop", "metro_entrance",
)  # fmt: skip
"""The first eight are Beijing's eight basics of the 15-minute circle."""
