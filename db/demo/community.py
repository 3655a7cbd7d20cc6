"""The demo's community instruments: diaries, councils, supervision orders, whistles; every row is marked simulated.

What people say, who was there and how long it took is made up from the seed. Entries and orders belong to cases of the
demo where such cases are on record, so that links lead somewhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from db.tables import area, case_event, cases
from db.write.bulk import copy_frame, take_ids
from gis.codes import Level
from gis.community import WHISTLE_LIMITS
from gis.supervision import OPEN_STATUSES, USUAL_WORK_DAYS
from gis.worktime import DutyCalendar, deadlines

DAYS = 45
TABLES = (
    "photo", "case_caller", "caller", "meeting_link", "supervision_event", "supervision_order", "whistle_call",
    "whistle", "council_meeting", "diary_entry", "handover_note",
)  # fmt: skip
"""Emptied with the demo: they hold nothing but what belongs to its cases and areas."""

_SAID = {
    "housing": (
        "{n}号楼楼道灯不亮，物业说等配件",
        "楼顶又漏了，下雨就接盆",
        "单元门坏了一周没人修",
        "想加装电梯，一层不同意",
    ),
    "environment": ("垃圾桶站旁边总有散落的袋子", "花坛里有人扔建筑垃圾", "{n}号院厕所异味大", "楼道里堆满纸箱"),
    "parking": ("下班回来没地方停，占了消防通道", "门口被外来车堵住", "想和旁边单位错时停车"),
    "noise": ("夜里{h}点还在施工", "楼下烧烤到半夜", "空调外机嗡嗡响"),
    "elderly": ("老两口中午吃饭不方便，问助餐点", "独居大妈想装扶手", "轮椅下不了台阶"),
    "safety": ("有人把电动车推进楼充电", "消火栓没水", "井盖响，晚上怕踩空"),
    "dispute": ("楼上漏水两家说不拢", "因为晒衣服吵起来了", "物业费谁都不愿交"),
    "services": ("早餐摊搬走后买菜要走二十分钟", "快递柜占了人行道", "理发店关了没有新的"),
    "policy": ("问医保报销怎么办", "孩子上学要什么材料", "公租房怎么排队"),
    "other": ("希望多放几场露天电影", "想要个下棋的地方"),
}
_AUTHORS = ("刘敏", "赵静", "王建国", "李桂兰", "陈涛", "孙丽", "周强", "马秀英")
_COUNCIL = (
    ("楼道堆物清理", "约定每月首个周六清理，楼门院长督促", "各楼门院长"),
    ("院内停车怎么停", "划线{n}个车位，先到先停，消防通道不停", "社区居委会、物业"),
    ("加装电梯意见征求", "一层两户再谈一次，业委会出方案", "业委会"),
    ("文明养犬公约", "晚八点后不遛大型犬，粪便自带袋", "居民代表"),
    ("老年助餐点选址", "先用活动室试三个月", "社区居委会"),
    ("垃圾分类桶站移位", "移到西门内侧，物业出人", "物业公司"),
)
_OWNERS = ("城市管理办", "社区建设办", "综合行政执法队", "平安建设办")
_WHY = ("权属不清，社区协调不动", "需要执法权", "需要专项资金", "涉及多个产权单位", "反复发生，社区劝不住")
_WHISTLES = {
    "daily": ("管线权属说不清，居民反映多次", ("城管执法队", "自来水公司", "房管局")),
    "enforcement": ("占道经营屡劝不改", ("城管执法队", "派出所", "市场监管所")),
    "emergency": ("路面塌陷，需要围挡抢修", ("交通支队", "自来水公司", "供电公司", "消防救援站")),
}


def write_community(conn: Connection, district: str, until: datetime, calendar: DutyCalendar, seed: int) -> None:
    """Write all of it in bulk, as the owner; the same seed and moment give the same rows."""
    rng = np.random.default_rng([seed, 4_211])
    stmt = select(area.c.code).where(
        area.c.level == int(Level.COMMUNITY), area.c.district_code == district, area.c.valid_to.is_(None)
    )
    codes = np.array(conn.execute(stmt.order_by(area.c.code)).scalars().all(), dtype=object)
    if not len(codes):
        return
    diary = pd.concat([_told(conn, district, until, rng), _heard(codes, until, rng)], ignore_index=True)
    diary["id"] = take_ids(conn, "diary_entry", len(diary))
    copy_frame(conn, "diary_entry", diary.assign(is_simulated=True))
    _councils(conn, codes, diary, until, rng)
    _orders(conn, district, until, calendar, rng)
    _whistles(conn, codes, until, calendar, rng)


def _told(conn: Connection, district: str, until: datetime, rng: np.random.Generator) -> pd.DataFrame:
    """Entries that became the demo's own cases of the channel diary."""
    stmt = select(cases.c.id, cases.c.area_code, cases.c.title, cases.c.reported_at, cases.c.number).where(
        cases.c.channel == "diary", cases.c.area_code.like(f"{district}%"),
        func.length(cases.c.area_code) >= int(Level.COMMUNITY),
        cases.c.reported_at.between(until - timedelta(days=DAYS), until),
    )  # fmt: skip
    rows = pd.DataFrame(conn.execute(stmt.order_by(cases.c.id).limit(600)).all(),
                        columns=["case_id", "area_code", "text", "at", "number"])  # fmt: skip
    count = len(rows)
    at = pd.to_datetime(rows["at"], utc=True)
    return pd.DataFrame({
        "community_code": rows["area_code"].str[: int(Level.COMMUNITY)],
        "heard_at": at - pd.to_timedelta(rng.integers(5, 180, count), unit="min"),
        "author": rng.choice(_AUTHORS, count), "channel": rng.choice(["visit", "walk", "desk", "phone"], count),
        "topic": "other", "text": rows["text"], "population_group": rng.choice(["", "elderly", "all"], count),
        "urgency": 3, "outcome": "case", "outcome_at": at, "outcome_text": rows["number"], "case_id": rows["case_id"],
    })  # fmt: skip


