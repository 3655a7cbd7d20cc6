"""What a screen shows, as one value that is read from its address and written back to it.

A `View` is everything a person has chosen: place, page, time window, measure, filters, layers, language and theme.
The address is its only home, so back, reload and a copied link give the same picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, quote, urlencode

from gis.codes import Level, ancestors, level_from_word, level_of
from gis.errors import CodeFault
from gis.terms import CHANNELS, FAMILIES, LOCATION_STATUSES

WINDOWS_H = {"1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720, "90d": 2160}
"""Hours that each time window looks back."""

MEASURES = ("open", "new", "overdue", "per_1000", "per_km2", "population", "elements")
TABS = ("areas", "elements", "cases", "trend")
LAYERS = ("heat", "points")
PAGES = (
    "queue",
    "circles",
    "quality",
    "review",
    "screens",
    "chains",
    "community",
)
"""Pages beside the map and the case, each at `/<page>` or `/<page>/<area code>`."""

MAP_PAGES = ("map", "case", "queue")
"""Pages that are drawn around the shared map; every other one fills the room beside the rail."""

LANGS = ("zh", "en")
THEMES = ("dark", "light")

_CAMERA = re.compile(r"^(-?\d{1,3}(?:\.\d+)?),(-?\d{1,2}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)$")
_NUMBER = re.compile(r"^[0-9A-Za-z_-]{1,40}$")
_OWN_KEY = re.compile(r"^[a-z][a-z0-9_]{0,19}$")
_MOST_OWN, _LONGEST_OWN = 24, 2000
_SHARED_KEYS = {
    "w", "m", "u", "f", "ch", "urgent", "overdue", "bucket", "bu", "layers", "tab", "topic", "lang", "theme", "v",
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """One screen. Field defaults are what an address without parameters means.

    `code` is '' for the default district; `camera` is (lon, lat, zoom) in degrees and MapLibre zoom levels, or None
    to fit the area. `bucket` narrows a list to one location status, to cases that lie in no area of `bucket_unit` (the
    map's unit unless told). `lang` and `theme` are '' when the address leaves them to the browser. `own` holds the
    parameters that only this page knows, as they came, sorted by key: the page reads and checks them (`own_value`).
    """

    page: str = "map"
    code: str = ""
    case: str = ""
    window: str = "24h"
    measure: str = "open"
    unit: Level | None = None
    families: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    urgent_only: bool = False
    overdue_only: bool = False
    bucket: str = ""
    bucket_unit: Level | None = None
    layers: tuple[str, ...] = ("points",)
    tab: str = "areas"
    topic: str = ""
    lang: str = ""
    theme: str = ""
    camera: tuple[float, float, float] | None = None
    own: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_url(cls, pathname: str | None, search: str | None) -> View:
        """Read a view from an address; unknown parameters and values are ignored, a bad code is a fault.

        Raises
        ------
        CodeFault
            When `/area/<code>` or `/case/<number>` is not well formed, or the page is unknown.
        """
        query = {key: values[-1] for key, values in parse_qs((search or "").lstrip("?")).items()}
        page, code, case = _page_of(pathname or "/")
        return cls(
            page=page,
            code=code,
            case=case,
            window=_one_of(query.get("w"), tuple(WINDOWS_H), "24h"),
            measure=_one_of(query.get("m"), MEASURES, "open"),
            unit=_unit_of(query.get("u")),
            families=_some_of(query.get("f"), FAMILIES),
            channels=_some_of(query.get("ch"), CHANNELS),
            urgent_only=query.get("urgent") == "1",
            overdue_only=query.get("overdue") == "1",
            bucket=_one_of(query.get("bucket"), LOCATION_STATUSES, ""),
            bucket_unit=_unit_of(query.get("bu")) if "bucket" in query else None,
            layers=_some_of(query["layers"], LAYERS) if "layers" in query else ("points",),
            tab=_one_of(query.get("tab"), TABS, "areas"),
            topic=_one_of(query.get("topic"), None, ""),
            lang=_one_of(query.get("lang"), LANGS, ""),
            theme=_one_of(query.get("theme"), THEMES, ""),
            camera=_camera_of(query.get("v")),
            own=_own_of(query) if page in PAGES else (),
        )

    @property
    def search(self) -> str:
        """The query part of the address, with only what differs from the defaults, in a fixed order."""
        pairs: list[tuple[str, str]] = []
        for key, value, default in (
            ("w", self.window, "24h"),
            ("m", self.measure, "open"),
            ("u", self.unit.word if self.unit else "", ""),
            ("f", ",".join(self.families), ""),
            ("ch", ",".join(self.channels), ""),
            ("urgent", "1" if self.urgent_only else "", ""),
            ("overdue", "1" if self.overdue_only else "", ""),
            ("bucket", self.bucket, ""),
            ("bu", self.bucket_unit.word if self.bucket and self.bucket_unit else "", ""),
            ("layers", ",".join(self.layers) or "none", "points"),
            ("tab", self.tab, "areas"),
            ("topic", self.topic, ""),
            ("lang", self.lang, ""),
            ("theme", self.theme, ""),
            ("v", ",".join(f"{part:.6g}" if i == 2 else f"{part:.5f}" for i, part in enumerate(self.camera or ())), ""),
        ):
            if value != default:
                pairs.append((key, value))
        pairs += self.own
        return "?" + urlencode(pairs, safe=",") if pairs else ""

    @property
    def path(self) -> str:
        """The path part of the address."""
        if self.page == "case":
            return f"/case/{quote(self.case)}"
        if self.page in PAGES:
            return f"/{self.page}/{self.code}" if self.code else f"/{self.page}"
        return f"/area/{self.code}" if self.code else "/"

    @property
    def url(self) -> str:
        """The whole address."""
        return self.path + self.search

    def at(self, code: str) -> View:
        """Return the same choices over another area, fitted to it: on the queue if that is the page, else the map."""
        page = self.page if self.page in PAGES and self.page != "quality" else "map"
        own = self.own if page != "map" else ()
        return replace(self, page=page, code=code, case="", camera=None, bucket="", bucket_unit=None, topic="", own=own)

    def on(self, page: str) -> View:
        """Return the same place and filters on another page, without what only this page knows."""
        code = "" if self.page == "case" else self.code
        return replace(self, page=page, code=code, case="", camera=None, bucket="", bucket_unit=None, topic="", own=())

    def own_value(self, key: str, default: str = "") -> str:
        """Return one of the page's own parameters as it stands in the address."""
        return dict(self.own).get(key, default)

    def with_own(self, **changes: str) -> View:
        """Return the view with some of the page's own parameters changed; '' removes one."""
        kept = {key: value for key, value in (dict(self.own) | changes).items() if value != ""}
        return replace(self, own=tuple(sorted(kept.items())))

    def with_(self, **changes: object) -> View:
        """Return the view with some choices changed; the camera stays."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def starts_at(self, now: datetime) -> datetime:
        """Return the beginning of the time window that ends `now` (aware)."""
        return now - timedelta(hours=WINDOWS_H[self.window])

    @property
    def parent(self) -> View | None:
        """The view one level up, or None at the district."""
        if self.page == "case":
            return self.at(self.code) if self.code else None
        chain = ancestors(self.code) if self.code else []
        return self.at(chain[-2]) if len(chain) > 1 else None

    @property
    def filter_count(self) -> int:
        """How many filters narrow the cases."""
        return len(self.families) + len(self.channels) + self.urgent_only + self.overdue_only


def _page_of(pathname: str) -> tuple[str, str, str]:
    parts = [part for part in pathname.split("/") if part]
    match parts:
        case []:
            return "map", "", ""
        case ["area", code]:
            level_of(code)
            return "map", code, ""
        case ["case", number] if _NUMBER.match(number):
            return "case", "", number
        case [page] if page in PAGES:
            return page, "", ""
        case [page, code] if page in PAGES:
            level_of(code)
            return page, code, ""
    raise CodeFault(f"there is no page {pathname!r}")


def _own_of(query: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Keep what the shared parameters do not name, bounded: an address can hold anything."""
    own = sorted((key, value) for key, value in query.items() if key not in _SHARED_KEYS and _OWN_KEY.match(key))
    return tuple((key, value) for key, value in own if 0 < len(value) <= _LONGEST_OWN)[:_MOST_OWN]


def _one_of(value: str | None, allowed: tuple[str, ...] | None, default: str) -> str:
    if value is None:
        return default
    if allowed is None:
        return value if _NUMBER.match(value) else default
    return value if value in allowed else default


def _some_of(value: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    asked = set((value or "").split(","))
    return tuple(word for word in allowed if word in asked)


def _unit_of(value: str | None) -> Level | None:
    try:
        unit = level_from_word(value or "")
    except CodeFault:
        return None
    return unit if unit is not Level.DISTRICT else None


def _camera_of(value: str | None) -> tuple[float, float, float] | None:
    found = _CAMERA.match(value or "")
    if not found:
        return None
    lon, lat, zoom = (float(part) for part in found.groups())
    return (lon, lat, zoom) if abs(lon) <= 180 and abs(lat) <= 85 and zoom <= 22 else None
