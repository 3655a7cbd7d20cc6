"""What stands on the screen adds up: rows and buckets to the pinned total, to the card, and to what the API says."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.browser.screen import FIGURES, Opener, Screen

STREET = "110102012"


def _api(screen: Screen, path: str) -> Any:
    return screen.page.request.get(screen.address + path).json()


def _check(screen: Screen, code: str) -> None:
    rows, total = screen.table(code)
    for name in FIGURES:
        assert sum(row[name] for row in rows) == total[name] == screen.kpi(name), (code, name)
    told = _api(screen, f"/api/v1/areas/{code}")
    assert {name: total[name] for name in FIGURES} == {name: told["counts"][name] for name in FIGURES}
    assert screen.kpi("near_due") == told["counts"]["near_due"]
    assert screen.kpi("new_today") == told["counts"]["new_today"]
    children = [(row["code"], *(row[name] for name in FIGURES)) for row in told["children"]]
    shown = [(row["key"], *(row[name] for name in FIGURES)) for row in rows if row["kind"] == "area"]
    assert shown == children
    buckets = {row["key"].removeprefix("bucket-"): row["open"] for row in rows if row["kind"] == "bucket"}
    assert buckets == {status: row["open"] for status, row in told["buckets"].items()}
    _first_row_reads_as_its_data(screen.page, rows[0])


def _first_row_reads_as_its_data(page: Page, row: dict[str, Any]) -> None:
    cells = page.locator(f"#table .ag-center-cols-container .ag-row[row-id='{row['key']}'] .ag-cell")
    assert cells.first.inner_text() == row["name"]
    told = {cell.get_attribute("col-id"): cell.inner_text() for cell in cells.all()}
    assert {name: told[name] for name in FIGURES} == {name: f"{row[name]:,}" for name in FIGURES}


def test_rows_and_buckets_add_up_to_the_card_and_to_the_api_at_every_level(open_screen: Opener):
    screen = open_screen("/")
    _check(screen, "110102")
    busiest = max(_api(screen, f"/api/v1/areas/{STREET}")["children"], key=lambda row: row["open"])["code"]
    for code in (STREET, busiest):
        screen.page.evaluate("(code) => qx.go('/area/' + code)", code)
        screen.arrive(code)
        _check(screen, code)
    cell = max(_api(screen, f"/api/v1/areas/{busiest}")["children"], key=lambda row: row["open"])["code"]
    screen.page.evaluate("(code) => qx.go('/area/' + code)", cell)
    screen.arrive(cell)
    told = _api(screen, f"/api/v1/areas/{cell}")["counts"]
    assert [screen.kpi(name) for name in FIGURES] == [told[name] for name in FIGURES]


def test_filters_change_every_number_alike(open_screen: Opener):
    screen = open_screen("/area/110102?f=event&ch=hotline,app&w=7d")
    rows, total = screen.table("110102")
    everything = _api(screen, "/api/v1/areas/110102?window=7d")["counts"]
    for name in FIGURES:
        assert sum(row[name] for row in rows) == total[name] == screen.kpi(name)
        assert 0 < total[name] < everything[name]
    assert screen.page.locator("#filter-button").inner_text() == "筛选 3"


def test_click_on_a_number_lists_its_cases(open_screen: Opener):
    screen = open_screen("/area/" + STREET)
    for name in ("open", "overdue", "near_due", "new", "closed"):
        number = screen.kpi(name)
        screen.page.locator(f"a.kpi:has([data-kpi={name}])").click()
        screen.page.wait_for_url(f"**topic={name}**" if name != "open" else "**tab=cases**")
        screen.ready()
        expected = min(number, 60)
        screen.wait("(n) => document.querySelectorAll('#panel-body .case-list li').length === n", expected)


def test_bucket_row_lists_exactly_its_cases(open_screen: Opener):
    screen = open_screen("/area/" + STREET)
    rows, _ = screen.table(STREET)
    bucket = next(row for row in rows if row["key"] == "bucket-unlocated")
    screen.page.evaluate(
        "() => { const t = dash_ag_grid.getApi('table'); t.ensureNodeVisible(t.getRowNode('bucket-unlocated')); }"
    )
    screen.page.locator("#table .ag-row[row-id='bucket-unlocated'] a").click()
    screen.page.wait_for_url("**bucket=unlocated**")
    screen.ready()
    screen.wait("(n) => document.querySelectorAll('#panel-body .case-list li').length === n", min(60, bucket["open"]))


def test_legend_counts_every_cell_once_and_names_what_the_map_does_not_show(open_screen: Opener):
    screen = open_screen("/")
    counts = screen.page.locator("#legend .legend-classes small").all_inner_texts()
    assert sum(int(text.replace(",", "")) for text in counts) == 1_623
    told = _api(screen, "/api/v1/areas?level=cell")["buckets"]
    named = screen.page.locator("#legend-buckets a").all_inner_texts()
    assert sorted(int(text.split()[-1].replace(",", "")) for text in named) == sorted(
        row["open"] for row in told.values() if row["open"]
    )
