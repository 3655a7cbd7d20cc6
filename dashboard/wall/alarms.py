"""Who looks for alarms, and how an alarm is told on a wall: cause, place, action, owner, deadline."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import Any

from dashboard.offload import offload
from dashboard.services import RECORD_ENDED_AFTER, District, Services
from db.read import alarms, cases, quality
from db.write.alarms import settle_alarms
from gis.alarms import ANSWER_WITHIN, SHOWN_FOR, Condition, feed_condition, urgent_condition
from gis.codes import Level, ancestors
from gis.errors import QuanxiangError
from layouts.text import Words
from layouts.text.naming import cell_name, short_name, span

log = logging.getLogger(__name__)

EVERY_S = 10.0


async def watch(services: Services) -> None:
    """Look for alarms for as long as the server runs; a database that is away is tried again."""
    while True:
        try:
            await offload(look, services)
        except QuanxiangError as fault:
            log.info("alarms were not looked for: %s", fault)
        except Exception:
            log.exception("alarms were not looked for")
        await asyncio.sleep(EVERY_S)


def look(services: Services) -> None:
    """Bring the alarms of every district in line with how things stand."""
    now = services.now()
    for district in services.districts():
        if services.moment(district) < now - RECORD_ENDED_AFTER:
            continue  # a record of the past rings for nobody
        found = conditions(services, district, now)
        with services.database.writing() as conn:
            settle_alarms(conn, district.code, found, now)


def conditions(services: Services, district: District, now: datetime) -> list[Condition]:
    """Return how everything that can ring stands: the urgent cases of each street, and each feed."""
    with services.database.reading() as conn:
        late = alarms.urgent_late(conn, district.code, now)
        feeds = [row for row in quality.feeds(conn) if row["beat_at"] is not None]
    found = []
    for row in late:
        facts = {key: row[key] for key in ("n", "what_zh", "what_en", "where")}
        facts["first_due"] = row["first_due"].isoformat()
        found.append(urgent_condition(row["street"], row["n"], row["first_due"], now, facts))
    for feed in feeds:
        facts = {"title_zh": feed["title_zh"], "title_en": feed["title_en"], "beat_at": feed["beat_at"].isoformat()}
        age_s = (now - feed["beat_at"]).total_seconds()
        found.append(feed_condition(feed["name"], district.code, age_s, feed["period_s"], facts))
    return found


def told(services: Services, code: str, lang: str, words: Words) -> dict[str, Any]:
    """Return the alarm that has the screens of a scope (or None), and how many others are open."""
    now, district = services.now(), services.district_of(code)
    with services.database.reading() as conn:
        row = alarms.on_screen(conn, code, now)
        every = alarms.open_alarms(conn, code)
        chain = ancestors(row["facts"].get("where", row["area_code"])) if row else []
        names = cases.names_of(conn, chain)
    waiting = sum(one["key"] != (row or {}).get("key") for one in every)
    if row is None:
        return {"alarm": None, "waiting": waiting}
    where = " ".join(
        cell_name(one, lang) if len(one) == Level.CELL else short_name(names[one], lang)
        for one in chain
        if one in names and len(one) > Level.DISTRICT
    )
    facts, en = row["facts"], lang == "en"
    if row["kind"] == "urgent":
        name = short_name(names[row["area_code"]], lang) if row["area_code"] in names else ""
        age = span((now - datetime.fromisoformat(facts["first_due"])).total_seconds(), lang)
        what = facts["what_en" if en and facts["what_en"] else "what_zh"]
        parts = {
            "title": words("wall.alarm.urgent", name=name),
            "cause": words("wall.alarm.urgent.cause", n=facts["n"], age=age, what=what),
            "action": words("wall.alarm.urgent.action"),
            "owner": words("wall.alarm.urgent.owner", name=name),
        }
    else:
        age = span((now - datetime.fromisoformat(facts["beat_at"])).total_seconds(), lang)
        parts = {
            "title": words("wall.alarm.feed", name=facts["title_en" if en else "title_zh"]),
            "cause": words("wall.alarm.feed.cause", age=age),
            "action": words("wall.alarm.feed.action"),
            "owner": words("wall.alarm.feed.owner"),
        }
    due = district.local(row["raised_at"] + ANSWER_WITHIN)
    until = (row["shown_at"] + SHOWN_FOR).isoformat()
    key = f"{row['key']}@{row['shown_at'].isoformat()}"
    shown = parts | {"key": key, "until": until, "place": where, "deadline": f"{due:%H:%M}"}
    return {"alarm": shown, "waiting": waiting}
