"""Filters are links: each leads to the same screen with one choice more or less."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from gis.scope import View
from layouts.filters import filters_layout
from layouts.plain import plain
from layouts.text import words_for

TREE = [
    {"code": "E0101", "family": "event", "major_zh": "市容环境", "major_en": "Streetscape", "minor_zh": "暴露垃圾",
     "minor_en": "Exposed rubbish"},
    {"code": "S0101", "family": "social", "major_zh": "民生", "major_en": "Living", "minor_zh": "供暖不热",
     "minor_en": "Poor heating"},
]  # fmt: skip


def links(view: View) -> dict[str, View]:
    """Every link of the filters by its text, as the view it leads to."""
    part = plain(filters_layout(view, TREE, "zh", words_for("zh")))
    found: dict[str, View] = {}

    def walk(specs: list[object]) -> None:
        for spec in specs:
            if isinstance(spec, list):
                if spec[0] == "a":
                    parts = urlsplit(spec[1]["href"])
                    found[spec[2][0]] = View.from_url(parts.path, "?" + parts.query)
                walk(spec[2])

    walk(json.loads(part.to_plotly_json()["props"]["data-plain"]))  # type: ignore[union-attr]
    return found


def test_every_choice_adds_itself_and_nothing_else() -> None:
    view = View(code="110102", window="7d")
    to = links(view)
    assert to["事件"] == view.with_(families=("event",))
    assert to["街道"] == view.with_(chains=(2,))
    assert to["处置"] == view.with_(stages=("handling",))
    assert to["老年人"] == view.with_(groups=("elderly",))
    assert to["暴露垃圾"] == view.with_(categories=("E0101",))


def test_a_choice_that_is_made_is_taken_back_by_the_same_link() -> None:
    view = View(code="110102", chains=(2, 3), urgent_only=True, categories=("S0101",))
    to = links(view)
    assert to["街道"].chains == (3,)
    assert to["供暖不热"].categories == ()
    assert to["清除全部筛选"] == View(code="110102")


def test_small_classes_are_those_of_the_chosen_families() -> None:
    to = links(View(code="110102", families=("social",)))
    assert "供暖不热" in to and "暴露垃圾" not in to
