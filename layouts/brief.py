"""The brief as tables of plain values: page, PDF, Word and Excel draw these, so they can not differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gis.brief import Brief
from gis.codes import Level
from gis.intervals import wilson
from gis.periods import Period
from layouts.legend import number
from layouts.text import Words
from layouts.text.naming import cell_name, short_name, span

RANKINGS = ("official", "new", "share", "overdue")
_MOST_EXCEPTIONS = 6
_LEAST_N = 5


@dataclass(frozen=True)
class Table:
    """Columns as (key, label, kind) with kind text, count, change, share or interval; rows of raw values by key.

    `marks` holds, per row, '' or `total`, `bucket` or `few` (too few cases to judge).
    """

    key: str
    columns: list[tuple[str, str, str]]
    rows: list[dict[str, Any]]
    marks: list[str]


def shown(value: Any, kind: str) -> str:
    """Return a value as people read it; '–' where there is nothing to measure."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if kind == "count":
        return number(value)
    if kind == "change":
        return f"{int(value):+,}" if value else "0"
    if kind == "share":
        return f"{100 * value:.1f}%"
    if kind == "interval":
        low, high = value
        return "–" if math.isnan(low) else f"{100 * low:.0f}–{100 * high:.0f}%"
    return str(value)


def name_of(brief: Brief, lang: str) -> str:
    """Return what the area of a brief is called in full."""
    if len(brief.place["code"]) == Level.CELL:
        return cell_name(brief.place["code"], lang)
    return str(brief.place["name_en"] if lang == "en" and brief.place["name_en"] else brief.place["name_zh"])


def period_words(period: Period, words: Words) -> str:
    """Return a period as a person writes it."""
    first, last = period.first, period.last
    day = {"y": first.year, "m": first.month, "d": first.day}
    if period.days == 1:
        return words("brief.day", **day)
    return words("brief.days", **day, y2=last.year, m2=last.month, d2=last.day)


def headline(brief: Brief, lang: str, words: Words) -> str:
    """Return the sentence of the brief."""
    total, then = brief.total, brief.total_before["new"]
    delta = total["new"] - then
    word = "same" if not delta else "up" if delta > 0 else "down"
    pct = f"{100 * delta / then:+.0f}%" if then else "–"
    worst = brief.rows["overdue"].idxmax() if len(brief.rows) and brief.rows["overdue"].max() > 0 else None
    where = ""
    if worst is not None:
        name = _row_name(str(worst), brief.rows.loc[str(worst)], lang)
        where = words("brief.lead.where", name=name, n=number(brief.rows["overdue"].max()))
    return words(
        "brief.lead", name=name_of(brief, lang), period=period_words(brief.period, words), new=number(total["new"]),
        trend=words(f"brief.lead.{word}", n=number(abs(delta)), pct=pct), closed=number(total["closed"]),
        share=shown(share_of(total), "share"), open=number(total["open"]),
        overdue=number(total["overdue"]), where=where,
    )  # fmt: skip


def share_of(counts: dict[str, int]) -> float:
    """Return the share closed within the deadline, NaN without any."""
    return counts["on_time"] / counts["with_deadline"] if counts["with_deadline"] else math.nan


def figures(brief: Brief, words: Words) -> Table:
    """Return the figures of the whole area in both periods."""
    rows = []
    for key in ("new", "urgent", "closed", "on_time_share", "open", "overdue"):
        pair = [share_of(c) if key == "on_time_share" else c[key] for c in (brief.total, brief.total_before)]
        kind = "share" if key == "on_time_share" else "count"
        change = None if kind == "share" else pair[0] - pair[1]
        rows.append({"key": key, "figure": words(f"brief.{key}"), "now": pair[0], "then": pair[1], "change": change,
                     "kind": kind})  # fmt: skip
    columns = [("figure", words("brief.col.figure"), "text"), ("now", words("brief.col.this"), "own"),
               ("then", words("brief.col.then"), "own"), ("change", words("brief.col.change"), "change")]  # fmt: skip
    return Table("figures", columns, rows, [""] * len(rows))


def areas(brief: Brief, lang: str, words: Words, rank: str = "official") -> Table:
    """Return one row per area in official order (or ranked), the cases of no area, and the total."""
    frame = brief.rows
    if rank == "share":  # too few to judge go last
        frame = frame.assign(_few=frame["with_deadline"] < _LEAST_N).sort_values(
            ["_few", "on_time_share"], kind="stable"
        )
    elif rank in ("new", "overdue"):
        frame = frame.sort_values(rank, ascending=False, kind="stable")
    rows, marks = [], []
    for code, row in frame.iterrows():
        rows.append(_counts_row(_row_name(str(code), row, lang), row, row["new_before"], str(code)))
        rows[-1]["star"] = bool(row["stands_out"])
        marks.append("few" if row["with_deadline"] < _LEAST_N else "")
    for status, row in brief.buckets.iterrows():
        rows.append(_counts_row(words(f"off.{status}"), row, None, ""))
        marks.append("bucket")
    rows.append(_counts_row(words("brief.total"), pd.Series(brief.total), brief.total_before["new"], ""))
    marks.append("total")
    columns = [
        ("name", words("brief.col.name"), "text"), ("new", words("brief.col.new"), "count"),
        ("change", words("brief.col.change"), "change"), ("closed", words("brief.col.closed"), "count"),
        ("share", words("brief.col.share"), "share"), ("interval", words("brief.col.interval"), "interval"),
        ("n", words("brief.col.n"), "count"), ("open", words("brief.col.open"), "count"),
        ("overdue", words("brief.col.overdue"), "count"),
    ]  # fmt: skip
    return Table("areas", columns, rows, marks)


