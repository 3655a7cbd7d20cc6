"""The review on screen, on paper and as a file: the same figures, and the map is really drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page


def test_review_shows_the_figures_of_its_file_and_changes_its_period(open_page: Callable[..., Page], server: str):
    page = open_page(width=1366, height=768)
    page.goto(f"{server}/review")
    page.wait_for_selector(".review .areas tr.total")
    new = page.locator("[data-figure=new]").inner_text()
    assert page.locator(".areas tr.total td").nth(1).inner_text() == new
    assert new in page.locator(".review-lead").inner_text()
    page.locator(".review-kinds a").nth(1).click()
    page.wait_for_function("(old) => document.querySelector('[data-figure=new]').innerText !== old", arg=new)
    assert "kind=weekly" in page.url
    page.wait_for_load_state("networkidle")


def test_brief_is_printed_with_its_map_and_the_map_file_opens_offline(
    open_page: Callable[..., Page], server: str, tmp_path: Path, watch
):
    page = open_page(width=1366, height=768)
    pdf = page.request.get(f"{server}/api/v1/brief/110102.pdf", timeout=60_000).body()
    assert pdf[:5] == b"%PDF-" and len(pdf) > 60_000
    told = tmp_path / "map.html"
    told.write_bytes(page.request.get(f"{server}/api/v1/brief/110102.map.html").body())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    watch.expect("file://")  # the file itself lies on no host
    page.goto(told.as_uri())
    page.wait_for_selector(".leaflet-container canvas, .leaflet-container path")
    assert page.locator(".brief-name b").count() == 15
    assert [url for url in asked if not url.startswith(("data:", "file:", "blob:"))] == []
