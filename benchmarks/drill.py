"""Drill-down through a year of cases: what the real server needs for every view, asked as the page asks it.

A small client reads the page's layout and callbacks from the server, keeps the page's state, and for every view posts
what the browser would post: first one question after the other (the time each needs alone), then the view's questions
at once over six connections, as a browser opens them (the time until the whole view has answered). Places are the
district, every street, 60 communities and 60 cells; each with the windows 24h, 7d, 30d, 90d; measure, unit and tab at
random. Each of the two walks has a server of its own, just started.

Run: python -m benchmarks drill
"""

from __future__ import annotations

import gzip
import http.client
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.year import running_server, year_database
from gis.scope import MEASURES, TABS

LIMIT_MS = 100.0
LIMIT_BYTES = 200_000
COMMUNITIES = CELLS = 60
WINDOWS = ("24h", "7d", "30d", "90d")
SEED = 1
_CONNECTIONS = 6
_WARM_S = 3.0
_URL = ("url.pathname", "url.search")


@dataclass
class Answer:
    """One answered question of a view."""

    name: str
    ms: float
    size: int
    body: bytes


@dataclass
class Page:
    """The state of one open page: component properties by `id.property`, and the callbacks that the server answers."""

    address: str
    props: dict[str, Any] = field(default_factory=dict)
    callbacks: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        host = urlsplit(self.address)
        self._lines = [http.client.HTTPConnection(host.hostname or "", host.port) for _ in range(_CONNECTIONS)]
        self._pool = ThreadPoolExecutor(_CONNECTIONS)
        layout = json.loads(self._ask(self._lines[0], "layout", "GET", "/_dash-layout", None).body)
        for prop, value in _properties(layout):
            self.props[prop] = value
        told = json.loads(self._ask(self._lines[0], "dependencies", "GET", "/_dash-dependencies", None).body)
        self.callbacks = [one for one in told if not one["clientside_function"] and _follows_address(one)]

    def open(self, path: str, search: str, *, at_once: bool) -> tuple[list[Answer], float]:
        """Go to an address; return the answers and the milliseconds until the last of them."""
        self.props |= {"url.pathname": path, "url.search": search}
        asks = [("POST", "/_dash-update-component", one) for one in self.callbacks]
        asks.append(("GET", "/api/v1/points?" + urlencode({"path": path, "search": search, "box": ""}), None))
        bodies = [self._body(one) if one else None for _, _, one in asks]
        names = [_name(one) if one else "points" for _, _, one in asks]
        jobs = [(name, method, where, body) for name, (method, where, _), body in zip(names, asks, bodies, strict=True)]
        started = time.perf_counter()
        if at_once:
            shares = [jobs[k::_CONNECTIONS] for k in range(_CONNECTIONS)]
            parts = self._pool.map(lambda line, own: [self._ask(line, *job) for job in own], self._lines, shares)
            answers = [answer for part in parts for answer in part]
        else:
            answers = [self._ask(self._lines[0], *job) for job in jobs]
        whole_ms = (time.perf_counter() - started) * 1000
        for answer in answers:
            self._apply(answer)
        return answers, whole_ms

    def hang_up(self) -> None:
        """Close the connections; the next question opens new ones."""
        for line in self._lines:
            line.close()

    def close(self) -> None:
        """End the page."""
        self._pool.shutdown()
        self.hang_up()

    def _body(self, one: dict[str, Any]) -> bytes:
        outputs = [_split(prop) for prop in _outputs(one)]
        asked = {
            "output": one["output"],
            "outputs": outputs if one["output"].startswith("..") else outputs[0],
            "inputs": [self._told(dep) for dep in one["inputs"]],
            "changedPropIds": [
                f"{d['id']}.{d['property']}" for d in one["inputs"] if f"{d['id']}.{d['property']}" in _URL
            ],
            "state": [self._told(dep) for dep in one["state"]],
        }
        return json.dumps(asked).encode()

    def _told(self, dep: dict[str, str]) -> dict[str, Any]:
        prop = f"{dep['id']}.{dep['property']}"
        told = {"id": dep["id"], "property": dep["property"]}
        return told | {"value": self.props[prop]} if prop in self.props else told

    def _ask(self, line: http.client.HTTPConnection, name: str, method: str, where: str, body: bytes | None) -> Answer:
        headers = {"Accept-Encoding": "gzip", "Accept-Language": "zh-CN", "Content-Type": "application/json"}
        started = time.perf_counter()
        line.request(method, where, body, headers)
        response = line.getresponse()
        raw = response.read()
        ms = (time.perf_counter() - started) * 1000
        if response.status >= 400:
            raise RuntimeError(f"{name} answered {response.status}: {raw[:300]!r}")
        packed = response.headers.get("Content-Encoding") == "gzip"
        return Answer(name, ms, len(raw), gzip.decompress(raw) if packed else raw)

    def _apply(self, answer: Answer) -> None:
        """Keep the answered properties; patches change what the page draws, not what it asks with."""
        if answer.name == "points" or not answer.body:
            return
        for component, changed in json.loads(answer.body).get("response", {}).items():
            for prop, value in changed.items():
                if not (isinstance(value, dict) and "__dash_patch_update" in value):
                    self.props[f"{component}.{prop}"] = value


