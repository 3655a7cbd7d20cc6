"""The door of the report form: a report exactly once, its photos exactly once, and the photos out again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, StringConstraints

from dashboard import photos
from dashboard.api.errors import body_of
from dashboard.api.schemas import Short, Strict, Text
from dashboard.offload import offload
from dashboard.services import Services
from db.read.casework import photo_known
from db.write import reports
from db.write.handwork import Author
from gis.errors import InputFault

_SHOWN = {
    "Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff",
    "Content-Disposition": 'inline; filename="photo.jpg"', "Content-Security-Policy": "default-src 'none'; sandbox",
}  # fmt: skip


class Report(Strict):
    """What a resident or an officer reports from a phone; `external_id` makes a repeated transmission harmless."""

    external_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{16,64}$")]
    category: Short
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    place: Text = ""
    lon: float | None = Field(None, ge=-180, le=180, description="degrees in `crs`")
    lat: float | None = Field(None, ge=-90, le=90, description="degrees in `crs`")
    crs: Literal["EPSG:4326", "GCJ-02", "BD-09"] = "EPSG:4326"
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["reports"])
    folder = services.settings.var_dir

    def _report(asked: Report) -> dict[str, Any]:
        given = asked.model_dump(exclude={"text", "contact"}, exclude_none=True) | {"title": asked.text}
        with services.database.writing() as conn:
            number, created = reports.take_report(conn, given, asked.contact, services.now(), services.calendar)
        return {"number": number, "created": created}

    def _photo(number: str, raw: bytes, who: Author) -> dict[str, Any]:
        made = photos.redrawn(raw)
        photos.keep(folder, made)  # before the row: a file without one is harmless, a row without a file is not
        with services.database.writing() as conn:
            size = (made.width, made.height, len(made.data))
            added = reports.add_photo(conn, number, made.sha256, size, who, services.now())
        return {"number": number, "sha256": made.sha256, "created": added}

    def _shown(sha256: str) -> bytes | None:
        path = photos.path_of(folder, sha256)
        with services.database.reading() as conn:
            if not photo_known(conn, sha256):
                return None
        return path.read_bytes() if path.exists() else None

    @routes.post("/api/v1/reports", status_code=201)
    async def report(asked: Report, response: Response) -> dict[str, Any]:
        """Take a report; a replay (same external_id) answers 200 with the number given before."""
        made = await offload(_report, asked)
        response.status_code = 201 if made["created"] else 200
        return made  # type: ignore[no-any-return]

    @routes.post("/api/v1/cases/{number}/photos", status_code=201)
    async def photo(
        number: str, request: Request, response: Response, actor: str = Query("", max_length=120),
        unit: str = Query("", max_length=120),
    ) -> Any:  # fmt: skip
        """Add a photo: the body is the picture (JPEG, PNG or WebP, at most 12 MB). The same one again adds nothing."""
        raw = await _body(request)
        if raw is None:
            return body_of(413, "InputFault", f"a photo has at most {photos.MOST_BYTES:,} bytes")
        if "\x00" in number + actor + unit:
            raise InputFault("must not contain NUL")
        made = await offload(_photo, number, raw, Author(actor, unit))
        response.status_code = 201 if made["created"] else 200
        return made

    @routes.get("/photos/{sha256}.jpg", include_in_schema=False)
    async def shown(sha256: str) -> Response:
        """Return a photo, always as a JPEG of ours, whatever it was sent as."""
        data = await offload(_shown, sha256)
        if data is None:
            return JSONResponse({"error": {"code": "NotFound", "message": "no such photo", "fields": []}}, 404)
        return Response(data, media_type="image/jpeg", headers=_SHOWN)

    return routes


async def _body(request: Request) -> bytes | None:
    """Return the body, or None as soon as it is longer than a photo may be."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > photos.MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)
