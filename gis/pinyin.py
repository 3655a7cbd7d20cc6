"""Chinese place names as people type and shorten them: pinyin, initials, short names.

General dictionaries read place names wrongly (大栅栏 is Dashilan, 什刹海 is Shichahai, 长椿街 is Changchun Jie);
the local readings below win over the dictionary.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import lazy_pinyin

READINGS: dict[str, tuple[str, ...]] = {
    "什刹海": ("shi", "cha", "hai"),
    "西什库": ("xi", "shi", "ku"),
    "大栅栏": ("da", "shi", "lan"),
    "长安": ("chang", "an"),
    "长椿": ("chang", "chun"),
    "长河": ("chang", "he"),
    "朝阳": ("chao", "yang"),
    "安平巷": ("an", "ping", "xiang"),
    "校场": ("jiao", "chang"),
    "椿树": ("chun", "shu"),
    "广安门": ("guang", "an", "men"),
    "车公庄": ("che", "gong", "zhuang"),
    "六铺炕": ("liu", "pu", "kang"),
    "白云观": ("bai", "yun", "guan"),
    "厂桥": ("chang", "qiao"),
    "行宫": ("xing", "gong"),
}
"""Local readings of Beijing place names, one syllable per character."""

_SUFFIXES = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区", "街道办事处", "地区办事处", "街道")
_KNOWN = re.compile("(" + "|".join(sorted(map(re.escape, READINGS), key=len, reverse=True)) + ")")


@lru_cache(maxsize=8192)
def syllables(name: str) -> tuple[str, ...]:
    """Return the toneless lower-case syllables of a name; digits and Latin letters stay as runs, signs vanish.

    Parameters
    ----------
    name : str
        Chinese, or mixed with digits and Latin letters.
    """
    found: list[str] = []
    for piece in _KNOWN.split(name):
        found.extend(READINGS.get(piece) or lazy_pinyin(piece, errors=_keep_letters))
    return tuple(part for part in found if part)


def pinyin(name: str) -> str:
    """Return the pinyin to search by: lower case, no tones, no spaces (什刹海 -> shichahai)."""
    return "".join(syllables(name))


def spellings(name: str) -> str:
    """Return the pinyin to search by, and after a space that of the characters one by one where it differs.

    People who do not know the place type the second: 校场 -> "jiaochang xiaochang".
    """
    local, plain = pinyin(name), "".join(lazy_pinyin(list(name), errors=_keep_letters))
    return local if plain == local else f"{local} {plain}"


def initials(name: str) -> str:
    """Return the first letters of the syllables (什刹海 -> sch); runs of digits stay whole."""
    return "".join(part if part[0].isdigit() else part[0] for part in syllables(name))


def romanise(name: str) -> str:
    """Return the name as an English map prints it, with an apostrophe where a syllable starts with a vowel.

    For example 广安门 -> Guang'anmen.
    """
    parts = syllables(name)
    return "".join(
        f"'{part}" if place and part[0] in "aoe" and parts[place - 1][-1].isalpha() else part
        for place, part in enumerate(parts)
    ).capitalize()


def short_name(name: str) -> str:
    """Return the name without its administrative ending (校场社区居委会 -> 校场, 牛街街道 -> 牛街).

    A name that is nothing but an ending stays as it is.
    """
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def _keep_letters(run: str) -> str:
    """Keep letters and digits of a run without reading, drop signs and spaces."""
    return re.sub(r"[^0-9a-z]", "", run.lower())
