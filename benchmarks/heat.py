"""Heat: kernel sums against scipy's, and the picture of any window of a year of cases from the real server.

Run: python -m benchmarks heat
"""

from __future__ import annotations

import http.client
import json
import random
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
from scipy.stats import gaussian_kde

from benchmarks.year import running_server, year_database
from gis.heat import kernel_sum
from gis.scope import BANDWIDTHS_M

POINTS, SIDE = 20_000, 200
LEAST_TIMES, MOST_ERROR = 200.0, 0.01
LIMIT_MS, LIMIT_BYTES = 150.0, 120_000
WINDOWS = ("1h", "6h", "24h", "7d", "30d", "90d")
ASKED = 120


def run() -> list[dict[str, Any]]:
    """Return speed and error of the kernel sums, and times and sizes of heat pictures, with their limits."""
    return [*_against_scipy(), *_pictures()]


def _against_scipy() -> list[dict[str, Any]]:
    """Both sum 20,000 equal kernels on 200 x 200 pixels; the points are whitened, so that scipy's kernel is round."""
    rng = np.random.default_rng(4)
    middles = rng.uniform(40, 160, (12, 2))
    points = middles[rng.integers(0, 12, POINTS)] + rng.normal(0, 14, (POINTS, 2))
    centred = points - points.mean(axis=0)
    white = centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred.T)).T) * 35.0 + SIDE / 2
    x, y = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)
    at = np.vstack([x.ravel(), y.ravel()])
    peer_s, true = _timed(lambda: gaussian_kde(white.T, bw_method=5.0 / 35.0)(at).reshape(SIDE, SIDE) * POINTS, 1)
    own_s, ours = _timed(lambda: kernel_sum(white[:, 0], white[:, 1], (SIDE, SIDE), 5.0), 7)
    error = float(np.abs(ours - true).max() / true.max())
    times = peer_s / own_s
    return [
        _row(f"kernel density, {POINTS:,} points on {SIDE} x {SIDE}", round(own_s * 1000, 1), "ms",
             f"scipy.stats.gaussian_kde {peer_s:.2f} s", None),
        _row("the same: times as fast as scipy", round(times), "times", f"at least {LEAST_TIMES:.0f}",
             times >= LEAST_TIMES),
        _row("the same: largest error", f"{error * 100:.2f}", "% of the peak", f"under {MOST_ERROR * 100:.0f}",
             error < MOST_ERROR),
    ]  # fmt: skip


def _pictures() -> list[dict[str, Any]]:
    rng = random.Random(1)
    ms, sizes = [], []
    with running_server(year_database()) as address:
        host = urlsplit(address)
        line = http.client.HTTPConnection(host.hostname or "", host.port)
        for k in range(ASKED + len(WINDOWS)):
            asked = {"w": WINDOWS[k % len(WINDOWS)], "hb": rng.choice(BANDWIDTHS_M), "layers": "heat"}
            if k % 3 == 0:
                asked["f"] = rng.choice(("part", "event", "social"))
            query = urlencode({"path": "/", "search": "?" + urlencode(asked), "theme": "dark", "k": k})
            started = time.perf_counter()
            line.request("GET", f"/api/v1/heat?{query}", headers={"Accept-Encoding": "gzip"})
            body = line.getresponse().read()
            if k >= len(WINDOWS):  # the first ones find the district's raster
                ms.append((time.perf_counter() - started) * 1000)
                sizes.append(len(body))
            if not body.startswith(b"\x1f\x8b"):
                json.loads(body)
        line.close()
    rising = sorted(ms)
    p50, p95 = rising[len(rising) // 2], rising[int(len(rising) * 0.95)]
    return [
        _row(f"heat picture of any window of a year, {len(ms)} asked: p50 / p95 / max",
             f"{p50:.0f} / {p95:.0f} / {rising[-1]:.0f}", "ms", f"p95 < {LIMIT_MS:.0f} ms", p95 < LIMIT_MS),
        _row("heat picture, compressed: max", f"{max(sizes) / 1000:.0f}", "kB", f"< {LIMIT_BYTES // 1000} kB",
             max(sizes) < LIMIT_BYTES),
    ]  # fmt: skip


def _timed(work: Any, times: int) -> tuple[float, Any]:
    found, took = None, []
    for _ in range(times):
        started = time.perf_counter()
        found = work()
        took.append(time.perf_counter() - started)
    return min(took), found


def _row(name: str, figure: float | str, unit: str, limit_or_peer: str, passed: bool | None) -> dict[str, Any]:
    verdict = "" if passed is None else "pass" if passed else "FAIL"
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit_or_peer, "verdict": verdict}
