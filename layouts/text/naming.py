"""How areas and lengths of time are called in each language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gis.codes import Level


def short_name(row: Any, lang: str) -> str:
    """Return the name of an area for a list or a map: as operators say it; `row` maps name_zh, name_en, short_zh."""
    if lang == "en":
        return str(row["name_en"] or row["name_zh"]).removesuffix(" Subdistrict").removesuffix(" Community")
    return str(row["short_zh"] or row["name_zh"])


def cell_name(code: str, lang: str) -> str:
    """Return what a cell is called: its running number inside its community."""
    return f"Cell {code[-3:]}" if lang == "en" else f"{code[-3:]} 网格"


def level_word(level: Level, words: Callable[..., str]) -> str:
    """Return the word for a level."""
    return words(f"level.{int(level)}")


def span(seconds: float, lang: str) -> str:
    """Return a length of time in the two largest units: `2天3小时`, `2 d 3 h`, `45 分钟`, `45 min`."""
    minutes = int(abs(seconds) // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if lang == "en":
        parts = [(days, " d"), (hours, " h"), (rest, " min")]
    else:
        parts = [(days, "天"), (hours, "小时"), (rest, "分钟")]
    shown = [f"{n}{unit}" for n, unit in parts if n]
    if days >= 10:
        shown = shown[:1]
    return (" " if lang == "en" else "").join(shown[:2]) or ("0 min" if lang == "en" else "不到1分钟")
