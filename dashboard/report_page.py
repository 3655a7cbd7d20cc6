"""The report form at `/report`: one small document for a phone, without the desk's scripts and map library."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard import screens
from dashboard.offload import offload
from dashboard.services import Services
from db.read import open311
from gis.pinyin import initials, spellings
from gis.scope import View
from layouts.text import lang_of, words_for
from layouts.text.naming import short_name

_ASSETS = Path(__file__).parent / "assets" / "report"
_WORDS = (
    "title", "lead", "what", "what.search", "what.none", "what.change", "text", "text.hint", "where", "here",
    "here.wait", "here.no",
    "map", "map.none", "map.set", "place", "photo", "photo.add", "photo.large", "contact", "send", "sending",
    "kept", "waiting", "done", "done.number", "done.note", "again", "look", "mine", "refused", "photo.refused", "draft",
    "schematic",
)  # fmt: skip
_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml"><link rel="stylesheet" href="/theme.css">
<script src="/assets/early/theme.js"></script><link rel="stylesheet" href="/assets/report/report.css?v={build}"></head>
<body><main id="report"></main><script type="application/json" id="config">{config}</script>
<script src="/assets/report/map.js?v={build}"></script><script src="/assets/report/outbox.js?v={build}"></script>
<script src="/assets/report/form.js?v={build}"></script></body></html>"""


def router(services: Services) -> APIRouter:
    """Return the route."""
    routes = APIRouter(include_in_schema=False)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_ASSETS.iterdir()))).hexdigest()[:12]

    @routes.get("/report")
    async def report(request: Request) -> HTMLResponse:
        asked = request.query_params.get("lang") or request.cookies.get("qx_lang") or ""
        lang = lang_of(asked, request.headers.get("accept-language", ""))
        config = await offload(_config, services, lang)
        told = json.dumps(config, ensure_ascii=False).replace("</", "<\\/")
        page = _PAGE.format(lang="en" if lang == "en" else "zh-CN", title=config["words"]["title"], build=digest,
                            config=told)  # fmt: skip
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    return routes


def _config(services: Services, lang: str) -> dict[str, Any]:
    words = words_for(lang)
    view, district = services.settled(View())
    with services.database.reading() as conn:
        tree = open311.services(conn)
    name = "en" if lang == "en" else "zh"
    kinds = [
        {
            "code": row["code"], "name": row[f"minor_{name}"], "group": row[f"major_{name}"],
            "find": " ".join((row["minor_zh"], row["major_zh"], row["minor_en"].lower(), spellings(row["minor_zh"]),
                              initials(row["minor_zh"]))),
        }
        for row in tree
    ]  # fmt: skip
    return {
        "lang": name, "words": {key: words(f"report.{key}") for key in _WORDS}, "kinds": kinds,
        "root": f"/geo/{district.code}/{district.geometry_version}", "box": _box(services, view.code),
        "district": short_name({"name_en": district.name_en, "name_zh": district.name_zh, "short_zh": ""}, lang),
        "schematic": district.is_demo, "attribution": district.attribution,
    }  # fmt: skip


def _box(services: Services, code: str) -> list[float]:
    view, district = services.settled(View(code=code))
    return list(screens.box_of(services, view, district))
