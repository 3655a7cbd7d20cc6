"""What a desk does to cases beside one step of one: place, chains, joined reports, notes, and many cases at once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints

from dashboard.api.errors import told
from dashboard.api.schemas import CaseStep, Short, Strict, Text
from dashboard.offload import offload
from dashboard.services import Services
from db.write import desk, handover, handwork
from db.write.handwork import Author
from gis.errors import InputFault

Number = Short


class Signed(Strict):
    """Something that a person does: with a name and a unit, as given."""

    actor: Text = Field("", description="who does it")
    unit: Text = Field("", description="whose person that is")
    reason: Text = ""

    @property
    def author(self) -> Author:
        """The name and unit."""
        return Author(self.actor, self.unit)


class Place(Signed):
    """Where a case is: a point in degrees of WGS-84, or the street that answers for it."""

    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    street_code: str = Field("", pattern=r"^(\d{9})?$")


class Chains(Signed):
    """The one lead chain and the chains that support it."""

    lead: int = Field(ge=1, le=8)
    supporting: list[int] = Field(default=[], max_length=7)


class Link(Signed):
    """The case that this report repeats."""

    other: Number


class HandOver(Signed):
    """A note for the next shift, in `reason`; the area is the one that the desk watches."""

    area_code: str = Field("", pattern=r"^(\d{6}|\d{9}|\d{12}|\d{15})?$")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ManySteps(CaseStep):
    """One step for many cases."""

    numbers: list[Number] = Field(min_length=1, max_length=desk.MOST)


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1`."""
    routes = APIRouter(prefix="/api/v1", tags=["desk"])

    def _place(number: str, asked: Place) -> dict[str, str]:
        with services.database.writing() as conn:
            code = handwork.place_by_hand(conn, number, asked.author, services.now(), lon=asked.lon, lat=asked.lat,
                                          street_code=asked.street_code, reason=asked.reason)  # fmt: skip
        return {"number": number, "area_code": code}

    def _chains(number: str, asked: Chains) -> dict[str, str]:
        with services.database.writing() as conn:
            handwork.set_chains(conn, number, asked.author, services.now(), lead=asked.lead,
                                supporting=asked.supporting, reason=asked.reason)  # fmt: skip
        return {"number": number}

    def _link(number: str, asked: Link) -> dict[str, str]:
        with services.database.writing() as conn:
            first = handwork.link_case(conn, number, asked.other, asked.author, services.now(), reason=asked.reason)
        return {"number": number, "first": first}

    def _unlink(number: str, asked: Signed) -> dict[str, str]:
        with services.database.writing() as conn:
            handwork.unlink_case(conn, number, asked.author, services.now(), reason=asked.reason)
        return {"number": number}

    def _note(number: str, asked: Signed) -> dict[str, str]:
        with services.database.writing() as conn:
            handwork.note_case(conn, number, asked.author, services.now(), text=asked.reason)
        return {"number": number}

    def _many(asked: ManySteps, lang: str) -> dict[str, Any]:
        step = asked.model_dump(exclude_none=True, exclude={"numbers", "work_days"})
        if asked.stage == "postponed":
            raise InputFault("deadlines are postponed one by one, each with its own reason")
        with services.database.writing() as conn:
            done = desk.move_many(conn, asked.numbers, step, services.now(), services.calendar)
        refused = [
            {"number": number, "code": type(fault).__name__, "message": told(fault, lang)}
            for number, fault in done.refused
        ]
        return {"stage": asked.stage, "moved": done.moved, "refused": refused}

    def _hand_over(asked: HandOver) -> dict[str, int]:
        now = services.now()
        district = services.district_of(asked.area_code)
        midnight = district.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        with services.database.writing() as conn:
            made = handover.hand_over(conn, asked.area_code or district.code, asked.reason, asked.author, now, midnight)
        return {"id": made}

    @routes.post("/desk/handovers", status_code=201)
    async def hand_over(asked: HandOver) -> dict[str, int]:
        """Leave a note for the next shift; the counts of the queue at this moment are kept with it."""
        return await offload(_hand_over, asked)

    @routes.post("/cases/{number}/place", status_code=201)
    async def place(number: str, asked: Place) -> dict[str, str]:
        """Say where a case is; the point as received stays in the record."""
        return await offload(_place, number, asked)

    @routes.post("/cases/{number}/chains", status_code=201)
    async def chains(number: str, asked: Chains) -> dict[str, str]:
        """Change the lead chain and the supporting ones, with a reason."""
        return await offload(_chains, number, asked)

    @routes.post("/cases/{number}/link", status_code=201)
    async def link(number: str, asked: Link) -> dict[str, str]:
        """Join a report to the case that it repeats."""
        return await offload(_link, number, asked)

    @routes.post("/cases/{number}/unlink", status_code=201)
    async def unlink(number: str, asked: Signed) -> dict[str, str]:
        """Take a report out of the matter it was joined to, with a reason."""
        return await offload(_unlink, number, asked)

    @routes.post("/cases/{number}/notes", status_code=201)
    async def note(number: str, asked: Signed) -> dict[str, str]:
        """Leave a note (in `reason`) in the course of a case."""
        return await offload(_note, number, asked)

    @routes.post("/desk/moves")
    async def move_many(asked: ManySteps, request: Request) -> dict[str, Any]:
        """Move up to 200 cases by the same step; those that may not are listed with the reason, the others move."""
        return await offload(_many, asked, request.headers.get("x-language", ""))

    return routes
