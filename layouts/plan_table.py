"""Scenarios side by side, and where the chosen one changes something."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from gis.circle_choice import Choice
from gis.scope import View
from layouts.circle_panel import percent, table
from layouts.legend import number
from layouts.text import Words


def compare_layout(
    view: View, choice: Choice, whole: pd.Series, rows: list[tuple[dict[str, Any], Any]], words: Words
) -> Component:
    """Return one line per scenario: share covered, newly covered, covered no more, person-minutes saved."""
    lines: list[list[Any]] = [[words("circles.compare.now"), percent(whole["people_in_share"]) + "%", "–", "–", "–"]]
    for row, outcome in rows:
        name = html.B(row["name"]) if str(row["id"]) == choice.plan else html.A(
            row["name"], href=view.with_own(plan=str(row["id"])).url, className="own-link")  # fmt: skip
        if outcome is None:
            lines.append([name, words("circles.compare.stale"), "–", "–", "–"])
            continue
        lines.append(
            [name, percent(outcome.whole["people_in_share"]) + "%", signed(outcome.gained), signed(-outcome.lost),
             signed(outcome.minutes_saved)]
        )  # fmt: skip
    columns = ("plan", "share", "gained", "lost", "saved")
    return html.Section([html.H2(words("circles.compare")), table(columns, lines, words)])


def streets_layout(streets: pd.DataFrame, names: dict[str, str], words: Words) -> Component:
    """Return the areas that a scenario changes: people newly covered less those lost, person-minutes saved."""
    rows = [
        [names.get(row["code"], row["code"]), signed(row["people"]), signed(row["minutes"])]
        for row in streets.to_dict("records")
    ]
    return html.Section(
        [html.H2(words("circles.compare.areas")), table(("area", "net", "saved"), rows, words, tall=True)]
    )


def signed(value: float) -> str:
    """Return a whole number with its sign; 0 without."""
    whole = round(value)
    return "0" if whole == 0 else ("+" if whole > 0 else "−") + number(abs(whole))
