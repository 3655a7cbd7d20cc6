"""The operator's queue as it opens: a painted map beside bands and a list that agree."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.screen import Opener

_ROWS = "#panel-body .queue-row"
_DRAWN = """() => {
  const m = qx.map.get();
  const ids = m.getStyle().layers.map((layer) => layer.id).filter((id) => id.startsWith('plotly-trace-layer'));
  return m.queryRenderedFeatures({ layers: ids }).length;
}"""


def _band(page: Page, name: str) -> int:
    return int(page.locator(f"#panel-tabs .tab:has-text('{name}') b").inner_text().replace(",", ""))


def test_queue_opened_directly_has_a_painted_map_and_a_list_as_long_as_its_band(open_screen: Opener):
    screen = open_screen("/queue")
    page = screen.page
    page.wait_for_selector(_ROWS)
    canvas = page.locator("#map canvas.maplibregl-canvas").bounding_box()
    assert canvas is not None
    wrap = page.locator(".map-wrap").bounding_box()
    assert wrap is not None and abs(canvas["width"] - wrap["width"]) < 2, "the map fills its place beside the list"
    drawn = page.evaluate(_DRAWN)
    assert drawn > 1000, "cells of the whole district are drawn"
    on = page.locator("#panel-tabs .tab.on b").inner_text().replace(",", "")
    assert page.locator(_ROWS).count() == min(int(on), 200)
    shown = sum(_band(page, name) for name in ("临期先办", "超期未处置", "今日到期", "以后到期", "无时限"))
    waiting = page.request.get(screen.address + "/api/v1/areas/110102").json()["counts"]["open"]
    assert 0 < shown <= waiting
    row = page.locator(_ROWS).first
    row.hover()
    screen.wait("() => qx.map.get().getSource('spot').serialize().data.features === undefined")
    page.locator(f"{_ROWS} a").first.click()
    page.wait_for_url("**/case/**")
