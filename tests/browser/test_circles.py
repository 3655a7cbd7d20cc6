"""The page of service circles as a planner uses it: the share is the API's, a knob turns, a drag changes it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

READY = "() => document.documentElement.dataset.circles && document.querySelector('[data-kpi=circles-people]')"
SOME_PLACE = """(kind) => {
  const m = qx.circles.map(), frame = m.getCanvas().getBoundingClientRect();
  for (const one of qx.circles.shown().places.features) {
    const at = m.project(one.geometry.coordinates);
    const x = frame.left + at.x, y = frame.top + at.y, top = document.elementFromPoint(x, y);
    const inside = at.x > 500 && at.y > 60 && at.x < frame.width - 40 && at.y < frame.height - 140;
    if (inside && top && top.closest('#circles-map')) return [x, y];
  }
  return null;
}"""


def asked(address: str, path: str, **query: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}{path}?{urlencode(query)}") as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_the_share_is_the_apis_a_knob_turns_it_and_a_drag_changes_it(server: str, page: Page) -> None:
    asked(server, "/api/v1/circles")
    page.goto(f"{server}/circles?kinds=hospital")
    page.wait_for_function(READY)
    told = asked(server, "/api/v1/circles", search="?kinds=hospital")["whole"]
    share = page.locator("[data-kpi=circles-people]")
    expect(share).to_have_text(f"{100 * told['people_in_share']:.1f}%")
    page.locator("#circles-controls a.own-link", has_text="30").click()
    wide = asked(server, "/api/v1/circles", search="?kinds=hospital&min=30")["whole"]
    expect(share).to_have_text(f"{100 * wide['people_in_share']:.1f}%")
    assert "min=30" in page.url
    page.locator("#circles-tools button").click()
    page.locator(".plan-form input[name=name]").fill("试一试")
    page.locator(".plan-form button").click()
    page.wait_for_function("() => qx.plan.current()")
    before = page.locator("#plan-figures").inner_text()
    spot = page.evaluate(SOME_PLACE)
    assert spot, "no hospital is free to be dragged"
    page.mouse.move(*spot)
    page.mouse.down()
    page.mouse.move(spot[0] - 30, spot[1] + 10)
    page.mouse.move(spot[0] - 90, spot[1] + 30, steps=4)
    page.wait_for_function("() => document.documentElement.dataset.tried")
    page.mouse.up()
    page.wait_for_function("() => qx.plan.current().changes.length === 1")
    page.wait_for_function("(text) => document.getElementById('plan-figures').innerText !== text", arg=before)
    kept = asked(server, "/api/v1/scenarios")
    assert kept[0]["changes"][0]["op"] == "move"
    page.locator(".plan-head button").click()
    page.wait_for_function("() => !qx.plan.current()")
    page.request.delete(f"{server}/api/v1/scenarios/{kept[0]['id']}")