def _heard(codes: np.ndarray, until: datetime, rng: np.random.Generator) -> pd.DataFrame:
    """Entries that stayed in the community: most are solved, the latest still wait."""
    count = 4 * len(codes)
    topic = rng.choice(list(_SAID), count, p=[0.2, 0.16, 0.14, 0.1, 0.12, 0.08, 0.07, 0.06, 0.05, 0.02])
    text = [
        str(rng.choice(_SAID[word])).format(n=rng.integers(1, 30), h=rng.choice(["十一", "十二", "一"]))
        for word in topic
    ]  # fmt: skip
    age_h = rng.exponential(24 * 12, count).clip(0.2, 24 * DAYS)
    heard = pd.Timestamp(until) - pd.to_timedelta(np.round(age_h * 60), unit="min")
    waits = rng.random(count) < np.exp(-age_h / 60.0)
    took_h = np.minimum(rng.gamma(2.0, 30.0, count), age_h)
    settled = pd.Series(heard + pd.to_timedelta(np.round(took_h * 60), unit="min")).where(~waits)
    how = rng.choice(["当场协调，双方同意", "物业已修好", "已上门解释", "社区自行清理"], count)
    return pd.DataFrame({
        "community_code": rng.choice(codes, count), "heard_at": heard, "author": rng.choice(_AUTHORS, count),
        "channel": rng.choice(["visit", "desk", "phone", "walk", "meeting", "online"], count,
                              p=[0.34, 0.2, 0.14, 0.16, 0.06, 0.1]),
        "topic": topic, "text": text,
        "population_group": rng.choice(["", "elderly", "all", "low_income", "children", "merchants", "disabled"], count,
                                       p=[0.34, 0.28, 0.16, 0.06, 0.06, 0.06, 0.04]),
        "urgency": rng.choice([1, 2, 3], count, p=[0.03, 0.14, 0.83]),
        "outcome": np.where(waits, "waits", "solved"), "outcome_at": settled,
        "outcome_text": np.where(waits, "", how),
        "case_id": pd.array([pd.NA] * count, dtype="Int64"),
    })  # fmt: skip


def _councils(
    conn: Connection, codes: np.ndarray, diary: pd.DataFrame, until: datetime, rng: np.random.Generator
) -> None:
    count = len(codes)
    kind = rng.integers(0, len(_COUNCIL), count)
    age = rng.uniform(0.5, DAYS, count)
    held = (pd.Timestamp(until) - pd.to_timedelta(np.round(age * 24), unit="h")).floor("h")
    due = (held + pd.to_timedelta(rng.integers(7, 30, count), unit="D")).tz_convert(None).date
    kept = [None if day > until.date() or rng.random() < 0.25 else bool(rng.random() < 0.78) for day in due]
    rows = pd.DataFrame({
        "id": take_ids(conn, "council_meeting", count), "community_code": rng.choice(codes, count), "held_at": held,
        "topic": [_COUNCIL[k][0] for k in kind], "participants": "居民代表、居委会、物业",
        "present": rng.integers(6, 42, count),
        "decision": [_COUNCIL[k][1].format(n=rng.integers(8, 40)) for k in kind],
        "follow_up": [_COUNCIL[k][2] for k in kind], "follow_up_on": due, "is_kept": kept,
        "author": rng.choice(_AUTHORS, count), "is_simulated": True,
    })  # fmt: skip
    copy_frame(conn, "council_meeting", rows)
    first = diary[diary["outcome"] == "waits"].drop_duplicates("community_code").set_index("community_code")["id"]
    linked = rows.drop_duplicates("community_code").set_index("community_code")["id"]
    both = pd.DataFrame({"meeting_id": linked, "diary_id": first}).dropna().astype("int64").head(60)
    both["id"] = take_ids(conn, "meeting_link", len(both))
    copy_frame(conn, "meeting_link", both)


