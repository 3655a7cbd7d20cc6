"""What stands in a scene of the wall, as plain values that the screen's script sets in letters large enough.

No name, telephone or door number gets here: a case is told by its class, its community and its cell.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from gis.codes import Level
from gis.scope import View
from gis.wall import MOST_ROWS
from layouts.card import headline
from layouts.legend import number
from layouts.text import Words
from layouts.text.naming import cell_name, short_name, span

SIGNS = {"overdue": "▲", "near_due": "◆", "in_time": "●", "done": "✓"}


def numbers_scene(
    view: View, place: dict[str, Any], total: pd.Series, rows: pd.DataFrame, unlocated: int, lang: str, words: Words
) -> dict[str, Any]:
    """Return the sentence and seven numbers of an area; `unlocated` of its open cases have no place."""
    day = words("window.24h")
    share = round(100 * total["overdue"] / total["open"]) if total["open"] else 0
    delta = int(total["new"] - total["earlier"])
    net = int(total["new"] - total["closed"])
    return {
        "kind": "numbers",
        "lead": headline(view, place, total, rows, lang, words),
        "numbers": [
            _figure("overdue", words("kpi.overdue"), total["overdue"], words("kpi.share", share=share), "overdue"),
            _figure("near_due", words("kpi.near_due"), total["near_due"], words("kpi.near_due.means"), "near_due"),
            _figure("open", words("kpi.open"), total["open"], words("kpi.net", delta=f"{net:+,}")),
            _figure("new", words("kpi.new", window=day), total["new"],
                    words("kpi.versus", window=day, delta=f"{delta:+,}")),
            _figure("closed", words("kpi.closed", window=day), total["closed"], ""),
            _figure("new_today", words("kpi.new_today"), total["new_today"], words("kpi.since_midnight")),
            _figure("unlocated", words("off.unlocated"), unlocated, ""),
        ],
    }  # fmt: skip


def _figure(key: str, label: str, value: float, note: str, state: str = "") -> dict[str, Any]:
    shown = state if value else ""
    return {"key": key, "label": label, "value": number(value), "note": note, "state": shown,
            "sign": SIGNS.get(shown, "")}  # fmt: skip


def rows_scene(lead: str, rows: list[dict[str, Any]], empty: str) -> dict[str, Any]:
    """Return a list of at most eight lines; each has `sign`, `state`, `what`, `where`, `who`, `when`."""
    return {"kind": "rows", "lead": lead, "rows": rows[:MOST_ROWS], "empty": empty}


def case_row(
    case: dict[str, Any], state: str, when: str, place: dict[str, Any] | None, who: str, lang: str
) -> dict[str, Any]:
    """Return the line of one case; `place` is its community, or its street where no more is known."""
    where = short_name(place, lang) if place is not None else ""
    if len(case["area_code"]) == Level.CELL:
        where = f"{where} {cell_name(case['area_code'], lang)}"
    what = str(case["minor_en" if lang == "en" and case["minor_en"] else "minor_zh"])
    return {"sign": SIGNS[state], "state": state, "what": what, "where": where, "who": who, "when": when}


def area_row(row: dict[Any, Any], lang: str, words: Words) -> dict[str, Any]:
    """Return the line of one area with its overdue and open cases."""
    late = int(row["overdue"])
    return {
        "sign": SIGNS["overdue"] if late else SIGNS["done"], "state": "overdue" if late else "done",
        "what": short_name(row, lang), "where": words("wall.areas.open", n=number(row["open"])), "who": "",
        "when": words("wall.areas.late", n=number(late)),
    }  # fmt: skip


def feed_row(feed: dict[Any, Any], lang: str, words: Words) -> dict[str, Any]:
    """Return the line of one feed with its state and the age of its last sign of life."""
    state = {"alive": "done", "late": "near_due", "silent": "overdue", "never": "overdue"}[feed["state"]]
    word = "silent" if feed["state"] == "never" else feed["state"]
    age = "" if pd.isna(feed["age_s"]) else words("wall.sources.beat", age=span(feed["age_s"], lang))
    return {"sign": SIGNS[state], "state": state, "what": feed["title_en" if lang == "en" else "title_zh"],
            "where": age, "who": "", "when": words(f"wall.sources.{word}")}  # fmt: skip


def hotspot_row(spot: dict[Any, Any], place: dict[str, Any] | None, lang: str, words: Words) -> dict[str, Any]:
    """Return the line of one hot spot: what piles up where, who decided, how many against how many expected."""
    decided = spot["decided_at"] is not None
    minor = spot["minor_en" if lang == "en" and spot["minor_en"] else "minor_zh"]
    where = short_name(place, lang) if place is not None else ""
    if len(spot["area_code"]) == Level.CELL:
        where = f"{where} {cell_name(spot['area_code'], lang)}"
    state = "in_time" if decided else "overdue"
    return {
        "sign": SIGNS[state], "state": state, "what": minor or words("wall.hotspots.all"), "where": where,
        "who": (spot["owner"] or words("wall.hotspots.decided")) if decided else words("wall.hotspots.undecided"),
        "when": words("wall.hotspots.n", n=number(spot["observed"]), usual=number(spot["expected"], whole=False)),
    }  # fmt: skip


def trend_scene(
    arrivals: pd.DataFrame, usual: pd.Series | None, ticks: pd.DatetimeIndex, lang: str, words: Words
) -> dict[str, Any]:
    """Return arrivals per hour beside what is usual at the same time of the week.

    Parameters
    ----------
    arrivals : [at, family, new], `at` aware. usual : per tick, or None. ticks : local hours.
    """
    moments = ticks.tz_convert("UTC")
    per_hour = arrivals.groupby("at")["new"].sum() if len(arrivals) else pd.Series(dtype="int64")
    new = [int(n) for n in per_hour.reindex(moments, fill_value=0)]
    level = None if usual is None else [round(float(n), 1) for n in usual.reindex(ticks).fillna(0.0)]
    total = sum(new)
    if level is None:
        lead = words("wall.trend.unknown", n=number(total), start=f"{ticks[0]:%H:%M}")
    else:
        delta = total - round(sum(level))
        word = "same" if not delta else "more" if delta > 0 else "fewer"
        change = words(f"wall.trend.{word}", n=number(abs(delta)))
        start = f"{ticks[0]:%H:%M}"
        lead = words("wall.trend.lead", n=number(total), start=start, usual=number(sum(level)), change=change)
    return {
        "kind": "trend", "lead": lead, "hours": [f"{moment:%H:%M}" for moment in ticks], "new": new, "usual": level,
        "legend": {"new": words("wall.trend.new"), "usual": words("wall.trend.usual")},
    }  # fmt: skip


def deadline_words(due: datetime, now: datetime, lang: str, words: Words) -> str:
    """Return how much time is left, or by how much it is late."""
    return words("left" if due >= now else "late", t=span((due - now).total_seconds(), lang))
