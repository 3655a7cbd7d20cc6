"""A wall that nobody touches: 1,000 refreshes and 200 turns at speed, server and database restarted in the middle.

The page, the server and PostgreSQL are the real ones, on a cluster of the benchmark's own. The scene clock runs
`SPEED` times faster, everything else as on a wall. The heap is read after a forced garbage collection, first once the
page has shown every scene several times, then at the end.

Run: python -m benchmarks wall
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from db.cluster import Cluster
from db.demo.load import load_demo
from db.engine import Database, create_database_if_missing
from db.schema import migrate

ROOT = Path(__file__).resolve().parent.parent
SPEED = 60
WARM_REFRESHES, WARM_TURNS = 150, 20
REFRESHES, TURNS = 1_000, 200
MOST_GROWTH = 0.10
DEMO_DAYS = 7
_PATIENCE_S = 1_200.0
_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--enable-precise-memory-info"]  # fmt: skip


def run(refreshes: int = REFRESHES, turns: int = TURNS) -> list[dict[str, Any]]:
    """Return growth of the heap, what was counted, and how long the picture needed after each restart."""
    with tempfile.TemporaryDirectory(prefix="quanxiang-wall-") as folder:
        cluster = Cluster(Path(folder) / "cluster")
        cluster.start()
        try:
            url = cluster.url("quanxiang_wall")
            create_database_if_missing(url)
            migrate(url)
            database = Database(url)
            load_demo(database, None, days=DEMO_DAYS, seed=1, until=datetime.now(UTC))
            database.dispose()
            return _endured(cluster, url, Path(folder), refreshes, turns)
        finally:
            cluster.stop()


def _endured(cluster: Cluster, url: str, folder: Path, refreshes: int, turns: int) -> list[dict[str, Any]]:
    port = _free_port()
    server = _serve(url, port, folder)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_OPTIONS)
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.goto(f"http://127.0.0.1:{port}/wall/110102?speed={SPEED}")
            meter = page.context.new_cdp_session(page)
            _until(page, WARM_REFRESHES, WARM_TURNS)
            before, started = _heap(page, meter), time.monotonic()
            _until(page, refreshes // 2, turns // 2)
            server.terminate()
            server.wait(timeout=15)
            server = _serve(url, port, folder)
            after_server = _recovers(page)
            cluster.stop()
            time.sleep(5)
            cluster.start()
            after_database = _recovers(page)
            _until(page, refreshes + WARM_REFRESHES, turns + WARM_TURNS)
            growth = _heap(page, meter) / before - 1
            told, took = page.evaluate("wall.report()"), time.monotonic() - started
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=15)
    size = f"{before / 1e6:.1f} MB at first, {told['refreshes']:,} refreshes, {told['rotations']} turns, {took:.0f} s"
    return [
        _row("wall: growth of the heap after garbage collection", f"{100 * growth:+.1f}", "%", f"< 10 % ({size})",
             growth < MOST_GROWTH),
        _row("wall: new picture after the server came back", f"{after_server:.1f}", "s", "< 70 s", after_server < 70),
        _row("wall: new picture after the database came back", f"{after_database:.1f}", "s", "< 70 s",
             after_database < 70),
    ]  # fmt: skip


def _row(name: str, figure: str, unit: str, limit: str, good: bool) -> dict[str, Any]:
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit, "verdict": "pass" if good else "FAIL"}


def _until(page: Page, refreshes: int, turns: int) -> None:
    """Wait until the page has counted so much; its script alone counts, nothing is reloaded in between."""
    page.wait_for_function(
        "([r, t]) => wall.report().refreshes >= r && wall.report().rotations >= t", arg=[refreshes, turns],
        timeout=_PATIENCE_S * 1000, polling=500,
    )  # fmt: skip


def _recovers(page: Page) -> float:
    """Return the seconds until five more answers came in."""
    start, seen = time.monotonic(), page.evaluate("wall.report().refreshes")
    _until(page, seen + 5, 0)
    return time.monotonic() - start


def _heap(page: Page, meter: CDPSession) -> float:
    """Return the bytes in use after a forced collection: the least of ten, as a frame on its way holds some."""
    used = []
    for _ in range(10):
        meter.send("HeapProfiler.collectGarbage")
        used.append(float(meter.send("Runtime.getHeapUsage")["usedSize"]))
        page.wait_for_timeout(300)
    return min(used)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(url: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Run the product's server on a port, and return it once it answers."""
    environment = os.environ | {"DATABASE_URL": url, "QUANXIANG_PORT": str(port), "QUANXIANG_VAR": str(folder)}
    with (folder / "serve.log").open("ab") as log:
        server = subprocess.Popen([sys.executable, "-m", "dashboard", "serve"], cwd=ROOT, env=environment, stdout=log,
                                  stderr=subprocess.STDOUT)  # fmt: skip
    end = time.monotonic() + 90
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5):
                return server
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    server.terminate()
    raise RuntimeError(f"the server does not start: {(folder / 'serve.log').read_text()[-2000:]}")
