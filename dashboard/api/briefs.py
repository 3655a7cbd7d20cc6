"""The brief of an area as a file: one address for each form, with the period in the query."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from dashboard.offload import offload
from dashboard.reports.figures import brief
from dashboard.reports.files import FORMS, brief_file, file_name
from dashboard.services import Services
from gis.codes import level_of
from gis.periods import KINDS, parse_period


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/brief`."""
    routes = APIRouter(prefix="/api/v1/brief", tags=["brief"])

    def _made(code: str, form: str, kind: str, on: str, b: str, lang: str, by: str) -> tuple[bytes, str]:
        level_of(code)
        made = brief(services, code, kind, parse_period(on) if on else None, parse_period(b) if b else None, made_by=by)
        return brief_file(services, made, form, lang), file_name(made, form, lang)

    @routes.get("/{name}")
    async def as_file(
        name: str, kind: Literal[*KINDS] = "daily", on: str = "", b: str = "",  # type: ignore[valid-type]
        lang: Literal["zh", "en"] = "zh", by: str = Query("", max_length=40),
    ) -> Response:  # fmt: skip
        """Return `<area code>.<form>`: pdf, docx, xlsx or map.html, of the last complete period unless told."""
        code, _, form = name.partition(".")
        body, called = await offload(_made, code, form, kind, on, b, lang, by)
        shown = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(called)}", "Cache-Control": "no-store"}
        return Response(body, media_type=FORMS[form], headers=shown)

    return routes
