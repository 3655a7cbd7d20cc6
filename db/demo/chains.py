"""The demo's response chains: schematic units with a duty, who helps with which case, rules, offers, participation.

Names of communities, streets and departments are those that the steps of the demo's cases carry; people, capacities,
places and amounts are made up and marked schematic.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete, insert, or_, select

from db.demo.layers import DemoLayers
from db.tables import case_support, cases, offer, participation, routing_rule, unit, unit_duty
from db.write.bulk import copy_frame, take_ids
from gis.city.cases_lifecycle import uniforms
from gis.city.cases_words import CHAIN_UNITS, DEPARTMENTS
from gis.codes import Level

# kind of unit, people at least, cases a person handles in a working day
_KINDS = {
    1: ("committee", 7, 1.2), 2: ("office", 18, 3.0), 3: ("department", 24, 3.5), 4: ("liaison", 3, 0.8),
    5: ("social_org", 5, 0.8), 6: ("worker_team", 6, 0.9), 7: ("party_station", 3, 0.8), 8: ("council", 9, 0.5),
}  # fmt: skip
_OFFICE_HOURS, _ROUND = "Mo-Fr 09:00-12:00,13:30-18:00", "24/7"
_ALSO = ("区城管执法局",)
_HELPS = {1: (6, 5), 2: (3, 8), 3: (2, 4), 4: (2, 1), 5: (6, 1), 6: (5, 1), 7: (2, 4), 8: (1, 5)}
"""Which chains help a lead chain most often."""

SUPPORT_SHARE = 0.14
_RECENT = timedelta(days=30)
_WEEKS = 13
_PARTICIPATION = {
    4: {"offers": (0, 3), "hours": (10, 60), "matched": (0, 4)},
    5: {"projects": (1, 4), "beneficiaries": (15, 160)},
    6: {"visits_due": (30, 90)},
    7: {"turn_up": (8, 60), "requests_met": (0, 5)},
    8: {"meetings": (0, 3), "self_solved": (0, 6)},
}
"""Least and most in a week of one unit; visits kept are a share of those due."""

_OFFERS = {
    "culture": ("hall", "会议室·活动厅", "S0506,S0904", (20, 120), 4),
    "primary_school": ("parking", "校园夜间停车", "S0301,S0302", (8, 40), 4),
    "elderly_care": ("canteen", "助餐点", "S0501", (20, 80), 5),
    "sports": ("sports", "健身场地开放", "S0506,S0904", (10, 60), 4),
    "community_service": ("project", "邻里互助项目", "S0502,S0503,S0702,S0703", (10, 50), 5),
}
"""Kind of facility: kind of offer, its words, what it can meet, capacity from-to, chain."""


def write_chains(conn: Connection, layers: DemoLayers, until: datetime, zone: str) -> None:
    """Write units, duties, supports of recent and open cases, rules, offers and participation; as the owner."""
    made = _units(layers)
    made["id"] = take_ids(conn, "unit", len(made))
    names = [column.name for column in unit.columns]
    copy_frame(conn, "unit", made, names)
    copy_frame(conn, "unit_duty", made.rename(columns={"id": "unit_id"}), ["unit_id", "area_code"])
    _write_supports(conn, made, until)
    conn.execute(insert(routing_rule), _rules(layers.district_code))
    copy_frame(conn, "offer", _offers(layers, made))
    copy_frame(conn, "participation", _participation(made, until, zone))
    for table in (unit, case_support, participation, offer):
        conn.exec_driver_sql(f"ANALYZE {table.name}")


def clear_chains(conn: Connection, district_code: str) -> None:
    """Remove what `write_chains` wrote."""
    # only demo cases can be in the record here, and only they have supports
    conn.exec_driver_sql("TRUNCATE case_support RESTART IDENTITY")
    own = select(unit.c.id).where(unit.c.district_code == district_code)
    conn.execute(delete(routing_rule).where(routing_rule.c.district_code == district_code))
    for table in (participation, offer, unit_duty):
        conn.execute(delete(table).where(table.c.unit_id.in_(own)))
    conn.execute(delete(unit).where(unit.c.district_code == district_code))


def _units(layers: DemoLayers) -> pd.DataFrame:
    areas: Any = layers.areas  # rows as tuples have no types that a checker knows
    streets = areas[areas["level"] == int(Level.STREET)]
    communities = areas[areas["level"] == int(Level.COMMUNITY)]
    district = areas[areas["level"] == int(Level.DISTRICT)].iloc[0]
    rows = [(1, row.code, f"{row.short_zh}社区居委会", row.label_point, row.population) for row in
            communities.itertuples()]  # fmt: skip
    rows += [(2, row.code, f"{row.name_zh}办事处", row.label_point, row.population) for row in streets.itertuples()]
    rows += [(2, district.code, "区全响应中心", district.label_point, 0)]
    for name in sorted({*DEPARTMENTS.values(), *_ALSO}):
        rows.append((3, district.code, name, district.label_point, district.population))
    for chain, name in CHAIN_UNITS.items():
        rows += [(chain, row.code, row.name_zh + name, row.label_point, row.population) for row in streets.itertuples()]
    made: Any = pd.DataFrame(rows, columns=["chain", "area_code", "name_zh", "geom", "people_served"])
    number = made.groupby(["chain", "area_code"]).cumcount() + 1
    made["code"] = made["chain"].astype(str) + "-" + made["area_code"] + "-" + number.astype(str)
    u = uniforms(made["code"].to_numpy(object), 3, 11)
    kind, least, pace = (np.array([_KINDS[chain][i] for chain in made["chain"]]) for i in range(3))
    served = made["people_served"].fillna(0).to_numpy(float)
    size = np.where(made["chain"] == 2, served / 2400, np.where(made["chain"] == 1, served / 900, 0))
    made["people"] = (least.astype(int) + size + u[:, 0] * least.astype(int) * 0.6).astype(int)
    made["per_day"] = np.round(made["people"] * pace.astype(float) * (0.8 + 0.4 * u[:, 1]), 1)
    made["kind"] = kind
    made["opens"] = np.where(made["chain"] == 3, _ROUND, _OFFICE_HOURS)
    made["district_code"], made["is_schematic"] = layers.district_code, True
    # bodies of one street do not stand on one another
    points = np.array(made["geom"], dtype=object)
    x = shapely.get_x(points) + (u[:, 1] - 0.5) * np.where(made["chain"] == 1, 0.0005, 0.006)
    y = shapely.get_y(points) + (u[:, 2] - 0.5) * np.where(made["chain"] == 1, 0.0005, 0.006)
    made["geom"] = shapely.points(np.round(x, 6), np.round(y, 6))
    return made


def _write_supports(conn: Connection, made: pd.DataFrame, until: datetime) -> None:
    stmt = select(
        cases.c.id, cases.c.external_id, cases.c.lead_chain, cases.c.area_code, cases.c.reported_at, cases.c.closed_at
    ).where(or_(cases.c.reported_at >= until - _RECENT, cases.c.is_open))
    frame: Any = pd.DataFrame(conn.execute(stmt).all(), columns=[column.name for column in stmt.selected_columns])
    if frame.empty:
        return
    u = uniforms(frame["external_id"].to_numpy(object), 4, 23)
    rows = []
    for place, share in ((0, SUPPORT_SHARE), (1, SUPPORT_SHARE / 4)):
        own = frame[u[:, 0] < share].copy()
        own["chain"] = [_HELPS[lead][place] for lead in own["lead_chain"]]
        rows.append(own.assign(wait_s=600 + 7200 * u[u[:, 0] < share, 1]))
    told: Any = pd.concat(rows, ignore_index=True)
    by_place = made.drop_duplicates(["chain", "area_code"]).set_index(["chain", "area_code"])["id"]
    keys = [code[: 12 if chain == 1 else 6 if chain == 3 else 9] for chain, code in
            zip(told["chain"], told["area_code"], strict=True)]  # fmt: skip
    told["unit_id"] = by_place.reindex(pd.MultiIndex.from_arrays([told["chain"], keys])).to_numpy()
    told["unit_id"] = told["unit_id"].astype("Int64")
    told["since"] = pd.to_datetime(told["reported_at"], utc=True) + pd.to_timedelta(told["wait_s"].astype(int), "s")
    closed = pd.to_datetime(told["closed_at"], utc=True)
    told["ended_at"] = closed
    told["reason"] = "协办"
    told = told[(told["since"] <= pd.Timestamp(until)) & ~(closed <= told["since"])]
    told = told.rename(columns={"id": "case_id"})
    copy_frame(conn, "case_support", told, ["case_id", "chain", "unit_id", "since", "ended_at", "reason"])


def _rules(district_code: str) -> list[dict[str, object]]:
    def rule(
        name: str, area: str, category: str, band: str, lead: int, supports: list[int], active: bool
    ) -> dict[str, object]:
        return {
            "district_code": district_code, "name": name, "area_code": area, "category": category, "time_band": band,
            "lead_chain": lead, "support_chains": supports, "is_active": active,
        }  # fmt: skip

    return [
        rule("居民停车难由街道统筹，驻区单位协助", district_code, "S0301", "any", 2, [4], True),
        rule("独居老人探访由社工牵头，社区协助", district_code, "S0503", "any", 6, [1], True),
        rule("邻里纠纷先议事，社会组织协助", district_code, "S0701", "any", 8, [5], True),
        rule("非机动车乱停放由居民议事会牵头（试行）", district_code, "E0406", "work", 8, [2], False),
        rule("机动车乱停放夜间由街道牵头（试行）", district_code, "E0405", "off", 2, [3], False),
    ]


def _offers(layers: DemoLayers, made: pd.DataFrame) -> pd.DataFrame:
    places: Any = layers.facilities
    places = places[places["kind"].isin(_OFFERS) & places["cell_code"].notna()].copy()
    u = uniforms(places["external_id"].astype(str).to_numpy(object), 2, 31)
    places = places[u[:, 0] < 0.22]
    u = u[u[:, 0] < 0.22]
    told = [_OFFERS[kind] for kind in places["kind"]]
    street = places["cell_code"].str[:9].to_numpy()
    by_street = made[made["chain"].isin((4, 5))].set_index(["chain", "area_code"])["id"]
    low, high = (np.array([row[3][i] for row in told]) for i in range(2))
    return pd.DataFrame(
        {
            "unit_id": by_street.reindex(pd.MultiIndex.from_arrays([[row[4] for row in told], street])).to_numpy(),
            "kind": [row[0] for row in told],
            "title_zh": [f"{name}·{row[1]}" for name, row in zip(places["name_zh"], told, strict=True)],
            "area_code": places["cell_code"].to_numpy(),
            "opens": ["Mo-Su 18:30-07:30" if row[0] == "parking" else _OFFICE_HOURS for row in told],
            "capacity": (low + u[:, 1] * (high - low)).astype(int),
            "needs": [row[2] for row in told],
            "is_schematic": True,
            "geom": places.geometry.to_numpy(),
        }
    )


def _participation(made: pd.DataFrame, until: datetime, zone: str) -> pd.DataFrame:
    monday = until.astimezone(ZoneInfo(zone)).date()
    monday -= timedelta(days=monday.weekday())
    weeks = [monday - timedelta(weeks=k) for k in range(_WEEKS)]
    rows = []
    for chain, kinds in _PARTICIPATION.items():
        own = made[made["chain"] == chain]
        for week in weeks:
            for kind, (low, high) in kinds.items():
                u = uniforms((own["code"] + kind + week.isoformat()).to_numpy(object), 2, 41)
                amount = np.floor(low + u[:, 0] * (high - low + 1))
                base = {"unit_id": own["id"], "on_day": pd.Timestamp(week), "chain": chain,
                        "area_code": own["area_code"]}  # fmt: skip
                rows.append(pd.DataFrame(base | {"kind": kind, "amount": amount}))
                if kind == "visits_due":
                    kept = np.floor(amount * (0.72 + 0.28 * u[:, 1]))
                    rows.append(pd.DataFrame(base | {"kind": "visits_kept", "amount": kept}))
    return pd.concat(rows, ignore_index=True)
