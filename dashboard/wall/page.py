"""The page of a wall screen: one small document; its script asks for scenes and never for a page again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import plotly

from dashboard import __version__, screens
from dashboard.services import Services
from gis.scope import View
from gis.wall import CAP_HEIGHT, LAYOUTS, MM_PER_METRE, SCENES
from layouts.figures.wall_map import build_wall_style
from layouts.text import words_for
from layouts.text.naming import short_name

_ASSETS = Path(__file__).parent.parent / "assets" / "wall"
_SCRIPTS = ("time.js", "scenes.js", "map.js", "alarm.js", "wall.js")
_WORDS = (
    "data", "screen", "ago", "as_of", "late", "stale", "ended", "disconnected", "clock", "paused", "skipped",
    "schematic", "alarms.more", "alarm", "alarm.cause", "alarm.place", "alarm.action", "alarm.owner", "alarm.deadline",
)  # fmt: skip
_PAGE = """<!DOCTYPE html>
<html lang="{lang}" data-theme="dark"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/assets/wall/wall.css?v={build}"></head>
<body><div id="wall"></div><script type="application/json" id="config">{config}</script>
{scripts}</body></html>"""

_ENROL = """<!DOCTYPE html>
<html lang="{lang}" data-theme="dark"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/assets/wall/wall.css?v={build}"></head>
<body class="enrol"><main id="enrol"></main><script type="application/json" id="words">{config}</script>
<script src="/assets/wall/enrol.js?v={build}"></script></body></html>"""


def build_id() -> str:
    """Return what changes when the wall's page must be loaded again: version and content of its files."""
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(_ASSETS.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def wall_config(
    services: Services, target: str, code: str, settings: dict[str, Any], lang: str, build: str
) -> dict[str, Any]:
    """Return everything that the script must know before it asks for its first scene.

    Parameters
    ----------
    target : what stands in the screen's address. code : its scope.
    settings : `layout`, `metres`, and `mm_per_px` (None = a wall of 55-inch panels as wide as the window).
    """
    view, district = services.settled(View(code=code))
    words = words_for(lang)
    layout = LAYOUTS[settings["layout"]]
    root = f"/geo/{district.code}/{district.geometry_version}"
    with services.database.reading() as conn:
        place = next(row for row in screens.areas.crumbs(conn, [view.code]))
    return {
        "target": target, "code": view.code, "lang": lang, "build": build, "zone": district.timezone, "root": root,
        "place": short_name(place, lang), "demo": district.is_demo, **settings,
        "mm_per_metre": MM_PER_METRE, "cap_height": CAP_HEIGHT,
        "columns": layout.columns, "rows": layout.rows,
        "zones": [vars(zone) for zone in layout.zones],
        "scenes": {name: vars(one) | {"title": words(f"wall.scene.{name}")} for name, one in SCENES.items()},
        "style": build_wall_style(root, screens.box_of(services, view, district), view.code),
        "words": {key: words(f"wall.{key}") for key in _WORDS},
    }  # fmt: skip


def wall_page(config: dict[str, Any]) -> str:
    """Return the document."""
    plot = f"/_dash-component-suites/plotly/package_data/plotly.min.js?v={plotly.__version__}"
    sources = [plot, *(f"/assets/wall/{name}?v={config['build']}" for name in _SCRIPTS)]
    return _PAGE.format(
        lang="en" if config["lang"] == "en" else "zh-CN", title=words_for(config["lang"])("wall.title"),
        build=config["build"], config=json.dumps(config, ensure_ascii=False).replace("<", "\\u003c"),
        scripts="\n".join(f'<script src="{source}"></script>' for source in sources),
    )  # fmt: skip


def enrol_page(lang: str, build: str) -> str:
    """Return the document of a screen that is not enrolled: a code, and what to do with it."""
    words = words_for(lang)
    told = {key: words(f"wall.enrol{key}") for key in ("", ".do", ".expires")}
    return _ENROL.format(lang="en" if lang == "en" else "zh-CN", title=words("wall.title"), build=build,
                         config=json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"))  # fmt: skip
