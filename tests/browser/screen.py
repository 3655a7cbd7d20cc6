"""One open page of the product as a person uses it: go somewhere, read numbers, point at the map, wait for pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import shapely
from playwright.sync_api import Page
from sqlalchemy import func, select

from db.engine import Database
from db.tables import area

FIGURES = ("open", "overdue", "new", "closed")
"""Columns of the table whose sums a person can check."""

_READY = """() => {
  const m = window.qx && qx.map && qx.map.get(), state = m && qx.map.state();
  const here = location.pathname.startsWith('/area/') ? location.pathname : '';
  const calm = !!state && (!here || state.path === here) && m.loaded() && !m.isMoving()
    && m.getStyle().layers.some((layer) => layer.id.startsWith('plotly')) && !!document.querySelector('#panel-head h1')
    && !document.querySelector('[data-dash-is-loading=true]');
  // a redraw begins a moment after the answer that asks for it: once is not yet at rest
  window.calmSince = calm ? window.calmSince || performance.now() : 0;
  return calm && performance.now() - window.calmSince > 250;
}"""
_EVERY_MS = 60
"""Looking at every animation frame would wait for the software renderer, which is slow."""
_TABLE = """() => {
  const api = dash_ag_grid.getApi('table');
  const rows = [];
  api.forEachNodeAfterFilterAndSort((node) => rows.push(node.data));
  const pinned = api.getPinnedBottomRow(0);
  return { rows, total: pinned ? pinned.data : null };
}"""
_OVER = (
    "water", "green", "alley", "street", "arterial", "rail", "compound", "border-cells", "border-communities",
    "border-streets", "label-roads", "label-water", "label-communities", "label-streets",
)  # fmt: skip
"""Layers above the colours of the areas."""
_FREE = """([points, over]) => {
  const m = qx.map.get(), frame = m.getCanvas().getBoundingClientRect();
  const marks = ['dots', 'signs', 'fresh', ...over].filter((layer) => m.getLayer(layer));
  for (const point of points) {
    const at = m.project(point), x = frame.left + at.x, y = frame.top + at.y;
    if (at.x < 8 || at.y < 8 || at.x > frame.width - 8 || at.y > frame.height - 8) continue;
    const around = [[at.x - 7, at.y - 7], [at.x + 7, at.y + 7]];
    if (m.queryRenderedFeatures(around, { layers: marks }).length) continue;
    const top = document.elementFromPoint(x, y);
    if (top && top.closest('#map')) return [x, y];
  }
  return null;
}"""


class Screen:
    """A page with the words that a person would use for it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def open(self, path: str = "/") -> Screen:
        """Go to a path as a new visit, and wait for the whole picture."""
        self.page.goto(self.address + path)
        return self.ready()

    def ready(self) -> Screen:
        """Wait until the map is drawn for the address and the panel stands beside it."""
        self.wait(_READY, seconds=60)
        return self

    @property
    def path(self) -> str:
        """Where one is: the path of the address."""
        return urlsplit(self.page.url).path

    @property
    def query(self) -> str:
        """What one has chosen: the query of the address."""
        return urlsplit(self.page.url).query

    def crumbs(self) -> list[str]:
        """Return the names of the breadcrumb."""
        return [text for text in self.page.locator("#crumbs .plain-part > :not(.sep)").all_inner_texts() if text]

    def arrive(self, code: str) -> Screen:
        """Wait until the screen shows an area, its card included."""
        self.page.wait_for_url(re.compile(rf"/area/{code}(\?|$)"))
        self.wait("(code) => document.querySelector('#panel-head .code')?.innerText === code", code)
        return self.ready()

    def kpi(self, name: str) -> int:
        """Return a figure of the card."""
        return int(self.page.locator(f"[data-kpi={name}]").inner_text().replace(",", ""))

    def table(self, code: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Return the rows of the table of one area and its pinned total, once they are there."""
        self.wait(
            f"(code) => {{ const t = ({_TABLE})(); return t.total && t.rows.length"
            " && t.rows.every((row) => row.kind !== 'area' || row.key.startsWith(code)); }",
            code,
        )
        told = self.page.evaluate(_TABLE)
        return told["rows"], told["total"]

    def spot(self, shape: shapely.Geometry) -> tuple[float, float]:
        """Return a pixel of the page inside an outline where no case lies and nothing covers the map."""
        found = self._free(shape, ())
        assert found is not None, "no free spot of this area is on the map"
        return found

    def bare_spot(self, shape: shapely.Geometry) -> tuple[float, float] | None:
        """Return a pixel inside an outline where its colour is seen: no road, water, border or name above it."""
        return self._free(shape, _OVER)

    def _free(self, shape: shapely.Geometry, over: tuple[str, ...]) -> tuple[float, float] | None:
        west, south, east, north = shape.bounds
        steps = [(i + 0.5) / 24 for i in range(24)]
        points = [[west + (east - west) * i, south + (north - south) * k] for i in steps for k in steps]
        shapely.prepare(shape)
        reach = shapely.boundary(shape)
        inside = [p for p in points if shape.contains(shapely.Point(p))]
        inside.sort(key=lambda p: -shapely.Point(p).distance(reach))
        found = self.page.evaluate(_FREE, [inside, list(over)])
        return (float(found[0]), float(found[1])) if found else None

    def point_at(self, shape: shapely.Geometry) -> tuple[float, float]:
        """Move the pointer onto an area of the map and wait for its hover text."""
        x, y = self.spot(shape)
        self.page.mouse.move(x - 3, y - 2)
        self.page.mouse.move(x, y)
        self.page.wait_for_selector("#map .hoverlayer .hovertext", state="attached")
        return x, y

    def click_map(self, shape: shapely.Geometry) -> None:
        """Click on an area of the map."""
        x, y = self.point_at(shape)
        self.page.mouse.click(x, y)

    def choose(self, control: str, name: str) -> None:
        """Pick an entry of one of the lists above the map or in the header."""
        self.page.locator(f"#{control}").click()
        self.page.get_by_role("option", name=name, exact=True).click()

    def camera(self) -> tuple[float, float, float]:
        """Return longitude, latitude and zoom of the map."""
        told = self.page.evaluate(
            "() => { const m = qx.map.get(), c = m.getCenter(); return [c.lng, c.lat, m.getZoom()]; }"
        )
        return (told[0], told[1], told[2])

    def wait(self, condition: str, arg: Any = None, seconds: float = 45) -> None:
        """Wait until an expression of the page is true."""
        self.page.wait_for_function(condition, arg=arg, timeout=seconds * 1000, polling=_EVERY_MS)


def outlines(database: Database, level: int) -> dict[str, shapely.Geometry]:
    """Return the shapes of one level by code, in degrees."""
    with database.reading(timeout_ms=60_000) as conn:
        stmt = select(area.c.code, func.ST_AsBinary(area.c.geom)).where(
            area.c.level == level, area.c.valid_to.is_(None)
        )
        return {code: shapely.from_wkb(bytes(wkb)) for code, wkb in conn.execute(stmt.order_by(area.c.code))}


Opener = Callable[..., Screen]
