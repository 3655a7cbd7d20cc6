"""A running server on the demo district, and a browser that tolerates neither console errors nor foreign requests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import shapely
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from db.engine import Database
from tests.browser.screen import Opener, Screen, outlines
from tests.clones import ROOT

_CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--font-render-hinting=none",
]
"""Maps need WebGL; without a graphics card Chromium draws it in software."""

_HARMLESS = ("GPU stall due to ReadPixels", "Automatic fallback to software WebGL", "GroupMarkerNotSet")
"""What software drawing itself says on the console."""

_PATIENCE_S = 60.0


@contextmanager
def running_server(database: Database, var_dir: Path, port: int | None = None) -> Iterator[str]:
    """Run the real server as its own process on a free port (or the one given), and give its address."""
    port = port or free_port()
    environment = os.environ | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "QUANXIANG_PORT": str(port),
        "QUANXIANG_VAR": str(var_dir),
        "QUANXIANG_HOTSPOT_MINUTES": "10080",  # a test searches itself when it wants to
    }
    log = var_dir / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + _PATIENCE_S
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"the server does not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/api/health", timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture(scope="session")
def server(demo_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server on the shared demo district: look only."""
    with running_server(demo_database, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def own_server(demo_clone: Database, tmp_path: Path) -> Iterator[str]:
    """Address of a server on a demo district of the test's own: post, close, break."""
    with running_server(demo_clone, tmp_path) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine, without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing: bin/test installs it")
    # one module at a time, because its event loop would otherwise run under tests that bring their own
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_CHROMIUM_OPTIONS)
        yield started
        started.close()


class Watch:
    """What pages said on the console and asked of other machines; `expect` allows what a test provokes."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._expected: list[str] = []

    def expect(self, part: str) -> None:
        """Let faults pass that contain `part`, because this test causes them on purpose."""
        self._expected.append(part)

    def follow(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._on_request)

    def unexpected(self) -> list[str]:
        """Faults that no test asked for."""
        return [fault for fault in self.faults if not any(part in fault for part in self._expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(part in message.text for part in _HARMLESS):
            self.faults.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.hostname != "127.0.0.1":
            self.faults.append(f"request to another machine: {request.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Faults of all pages of a test; it fails at the end when there were any."""
    found = Watch()
    yield found
    assert found.unexpected() == []


@pytest.fixture(scope="module")
def visitors(browser: Browser) -> dict[tuple[object, ...], BrowserContext]:
    """Browsers' memories by look, so that a module fetches and compiles the scripts once; cookies do not stay."""
    return {}


@pytest.fixture
def open_page(
    browser: Browser, visitors: dict[tuple[object, ...], BrowserContext], watch: Watch
) -> Iterator[Callable[..., Page]]:
    """Open a page: `open_page(locale="en-GB", width=1366, height=768)`."""
    pages: list[Page] = []

    def open_one(
        *, locale: str = "zh-CN", width: int = 1920, height: int = 1080, dark: bool = True, scale: float = 1
    ) -> Page:
        look = (locale, width, height, dark, scale)
        if look not in visitors:
            visitors[look] = browser.new_context(
                locale=locale,
                timezone_id="Asia/Shanghai",
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                device_scale_factor=scale,
                reduced_motion="reduce",
            )
            visitors[look].set_default_timeout(45_000)
        page = visitors[look].new_page()
        watch.follow(page)
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        page.close()
    for context in visitors.values():
        context.clear_cookies()


@pytest.fixture
def open_screen(open_page: Callable[..., Page], server: str) -> Opener:
    """Open a screen of the shared demo district: `open_screen("/area/110102", locale="en-GB")`."""

    def open_one(path: str = "/", address: str = "", **look: object) -> Screen:
        # a small window, because every pixel of the map is drawn in software here
        return Screen(open_page(**{"width": 1366, "height": 768, **look}), address or server).open(path)

    return open_one


@pytest.fixture(scope="session")
def cells(demo_database: Database) -> dict[str, shapely.Geometry]:
    """Outlines of the grid cells by code."""
    return outlines(demo_database, 15)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A Chinese, dark page of 1920 x 1080."""
    return open_page()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """Source of axe-core, the accessibility checker that bin/test fetches."""
    found = sorted((ROOT / "var").glob("axe-*/axe.min.js"))
    if not found:
        pytest.skip("axe-core is not here: bin/test fetches it with npm")
    return found[-1].read_text()
