"""Language and theme: chosen from the browser at first, switched by one click, whole on every page."""

from __future__ import annotations

import pytest

from layouts.theme import tokens
from tests.browser.screen import Opener, Screen

STREET = "110102012"

# What cases, areas and steps are called is data and stays as it was written; everything else is ours.
_CHINESE = """() => {
  const given = '.case-list .title, .urgent-lists .title, .steps, #panel-head h1, .case-facts, #lang, .quality-list td';
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    const seen = parent.getClientRects().length && !parent.closest('script, style, ' + given);
    if (seen && /[\\u3400-\\u9fff]/.test(node.data)) {
      found.push(node.data.trim());
    }
  }
  document.querySelectorAll('[aria-label], [title], [placeholder]').forEach((part) => {
    if (part.closest(given + ', .facts') || part.querySelector('.title')) return; // facts name their sources
    ['aria-label', 'title', 'placeholder'].forEach((name) => {
      if (/[\\u3400-\\u9fff]/.test(part.getAttribute(name) || '')) found.push(name + ': ' + part.getAttribute(name));
    });
  });
  return found;
}"""


@pytest.mark.parametrize(
    ("locale", "brand", "window"),
    [
        ("en-GB", "Quanxiang", "24 hours"),
        ("fr-FR", "全响", "24小时"),
    ],
)
def test_browser_decides_the_language_at_first(open_page, server, locale: str, brand: str, window: str):
    page = open_page(locale=locale, width=1366, height=768)
    page.goto(server + "/quality")
    page.wait_for_selector(".quality-kinds a")
    assert page.locator(".brand b").inner_text() == brand
    assert page.locator("#window").input_value() == window
    assert page.evaluate("document.documentElement.lang") == ("en" if locale == "en-GB" else "zh-CN")


def test_language_is_switched_by_one_click_and_remembered(open_screen: Opener):
    screen = open_screen("/area/" + STREET + "?w=7d")
    page = screen.page
    page.locator("#lang").click()
    page.wait_for_url("**lang=en**")
    screen.ready()
    assert page.locator(".brand b").inner_text() == "Quanxiang"
    assert screen.crumbs() == ["Xicheng District", "Shichahai"] and "w=7d" in screen.query
    labels = "() => qx.map.get().getStyle().layers.find((l) => l.id === 'label-streets').layout['text-field']"
    assert page.evaluate(labels) == ["get", "en"]
    page.goto(screen.address + "/quality")
    page.wait_for_selector(".quality-kinds a")
    assert page.locator(".brand b").inner_text() == "Quanxiang"
    page.locator("#lang").click()
    page.wait_for_selector(".brand b:has-text('全响')")


def test_no_label_of_an_english_page_is_chinese(open_screen: Opener):
    screen = open_screen("/", locale="en-GB")
    page = screen.page
    cell = page.request.get(f"{screen.address}/api/v1/cases?scope={STREET}&limit=100").json()
    case = next(row for row in cell if len(row["area_code"]) == 15)
    found = {"/": page.evaluate(_CHINESE)}
    hover = (
        "() => document.querySelector('#map .js-plotly-plot').data[0].text.filter((t) => /[\\u3400-\\u9fff]/.test(t))"
    )
    assert page.evaluate(hover) == []
    paths = [f"/?m={measure}" for measure in ("per_1000",)]
    paths += [f"/area/{STREET}?tab={tab}" for tab in ("areas", "elements", "cases", "trend")]
    paths += [f"/area/{case['area_code']}?layers=heat", f"/case/{case['number']}"]
    paths += [f"/quality?topic={topic}" for topic in ("duplicates", "feeds")]
    for path in paths:
        page.evaluate("(path) => qx.go(path)", path)
        if path.startswith("/quality"):
            page.wait_for_selector(".quality-kinds a.on[href*='" + path.split("=")[1] + "']")
        else:
            screen.ready()
        found[path] = page.evaluate(_CHINESE)
    assert {path: texts for path, texts in found.items() if texts} == {}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_theme_is_switched_by_one_click_for_the_page_the_map_and_the_charts(open_screen: Opener, theme: str):
    other = {"dark": "light", "light": "dark"}[theme]
    screen = open_screen("/area/" + STREET + "?theme=" + other)
    screen.page.locator("#theme-switch").click()
    screen.page.wait_for_url(f"**theme={theme}**")
    screen.ready()
    t = tokens(theme)
    assert _rgb(screen, "getComputedStyle(document.body).backgroundColor") == _parts(t.ground)
    assert _rgb(screen, "getComputedStyle(document.querySelector('#panel')).backgroundColor") == _parts(t.surface)
    assert _rgb(screen, "getComputedStyle(document.querySelector('#table .ag-root-wrapper')).backgroundColor") in (
        _parts(t.surface), [0, 0, 0],
    )  # fmt: skip
    land = "qx.map.get().getStyle().layers.find((l) => l.id === 'land').paint['background-color']"
    assert screen.page.evaluate(land) == t.land
    screen.page.reload()
    screen.ready()
    assert screen.page.evaluate("document.documentElement.dataset.theme") == theme


def _rgb(screen: Screen, what: str) -> list[int]:
    told = screen.page.evaluate(what)
    return [int(float(part)) for part in told[told.index("(") + 1 : -1].split(",")[:3]]


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
