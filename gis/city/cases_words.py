"""What a case says: titles, who did a step, and for whom, in the Chinese that operators write.

No person is named: actors are posts and numbered teams.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SOURCE_OF_CHANNEL = {
    "patrol": "city_management", "pda": "city_management", "video": "city_management",
    "hotline": "hotline", "web": "hotline", "open311": "hotline",
    "app": "community", "diary": "community", "building_head": "community",
}  # fmt: skip

FEEDS = (
    ("city_management", "城市管理巡查", "City patrols", 60),
    ("hotline", "12345 热线", "Hotline 12345", 60),
    ("community", "社区采集", "Community reports", 60),
)
"""Name, titles and expected seconds between signs of life of the demo's feeds."""

CHANNELS: dict[str, dict[str, float]] = {
    "part": {
        "patrol": 0.62,
        "pda": 0.16,
        "app": 0.05,
        "hotline": 0.10,
        "building_head": 0.03,
        "video": 0.03,
        "web": 0.01,
    },
    "street": {
        "patrol": 0.66,
        "pda": 0.14,
        "video": 0.10,
        "app": 0.03,
        "hotline": 0.04,
        "building_head": 0.02,
        "web": 0.01,
    },
    "mixed": {
        "patrol": 0.42,
        "pda": 0.14,
        "video": 0.05,
        "app": 0.10,
        "hotline": 0.22,
        "building_head": 0.05,
        "web": 0.02,
    },
    "urgent": {"patrol": 0.30, "pda": 0.10, "video": 0.10, "app": 0.10, "hotline": 0.37, "building_head": 0.03},
    "building": {"building_head": 0.30, "pda": 0.26, "patrol": 0.14, "hotline": 0.18, "app": 0.07, "diary": 0.05},
    "hotline": {"hotline": 0.88, "web": 0.05, "app": 0.04, "diary": 0.02, "building_head": 0.01},
    "community": {"diary": 0.30, "building_head": 0.20, "pda": 0.10, "hotline": 0.34, "app": 0.06},
}
"""Through which channel the cases of a channel profile come."""

GROUPS: dict[str, dict[str, float]] = {
    "home": {"": 0.52, "elderly": 0.24, "children": 0.08, "disabled": 0.04, "tenant": 0.12},
    "hutong": {"": 0.48, "elderly": 0.32, "children": 0.05, "disabled": 0.05, "tenant": 0.10},
    "compound": {"": 0.55, "elderly": 0.22, "children": 0.09, "disabled": 0.03, "tenant": 0.11},
    "shop": {"": 0.62, "merchant": 0.30, "commuter": 0.08},
    "office": {"": 0.58, "commuter": 0.22, "merchant": 0.20},
    "hub": {"": 0.70, "commuter": 0.30},
}
"""Population group named in a report, by the category's place profile; other profiles name none."""

CHAIN_UNITS = {4: "驻区单位联络站", 5: "社会组织服务中心", 6: "社工站", 7: "商务楼宇党建工作站", 8: "社区议事会"}
DEPARTMENTS = {
    "公用设施": "区城市管理委", "道路交通设施": "西城交通支队", "市容环境设施": "区环卫中心",
    "园林绿化设施": "区园林绿化局", "市容环境": "区园林绿化局", "宣传广告": "区城管执法局",
    "施工管理": "区住房城市建设委", "街面秩序": "西城交通支队", "突发事件": "区应急局", "民生服务": "区城市管理委",
    "物业与房屋": "区房管局", "停车与交通": "西城交通支队", "噪声": "区生态环境局", "养老助残": "区民政局",
    "就业社保": "区人力社保局", "矛盾纠纷": "区市场监管局", "治安消防": "区消防救援支队", "政务与文体": "区政务服务局",
}  # fmt: skip
_DESK = {"city_management": "区监督受理席", "hotline": "12345 受理席", "community": "街道分中心受理席"}


def titles(frame: pd.DataFrame, phrases: np.ndarray) -> np.ndarray:
    """Return a title for each case from `community`, `place` and `phrases`; it says so where no place is known."""
    community = frame["community"].to_numpy(object)
    place = frame["place"].to_numpy(object)
    head = np.where(community == "", "", community + "社区")
    return np.where((community == "") & (place == ""), "（地点不详）", head + place) + phrases


def handling_units(frame: pd.DataFrame, streets: dict[str, str]) -> np.ndarray:
    """Return the unit that handles each case: community, street office, department, or another chain's body."""
    chain = frame["lead_chain"].to_numpy(int)
    street = frame["street_code"].map(streets).fillna("").to_numpy(object)
    community = frame["community"].to_numpy(object)
    first = np.where(community == "", street + "办事处", community + "社区居委会")
    department = frame["major_zh"].map(DEPARTMENTS).fillna("区城市管理委").to_numpy(object)
    other = pd.Series(chain).map(CHAIN_UNITS).fillna("").to_numpy(object)
    office = np.where(street == "", "区全响应中心", street + "办事处")
    return np.select([chain == 1, chain == 2, chain == 3], [first, office, department], default=street + other)


def step_actors(steps: np.ndarray, source: np.ndarray, street_code: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the post that takes each step (names of `STEPS`), for the case of each row."""
    desk = pd.Series(source).map(_DESK).fillna("受理席").to_numpy(object)[row]
    team = np.array(["监督员" + code[6:9] for code in street_code], dtype=object)[row]
    return np.select(
        [steps == "reported", steps == "accepted", steps == "verifying", steps == "checking", steps == "handling"],
        ["", desk, team, "处置单位", "处置单位"],
        default=np.where(steps == "dispatched", "指挥派遣席", "值班长"),
    )
