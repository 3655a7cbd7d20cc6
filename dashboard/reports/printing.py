"""A document to PDF and its map to a picture, by the Chromium of this machine; without one, a clear word."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import plotly
from websockets.sync.client import ClientConnection, connect

from gis.errors import SetupFault

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--no-first-run",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--window-size=900,1300",
)  # fmt: skip
"""Our own document only, with no way to another host; so the sandbox that root may not use is not missed."""

DRAWING = "/plotly.min.js"
"""Where the document finds the drawing library."""

_FOOT = (
    '<div style="font-size:8px;width:100%;text-align:center;color:#616D79">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)
_PATIENCE_S = 60.0
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Printed:
    """A document as PDF, and its map as PNG."""

    pdf: bytes
    map_png: bytes


def chromium() -> str | None:
    """Return the Chromium of this machine, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def print_document(document: str) -> Printed:
    """Return a document that marks itself with `data-ready` as PDF, with the picture of its `#map`.

    Raises
    ------
    SetupFault
        When there is no Chromium, or it does not finish.
    """
    program = chromium()
    if program is None:
        raise SetupFault("a PDF needs Chromium on the server (apt install chromium); Word and Excel work without it")
    with _one_at_a_time, tempfile.TemporaryDirectory(prefix="quanxiang-print-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder)
        running = subprocess.Popen(
            [program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            with _served(document) as address:
                return _printed(_door(profile, running), address)
        except (OSError, TimeoutError, httpx.HTTPError, ValueError) as fault:
            raise SetupFault(f"Chromium did not print the brief: {fault}") from fault
        finally:
            running.terminate()
            try:
                running.wait(timeout=5)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


@contextmanager
def _served(document: str) -> Iterator[str]:
    """Serve the document and the drawing library to this machine: a map does not draw from a file."""
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    bodies = {"/": (document.encode(), "text/html; charset=utf-8"), DRAWING: (library.read_bytes(), "text/javascript")}

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, kind = bodies.get(self.path, (b"", ""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _door(profile: Path, running: subprocess.Popen[bytes]) -> int:
    """Return the port on which this Chromium takes orders."""
    told, end = profile / "DevToolsActivePort", time.monotonic() + _PATIENCE_S
    while not told.exists() or not told.read_text().strip():
        if running.poll() is not None:
            raise OSError(f"it ended with status {running.returncode}")
        if time.monotonic() > end:
            raise TimeoutError("it does not start")
        time.sleep(0.05)
    return int(told.read_text().split()[0])


def _printed(port: int, address: str) -> Printed:
    made = httpx.put(f"http://127.0.0.1:{port}/json/new?{address}", timeout=_PATIENCE_S).json()
    with connect(made["webSocketDebuggerUrl"], max_size=None, open_timeout=_PATIENCE_S) as line:
        numbers = itertools.count(1)

        def order(method: str, **given: Any) -> dict[str, Any]:
            return _ordered(line, next(numbers), method, given)

        end = time.monotonic() + _PATIENCE_S
        while _value(order("Runtime.evaluate", expression="document.documentElement.dataset.ready")) != "1":
            if time.monotonic() > end:
                raise TimeoutError("the map is not drawn")
            time.sleep(0.1)
        box = json.loads(
            _value(order("Runtime.evaluate", expression="JSON.stringify(document.getElementById('map')"
                                                        ".getBoundingClientRect())"))
        )  # fmt: skip
        clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"], "scale": 2}
        picture = order("Page.captureScreenshot", format="png", clip=clip)
        paper = order("Page.printToPDF", printBackground=True, preferCSSPageSize=True, displayHeaderFooter=True,
                      headerTemplate="<span></span>", marginBottom=0.5,
                      footerTemplate=_FOOT)  # fmt: skip
    return Printed(base64.b64decode(paper["data"]), base64.b64decode(picture["data"]))


def _ordered(line: ClientConnection, number: int, method: str, given: dict[str, Any]) -> dict[str, Any]:
    line.send(json.dumps({"id": number, "method": method, "params": given}))
    while True:
        told = json.loads(line.recv(timeout=_PATIENCE_S))
        if told.get("id") == number:
            if "error" in told:
                raise ValueError(told["error"].get("message", method))
            answer: dict[str, Any] = told["result"]
            return answer


def _value(answer: dict[str, Any]) -> Any:
    return answer["result"].get("value")
