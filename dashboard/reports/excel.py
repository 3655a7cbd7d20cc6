"""The brief as a workbook: the tables of the screen as numbers that one can go on counting with."""

from __future__ import annotations

import io
import math
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gis.brief import Brief
from layouts import brief as told
from layouts.brief import Table
from layouts.text import Words

_FORMATS = {"count": "#,##0", "change": "+#,##0;-#,##0;0", "share": "0.0%"}


def workbook(brief: Brief, lang: str, words: Words) -> bytes:
    """Return the workbook: figures, areas in official order, classes, overdue, days, and what it is."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = words("brief.sheet.figures")
    kind = words(f"brief.{brief.kind}")
    period, other = told.period_words(brief.period, words), told.period_words(brief.compared, words)
    first.append([words("brief.title", name=told.name_of(brief, lang), kind=kind)])
    first["A1"].font = Font(bold=True, size=14)
    first.append([words("brief.period", period=period, compared=other)])
    first.append([told.headline(brief, lang, words)])
    first["A3"].alignment = Alignment(wrap_text=True, vertical="top")
    first.merge_cells("A3:F3")
    first.row_dimensions[3].height = 48
    first.append([])
    _fill(first, told.figures(brief, words), start=5)
    first.append([])
    for line in told.exceptions(brief, lang, words):
        first.append([line])
    tables = (
        told.areas(brief, lang, words), told.classes(brief, lang, words), told.late(brief, lang, words),
        told.days(brief, words),
    )  # fmt: skip
    for table in tables:
        sheet = book.create_sheet(words(f"brief.sheet.{table.key}"))
        _fill(sheet, table, start=1)
        sheet.freeze_panes = "B2"
    last = book.create_sheet(words("brief.sheet.about"))
    for line in told.about(brief, lang, words):
        last.append([line])
    last.column_dimensions["A"].width = 100
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, table: Table, start: int) -> None:
    """Write a table from a row on; an interval becomes two columns of numbers."""
    heads: list[str] = []
    for _key, label, kind in table.columns:
        heads += [f"{label} –", f"{label} +"] if kind == "interval" else [label]
    for i, label in enumerate(heads, 1):
        cell = sheet.cell(start, i, label)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DEE3E9")
    for r, (row, mark) in enumerate(zip(table.rows, table.marks, strict=True), start + 1):
        i = 0
        for key, _label, kind in table.columns:
            kind = row["kind"] if kind == "own" else kind
            for value in row[key] if kind == "interval" else (row[key],):
                i += 1
                cell = sheet.cell(r, i, _plain(value))
                cell.number_format = _FORMATS.get("share" if kind == "interval" else kind, "General")
                cell.font = Font(bold=mark == "total", italic=mark == "bucket")
    for i in range(1, len(heads) + 1):
        texts = [len(str(sheet.cell(r, i).value or "")) for r in range(start, start + len(table.rows) + 1)]
        sheet.column_dimensions[get_column_letter(i)].width = min(40, max([10, *[n * 1.8 for n in texts]]))


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