def _orders(
    conn: Connection, district: str, until: datetime, calendar: DutyCalendar, rng: np.random.Generator
) -> None:  # fmt: skip
    """Orders about open cases of a community; a third of those that wait long went up to the district."""
    stmt = select(cases.c.id, cases.c.area_code, cases.c.title, cases.c.reported_at).where(
        cases.c.is_open, cases.c.area_code.like(f"{district}%"),
        func.length(cases.c.area_code) >= int(Level.COMMUNITY),
        cases.c.reported_at.between(until - timedelta(days=DAYS), until - timedelta(days=2)),
    )  # fmt: skip
    rows = pd.DataFrame(conn.execute(stmt.order_by(cases.c.id)).all(), columns=["case_id", "area_code", "topic", "at"])
    rows = rows.iloc[np.sort(rng.permutation(len(rows))[:220])].reset_index(drop=True)
    if rows.empty:
        return
    community = rows["area_code"].str[: int(Level.COMMUNITY)]
    issued = pd.to_datetime(rows["at"], utc=True) + pd.to_timedelta(rng.integers(6, 46, len(rows)), unit="h")
    draw = rng.random(len(rows))
    shares = [draw < 0.22, draw < 0.5, draw < 0.62, draw < 0.72]
    status = np.select(shares, ["issued", "accepted", "forwarded", "answered"], "closed")
    street = community.str[: int(Level.STREET)]
    first = _order_rows(conn, rows, community, street, issued, status, calendar, until, rng)
    up = first[first["status"] == "forwarded"].reset_index(drop=True)
    went = up["issued_at"] + pd.to_timedelta(rng.integers(12, 60, len(up)), unit="h")
    went = went.where(went < pd.Timestamp(until), pd.Timestamp(until) - pd.Timedelta(hours=1))
    state = rng.choice(["issued", "accepted", "difficult"], len(up), p=[0.3, 0.5, 0.2])
    source = pd.DataFrame({"case_id": up["case_id"], "topic": up["topic"]})
    top = up["community_code"].str[: int(Level.DISTRICT)]
    second = _order_rows(conn, source, up["community_code"], top, went, state,
                         calendar, until, rng, previous=up["id"], sender=up["to_code"])  # fmt: skip
    both = pd.concat([first, second], ignore_index=True)
    copy_frame(conn, "supervision_order", both)
    _order_events(conn, both)
    _noted(conn, first)


def _order_rows(
    conn: Connection, rows: pd.DataFrame, community: pd.Series, to: pd.Series, issued: pd.Series, status: np.ndarray,
    calendar: DutyCalendar, until: datetime, rng: np.random.Generator, *, previous: pd.Series | None = None,
    sender: pd.Series | None = None,
) -> pd.DataFrame:  # fmt: skip
    ids = take_ids(conn, "supervision_order", len(rows))
    days = to.str.len().map(USUAL_WORK_DAYS).to_numpy(float)
    due = deadlines(pd.DatetimeIndex(issued), days, np.full(len(rows), "work_day", dtype=object), calendar)
    latest = pd.Series(pd.Timestamp(until), index=rows.index)
    answered = pd.Series(due, index=rows.index) - pd.to_timedelta(rng.integers(-30, 60, len(rows)), unit="h")
    answered = pd.concat([answered, latest], axis=1).min(axis=1)
    answered = pd.concat([answered, issued.reset_index(drop=True)], axis=1).max(axis=1)
    told = np.isin(status, ["answered", "closed"])
    is_open = np.isin(status, OPEN_STATUSES)
    return pd.DataFrame({
        "id": ids,
        "number": [f"DB{at:%Y%m%d}{one % 100_000:05d}" for at, one in zip(issued, ids, strict=True)],
        "previous_id": previous if previous is not None else pd.array([pd.NA] * len(rows), dtype="Int64"),
        "community_code": community, "from_code": community if sender is None else sender, "to_code": to,
        "topic": rows["topic"], "reason": rng.choice(_WHY, len(rows)),
        "owner": np.where(status == "issued", "", rng.choice(_OWNERS, len(rows))),
        "case_id": rows["case_id"], "issued_at": issued.reset_index(drop=True), "due_at": due, "status": status,
        "is_open": is_open, "answer": np.where(told, "已协调产权单位，约定修复日期", ""),
        "answered_at": answered.where(told), "ended_at": answered.where(~is_open), "is_simulated": True,
    })  # fmt: skip


