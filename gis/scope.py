"""What a screen shows, as one value that is read from its address and written back to it.

A `View` is everything a person has chosen: place, page, time window, measure, filters, layers, language and theme.
The address is its only home, so back, reload and a copied link give the same picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, quote, urlencode

from gis.address import NUMBER, camera_of, categories_of, one_of, some_of, span_of, stamp, unit_of
from gis.codes import Level, ancestors, level_of
from gis.errors import CodeFault
from gis.terms import CHAINS, CHANNELS, FAMILIES, GROUPS, LOCATION_STATUSES, STAGES

WINDOWS_H = {"1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720, "90d": 2160}
"""Hours that each time window looks back; beside them `CUSTOM`, from one moment to another."""

CUSTOM = "custom"

MEASURES = (
    "open", "new", "overdue", "per_1000", "per_km2", "per_km_street", "smoothed", "change", "population", "elements",
)  # fmt: skip
RATES = ("per_1000", "per_km2", "per_km_street", "change")
"""Measures that are not shown for areas with too few cases."""

TABS = ("areas", "news", "cases", "elements", "trend")
LAYERS = ("heat", "points")
BANDWIDTHS_M = (50, 100, 150, 250, 500)
"""Standard deviations of the heat's kernel that a person may choose from, metres."""

PAGES = (
    "queue",
    "hotspots",
    "circles",
    "measures",
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

_OWN_KEY = re.compile(r"^[a-z][a-z0-9_]{0,19}$")
_MOST_OWN, _LONGEST_OWN = 24, 2000
_SHARED_KEYS = {
    "w", "m", "u", "f", "ch", "urgent", "overdue", "bucket", "bu", "layers", "tab", "topic", "lang", "theme", "v",
    "cat", "g", "chain", "st", "from", "to", "hb",
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """One screen. Field defaults are what an address without parameters means.

    `code` is '' for the default district; `camera` is (lon, lat, zoom) in degrees and MapLibre zoom levels, or None
    to fit the area. `bucket` narrows a list to one location status, to cases that lie in no area of `bucket_unit` (the
    map's unit unless told). `since` and `until` are set when `window` is `CUSTOM`; `categories` are codes of small
    classes, `bandwidth_m` is that of the heat picture. `lang` and `theme` are '' when the address leaves them to the
    browser. `own` holds the parameters that only this page knows, as they came, sorted by key: the page reads and
    checks them (`own_value`).
    """

    page: str = "map"
    code: str = ""
    case: str = ""
    window: str = "24h"
    since: datetime | None = None
    until: datetime | None = None
    measure: str = "open"
    unit: Level | None = None
    families: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    urgent_only: bool = False
    overdue_only: bool = False
    categories: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    chains: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    bucket: str = ""
    bucket_unit: Level | None = None
    layers: tuple[str, ...] = ("points",)
    bandwidth_m: int = 150
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
        span = span_of(query.get("from"), query.get("to"))
        return cls(
            page=page,
            code=code,
            case=case,
            window=CUSTOM if span else one_of(query.get("w"), tuple(WINDOWS_H), "24h"),
            since=span[0] if span else None,
            until=span[1] if span else None,
            measure=one_of(query.get("m"), MEASURES, "open"),
            unit=unit_of(query.get("u")),
            families=some_of(query.get("f"), FAMILIES),
            channels=some_of(query.get("ch"), CHANNELS),
            urgent_only=query.get("urgent") == "1",
            overdue_only=query.get("overdue") == "1",
            categories=categories_of(query.get("cat")),
            groups=some_of(query.get("g"), GROUPS),
            chains=tuple(n for n in CHAINS if str(n) in (query.get("chain") or "").split(",")),
            stages=some_of(query.get("st"), STAGES),
            bucket=one_of(query.get("bucket"), LOCATION_STATUSES, ""),
            bucket_unit=unit_of(query.get("bu")) if "bucket" in query else None,
            layers=some_of(query["layers"], LAYERS) if "layers" in query else ("points",),
            bandwidth_m=int(one_of(query.get("hb"), tuple(map(str, BANDWIDTHS_M)), "150")),
            tab=one_of(query.get("tab"), TABS, "areas"),
            topic=one_of(query.get("topic"), None, ""),
            lang=one_of(query.get("lang"), LANGS, ""),
            theme=one_of(query.get("theme"), THEMES, ""),
            camera=camera_of(query.get("v")),
            own=_own_of(query) if page in PAGES else (),
        )

    @property
    def search(self) -> str:
        """The query part of the address, with only what differs from the defaults, in a fixed order."""
        pairs: list[tuple[str, str]] = []
        for key, value, default in (
            ("w", self.window, CUSTOM if self.window == CUSTOM else "24h"),
            ("from", stamp(self.since), ""),
            ("to", stamp(self.until), ""),
            ("m", self.measure, "open"),
            ("u", self.unit.word if self.unit else "", ""),
            ("f", ",".join(self.families), ""),
            ("ch", ",".join(self.channels), ""),
            ("urgent", "1" if self.urgent_only else "", ""),
            ("overdue", "1" if self.overdue_only else "", ""),
            ("cat", ",".join(self.categories), ""),
            ("g", ",".join(self.groups), ""),
            ("chain", ",".join(map(str, self.chains)), ""),
            ("st", ",".join(self.stages), ""),
            ("bucket", self.bucket, ""),
            ("bu", self.bucket_unit.word if self.bucket and self.bucket_unit else "", ""),
            ("layers", ",".join(self.layers) or "none", "points"),
            ("hb", str(self.bandwidth_m), "150"),
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
        """Return the beginning of the time window (aware); all but a custom one end `now`."""
        return self.since if self.since is not None else now - self.length

    def ends_at(self, now: datetime) -> datetime:
        """Return the end of the time window (aware), never after `now`."""
        return now if self.until is None else min(self.until, now)

    @property
    def length(self) -> timedelta:
        """How long the time window is."""
        if self.since is not None and self.until is not None:
            return self.until - self.since
        return timedelta(hours=WINDOWS_H[self.window])

    def narrowed(self, code: str) -> View:
        """Return only what decides which cases count, over the area `code`: window and filters, no look of the page."""
        kept = ("window", "since", "until", "families", "channels", "urgent_only", "overdue_only", "categories",
                "groups", "chains", "stages")  # fmt: skip
        return View(code=code, **{name: getattr(self, name) for name in kept})  # type: ignore[arg-type]

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
        listed = (self.families, self.channels, self.categories, self.groups, self.chains, self.stages)
        return sum(map(len, listed)) + self.urgent_only + self.overdue_only


def _page_of(pathname: str) -> tuple[str, str, str]:
    parts = [part for part in pathname.split("/") if part]
    match parts:
        case []:
            return "map", "", ""
        case ["area", code]:
            level_of(code)
            return "map", code, ""
        case ["case", number] if NUMBER.match(number):
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
