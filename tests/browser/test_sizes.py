"""Three screens, from a laptop to a wall: nothing scrolls, overlaps or is cut off."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.browser.screen import Opener

STREET = "110102012"
_OVER_THE_MAP = (".map-tools", "#legend", "#scale-bar", "#schematic")
_BOXES = """(names) => names.map((name) => {
  const r = document.querySelector(name).getBoundingClientRect();
  return [r.left, r.top, r.right, r.bottom];
})"""
_CUT = """() => {
  const named = '.kpi-label, .kpi-value, .kpi-note, .tab, .legend-classes span, .data-time, .brand b';
  return [...document.querySelectorAll(named)].filter((part) => {
    let holder = part.parentElement;
    while (getComputedStyle(holder).display === 'contents') holder = holder.parentElement;
    const inner = part.getBoundingClientRect(), outer = holder.getBoundingClientRect();
    return inner.width && (part.scrollWidth > part.clientWidth + 1 && part.clientWidth
      || inner.right > outer.right + 1 || inner.left < outer.left - 1);
  }).map((part) => part.className + ': ' + part.innerText);
}"""
_SCROLLS = """() => { const e = document.scrollingElement;
  return [e.scrollWidth > innerWidth, e.scrollHeight > innerHeight]; }"""
_HEADER = """() => [...document.querySelector('.top').children].filter((part) => part.getClientRects().length)
  .map((part) => { const r = part.getBoundingClientRect(); return [r.left, r.right]; })"""


@pytest.mark.parametrize(
    ("width", "height", "locale"),
    [(1366, 768, "zh-CN"), (1366, 768, "en-GB"), (1920, 1080, "en-GB"), (3840, 2160, "zh-CN")],
)
def test_nothing_scrolls_overlaps_or_is_cut(open_screen: Opener, width: int, height: int, locale: str):
    screen = open_screen("/", width=width, height=height, locale=locale)
    for path in ("/", f"/area/{STREET}"):
        if path != "/":
            screen.page.evaluate("(path) => qx.go(path)", path)
            screen.arrive(STREET)
        assert screen.page.evaluate(_SCROLLS) == [False, False]
        boxes = dict(zip(_OVER_THE_MAP, screen.page.evaluate(_BOXES, list(_OVER_THE_MAP)), strict=True))
        left, top, right, bottom = screen.page.evaluate(_BOXES, [".map-wrap"])[0]
        for name, box in boxes.items():
            assert box[0] >= left and box[1] >= top and box[2] <= right + 1 and box[3] <= bottom + 1, (path, name, box)
            for other, also in boxes.items():
                if name < other:
                    apart = box[2] <= also[0] or also[2] <= box[0] or box[3] <= also[1] or also[3] <= box[1]
                    assert apart, (path, name, box, other, also)
        assert screen.page.evaluate(_CUT) == [], path
        header = screen.page.evaluate(_HEADER)
        assert all(one[1] <= two[0] + 1 for one, two in pairwise(header)), (path, header)
        assert header[-1][1] <= width
    map_width = screen.page.evaluate("() => document.querySelector('.map-wrap').offsetWidth")
    assert map_width >= 0.55 * width
