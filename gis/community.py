"""The fixed words of the community's instruments; what a person reads for them is in `layouts.text.community`."""

from __future__ import annotations

DIARY_CHANNELS = ("visit", "desk", "phone", "walk", "meeting", "online")
"""入户走访 来访 电话 巡楼 座谈 网上."""

TOPICS = ("housing", "environment", "parking", "noise", "elderly", "safety", "dispute", "services", "policy", "other")
"""房屋物业 环境卫生 停车 噪声 养老助残 安全消防 邻里纠纷 便民服务 政策咨询 其他: of the diary only."""

TOPIC_CATEGORY = {
    "housing": "S0202", "environment": "E0102", "parking": "S0301", "noise": "S0401", "elderly": "S0501",
    "safety": "S0801", "dispute": "S0701", "services": "S0104", "policy": "S0901", "other": "S0907",
}  # fmt: skip
"""The small class proposed when an entry becomes a case; a person may choose another."""

GROUPS = ("elderly", "disabled", "children", "migrants", "low_income", "merchants", "all")
"""老年人 残疾人 儿童青少年 流动人口 困难家庭 商户 全体居民."""

OUTCOMES = ("waits", "solved", "case", "meeting", "order")

WHISTLE_KINDS = ("daily", "enforcement", "emergency")
"""日常哨 (what residents raise and a street can not solve), 攻坚哨 (enforcement without the power), 应急哨."""

WHISTLE_LIMITS = {"daily": (1.0, "work_day"), "enforcement": (4.0, "work_hour"), "emergency": (0.5, "urgent_hour")}
"""By when the called departments have to be there: a sample, to be set by the district."""

DEPARTMENTS = (
    "urban_management", "traffic_police", "housing", "police", "fire", "market", "gardens", "water", "heating", "power",
)  # fmt: skip
"""Departments offered in the form; any other may be typed."""
