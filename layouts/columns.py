"""Columns of the tables, with figures to the right and the same words as everywhere else."""

from __future__ import annotations

from typing import Any

from layouts.text import Words


def area_columns(words: Words, scale: float) -> list[dict[str, Any]]:
    """Return the columns of the table of child areas; `scale` enlarges their widths."""

    def figure(width: int) -> dict[str, Any]:
        grouped = {"function": "d3.format(',')(params.value)"}
        return {"type": "rightAligned", "width": round(width * scale), "valueFormatter": grouped}

    rate = {"function": "params.value == null ? '–' : d3.format(params.value < 10 ? '.1f' : ',.0f')(params.value)"}
    return [
        {"field": "name", "headerName": words("col.name"), "flex": 1, "minWidth": round(96 * scale),
         "tooltipField": "full",
         "cellRenderer": "QxAreaCell"},
        {"field": "open", "headerName": words("col.open"), **figure(66)},
        {"field": "overdue", "headerName": words("col.overdue"), **figure(84),
         "cellClassRules": {"overdue": "params.value > 0"}},
        {"field": "new", "headerName": words("col.new"), **figure(62)},
        {"field": "closed", "headerName": words("col.closed"), **figure(70)},
        {"field": "per_1000", "headerName": words("col.per_1000"), "type": "rightAligned", "width": round(82 * scale),
         "valueFormatter": rate},
    ]  # fmt: skip
