"""Rules of a wall: letters large enough for the farthest viewer, whole tiles, few numbers, no personal data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from gis.errors import InputFault
from gis.wall import LAYOUTS, MOST_NUMBERS, MOST_ROWS, SCENES, font_px
from layouts import wall
from layouts.figures.wall_map import build_wall_style
from layouts.text import words_for

NOW = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)
WORDS = words_for("zh")


@pytest.mark.parametrize(
    ("mm_per_px", "distance_m", "glyph_px"), [(0.634, 3, 28), (0.634, 8, 74), (0.317, 6, 111), (0.496, 4, 47)]
)
def test_letters_are_as_high_as_twenty_minutes_of_arc(mm_per_px: float, distance_m: float, glyph_px: int) -> None:
    assert round(font_px(distance_m, mm_per_px) * 0.72) == pytest.approx(glyph_px, abs=1)


def test_twice_the_distance_or_half_the_pixel_needs_twice_the_letter() -> None:
    assert font_px(8, 0.634) == pytest.approx(2 * font_px(4, 0.634)) == pytest.approx(font_px(4, 0.317))


@pytest.mark.parametrize(("distance", "pixel"), [(0, 0.6), (100, 0.6), (4, 0), (4, 9)])
def test_impossible_walls_are_refused(distance: float, pixel: float) -> None:
    with pytest.raises(InputFault):
        font_px(distance, pixel)


@pytest.mark.parametrize("name", LAYOUTS)
def test_zones_cover_every_tile_once_and_only_a_map_fills_several(name: str) -> None:
    layout = LAYOUTS[name]
    tiles = [(x, y) for z in layout.zones for x in range(z.x, z.x + z.wide) for y in range(z.y, z.y + z.high)]
    assert sorted(tiles) == [(x, y) for x in range(layout.columns) for y in range(layout.rows)]
    for zone in layout.zones:
        assert set(zone.scenes) <= set(SCENES)
        assert zone.wide * zone.high == 1 or zone.scenes == ("map",)
    shown = [scene for zone in layout.zones for scene in zone.scenes]
    assert len(shown) == len(set(shown))


def test_no_scene_is_asked_for_faster_than_every_five_seconds() -> None:
    assert min(scene.period_s for scene in SCENES.values()) >= 5
    assert SCENES["map"].dwell_s >= 30 and SCENES["numbers"].dwell_s >= 15


def test_a_case_on_the_wall_is_told_without_its_address_or_its_words() -> None:
    case = {
        "title": "王某某投诉3号楼502室漏水", "place": "某胡同3号院502室 13800000000", "minor_zh": "漏水",
        "minor_en": "Leak", "area_code": "110102001001004", "due_at": NOW,
    }  # fmt: skip
    place = {"name_zh": "校场社区居委会", "short_zh": "校场", "name_en": "Jiaochang Community"}
    row = wall.case_row(case, "overdue", "超 1小时", place, "区房管局", "zh")
    assert row["what"] == "漏水" and row["where"] == "校场 004 网格" and row["sign"] == "▲"
    assert not any(secret in str(row) for secret in ("502", "王某某", "13800000000"))


def test_lists_are_cut_and_numbers_are_few() -> None:
    row = {"sign": "●", "state": "in_time", "what": "", "where": "", "who": "", "when": ""}
    assert len(wall.rows_scene("", [row] * 30, "")["rows"]) == MOST_ROWS
    total = pd.Series({"open": 9, "overdue": 0, "near_due": 1, "new": 3, "new_today": 2, "closed": 4, "earlier": 5})
    place = {"code": "110102", "name_zh": "西城区", "name_en": "Xicheng", "short_zh": "西城"}
    from gis.scope import View

    made = wall.numbers_scene(View(), place, total, pd.DataFrame({"overdue": []}), 0, "zh", WORDS)
    assert len(made["numbers"]) == MOST_NUMBERS
    quiet = next(one for one in made["numbers"] if one["key"] == "overdue")
    assert quiet["state"] == "" and quiet["sign"] == ""  # nothing overdue is nothing to point at


def test_trend_compares_with_usual_and_says_when_there_is_none() -> None:
    ticks = pd.date_range("2026-05-20 10:00", periods=3, freq="h", tz="Asia/Shanghai")
    arrivals = pd.DataFrame({"at": ticks.tz_convert("UTC")[[0, 0, 2]], "family": "event", "new": [2, 3, 4]})
    usual = pd.Series([1.0, 1.0, 2.0], index=ticks)
    made = wall.trend_scene(arrivals, usual, ticks, "zh", WORDS)
    assert made["new"] == [5, 0, 4] and "多 5 件" in made["lead"] and "9 件" in made["lead"]
    assert wall.trend_scene(arrivals, None, ticks, "zh", WORDS)["usual"] is None
    assert wall.trend_scene(arrivals.iloc[:0], usual, ticks, "zh", WORDS)["new"] == [0, 0, 0]


def test_time_left_and_late_are_told_apart() -> None:
    assert wall.deadline_words(NOW + timedelta(minutes=25), NOW, "zh", WORDS) == "剩 25分钟"
    assert wall.deadline_words(NOW - timedelta(hours=2), NOW, "zh", WORDS) == "超 2小时"


def test_a_street_screen_lets_its_surroundings_step_back() -> None:
    style = build_wall_style("/geo/110102/v", (116.3, 39.8, 116.4, 39.9), "110102012")
    layers = {layer["id"]: layer for layer in style["layers"]}
    assert layers["border-communities"]["filter"] == ["==", ["slice", ["get", "code"], 0, 9], "110102012"]
    assert layers["land"]["paint"]["background-color"] == "#0B0F14"
    assert {layer.get("source") for layer in style["layers"]} - {None} <= set(style["sources"])
