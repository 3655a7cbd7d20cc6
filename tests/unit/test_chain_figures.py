"""Figures and tables of the chains: a few rows, none, and words beside every colour."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pandas as pd

from gis.chains import COUNTS, board, participation_table
from gis.codes import Level
from gis.scope import View
from layouts.figures.flow import build_ages, build_cumulative, build_handovers, build_hours
from layouts.pages.chains import lead_line
from layouts.pages.chains_board import board_layout
from layouts.plain import plain
from layouts.text import words_for

WORDS = words_for("zh")
NOW = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)
AREAS = pd.Index(["110102001", "110102003"])
NAMES = {"110102001": "西长安街", "110102003": "新街口"}
LABELS = ["a", "b", "c", "d", "e", "f"]


def _board(rows: list[tuple]):
    frame = pd.DataFrame(rows, columns=["chain", "area_code", "location_status", *COUNTS])
    frame["oldest_at"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
    return board(frame, AREAS, Level.STREET)


def _told(made, show: str = "open") -> str:
    none = pd.DataFrame(columns=["chain", "area_code", "kind", "amount"])
    quantiles = pd.DataFrame({"hours": [], "n": []}, index=pd.MultiIndex.from_arrays([[], []]))
    part = participation_table(none.astype({"area_code": str, "amount": float}), AREAS, Level.STREET)
    table = board_layout(
        View(page="chains"), show, made, NAMES, pd.Series(dtype=float), quantiles, part, NOW, "zh", WORDS
    )
    return json.dumps(plain(table).to_plotly_json(), ensure_ascii=False)


def test_ages_are_drawn_per_chain_that_has_cases_and_an_empty_scope_draws_none():
    ages = pd.DataFrame({"chain": [2, 2, 8], "age": [0, 5, 1], "n": [3, 1, 2]})
    made = build_ages(ages, LABELS, theme="dark", words=WORDS)
    assert [trace["name"] for trace in made["data"]] == ["街道", "居民"]
    assert sum(sum(trace["x"]) for trace in made["data"]) == 6
    assert build_ages(ages.iloc[:0], LABELS, theme="light", words=WORDS)["data"] == []


def test_cumulative_lines_never_cross_and_stay_small():
    days = pd.date_range("2026-02-01", periods=90)
    flow = pd.DataFrame({"new": range(300, 390), "handled": range(200, 290), "closed": range(190, 280)}, index=days)
    made = build_cumulative(flow, theme="dark", words=WORDS)
    closed, handled, new = (trace["y"] for trace in made["data"])
    assert all(a <= b <= c for a, b, c in zip(closed, handled, new, strict=True))
    assert len(json.dumps(made)) < 12_000


def test_what_goes_back_has_another_colour_and_another_word():
    moves = pd.DataFrame({"source": [3, 2], "target": [2, 3], "is_back": [False, True], "n": [5, 1]})
    link = build_handovers(moves, theme="dark", words=WORDS)["data"][0]["link"]
    assert link["value"] == [5, 1] and len(set(link["color"])) == 2 and len(set(link["label"])) == 2


def test_hours_of_a_day_are_all_there():
    made = build_hours(pd.DataFrame({2: [1.0] * 24}, index=range(24)), theme="light", words=WORDS)
    assert len(made["data"][0]["x"]) == 24 and build_hours(pd.DataFrame(), theme="light", words=WORDS)["data"] == []


def test_a_cell_has_its_number_its_word_and_a_link_to_its_cases():
    told = _told(_board([(2, "110102001", "located", 5, 0, 2, 6, 7, 6, 0)]))
    assert "超期2" in told and "at=110102001&cc=2&k=open" in told
    assert not re.search(r"超期\d", _told(_board([(8, "110102001", "located", 5, 0, 0, 6, 7, 6, 0)])))


def test_a_quiet_scope_says_so():
    made = _board([])
    assert lead_line(View(page="chains"), made, NAMES, WORDS) == "此范围内没有案件。"
    assert "西长安街" in _told(made)
