"""The community's instruments in and out: diary, council meetings, supervision orders, whistles."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from dashboard.api.desk import Number, Signed
from dashboard.api.schemas import Moment, Short, Strict, Text
from dashboard.offload import offload
from dashboard.services import Services
from db.read import community as read
from db.write import community, supervision, whistles
from gis.codes import level_of
from gis.community import DIARY_CHANNELS, GROUPS, TOPICS, WHISTLE_KINDS
from gis.errors import InputFault
from gis.supervision import MOVES

Code = Short


class Diary(Signed):
    """One entry of a community's diary."""

    community_code: Code
    channel: Literal[*DIARY_CHANNELS]  # type: ignore[valid-type]
    topic: Literal[*TOPICS]  # type: ignore[valid-type]
    text: str = Field(min_length=1, max_length=2000)
    population_group: Literal["", *GROUPS] = ""  # type: ignore[valid-type]
    urgency: int = Field(3, ge=1, le=3)
    heard_at: Moment | None = None


class Settled(Signed):
    """What became of an entry without a case."""

    outcome: Literal["solved", "meeting"]


class CaseOfDiary(Signed):
    """The case that an entry becomes."""

    category: Short
    title: str = Field(min_length=1, max_length=200)
    place: Text = ""
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)


class Meeting(Signed):
    """One council meeting; `cases` and `diary` are numbers and ids, parted by blanks or commas."""

    community_code: Code
    topic: Short
    present: int = Field(ge=1, le=2000)
    participants: Text = ""
    decision: str = Field("", max_length=2000)
    follow_up: Text = ""
    follow_up_on: date | None = None
    held_at: Moment | None = None
    cases: Text = ""
    diary: str = Field("", pattern=r"^[\d ,，]*$", max_length=200)


class Kept(Strict):
    """Whether a decision was kept."""

    is_kept: bool
    actor: Text = ""
    unit: Text = ""


class Order(Signed):
    """A supervision order to the level above; `reason` says why it can not be solved here."""

    from_code: Code
    topic: Short
    owner: Text = ""
    work_days: int | None = Field(None, ge=1, le=60)
    case: str = Field("", max_length=40)
    diary: int | None = Field(None, ge=1)


class OrderStep(Signed):
    """One step of an order."""

    word: Literal[*(move.word for move in MOVES)]  # type: ignore[valid-type]
    owner: Text = ""
    work_days: int | None = Field(None, ge=1, le=60)


class Whistle(Signed):
    """A whistle; departments are parted by blanks, commas or lines."""

    kind: Literal[*WHISTLE_KINDS]  # type: ignore[valid-type]
    area_code: Code
    departments: Text
    place: Text = ""
    case: str = Field("", max_length=40)


class Arrival(Signed):
    """A called department is there."""

    department: Short


def _parts(told: str) -> list[str]:
    for sign in "，、,;；\n\t":
        told = told.replace(sign, " ")
    return told.split()


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1`."""
    routes = APIRouter(prefix="/api/v1/community", tags=["community"])

    def _write(work: Any, *given: Any, **more: Any) -> Any:
        with services.database.writing() as conn:
            return work(conn, *given, **more)

    def _listed(kind: str, scope: str, state: str, limit: int) -> dict[str, Any]:
        if scope:
            level_of(scope)
        if state and state not in read.STATES[kind]:
            raise InputFault(f"state {state!r} of {kind} is not one of {', '.join(read.STATES[kind])}")
        now, code = services.now(), scope or services.district_of("").code
        with services.database.reading() as conn:
            rows, total = read.listed(conn, kind, code, state or read.STATES[kind][0], now, limit)
        return {"total": total, "rows": rows}

    @routes.get("/{kind}")
    async def listed(
        kind: Literal[*read.KINDS],  # type: ignore[valid-type]
        scope: str = "", state: str = "", limit: int = Query(100, ge=1, le=500),
    ) -> dict[str, Any]:  # fmt: skip
        """List the orders, diary entries, meetings or whistles of a scope, most pressing first."""
        return await offload(_listed, kind, scope, state, limit)

    @routes.post("/diary", status_code=201)
    async def diary(asked: Diary) -> dict[str, int]:
        """Write a diary entry."""
        entry = asked.model_dump(exclude={"actor", "unit", "reason"}, exclude_none=True)
        return {"id": await offload(_write, community.write_diary, entry, asked.author, services.now())}

    @routes.post("/diary/{diary_id}/outcome", status_code=201)
    async def outcome(diary_id: int, asked: Settled) -> dict[str, int]:
        """Say what became of an entry."""
        await offload(_write, community.settle_diary, diary_id, asked.outcome, asked.reason, services.now())
        return {"id": diary_id}

    @routes.post("/diary/{diary_id}/case", status_code=201)
    async def to_case(diary_id: int, asked: CaseOfDiary) -> dict[str, str]:
        """Make a case of an entry, through the door of reports."""
        given = asked.model_dump(exclude={"actor", "unit", "reason"}, exclude_none=True)
        made = await offload(_write, community.diary_to_case, diary_id, given, asked.author, services.now(),
                             services.calendar)  # fmt: skip
        return {"number": made}

    @routes.post("/meetings", status_code=201)
    async def meeting(asked: Meeting) -> dict[str, int]:
        """Write down a council meeting."""
        given = asked.model_dump(exclude={"actor", "unit", "reason", "cases", "diary"}, exclude_none=True)
        given |= {"cases": _parts(asked.cases), "diary": [int(part) for part in _parts(asked.diary)]}
        return {"id": await offload(_write, community.write_meeting, given, asked.author, services.now())}

    @routes.post("/meetings/{meeting_id}/kept", status_code=201)
    async def kept(meeting_id: int, asked: Kept) -> dict[str, int]:
        """Note whether what was decided was kept."""
        await offload(_write, community.keep_meeting, meeting_id, is_kept=asked.is_kept)
        return {"id": meeting_id}

    @routes.post("/orders", status_code=201)
    async def order(asked: Order) -> dict[str, str]:
        """Issue a supervision order to the level above."""
        given = asked.model_dump(exclude={"actor", "unit"}, exclude_none=True)
        made = await offload(_write, supervision.issue_order, given, asked.author, services.now(), services.calendar)
        return {"number": made}

    @routes.post("/orders/{number}/events", status_code=201)
    async def order_step(number: Number, asked: OrderStep) -> dict[str, str]:
        """Take one step of an order; 409 with the reason when it may not be taken."""
        made = await offload(_write, supervision.move_order, number, asked.word, asked.author, services.now(),
                             services.calendar, reason=asked.reason, owner=asked.owner,
                             work_days=asked.work_days)  # fmt: skip
        return {"number": made}

    @routes.post("/whistles", status_code=201)
    async def blow(asked: Whistle) -> dict[str, str]:
        """Call departments to the spot."""
        given = asked.model_dump(exclude={"actor", "unit", "departments"})
        made = await offload(_write, whistles.blow, given, _parts(asked.departments), asked.author, services.now(),
                             services.calendar)  # fmt: skip
        return {"number": made}

    @routes.post("/whistles/{number}/arrivals", status_code=201)
    async def arrival(number: Number, asked: Arrival) -> dict[str, str]:
        """Note that a called department is there."""
        await offload(_write, whistles.arrive, number, asked.department, asked.author, services.now())
        return {"number": number}

    @routes.post("/whistles/{number}/end", status_code=201)
    async def end(number: Number, asked: Signed) -> dict[str, str]:
        """End a whistle with its result (in `reason`)."""
        await offload(_write, whistles.end, number, asked.reason, services.now())
        return {"number": number}

    return routes
