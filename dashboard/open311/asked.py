"""What a reader asks for: jurisdiction, language, and which requests; an empty parameter is an absent one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from starlette.datastructures import QueryParams

from dashboard.open311.errors import Fault, Refusal, bad, missing
from dashboard.services import District, Services
from db.read.open311 import RequestFilter

T = TypeVar("T")

SPAN = timedelta(days=90)
MOST = 1_000
_PAGES = 100_000
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$", re.ASCII)
_YEARS = (1990, 2100)
_NUMBER = re.compile(r"^[1-9]\d{0,8}$", re.ASCII)
_STATUSES = ("open", "closed")


def served(services: Services) -> list[District]:
    """Return the districts behind this door: the own ones, or the demo where there is nothing else."""
    loaded = services.districts()
    return [one for one in loaded if not one.is_demo] or loaded


def district_for(services: Services, jurisdiction: str) -> District:
    """Return the district of a `jurisdiction_id`, which may be left out where only one is served.

    Raises
    ------
    Refusal
        404 when there is no such district, 400 when several are served and none is named.
    """
    districts = served(services)
    if not jurisdiction:
        if len(districts) == 1:
            return districts[0]
        if not districts:
            raise bad("no district is loaded yet")
        raise bad(f"jurisdiction_id was not provided; served are {', '.join(one.code for one in districts)}")
    for one in districts:
        if one.code == jurisdiction:
            return one
    raise missing("the jurisdiction_id provided was not found")


def moment_of(name: str, given: str) -> datetime | None:
    """Return a time that was asked for, or None.

    Raises
    ------
    Refusal
        It is not a W3C date-time with a time zone, or of another century.
    """
    if not given:
        return None
    written = re.sub(r" (?=\d\d:\d\d$)", "+", given)  # a plus sign that was not escaped in the address
    told = f"{name} is not a W3C date-time with a time zone, such as 2026-05-01T00:00:00Z"
    if not _MOMENT.fullmatch(written):
        raise bad(told)
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise bad(told) from None
    if not _YEARS[0] <= found.year < _YEARS[1]:
        raise bad(f"{name} is not between the years {_YEARS[0]} and {_YEARS[1]}")
    return found.astimezone(UTC)


def requests_asked(params: QueryParams, district: District, now: datetime, newest: datetime) -> RequestFilter:
    """Return the filter of `GET requests`.

    Parameters
    ----------
    params
        As given in the address.
    district
        Whose requests.
    now
        The server's moment.
    newest
        What the most recent 90 days end at: `now`, or the end of a record that stopped.

    Raises
    ------
    Refusal
        With every parameter that is wrong.
    """
    ids = _listed(params, "service_request_id")
    if ids:
        if len(ids) > MOST:
            raise bad(f"service_request_id lists more than {MOST} numbers")
        return RequestFilter(district_code=district.code, since=now, until=now, ids=ids, limit=MOST)
    faults: list[Fault] = []

    def checked(read: Callable[[], T], instead: T) -> T:
        try:
            return read()
        except Refusal as refused:
            faults.extend(refused.faults)
            return instead

    since, until = checked(lambda: _span(params, now, newest), (now, now))
    codes = _listed(params, "service_code")
    if len(codes) > MOST:
        faults.append(Fault(400, f"service_code lists more than {MOST} codes"))
    any_status: tuple[str, ...] = ()
    statuses = checked(lambda: _statuses(params), any_status)
    box = checked(lambda: _box(params.get("bbox", "").strip()), None)
    updated = checked(lambda: moment_of("updated_after", params.get("updated_after", "").strip()), None)
    page = checked(lambda: _count(params, "page", 1, _PAGES), 1)
    size = checked(lambda: _count(params, "page_size", MOST, MOST), MOST)
    if faults:
        raise Refusal(*faults)
    return RequestFilter(
        district_code=district.code, since=since, until=until, service_codes=codes, statuses=statuses, box=box,
        updated_after=updated, limit=size, offset=(page - 1) * size,
    )  # fmt: skip


def _listed(params: QueryParams, name: str) -> tuple[str, ...]:
    """Return the members of a comma list, which may also be given several times."""
    parts = (part.strip() for given in params.getlist(name) for part in given.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _statuses(params: QueryParams) -> tuple[str, ...]:
    asked = tuple(one.lower() for one in _listed(params, "status"))
    if not set(asked) <= set(_STATUSES):
        raise bad("status is not open, closed or both with a comma between")
    return asked


def _span(params: QueryParams, now: datetime, newest: datetime) -> tuple[datetime, datetime]:
    """Return from when up to when (not included): at most 90 days, the most recent ones unless told."""
    since = moment_of("start_date", params.get("start_date", "").strip())
    until = moment_of("end_date", params.get("end_date", "").strip())
    if since is not None and until is not None:
        if until < since:
            raise bad("end_date is before start_date")
        if until - since > SPAN:
            raise bad("start_date and end_date are more than 90 days apart")
    elif since is not None:
        until = since + SPAN
    elif until is not None:
        since = until - SPAN
    else:
        since, until = newest - SPAN, now
    assert since is not None and until is not None
    # times are told in whole seconds, so a time that was told must find its request again
    return since, until.replace(microsecond=0) + timedelta(seconds=1)


def _box(given: str) -> tuple[float, float, float, float] | None:
    if not given:
        return None
    told = "bbox is not west,south,east,north in degrees"
    try:
        west, south, east, north = (float(part) for part in given.split(","))
    except ValueError:
        raise bad(told) from None
    if not all(math.isfinite(one) for one in (west, south, east, north)):
        raise bad(told)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise bad(f"{told}, west before east and south before north")
    return west, south, east, north


def _count(params: QueryParams, name: str, default: int, most: int) -> int:
    given = params.get(name, "").strip()
    if not given:
        return default
    if not _NUMBER.fullmatch(given) or int(given) > most:
        raise bad(f"{name} is not a whole number from 1 to {most}")
    return int(given)
