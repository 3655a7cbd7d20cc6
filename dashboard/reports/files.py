"""The brief in its forms: which figures, which document, which name the file has."""

from __future__ import annotations

import gzip
import json
from typing import Any

from dashboard import screens
from dashboard.reports import excel, offline_map, word
from dashboard.reports.printing import DRAWING, Printed, chromium, print_document
from dashboard.services import Services
from gis.brief import Brief
from gis.codes import Level, level_of
from gis.errors import InputFault
from gis.scope import View
from layouts import brief as told
from layouts.brief_page import brief_document
from layouts.figures.brief_map import build_brief_map, layers_for
from layouts.figures.map import fitting
from layouts.text import words_for

FORMS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "map.html": "text/html; charset=utf-8",
}
_MAP_PX = (370, 423)


def brief_file(services: Services, brief: Brief, form: str, lang: str) -> bytes:
    """Return the brief in one of `FORMS`.

    Raises
    ------
    InputFault
        When there is no such form.
    SetupFault
        When the PDF is wanted and this machine has no Chromium.
    """
    if form not in FORMS:
        raise InputFault(f"{form!r} is not one of {', '.join(FORMS)}")
    words = words_for(lang)
    if form == "xlsx":
        return excel.workbook(brief, lang, words)
    if form == "map.html":
        shapes = {name: _layer(services, brief, name) for name in ("streets", "communities", "districts")}
        return offline_map.offline_map(brief, shapes, lang, words)
    if form == "docx":
        picture = printed(services, brief, lang).map_png if chromium() else None
        return word.document(brief, picture, lang, words)
    return printed(services, brief, lang).pdf


def printed(services: Services, brief: Brief, lang: str) -> Printed:
    """Return the printed document with its map."""
    return print_document(document_of(services, brief, DRAWING, lang))


def document_of(services: Services, brief: Brief, plotly_src: str, lang: str) -> str:
    """Return the brief as an HTML document with everything inside but the drawing library."""
    words = words_for(lang)
    code = brief.place["code"]
    unit = level_of(code).child or Level.CELL
    district = services.district_of(code)
    box = screens.box_of(services, View(code=code), district)
    geometry = {name: _layer(services, brief, name) for name in layers_for(unit)}
    # nothing lies on a printed map, so it needs none of the margins that `fitting` keeps clear
    zoom = fitting(box, (_MAP_PX[0] + 40, _MAP_PX[1] + 74), legend=False)[2]
    camera = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, zoom)
    figure = build_brief_map(unit, brief.rows["new"], geometry, box, camera, lang)
    return brief_document(brief, figure, words(f"level.{int(unit)}"), plotly_src, lang, words)


def file_name(brief: Brief, form: str, lang: str) -> str:
    """Return what the file is called."""
    words = words_for(lang)
    return f"{told.name_of(brief, lang)}{words(f'brief.{brief.kind}')}_{brief.period.text.replace('..', '_')}.{form}"


def _layer(services: Services, brief: Brief, name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(gzip.decompress(services.layer(brief.place["code"], name)))
    return made