def _order_events(conn: Connection, orders: pd.DataFrame) -> None:
    """Every step that an order must have taken to stand where it stands."""
    course = {
        "issued": (), "accepted": ("accepted",), "forwarded": ("accepted", "forwarded"),
        "difficult": ("accepted", "difficult"),
        "answered": ("accepted", "answered"), "closed": ("accepted", "answered", "closed"),
    }  # fmt: skip
    made: list[dict[str, Any]] = []
    for row in orders.to_dict("records"):
        last = row["answered_at"] if pd.notna(row["answered_at"]) else row["issued_at"] + pd.Timedelta(hours=3)
        steps = ("issued", *course[row["status"]])
        for k, word in enumerate(steps):
            at = row["issued_at"] + (last - row["issued_at"]) * (k / max(len(steps) - 1, 1))
            says = {"answered": row["answer"], "accepted": "", "closed": ""}
            reason = says.get(word, row["reason"])
            made.append({"order_id": row["id"], "word": word, "at": at, "actor": row["owner"] if k else "居委会",
                         "reason": reason})  # fmt: skip
    frame = pd.DataFrame(made)
    copy_frame(conn, "supervision_event", frame.assign(id=take_ids(conn, "supervision_event", len(frame))))


def _noted(conn: Connection, orders: pd.DataFrame) -> None:
    """The cases know of their orders."""
    payload = [
        {"kind": "order", "told": {"number": row["number"]}, "from": row["from_code"], "to": row["to_code"]}
        for row in orders.to_dict("records")
    ]  # fmt: skip
    frame = pd.DataFrame({
        "id": take_ids(conn, "case_event", len(orders)), "case_id": orders["case_id"], "stage": "escalated",
        "at": orders["issued_at"], "actor": "居委会", "reason": orders["reason"], "payload": payload,
    })  # fmt: skip
    copy_frame(conn, case_event.name, frame)


def _whistles(
    conn: Connection, codes: np.ndarray, until: datetime, calendar: DutyCalendar, rng: np.random.Generator
) -> None:
    count = 90
    kind = rng.choice(list(_WHISTLES), count, p=[0.5, 0.36, 0.14])
    age_h = np.sort(rng.exponential(24 * 9, count).clip(0.3, 24 * DAYS))[::-1]
    blown = pd.Series(pd.Timestamp(until) - pd.to_timedelta(np.round(age_h * 60), unit="min"))
    limit = [WHISTLE_LIMITS[word] for word in kind]
    amount, unit = np.array([n for n, _ in limit]), np.array([u for _, u in limit], dtype=object)
    due = deadlines(pd.DatetimeIndex(blown), amount, unit, calendar)
    ended = blown + pd.to_timedelta(rng.gamma(2.0, 20.0, count) * 60, unit="min").round("min")
    ended = ended.where(ended < pd.Timestamp(until))
    ids, code = take_ids(conn, "whistle", count), rng.choice(codes, count)
    rows = pd.DataFrame({
        "id": ids, "number": [f"CS{at:%Y%m%d}{one % 100_000:05d}" for at, one in zip(blown, ids, strict=True)],
        "kind": kind, "street_code": [one[: int(Level.STREET)] for one in code], "community_code": code,
        "reason": [_WHISTLES[word][0] for word in kind], "actor": rng.choice(_AUTHORS, count), "blown_at": blown,
        "due_at": due, "ended_at": ended, "is_simulated": True,
        "result": np.where(ended.notna(), "现场商定分工，已处置", ""),
    })  # fmt: skip
    copy_frame(conn, "whistle", rows)
    calls: list[dict[str, Any]] = []
    for row in rows.to_dict("records"):
        for name in _WHISTLES[row["kind"]][1]:
            at = row["blown_at"] + (row["due_at"] - row["blown_at"]) * float(rng.gamma(3.0, 0.25))
            there = at <= pd.Timestamp(until) if pd.isna(row["ended_at"]) else True
            at = at if pd.isna(row["ended_at"]) else min(at, row["ended_at"])
            calls.append(
                {"whistle_id": row["id"], "department": name, "arrived_at": at.floor("s") if there else pd.NaT}
            )
    frame = pd.DataFrame(calls)
    copy_frame(conn, "whistle_call", frame.assign(id=take_ids(conn, "whistle_call", len(frame))))