def run() -> list[dict[str, Any]]:
    """Return server time and bytes per question and per view, with the limits."""
    url = year_database()
    first, alone, _ = _walk(url, at_once=False)
    _, _, whole = _walk(url, at_once=True)
    ms_of: dict[str, list[float]] = defaultdict(list)
    for answer in (answer for answers in alone for answer in answers):
        ms_of[answer.name].append(answer.ms)
    rows = [_times(f"{name} alone", ms_of[name], True) for name in sorted(ms_of)]
    rows.append(_times("slowest question of a view", [max(a.ms for a in answers) for answers in alone], True))
    rows.append(_times("sum of a view's questions", [sum(a.ms for a in answers) for answers in alone], False))
    rows.append(_times(f"whole view, all questions at once, {len(whole)} views", whole, True))
    p50, _, most = _quantiles([sum(a.size for a in answers) for answers in alone])
    sizes, limit = f"{p50 / 1000:.0f} / {most / 1000:.0f}", f"max < {LIMIT_BYTES // 1000} kB"
    rows.append(_row("drill-down, compressed answers of a view: p50 / max", sizes, "kB", limit, most < LIMIT_BYTES))
    size = f"{sum(a.size for a in first) / 1000:.0f}"
    rows.append(_row("drill-down, compressed answers of the first view", size, "kB", "", None))
    return rows


def _times(name: str, ms: list[float], is_limited: bool) -> dict[str, Any]:
    p50, p95, most = _quantiles(ms)
    limit, verdict = (f"p95 < {LIMIT_MS:.0f} ms", p95 < LIMIT_MS) if is_limited else ("", None)
    return _row(f"drill-down, {name}: p50 / p95 / max", f"{p50:.0f} / {p95:.0f} / {most:.0f}", "ms", limit, verdict)


def _walk(url: str, *, at_once: bool) -> tuple[list[Answer], list[list[Answer]], list[float]]:
    """Open every view once on a server just started; return the first page's answers, all others, times of views."""
    with running_server(url) as address:
        page = Page(address)
        try:
            first, _ = page.open("/", "", at_once=at_once)
            views = list(_views(address))
            time.sleep(_WARM_S)
            page.hang_up()  # the server has let go of idle connections by now
            walked = [page.open(path, search, at_once=at_once) for path, search in views]
        finally:
            page.close()
    return first, [answers for answers, _ in walked], [ms for _, ms in walked]


def _views(address: str) -> Iterator[tuple[str, str]]:
    """Every place with every window, in an order that never repeats a scope and window soon."""
    rng = random.Random(SEED)
    codes = {level: _codes(address, level) for level in ("district", "street", "community", "cell")}
    places = [*codes["district"], *codes["street"], *rng.sample(codes["community"], COMMUNITIES)]
    places += rng.sample(codes["cell"], CELLS)
    rng.shuffle(places)
    for shift in range(len(WINDOWS)):
        for place in places:
            window = WINDOWS[(places.index(place) + shift) % len(WINDOWS)]
            asked = {"w": window, "m": rng.choice(MEASURES), "tab": rng.choice(TABS)}
            if len(place) < 12:
                asked["u"] = rng.choice(("street", "community", "cell"))
            yield f"/area/{place}", "?" + urlencode(asked)


def _codes(address: str, level: str) -> list[str]:
    host = urlsplit(address)
    line = http.client.HTTPConnection(host.hostname or "", host.port)
    line.request("GET", f"/api/v1/areas?level={level}")
    found = json.loads(line.getresponse().read())
    line.close()
    return [child["code"] for child in found["children"]]


def _properties(node: Any) -> Iterator[tuple[str, Any]]:
    """Walk a layout and give every property of every component that has an id."""
    if isinstance(node, list):
        for one in node:
            yield from _properties(one)
    elif isinstance(node, dict) and "props" in node:
        own = node["props"].get("id")
        for name, value in node["props"].items():
            if isinstance(own, str) and name != "children":
                yield f"{own}.{name}", value
            yield from _properties(value)


def _follows_address(one: dict[str, Any]) -> bool:
    return any(f"{dep['id']}.{dep['property']}" in _URL for dep in one["inputs"])


def _outputs(one: dict[str, Any]) -> list[str]:
    told = one["output"]
    return told[2:-2].split("...") if told.startswith("..") else [told]


def _split(prop: str) -> dict[str, str]:
    component, name = prop.rsplit(".", 1)
    return {"id": component, "property": name}


def _name(one: dict[str, Any]) -> str:
    return _outputs(one)[0].split("@")[0]


def _quantiles(values: list[float]) -> tuple[float, float, float]:
    rising = sorted(values)
    return rising[len(rising) // 2], rising[min(len(rising) - 1, int(len(rising) * 0.95))], rising[-1]


def _row(name: str, figure: float | str, unit: str, limit_or_peer: str, passed: bool | None) -> dict[str, Any]:
    verdict = "" if passed is None else "pass" if passed else "FAIL"
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit_or_peer, "verdict": verdict}


if __name__ == "__main__":
    for line in run():
        print(line)
