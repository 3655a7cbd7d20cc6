"""Every label that a person reads, in Chinese and English. Chinese is written first: it is what operators say.

The labels themselves are in the modules of this package, one per subject; nowhere else in the product.
"""

from __future__ import annotations

from collections.abc import Callable

from layouts.text import (
    brief,
    casework,
    chains,
    chains_plan,
    circle_items,
    circles,
    community,
    heat,
    hotspots,
    kpi,
    measures,
    quality,
    report,
    screens,
    terms,
    waiting,
    wall,
)

Words = Callable[..., str]
_TEXT: dict[str, tuple[str, str]] = {
    **terms.TEXT,
    **screens.TEXT,
    **quality.TEXT,
    **waiting.TEXT,
    **kpi.TEXT,
    **measures.TEXT,
    **casework.TEXT,
    **circle_items.TEXT,
    **circles.TEXT,
    **{f"plan.{key}": words for key, words in circles.PLAN.items()},
    **community.TEXT,
    **report.TEXT,
    **wall.TEXT,
    **chains.TEXT,
    **chains_plan.TEXT,
    **brief.TEXT,
    **heat.TEXT,
    **hotspots.TEXT,
}


def words_for(lang: str) -> Words:
    """Return a function from key and values to the label in `zh` or `en` (anything else is Chinese).

    The function raises `KeyError` for a key that does not exist, so a missing label never reaches a screen unseen.
    """
    column = 1 if lang == "en" else 0

    def words(key: str, **values: object) -> str:
        chosen = _TEXT[key][column]
        return chosen.format(**values) if values else chosen

    return words


def lang_of(lang: str, accept: str) -> str:
    """Return the language to show: the one asked for, else what the browser prefers, else Chinese."""
    if lang in ("zh", "en"):
        return lang
    for part in accept.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"
