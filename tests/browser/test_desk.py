"""At the desk: a case moved by clicks while the queue follows; and a report sent once the network is back."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import func, select

from db.engine import Database
from db.tables import area, cases, photo

_STEPS = (
    ("accepted", "核实"), ("verifying", "立案"), ("filed", "派遣"), ("dispatched", "开始处置"),
    ("handling", "处置完成，送核查"),
)  # fmt: skip
"""Each step, and the button that stands first after it."""


def _without_map(page: Page, watch) -> Page:
    """The map takes most of the time of a page, and nothing here looks at it."""
    for said in ("ERR_FAILED", "console error: Event"):
        watch.expect(said)
    page.route("**/plotly.min.js*", lambda route: route.abort())
    return page


def test_case_moves_by_clicks_and_the_queue_follows(own_server: str, demo_clone: Database, open_page, watch):
    with demo_clone.reading() as conn:
        inside = func.ST_PointOnSurface(area.c.geom)
        stmt = select(func.ST_X(inside), func.ST_Y(inside), area.c.code).where(area.c.level == 15)
        lon, lat, cell = conn.execute(stmt.order_by(area.c.code).limit(1)).one()
    desk, queue = (_without_map(open_page(width=1366, height=768), watch) for _ in range(2))
    report = {"source": "desk", "external_id": "1", "channel": "hotline", "category": "S0904", "title": "想看露天电影",
              "lon": lon, "lat": lat}  # fmt: skip
    number = desk.request.post(own_server + "/api/v1/cases", data=report).json()["number"]
    queue.goto(f"{own_server}/queue/{cell}?topic=no_deadline")
    row = queue.locator(f".queue-row[data-number='{number}']")
    row.wait_for()
    desk.goto(f"{own_server}/case/{number}")
    assert "必须" not in desk.locator(".case-actions").inner_text()
    for word, after in _STEPS:
        desk.locator(f"[data-word={word}]").click()
        desk.locator("[name='-actor']").fill("王芳")  # the second time it is filled in already
        if word in ("dispatched", "handling"):
            desk.locator("#field-unit").fill("金融街街道办事处")
        desk.locator("dialog button[type=submit]").click()
        desk.locator(".case-actions .acts .main", has_text=after).wait_for()
        queue.locator(f".queue-row[data-number='{number}']", has_text={"filed": "立案"}.get(word, "")).wait_for()
    told = desk.locator(".steps").inner_text()
    assert "派遣给金融街街道办事处" in told and "王芳" in told
    desk.locator("[data-word=checking]").click()
    desk.locator("dialog button[type=submit]").click()
    row.wait_for(state="detached")  # handled: it waits for nobody at this desk
    desk.locator("[data-word=closed]").wait_for()
    desk.locator("[data-word=closed]").click()
    desk.locator("[name='-unit']").fill("金融街街道办事处")
    desk.locator("dialog button[type=submit]").click()
    desk.locator(".form-fault", has_text="处置和核查要分开").wait_for()
    watch.expect("409")


def test_report_of_a_phone_without_network_is_sent_exactly_once(
    own_server: str, demo_clone: Database, open_page: Callable[..., Page], watch
):
    watch.expect("ERR_INTERNET_DISCONNECTED")
    page = open_page(width=390, height=844)
    page.goto(own_server + "/report")
    page.wait_for_selector(".tap[data-drawn]")
    page.fill("#what", "jinggai")
    page.locator(".kinds button").first.click()
    page.fill("#text", "北侧井盖缺损")
    page.locator(".tap canvas").click(position={"x": 160, "y": 110})
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 60)).save(out, "JPEG")
    page.set_input_files("#photo", files=[{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}])
    page.context.set_offline(True)
    page.click("#send")
    page.locator(".note", has_text="已存在手机里").wait_for()
    page.context.set_offline(False)
    page.locator("#number").wait_for()
    number = page.locator("#number").inner_text()
    page.reload()
    page.locator(".mine a", has_text=number).wait_for()
    assert page.evaluate("() => window.reportOutbox.waiting().then((all) => all.length)") == 0
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    with demo_clone.reading() as conn:
        mine = select(cases.c.number, cases.c.title).where(cases.c.source == "report-form")
        assert conn.execute(mine).all() == [(number, "北侧井盖缺损")]
        assert conn.execute(select(func.count()).select_from(photo)).scalar_one() == 1
