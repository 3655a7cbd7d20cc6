"""The brief as a Word document that a person may still edit, with the tables of the screen."""

from __future__ import annotations

import io

from docx import Document
from docx.document import Document as Written
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from gis.brief import Brief
from layouts import brief as told
from layouts.brief import Table, shown
from layouts.text import Words

_FONT = "Microsoft YaHei"


def document(brief: Brief, map_png: bytes | None, lang: str, words: Words) -> bytes:
    """Return the document; without a picture of the map it says nothing of a map."""
    made = Document()
    _set_page(made)
    kind = words(f"brief.{brief.kind}")
    period, other = told.period_words(brief.period, words), told.period_words(brief.compared, words)
    made.add_heading(words("brief.title", name=told.name_of(brief, lang), kind=kind), 0)
    made.add_paragraph(words("brief.period", period=period, compared=other))
    made.add_paragraph(told.headline(brief, lang, words))
    _add_table(made, told.figures(brief, words))
    made.add_heading(words("brief.exceptions"), 1)
    for line in told.exceptions(brief, lang, words):
        made.add_paragraph(line, style="List Bullet")
    if map_png is not None:
        made.add_heading(words("brief.map", unit=words(f"level.{len(str(brief.rows.index[0]))}")), 1)
        made.add_picture(io.BytesIO(map_png), width=Cm(11))
        made.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.add_paragraph(words("brief.map.means"))
    for title, table in (
        ("brief.streets", told.areas(brief, lang, words)),
        ("brief.late", told.late(brief, lang, words)),
        ("brief.classes", told.classes(brief, lang, words)),
    ):
        made.add_heading(words(title), 1)
        _add_table(made, table)
    made.add_heading(words("brief.about"), 1)
    for line in told.about(brief, lang, words):
        made.add_paragraph(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _set_page(made: Written) -> None:
    """Set A4 with narrow margins and a font that has Chinese in every style."""
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(1.8)
    page.top_margin = page.bottom_margin = Cm(1.8)
    for name in ("Normal", "Title", "Heading 1", "List Bullet", "Table Grid"):
        style = made.styles[name]
        style.font.name = _FONT  # type: ignore[attr-defined]
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    made.styles["Normal"].font.size = Pt(10)  # type: ignore[attr-defined]


def _add_table(made: Written, table: Table) -> None:
    grid = made.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    for cell, (_key, label, _kind) in zip(grid.rows[0].cells, table.columns, strict=True):
        cell.text = label
        cell.paragraphs[0].runs[0].font.bold = True
    for row, mark in zip(table.rows, table.marks, strict=True):
        cells = grid.add_row().cells
        for cell, (key, _label, kind) in zip(cells, table.columns, strict=True):
            kind = row["kind"] if kind == "own" else kind
            cell.text = shown(row[key], kind) + (" *" if key == "change" and row.get("star") else "")
            paragraph = cell.paragraphs[0]
            if kind != "text":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for run in paragraph.runs:
                run.font.size = Pt(9)
                run.font.bold, run.font.italic = mark == "total", mark == "bucket"
