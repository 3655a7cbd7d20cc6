"""Nothing is asked of another machine, the console stays clean, and the map is really painted."""

from __future__ import annotations

import io
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from layouts.figures.map import FULL
from layouts.theme import mixed, tokens
from tests.browser.screen import Opener, Screen

STREET = "110102012"


def test_every_page_works_without_any_other_machine(open_screen: Opener):
    """The `watch` of each page fails on a foreign request and on any word of the console."""
    screen = open_screen("/")
    page = screen.page
    listed = page.request.get(f"{screen.address}/api/v1/cases?scope={STREET}&limit=100").json()
    case = next(row for row in listed if len(row["area_code"]) == 15)
    for path in (f"/area/{case['area_code']}?layers=heat,points", f"/case/{case['number']}"):
        page.goto(screen.address + path)
        screen.ready()
    page.evaluate("(path) => qx.go(path)", f"/area/{STREET}?tab=trend")
    screen.ready()
    page.goto(screen.address + "/quality")
    page.wait_for_selector(".quality-body h2")
    for topic in ("outside", "feeds"):
        page.evaluate("(path) => qx.go(path)", "/quality?topic=" + topic)
        page.wait_for_selector(f".quality-kinds a.on[href*={topic}]")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_cell_is_painted_in_the_colour_of_its_class(open_screen: Opener, cells, theme: str):
    screen = open_screen(f"/area/{STREET}?layers=none&theme={theme}")
    told = screen.page.request.get(f"{screen.address}/api/v1/areas?level=cell&scope={STREET}").json()["children"]
    steps = screen.page.evaluate(
        "() => { const d = document.querySelector('#map .js-plotly-plot').data[0];"
        " return Object.fromEntries(d.locations.map((code, i) => [code, d.z[i]])); }"
    )
    legend = screen.page.locator("#legend .legend-classes li span").all_inner_texts()
    t = tokens(theme)
    checked = set()
    for row in sorted(told, key=lambda row: -cells[row["code"]].area):
        step = steps[row["code"]]
        assert _legend_class(legend, row["open"]) == step, row
        spot = screen.bare_spot(cells[row["code"]]) if step not in checked else None
        if spot is None:
            continue
        colour = mixed(t.zero if step == 0 else t.ramp[step - 1], t.land, FULL)
        assert _distance(_most_common(screen, *spot), colour) <= 4, (row["code"], step)
        checked.add(step)
    assert len(checked) >= 4


def _legend_class(texts: list[str], value: int) -> int:
    """Return the class whose words on the legend hold a value: 0, or 1 and up."""
    ramp = [text for text in texts if text != "0"]
    if value == 0:
        return 0
    for i, text in enumerate(ramp, 1):
        low, _, high = text.replace(",", "").partition("–")
        if int(low) <= value <= int(high or low):
            return i
    raise AssertionError(f"{value} is in no class of {texts}")


def _most_common(screen: Screen, x: float, y: float) -> str:
    """Return the commonest colour of the page around a pixel, as #RRGGBB."""
    clip = {"x": x - 4, "y": y - 4, "width": 9, "height": 9}
    picture = Image.open(io.BytesIO(screen.page.screenshot(clip=clip))).convert("RGB")
    counts = Counter(map(tuple, np.asarray(picture).reshape(-1, 3).tolist()))
    return "#{:02X}{:02X}{:02X}".format(*counts.most_common(1)[0][0])


def _distance(first: str, second: str) -> int:
    return max(abs(int(first[i : i + 2], 16) - int(second[i : i + 2], 16)) for i in (1, 3, 5))
