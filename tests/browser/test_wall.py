"""The wall in a browser: scenes in turn, letters of the right size, both clocks, and what happens without a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from db.engine import Database
from gis.wall import font_px
from tests.browser.conftest import free_port, running_server

DISTRICT = "110102"


def test_scenes_take_turns_and_their_numbers_are_those_of_the_api(open_page: Callable[..., Page], server: str):
    page = open_page()
    page.goto(f"{server}/wall/{DISTRICT}?speed=60&mm=0.634&metres=4")
    page.wait_for_function("() => wall.report().rotations >= 5")
    letter = page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)")
    assert letter == pytest.approx(font_px(4, 0.634), abs=0.5)
    page.goto(f"{server}/wall/{DISTRICT}?at=numbers")
    page.wait_for_selector(".number[data-key=open] b")
    counts = page.request.get(f"{server}/api/v1/areas/{DISTRICT}").json()["counts"]
    for key in ("open", "overdue", "near_due", "new", "closed"):
        told = page.locator(f".number[data-key={key}] b").inner_text()
        assert int(told.replace(",", "")) == counts[key], key
    smallest = page.evaluate(
        "() => Math.min(...[...document.querySelectorAll('#wall *')].filter((e) => e.children.length === 0 && "
        "e.textContent.trim()).map((e) => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= page.evaluate("() => wall.report().letter") - 0.1
    ages = page.locator(".zone .ages").inner_text()
    assert "画面" in ages or "历史数据" in ages


def test_touch_pauses_and_idleness_resumes(open_page: Callable[..., Page], server: str):
    page = open_page()
    page.goto(f"{server}/wall/{DISTRICT}?speed=60")
    page.wait_for_function("() => wall.report().rotations >= 1")
    page.keyboard.press("Shift")
    page.wait_for_function(
        "() => wall.report().paused && document.querySelector('.clock').textContent.includes('暂停')"
    )
    scene = page.evaluate("() => wall.report().scene")
    page.wait_for_timeout(1000)  # a minute of the wall's time
    assert page.evaluate("() => wall.report().scene") == scene
    page.wait_for_function("() => !wall.report().paused")
    page.wait_for_function("(old) => wall.report().scene !== old", arg=scene)


def test_no_text_lies_on_a_bezel_and_the_map_is_drawn(open_page: Callable[..., Page], server: str):
    page = open_page(width=2880, height=540)
    page.goto(f"{server}/wall/{DISTRICT}?layout=3x1")
    page.wait_for_function("() => document.documentElement.dataset.map === 'drawn'")
    crossing = page.evaluate(
        """() => [...document.querySelectorAll('#wall *')].filter((e) => !e.children.length && e.textContent.trim())
        .map((e) => [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.width && [1, 2].some((k) =>
        r.left < k * innerWidth / 3 - 1 && r.right > k * innerWidth / 3 + 1)).map(([text]) => text)"""
    )
    assert crossing == []
    assert len(page.locator(".map-names span").all()) >= 8


def test_lost_server_is_told_loudly_and_the_last_picture_stays(
    demo_clone: Database, tmp_path: Path, open_page: Callable[..., Page], watch
):
    for said in ("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "Failed to fetch", "ERR_CONNECTION_RESET"):
        watch.expect(said)
    page = open_page()
    page.clock.install()
    port = free_port()
    with running_server(demo_clone, tmp_path, port) as address:
        page.goto(f"{address}/wall/{DISTRICT}?at=numbers")
        page.wait_for_selector(".number[data-key=open] b")
        told = page.locator(".number[data-key=open] b").inner_text()
    page.clock.fast_forward(40_000)
    page.wait_for_selector("body.lost .banner")
    assert "连接中断" in page.locator(".banner").inner_text()
    assert page.locator(".number[data-key=open] b").inner_text() == told
    assert page.locator(".zone").get_attribute("data-fresh") == "stale"
    with running_server(demo_clone, tmp_path, port):
        page.clock.fast_forward(15_000)
        page.wait_for_selector("body:not(.lost)")
        page.goto("about:blank")


def test_a_screen_enrols_itself_and_leaves_when_it_is_revoked(
    open_page: Callable[..., Page], own_server: str, demo_clone: Database, watch
):
    watch.expect("status of 401")  # how a screen learns that it was revoked
    page = open_page()
    page.goto(f"{own_server}/wall")
    page.wait_for_function("() => /\\d{3} \\d{3}/.test(document.querySelector('.code').textContent)")
    code = page.locator(".code").inner_text().replace(" ", "")
    wish = {"code": code, "name": "hall", "scope": "110102012"}
    assert page.request.post(f"{own_server}/api/v1/screens/approve", data=wish).status == 204
    page.wait_for_url("**/wall/hall")
    page.wait_for_function("() => wall.report().refreshes > 0")
    assert page.evaluate("() => wall.config.code") == "110102012"
    assert page.request.post(f"{own_server}/api/v1/screens/hall/revoke").status == 204
    page.wait_for_selector(".enrol .code", timeout=30_000)


def test_a_wall_left_alone_keeps_its_memory(open_page: Callable[..., Page], server: str):
    page = open_page(width=1280, height=720)
    page.goto(f"{server}/wall/{DISTRICT}?speed=200")
    meter = page.context.new_cdp_session(page)

    def heap_after(refreshes: int, rotations: int) -> float:
        page.wait_for_function(
            "([r, t]) => wall.report().refreshes >= r && wall.report().rotations >= t",
            arg=[refreshes, rotations],
            timeout=120_000,
        )
        used = []
        for _ in range(5):  # the least of five: what a frame under way still holds is no growth
            meter.send("HeapProfiler.collectGarbage")
            used.append(meter.send("Runtime.getHeapUsage")["usedSize"])
            page.wait_for_timeout(200)
        return min(used)

    first = heap_after(30, 10)  # every scene twice
    assert heap_after(90, 30) < 1.1 * first
