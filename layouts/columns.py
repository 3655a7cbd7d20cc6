"""Columns of the tables, with figures to the right and the same words as everywhere else."""

from __future__ import annotations

from typing import Any

from layouts.text import Words


def area_columns(words: Words) -> list[dict[str, Any]]:
    """Return the columns of the table of child areas; they share the width of the panel."""
    grouped = {"function": "d3.format(',')(params.value)"}
    rate = {"function": "params.value == null ? '–' : d3.format(params.value < 10 ? '.1f' : ',.0f')(params.value)"}

    def figure(field: str, share: float, shown: dict[str, str]) -> dict[str, Any]:
        title = words(f"col.{field}")
        return {"field": field, "headerName": title, "headerTooltip": title, "type": "rightAligned", "flex": share,
                "minWidth": 48, "valueFormatter": shown}  # fmt: skip

    return [
        {"field": "name", "headerName": words("col.name"), "flex": 2.1, "minWidth": 84, "tooltipField": "full",
         "cellRenderer": "QxAreaCell"},
        figure("open", 1, grouped),
        figure("overdue", 1.15, grouped) | {"cellClassRules": {"overdue": "params.value > 0"}},
        figure("new", 1, grouped),
        figure("closed", 1, grouped),
        figure("per_1000", 1.25, rate),
    ]  # fmt: skip
