"""For everybody: no serious fault by axe in either theme, everything by keyboard, table and map linked both ways."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.screen import Opener, outlines

STREET = "110102012"
_AXE = """async () => {
  const told = await axe.run(document, { resultTypes: ['violations'] });
  return told.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => ({
    rule: one.id,
    nodes: one.nodes.slice(0, 5).map((node) => node.html.slice(0, 160) + ' | ' + node.failureSummary.slice(0, 200))
  }));
}"""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious_on_any_page(open_screen: Opener, axe_source: str, theme: str):
    screen = open_screen(f"/?theme={theme}")
    page = screen.page
    listed = page.request.get(f"{screen.address}/api/v1/cases?scope={STREET}&limit=100").json()
    case = next(row for row in listed if len(row["area_code"]) == 15)
    page.evaluate(axe_source)
    found: dict[str, Any] = {"/": page.evaluate(_AXE)}
    paths = [f"/area/{STREET}?tab={tab}" for tab in ("areas", "cases")]
    paths += [f"/area/{case['area_code']}", f"/case/{case['number']}", "/quality?topic=unlocated"]
    for path in paths:
        page.evaluate("(path) => qx.go(path)", path)
        if path.startswith("/quality"):
            page.wait_for_selector(".quality-list td")
        else:
            screen.ready()
        found[path] = page.evaluate(_AXE)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_everything_is_reached_by_keyboard(open_screen: Opener):
    screen = open_screen("/")
    page = screen.page
    page.keyboard.press("?")
    page.wait_for_selector("#keys", state="visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("#keys", state="hidden")
    assert screen.path == "/"
    page.keyboard.press("/")
    screen.wait("() => document.activeElement.id === 'search'")
    page.keyboard.type("sch")
    page.wait_for_selector("[role=option]:has-text('什刹海')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    screen.arrive(STREET)
    page.keyboard.press("Escape")  # leaves the search box
    page.keyboard.press("Escape")  # goes up
    page.wait_for_url(re.compile(r"/(area/110102)?$"))
    screen.ready()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/quality")
    page.wait_for_selector(".quality-kinds a")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url(screen.address + "/")
    screen.ready()


def test_tab_key_leads_through_the_page_with_a_visible_focus(open_screen: Opener):
    screen = open_screen("/")
    page = screen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(45):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.id || e.className || e.tagName, s.outlineStyle !== 'none' || s.boxShadow !== 'none'"
            " || e.matches('input, canvas, [class*=ag-]')]; }"
        )
        assert told[1], told
        reached.add(told[0])
    assert {"window", "filter-button", "search", "lang", "theme-switch", "measure"} <= reached


def test_row_under_the_pointer_lights_its_area_on_the_map(open_screen: Opener):
    screen = open_screen("/")
    row = screen.page.locator("#table .ag-center-cols-container .ag-row").nth(2)
    code = row.get_attribute("row-id")
    row.hover()
    lit = "(code) => JSON.stringify(qx.map.get().getFilter('hover-streets') || '').includes(code)"
    screen.wait(lit, code)
    screen.page.mouse.move(5, 400)
    screen.wait(f"(code) => !({lit})(code)", code)
    row.click()
    screen.arrive(str(code))


def test_area_under_the_pointer_lights_its_row_in_the_table(open_screen: Opener, demo_database):
    screen = open_screen("/")
    screen.table("110102")
    first = screen.page.locator("#table .ag-center-cols-container .ag-row").first.get_attribute("row-id")
    screen.point_at(outlines(demo_database, 9)[str(first)])
    screen.wait("(code) => document.querySelector(`#table .ag-row.lit[row-id='${code}']`) !== null", first)
