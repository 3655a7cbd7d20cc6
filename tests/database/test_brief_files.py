"""Every form of the brief shows the figures of the screen; the map opens without a network."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from dashboard.reports import files, printing
from dashboard.reports.figures import brief
from dashboard.services import Services
from dashboard.settings import Settings
from gis.errors import InputFault, SetupFault
from layouts import brief as told
from layouts.text import words_for
from tests.database.api_door import DISTRICT, api, fault_of

__all__ = ["api"]  # a fixture
WORDS = words_for("zh")


@pytest.fixture(scope="module")
def services(demo_database, tmp_path_factory) -> Services:
    url = demo_database.url.render_as_string(hide_password=False)
    return Services(Settings(database_url=url, var_dir=Path(tmp_path_factory.mktemp("files"))), demo_database)


def test_workbook_holds_the_numbers_as_numbers_in_official_order(services):
    made = brief(services, DISTRICT, "daily", made_by="值班员")
    book = load_workbook(io.BytesIO(files.brief_file(services, made, "xlsx", "zh")))
    sheet = book[WORDS("brief.sheet.areas")]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    wanted = told.areas(made, "zh", WORDS)
    assert [row[0] for row in rows] == [row["name"] for row in wanted.rows]
    assert [row[1] for row in rows] == [row["new"] for row in wanted.rows]
    assert rows[-1][1] == made.total["new"] == sum(row[1] for row in rows[:-1])
    assert "值班员" in "".join(str(row[0]) for row in book[WORDS("brief.sheet.about")].iter_rows(values_only=True))


def test_word_holds_headline_and_tables(services, monkeypatch):
    monkeypatch.setattr(files, "chromium", lambda: None)  # without one there is no picture, and all the rest
    made = brief(services, DISTRICT, "weekly")
    document = Document(io.BytesIO(files.brief_file(services, made, "docx", "zh")))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert told.headline(made, "zh", WORDS) in text
    cells = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert [row[0] for row in cells[1:]] == [row["name"] for row in told.areas(made, "zh", WORDS).rows]
    assert cells[-1][1] == f"{made.total['new']:,}"
    assert "示意" in text


def test_printed_document_has_the_figures_and_asks_for_nothing_but_its_drawing_library(services):
    made = brief(services, DISTRICT, "daily")
    page = files.document_of(services, made, printing.DRAWING, "zh")
    for row in told.areas(made, "zh", WORDS).rows:
        assert f">{row['name']}<" in page and f">{row['new']:,}<" in page
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == [printing.DRAWING]
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+", "", page)


def test_map_file_holds_everything_it_shows(services):
    made = brief(services, DISTRICT, "daily")
    page = files.brief_file(services, made, "map.html", "zh").decode()
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:)', page)
    assert told.headline(made, "zh", WORDS) in page and "L.map(" in page
    assert len(page) < 900_000


def test_missing_chromium_is_told_in_a_line(services, monkeypatch):
    monkeypatch.setattr(printing, "chromium", lambda: None)
    with pytest.raises(SetupFault, match="apt install chromium"):
        files.brief_file(services, brief(services, DISTRICT, "daily"), "pdf", "zh")
    with pytest.raises(InputFault):
        files.brief_file(services, brief(services, DISTRICT, "daily"), "odt", "zh")


def test_api_names_the_file_and_refuses_what_is_none(api):
    answer = api.get(f"/api/v1/brief/{DISTRICT}.xlsx", params={"kind": "weekly"})
    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert "L.map(" in api.get(f"/api/v1/brief/{DISTRICT}.map.html").text
    fault_of(api.get(f"/api/v1/brief/{DISTRICT}.odt"), 422)
    fault_of(api.get(f"/api/v1/brief/{DISTRICT}.xlsx", params={"on": "never"}), 422)
    fault_of(api.get("/api/v1/brief/999999.xlsx"), 404)
