"""Figures are plain functions of frames: a few areas, none, and a budget of bytes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from gis.codes import Level
from layouts.figures.map import NOTHING, OUTSIDE, ZERO, build_map, colouring, fitting
from layouts.figures.style import build_style

BOX = (116.32, 39.87, 116.40, 39.97)


def codes(n: int) -> pd.Index:
    return pd.Index([f"110102001001{i:03d}" for i in range(1, n + 1)])


def test_zero_no_data_and_outside_are_three_different_things() -> None:
    values = pd.Series([0.0, np.nan, 3.0, 9.0], index=codes(4))
    assert colouring(values).steps(codes(5))[:2] == [ZERO, NOTHING]
    steps = colouring(values).steps(codes(5))
    assert steps[4] == OUTSIDE
    assert 1 <= steps[2] < steps[3] <= 5


def test_a_quiet_district_is_drawn_all_zero() -> None:
    assert set(colouring(pd.Series(0.0, index=codes(3))).steps(codes(3))) == {ZERO}


def test_the_first_map_of_a_district_stays_within_its_budget() -> None:
    every = pd.Index([f"110102{i // 100:03d}{i % 100:03d}001" for i in range(1, 1624)])
    coloured = colouring(pd.Series(np.arange(1623.0), index=every))
    figure = build_map(Level.CELL, every, coloured, ["网格"] * 1623, theme="dark", lang="zh", root="/geo/110102/v",
                       box=BOX, camera=fitting(BOX, (1000, 700)))  # fmt: skip
    assert len(json.dumps(figure)) < 120_000


def test_the_style_asks_nothing_from_another_machine() -> None:
    for lang in ("zh", "en"):
        for theme in ("dark", "light"):
            text = json.dumps(build_style(theme, lang, "/geo/110102/v", BOX))
            assert "http" not in text
            assert "glyphs" not in text
            assert json.loads(text)["sources"]


def test_fitting_shows_the_whole_box() -> None:
    lon, lat, zoom = fitting(BOX, (1000, 700))
    degrees_per_pixel = 360 / (512 * 2**zoom)
    assert degrees_per_pixel * 1000 >= BOX[2] - BOX[0]
    assert lon - degrees_per_pixel * 500 <= BOX[0]
    assert lon + degrees_per_pixel * 500 >= BOX[2]
    assert BOX[1] < lat < BOX[3]