def _counts_row(name: str, row: pd.Series, before: Any, code: str) -> dict[str, Any]:
    n, on_time = int(row["with_deadline"]), int(row["on_time"])
    return {
        "code": code, "name": name, "new": int(row["new"]), "star": False,
        "change": None if before is None else int(row["new"]) - int(before), "closed": int(row["closed"]),
        "share": on_time / n if n else math.nan, "interval": wilson(on_time, n), "n": n, "open": int(row["open"]),
        "overdue": int(row["overdue"]),
    }  # fmt: skip


def _row_name(code: str, row: Any, lang: str) -> str:
    return cell_name(code, lang) if len(code) == Level.CELL else short_name(row, lang)


def classes(brief: Brief, lang: str, words: Words) -> Table:
    """Return the classes with most new cases."""
    rows = [
        {"class": row["minor_en" if lang == "en" and row["minor_en"] else "minor_zh"], "new": int(row["new"]),
         "then": int(row["new_before"]), "change": int(row["new"] - row["new_before"])}
        for row in brief.classes.to_dict("records")
    ]  # fmt: skip
    columns = [("class", words("brief.col.class"), "text"), ("new", words("brief.col.this"), "count"),
               ("then", words("brief.col.then"), "count"), ("change", words("brief.col.change"), "change")]  # fmt: skip
    return Table("classes", columns, rows, [""] * len(rows))


def late(brief: Brief, lang: str, words: Words) -> Table:
    """Return the cases that were late longest: class, community and cell, and who holds them."""
    rows = []
    for case in brief.late:
        where = short_name(case["where"], lang) if case["where"] else ""
        if len(case["area_code"]) == Level.CELL:
            where = f"{where} {cell_name(case['area_code'], lang)}"
        what = case["minor_en" if lang == "en" and case["minor_en"] else "minor_zh"]
        rows.append({"number": case["number"], "class": what, "where": where, "unit": case["unit"],
                     "late": span(case["late_s"], lang)})  # fmt: skip
    columns = [("class", words("brief.col.class"), "text"), ("where", words("brief.col.where"), "text"),
               ("unit", words("brief.col.unit"), "text"), ("late", words("brief.col.late"), "text")]  # fmt: skip
    return Table("late", columns, rows, [""] * len(rows))


def days(brief: Brief, words: Words) -> Table:
    """Return arrivals and closings by day."""
    rows = [{"day": f"{d['day']}", "new": int(d["new"]), "closed": int(d["closed"])}
            for d in brief.days.to_dict("records")]  # fmt: skip
    columns = [("day", words("brief.col.day"), "text"), ("new", words("brief.col.new"), "count"),
               ("closed", words("brief.col.closed"), "count")]  # fmt: skip
    return Table("days", columns, rows, [""] * len(rows))


def exceptions(brief: Brief, lang: str, words: Words) -> list[str]:
    """Return what differs from the whole by more than chance, worst first; never a ranking."""
    told: list[tuple[float, str]] = []
    whole = share_of(brief.total)
    ratio = brief.total["new"] / brief.total_before["new"] if brief.total_before["new"] else math.nan
    for code, row in brief.rows.iterrows():
        name = _row_name(str(code), row, lang)
        if row["stands_out"]:
            expected = row["new_before"] * ratio
            key = "up" if math.isnan(expected) or row["new"] > expected else "down"
            gap = abs(row["new"] - (0 if math.isnan(expected) else expected))
            told.append((gap, words(f"brief.exception.{key}", name=name, new=number(row["new"]),
                                    then=number(row["new_before"]))))  # fmt: skip
        if row["with_deadline"] >= _LEAST_N and row["high"] < whole:
            lost = (whole - row["on_time_share"]) * row["with_deadline"]
            told.append((lost, words(
                "brief.exception.share", name=name, share=shown(row["on_time_share"], "share"),
                n=number(row["with_deadline"]), low=f"{100 * row['low']:.0f}", high=f"{100 * row['high']:.0f}%",
                whole=shown(whole, "share"),
            )))  # fmt: skip
    more = brief.total["overdue"] - brief.total_before["overdue"]
    if more > 0:
        told.append((more, words("brief.exception.late", n=number(brief.total["overdue"]), more=number(more))))
    told.sort(key=lambda one: -one[0])
    return [sentence for _gap, sentence in told[:_MOST_EXCEPTIONS]] or [words("brief.exceptions.none")]


def about(brief: Brief, lang: str, words: Words) -> list[str]:
    """Return when and by whom it was made, from which data, and what it is not."""
    zone = brief.timezone
    made = pd.Timestamp(brief.made_at).tz_convert(zone)
    names = words("brief.and").join(str(row["title_en" if lang == "en" else "title_zh"]) for row in brief.sources)
    lines = [words("brief.made", time=f"{made:%Y-%m-%d %H:%M}", by=brief.made_by or words("brief.by"))]
    if brief.data_time is not None:
        lines.append(words("brief.data", time=f"{pd.Timestamp(brief.data_time).tz_convert(zone):%Y-%m-%d %H:%M}"))
    lines.append(words("brief.sources", names=names) if names else words("brief.sources.none"))
    lines += [words("brief.adds_up"), words("brief.streets.note")]
    if brief.is_demo:
        lines.append(words("brief.schematic"))
    return lines
