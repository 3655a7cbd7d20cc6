"""Heat on the screen: the picture, its legend and the filters agree, and the window plays and can be drawn by hand."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from layouts.theme import DARK
from tests.browser.screen import Opener, Screen

_DRAWN = "() => document.querySelector('#heat-note')?.textContent && qx.map.get().loaded()"
_NOTE = "(old) => ![old, ''].includes(document.querySelector('#heat-note')?.textContent ?? '')"
_ON_SCREEN = """([lon, lat]) => {
  const m = qx.map.get(), frame = m.getCanvas().getBoundingClientRect(), at = m.project([lon, lat]);
  return [frame.left + at.x, frame.top + at.y];
}"""


def _hottest(screen: Screen, search: str) -> tuple[float, float, dict[str, object]]:
    """Return where the picture that the server makes is hottest, in degrees."""
    told = screen.page.request.get(
        screen.address + "/api/v1/heat", params={"path": "/", "search": search, "theme": "dark"}
    ).json()
    shades = np.asarray(Image.open(io.BytesIO(base64.b64decode(told["url"].split(",")[1]))))
    row, column = np.unravel_index(int(shades.argmax()), shades.shape)
    (west, north), (east, top), _, (left, south) = told["corners"]
    u, v = (column + 0.5) / shades.shape[1], (row + 0.5) / shades.shape[0]
    return west + u * (east - west) + v * (left - west), north + u * (top - north) + v * (south - north), told


def _colour(screen: Screen, lon: float, lat: float) -> np.ndarray:
    """Return the mean colour of a few pixels of the screen around a place."""
    x, y = screen.page.evaluate(_ON_SCREEN, [lon, lat])
    shot = screen.page.screenshot(clip={"x": x - 3, "y": y - 3, "width": 7, "height": 7})
    return np.median(np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).reshape(-1, 3), axis=0)


def _closest(colour: np.ndarray) -> int:
    """Return which colour of the legend is nearest: 0 is the ground."""
    ramp = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (DARK.ground, *DARK.heat)], dtype=float)
    return int(np.abs(ramp - colour).sum(axis=1).argmin())


def test_picture_legend_and_filters_agree_on_the_hottest_place(open_screen: Opener):
    search = "?w=7d&layers=heat"
    screen = open_screen("/" + search)
    screen.wait(_DRAWN)
    screen.page.wait_for_timeout(500)
    lon, lat, told = _hottest(screen, search)
    note = screen.page.locator("#heat-note").inner_text()
    assert f"{told['cases']:,} 件" in note
    assert screen.page.locator(".legend-classes li").count() == 5
    assert _closest(_colour(screen, lon, lat)) >= 3, "the hottest place has one of the upper colours of the legend"
    screen.page.locator("#filter-button").click()
    screen.page.locator(".filters .chip", has_text="作废").click()
    screen.wait(_NOTE, note)
    screen.page.keyboard.press("Escape")
    screen.page.wait_for_timeout(500)
    assert "st=void" in screen.query
    assert _closest(_colour(screen, lon, lat)) <= 1, "without these cases the place is cold"


def test_a_window_plays_and_can_be_drawn_by_hand(open_screen: Opener):
    screen = open_screen("/?w=24h")
    page = screen.page
    page.locator("#play").click()
    screen.wait("() => Number(document.documentElement.dataset.frame) > 12")
    assert re.match(r"\d\d/\d\d \d\d:\d\d", page.locator("#play-time").inner_text())
    assert page.evaluate("() => !!qx.map.get().getLayer('heat-play')")
    page.locator("#play").click()
    assert not page.evaluate("() => !!qx.map.get().getLayer('heat-play')")
    before = screen.kpi("new")
    bars = page.locator("#timeline-graph .nsewdrag").first.bounding_box()
    assert bars is not None
    y = bars["y"] + bars["height"] / 2
    page.mouse.move(bars["x"] + bars["width"] * 0.4, y)
    page.mouse.down()
    page.mouse.move(bars["x"] + bars["width"] * 0.5, y)
    page.mouse.move(bars["x"] + bars["width"] * 0.7, y)
    page.mouse.up()
    page.wait_for_url(re.compile(r"from=\d{8}T\d{4}Z&to=\d{8}T\d{4}Z"))
    screen.wait(f"() => Number(document.querySelector('[data-kpi=new]').innerText.replace(',', '')) < {before}")
    told = page.request.get(screen.address + "/api/v1/heat", params={"path": "/", "search": "?" + screen.query}).json()
    assert 0 < told["cases"] <= screen.kpi("new") < before
