"""What every route and callback works with: the database, the clock, the calendar, and answers kept for a moment."""

from __future__ import annotations

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.grounds import Grounds
from dashboard.hub import Hub
from dashboard.settings import Settings
from db.engine import Database
from db.read import areas, cases, geometry, measures
from gis.codes import Level
from gis.errors import AreaNotFound, InputFault
from gis.scope import View
from gis.worktime import DutyCalendar, usual_calendar

_KEPT = 256
RECORD_ENDED_AFTER = timedelta(days=3)


@dataclass(frozen=True)
class District:
    """The facts of one loaded district that every page needs."""

    code: str
    name_zh: str
    name_en: str
    timezone: str
    is_demo: bool
    geometry_version: str
    attribution: str
    metric_srid: int

    def local(self, moment: datetime) -> datetime:
        """Return a moment on the district's clocks."""
        return moment.astimezone(ZoneInfo(self.timezone))


class Kept:
    """A small memory of answers: each is dropped when its version is outdated or its time is up.

    A question that is being answered is not asked again: whoever comes meanwhile waits for the same answer.
    """

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._rows: OrderedDict[Hashable, tuple[float, Future[Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, seconds: float, make: Callable[[], Any]) -> Any:
        """Return the kept answer for `key`, or make it and keep it for `seconds`; a fault is not kept."""
        with self._lock:
            row = self._rows.get(key)
            if row is not None and row[0] > time.monotonic():
                self._rows.move_to_end(key)
                answer, mine = row[1], False
            else:
                answer, mine = Future(), True
                self._put(key, float("inf"), answer)
        if mine:
            self._make(key, seconds, make, answer)
        return answer.result()

    def _make(self, key: Hashable, seconds: float, make: Callable[[], Any], answer: Future[Any]) -> None:
        try:
            made = make()
        except BaseException as fault:
            with self._lock:
                self._rows.pop(key, None)
            answer.set_exception(fault)
            return
        with self._lock:
            self._put(key, time.monotonic() + seconds, answer)
        answer.set_result(made)

    def _put(self, key: Hashable, until: float, answer: Future[Any]) -> None:
        self._rows[key] = (until, answer)
        self._rows.move_to_end(key)
        while len(self._rows) > self._most:
            self._rows.popitem(last=False)


class Services:
    """Built once by `create_app`; holds nothing that a second process would need to know."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.hub = Hub()
        self.kept = Kept()
        self.grounds = Grounds(database, settings.var_dir)
        self.calendar: DutyCalendar = usual_calendar(self.now().year)

    def now(self) -> datetime:
        """Return the server's moment; every picture is of one such moment."""
        return datetime.now(UTC)

    def newest(self, district: District) -> datetime | None:
        """Return when the district's newest case was reported, or None when it has none."""

        def ask() -> datetime | None:
            with self.database.reading() as conn:
                return cases.newest_at(conn, district.code, self.now())

        found: datetime | None = self.kept.get(("newest", district.code, self.hub.version), 2.0, ask)
        return found

    def moment(self, district: District) -> datetime:
        """Return the moment that a district's picture is of: now, or the end of a record that stopped days ago.

        Without it an imported year of the past would show empty windows; the page says loudly which it is.
        """
        now, newest = self.now(), self.newest(district)
        return newest if newest is not None and now - newest > RECORD_ENDED_AFTER else now

    def districts(self) -> list[District]:
        """Return the loaded districts, own data before the demo."""

        def ask() -> list[District]:
            with self.database.reading() as conn:
                frame = areas.districts(conn)
            names = list(District.__dataclass_fields__)
            return [District(**dict(zip(names, row, strict=True))) for row in frame[names].itertuples(index=False)]

        found: list[District] = self.kept.get("districts", 5.0, ask)
        return found

    def district_of(self, code: str) -> District:
        """Return the district that an area code belongs to, or the default one for ''.

        Raises
        ------
        AreaNotFound
            When nothing is loaded, or not this district.
        """
        found = self.districts()
        if not found:
            raise AreaNotFound("no district is loaded yet")
        for one in found:
            if not code or one.code == code[:6]:
                return one
        raise AreaNotFound(f"no area in force has the code {code}")

    def settled(self, view: View) -> tuple[View, District]:
        """Return the view with its area code filled in, and the district it lies in."""
        district = self.district_of(view.code)
        return (view if view.code else replace(view, code=district.code)), district

    def counts(self, view: View, district: District, now: datetime) -> pd.DataFrame:
        """Return counts per deepest area, for `gis.rollup`: of the whole district, or of the street the view is in.

        Panels of one screen ask for the same moment and share one answer until a change is announced.
        """
        scope = view.code[: int(Level.STREET)]
        key = ("counts", self.hub.version, view.narrowed(scope))
        midnight = district.local(now).replace(hour=0, minute=0, second=0, microsecond=0)

        def ask() -> pd.DataFrame:
            with self.database.reading() as conn:
                return measures.counts(conn, scope, view, now, midnight, district.timezone)

        frame: pd.DataFrame = self.kept.get(key, 2.0, ask)
        return frame

    def categories(self) -> list[dict[str, Any]]:
        """Return the category tree: small classes in the order of their codes."""

        def ask() -> list[dict[str, Any]]:
            with self.database.reading() as conn:
                return cases.category_rows(conn)

        found: list[dict[str, Any]] = self.kept.get("categories", 600.0, ask)
        return found

    def areas(self, district: District, level: Level) -> pd.DataFrame:
        """Return every area of one level of a district, indexed by code; kept per geometry version."""

        def ask() -> pd.DataFrame:
            with self.database.reading() as conn:
                return areas.inside(conn, district.code, level)

        frame: pd.DataFrame = self.kept.get(("areas", district.code, district.geometry_version, level), 600.0, ask)
        return frame

    def units(self, district: District) -> list[Level]:
        """Return the levels below the district that have areas; own data may stop at streets."""
        return [level for level in Level if level > Level.DISTRICT and not self.areas(district, level).empty] or [
            Level.DISTRICT
        ]

    def layer(self, district_code: str, layer: str) -> bytes:
        """Return one map layer as gzipped GeoJSON.

        Raises
        ------
        InputFault
            When there is no layer of this name.
        """
        district = self.district_of(district_code)

        def ask() -> bytes:
            with self.database.reading(timeout_ms=20_000) as conn:
                if layer in geometry.AREA_LAYERS:
                    body = geometry.area_layer(conn, district.code, geometry.AREA_LAYERS[layer])
                elif layer == "outside":
                    body = geometry.outside_layer(conn, district.code)
                elif layer == "labels":
                    body = geometry.label_layer(conn, district.code)
                elif layer in geometry.BASE_LAYERS:
                    body = geometry.base_layer(conn, district.code, layer)
                else:
                    raise InputFault(f"there is no map layer {layer!r}")
            return gzip.compress(body.encode(), 6, mtime=0)

        made: bytes = self.kept.get(("layer", district.code, district.geometry_version, layer), 3600.0, ask)
        return made
