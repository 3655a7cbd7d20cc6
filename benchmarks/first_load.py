"""First and second load of `/` in headless Chromium with software rendering, on loopback, with a year of cases.

Every round is a browser of its own with an empty cache: it loads `/` (cold), then a new page of the same browser
loads it again (warm). The map counts as painted when plotly's coloured layer is in the map's style and MapLibre says
that everything it needs is loaded and drawn. The median of five rounds counts.

Run: python -m benchmarks first_load
"""

from __future__ import annotations

import shutil
import statistics
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.year import running_server, year_database

COLD_S, WARM_S = 3.0, 2.0
ROUNDS = 5
_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]  # fmt: skip
_PAINTED = """
new Promise((done) => {
  const look = () => {
    const map = window.qx && qx.map && qx.map.get();
    if (map && map.isStyleLoaded() && map.getStyle().layers.some((l) => l.id.startsWith('plotly-trace-layer'))
        && map.loaded() && map.areTilesLoaded()) requestAnimationFrame(() => done(performance.now()));
    else setTimeout(look, 10);
  };
  look();
})
"""


@dataclass
class Load:
    """One load of a page: time to the painted map, bytes over the wire, requests."""

    seconds: float
    size: int
    requests: int


def run() -> list[dict[str, Any]]:
    """Return the times of both loads with their limits, and what was transferred."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        return [_row("first load", "-", "", "needs Chromium (bin/test installs it)", "skipped")]
    cold, warm = [], []
    with running_server(year_database()) as address, sync_playwright() as playwright:
        for _ in range(ROUNDS):
            browser = playwright.chromium.launch(executable_path=chromium, args=_OPTIONS)
            context = browser.new_context(
                viewport={"width": 1920, "height": 1080}, locale="zh-CN", timezone_id="Asia/Shanghai"
            )
            cold.append(_load(context, address))
            warm.append(_load(context, address))
            browser.close()
    rows = []
    for name, loads, limit_s in (("first load", cold, COLD_S), ("second load", warm, WARM_S)):
        seconds = statistics.median(one.seconds for one in loads)
        spread = f"{min(one.seconds for one in loads):.2f} to {max(one.seconds for one in loads):.2f}"
        rows.append(_row(f"{name} of /, map painted, median of {ROUNDS} ({spread} s)", round(seconds, 2), "s",
                         f"< {limit_s:.0f} s", "pass" if seconds < limit_s else "FAIL"))  # fmt: skip
        size = statistics.median(one.size for one in loads)
        count = statistics.median(one.requests for one in loads)
        rows.append(_row(f"{name} of /, transfer", round(size / 1e6, 2), "MB compressed", f"{count:.0f} requests", ""))
    return rows


def _load(context: BrowserContext, address: str) -> Load:
    """Load `/` in a new page; what arrives within two seconds after the picture counts as transfer too."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto(address, wait_until="commit")
    seconds = page.evaluate(_PAINTED) / 1000
    page.wait_for_timeout(2_000)
    page.close()
    return Load(seconds, int(sum(sizes)), sum(size > 0 for size in sizes))


def _row(name: str, figure: float | str, unit: str, limit_or_peer: str, verdict: str) -> dict[str, Any]:
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit_or_peer, "verdict": verdict}
