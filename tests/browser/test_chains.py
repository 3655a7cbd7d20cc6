"""The board of the response chains as a person reads it: its cells add up and open as many cases as they say."""

from __future__ import annotations

import re

from tests.browser.screen import Opener


def test_a_cell_of_the_board_opens_its_cases_and_a_street_opens_its_communities(open_screen: Opener):
    screen = open_screen("/")
    page = screen.page
    page.goto(screen.address + "/chains?w=7d")
    page.wait_for_selector(".chains-table tr.total")
    cells = page.eval_on_selector_all(
        ".chains-table td", "all => all.map(td => [td.dataset.chain, td.dataset.at, Number(td.dataset.n)])"
    )
    for chain in map(str, range(9)):
        own = {at: n for c, at, n in cells if c == chain}
        assert sum(n for at, n in own.items() if at != "total") == own["total"]
    street = next(at for c, at, n in cells if c == "2" and len(at) == 9 and 0 < n <= 200)
    count = next(n for c, at, n in cells if c == "2" and at == street)
    page.locator(f".chains-table td[data-chain='2'][data-at='{street}'] a").click()
    page.wait_for_selector(f".chains-behind[data-count='{count}']")
    assert page.locator(".chains-list tbody tr").count() == count
    page.locator(f".chains-table tr.area th a[href^='/chains/{street}']").click()
    page.wait_for_url(re.compile(rf"/chains/{street}"))
    page.wait_for_function(
        r"() => [...document.querySelectorAll('.chains-table td')].some((td) => /^\d{12}$/.test(td.dataset.at))"
    )
    total = page.locator(".chains-table tr.total td[data-chain='2']").get_attribute("data-n")
    assert int(total or 0) == count
