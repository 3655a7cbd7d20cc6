"""Columns of the tables, with figures to the right and the same words as everywhere else."""

from __future__ import annotations

from typing import Any

from layouts.text import Words


def area_columns(words: Words, scale: float) -> list[dict[str, Any]]:
    """Return the columns of the table of child areas; `scale` enlarges their widths."""
    figure = {"type": "rightAligned", "width": round(66 * scale), "valueFormatter": {"function": "d3.format(',')(params.value)"}}
    rate = {
        "function": "params.value == null ? '–' : (params.value < 10 ? d3.format('.1f') : d3.format(',.0f'))(params.value)"
    }
    return [
        {"field": "name", "headerName": words("col.name"), "flex": 1, "minWidth": round(104 * scale), "tooltipField": "full",
         "cellRenderer": "QxAreaCell"},
        {"field": "open", "headerName": words("col.open"), **figure},
        {"field": "overdue", "headerName": words("col.overdue"), **figure,
         "cellClassRules": {"overdue": "params.value > 0"}},
        {"field": "new", "headerName": words("col.new"), **figure},
        {"field": "closed", "headerName": words("col.closed"), **figure},
        {"field": "per_1000", "headerName": words("col.per_1000"), "type": "rightAligned", "width": round(88 * scale),
         "valueFormatter": rate},
    ]  # fmt: skip
