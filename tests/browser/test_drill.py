"""From the district to a single case and back, by map, breadcrumb, keyboard and address."""

from __future__ import annotations

import re

from db.engine import Database
from tests.browser.screen import Opener, Screen, outlines

STREET = "110102012"


def _down(screen: Screen, cell: str, database: Database) -> None:
    """Click on the map towards a cell until it is open itself."""
    for digits in (9, 12, 15):
        screen.click_map(outlines(database, digits)[cell[:digits]])
        screen.arrive(cell[:digits])


def test_person_drills_from_the_district_to_a_case_and_goes_back_the_same_way(
    open_screen: Opener, demo_database: Database
):
    screen = open_screen("/")
    page = screen.page
    listed = screen.page.request.get(screen.address + "/api/v1/cases?which=open&limit=50&scope=" + STREET).json()
    case = next(row for row in listed if len(row["area_code"]) == 15)
    cell, number = case["area_code"], case["number"]
    _down(screen, cell, demo_database)
    assert [len(name) > 0 for name in screen.crumbs()] == [True] * 4
    page.locator("#panel-tabs .tab", has_text="案件").click()
    page.locator(f"#panel-body .case-list a[href*='{number}']").first.click()
    page.wait_for_url(f"**/case/{number}**")
    page.wait_for_selector(f"#panel-head .code:has-text('{number}')")
    assert page.locator("#panel-head h1").inner_text() == case["title"]
    for path in (f"/area/{cell}", f"/area/{cell}", f"/area/{cell[:12]}", f"/area/{cell[:9]}", "/"):
        page.go_back()
        page.wait_for_url(f"{screen.address}{path}**")
    screen.ready()
    screen.wait("() => document.querySelector('#panel-head .code').innerText === '110102'")
    assert screen.crumbs() == ["西城区"]


def test_breadcrumb_escape_and_right_click_go_up_one_level(open_screen: Opener, cells):
    cell = next(code for code in cells if code.startswith(STREET))
    screen = open_screen(f"/area/{cell}").arrive(cell)
    screen.page.locator("#crumbs a").last.click()
    screen.arrive(cell[:12])
    screen.page.keyboard.press("Escape")
    screen.arrive(cell[:9])
    x, y = screen.spot(cells[cell])
    screen.page.mouse.click(x, y, button="right")
    page = screen.page
    page.wait_for_url(re.compile(rf"/(area/{cell[:6]})?$"))
    screen.ready()


def test_reload_and_a_copied_link_give_the_same_picture(open_screen: Opener, demo_database: Database):
    asked = f"/area/{STREET}?w=7d&m=new&u=community&layers=heat,points&tab=cases"
    screen = open_screen(asked)

    def seen(one: Screen) -> tuple[object, ...]:
        one.page.wait_for_selector("#panel-body .case-list li")
        one.wait("() => document.documentElement.dataset.heat > 0")
        figure = "() => { const d = document.querySelector('#map .js-plotly-plot').data[0]; return [d.z.length, d.z]; }"
        return (
            one.crumbs(), one.page.locator(".kpis").inner_text(), one.page.locator("#legend").inner_text(),
            one.page.locator("#panel-tabs .on").inner_text(), one.page.evaluate(figure),
            one.page.locator("#window").input_value(), one.page.locator("#measure").input_value(),
            one.page.locator("#panel-body .case-list").inner_text(), [round(x, 4) for x in one.camera()],
        )  # fmt: skip

    first = seen(screen)
    assert first[4][0] == len(outlines(demo_database, 12))
    assert first[5:7] == ("7天", "窗口内新增")
    screen.page.reload()
    assert seen(screen.ready()) == first
    assert "w=7d" in screen.query and "layers=heat,points" in screen.query
    assert seen(open_screen(asked)) == first


def test_choices_go_into_the_address_and_stay_on_the_way_down(open_screen: Opener, demo_database: Database):
    screen = open_screen("/")
    page = screen.page
    screen.choose("window", "7天")
    page.wait_for_url("**w=7d**")
    screen.ready()
    screen.choose("measure", "每千人在办")
    page.wait_for_url("**m=per_1000**")
    screen.ready()
    page.locator(".map-tools label", has_text="热力").click()
    page.wait_for_url("**layers=heat,points**")
    screen.ready()
    screen.click_map(outlines(demo_database, 9)[STREET])
    screen.arrive(STREET)
    assert set(screen.query.split("&")) == {"w=7d", "m=per_1000", "layers=heat,points"}
    page.go_back()
    page.wait_for_url(f"{screen.address}/?**")
    assert set(screen.query.split("&")) == {"w=7d", "m=per_1000", "layers=heat,points"}


def test_pan_and_zoom_survive_a_reload_and_a_new_measure(open_screen: Opener):
    screen = open_screen("/area/" + STREET)
    page = screen.page
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.45
    page.mouse.move(x, y)
    page.mouse.wheel(0, -500)
    page.wait_for_url("**v=**")
    screen.ready()
    page.mouse.down()
    page.mouse.move(x + 90, y + 60, steps=8)
    page.mouse.up()
    screen.wait("(before) => !location.search.includes(before)", screen.query)
    screen.ready()
    moved = screen.camera()
    page.reload()
    screen.ready()
    again = screen.camera()
    assert all(abs(a - b) < 0.01 for a, b in zip(moved, again, strict=True)), (moved, again)
    screen.choose("measure", "常住人口")
    page.wait_for_url("**m=population**")
    screen.ready()
    assert all(abs(a - b) < 0.01 for a, b in zip(moved, screen.camera(), strict=True))
    assert "v=" in screen.query


def test_address_that_names_no_area_shows_what_to_do_and_leads_home(open_page, server):
    page = open_page()
    page.goto(server + "/area/110102999")
    page.wait_for_selector(".state-panel.not_found")
    assert "没有这个页面或区域" in page.locator(".state-panel").inner_text()
    page.locator(".state-panel a").click()
    page.wait_for_url(server + "/")
    Screen(page, server).ready()
