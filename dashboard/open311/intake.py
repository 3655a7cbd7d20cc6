"""From the fields of a report to a case: who sends, which service, where, and the answers to its questions."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from dashboard.open311.asked import district_for, moment_of
from dashboard.open311.errors import Fault, Refusal, bad
from dashboard.open311.form import Form
from dashboard.services import Services
from db.read import open311 as read
from db.write import keys
from db.write import open311 as write
from db.write.cases import beat
from gis.errors import InputFault

_TITLE = 120
_TAG = re.compile(r"<[A-Za-z/!?][^>]*>")
_REPLAY_ID = re.compile(r"^[\x21-\x7e]{1,100}$")
_ANSWER = {"string": 500, "text": 4_000}
_NUMBER = re.compile(r"^[+-]?\d{1,15}(?:\.\d{1,15})?$", re.ASCII)


def accept(services: Services, form: Form, replay_id: str) -> tuple[str, str, bool]:
    """Store a report; return its number, its token, and whether the key's holder is answered with the token.

    Raises
    ------
    Refusal
        403 without a key in force, 404 for an unknown service or jurisdiction, else 400; with every reason.
    """
    now = services.now()
    label = ""
    try:
        with services.database.writing() as conn:
            key = _key(conn, form["api_key"])
            if write.is_flooding(conn, key, now):
                raise Refusal(
                    Fault(400, f"more than {key['per_minute']} reports a minute with this api_key: try later", 429),
                    headers={"Retry-After": "60"},
                )
            label = key["label"]
            if replay_id and not _REPLAY_ID.fullmatch(replay_id):
                raise bad("Idempotency-Key is not 1 to 100 visible ASCII characters")
            sent = _submission(services, conn, form, replay_id)
            number, token, _new = write.submit(conn, sent, key, now, services.calendar)
    except (Refusal, InputFault):
        if label:
            _note_rejected(services, label, now)
        raise
    return number, token, key["answers_token"]


def _note_rejected(services: Services, label: str, now: datetime) -> None:
    with services.database.writing() as conn:
        beat(conn, keys.source_of(label), now, rejected=1)


def _key(conn: Connection, secret: str) -> dict[str, Any]:
    if not secret:
        raise Refusal(Fault(403, "api_key was not provided"))
    found = keys.find_key(conn, secret)
    if found is None:
        raise Refusal(Fault(403, "the api_key provided is not in force"))
    return found


def _submission(services: Services, conn: Connection, form: Form, replay_id: str) -> write.Submission:
    district = district_for(services, form["jurisdiction_id"])
    faults: list[Fault] = []
    kind = read.service(conn, form["service_code"]) if form["service_code"] else None
    if not form["service_code"]:
        faults.append(Fault(400, "service_code was not provided"))
    elif kind is None:
        faults.append(Fault(404, "the service_code provided was not found"))
    lon, lat = _point(form, faults)
    place = write.area_name(conn, form["address_id"], district.code) if form["address_id"] else None
    if lon is None and not form["address_string"]:
        if form["address_id"] and place is None:
            faults.append(Fault(400, "the address_id provided is not the code of an area here"))
        elif not form["address_id"] and not (form["lat"] or form["long"]):
            faults.append(Fault(400, "no location was provided: lat and long, or address_string, or address_id"))
    tagged = [name for name in ("description", "address_string") if _TAG.search(form[name])]
    faults += [Fault(400, f"{name} may not contain HTML") for name in tagged]
    if form["media_url"] and not _is_web_address(form["media_url"]):
        faults.append(Fault(400, "media_url is not an http or https address"))
    answers = _answers(read.attributes(conn, form["service_code"]), form.answers, faults) if kind else {}
    if faults or kind is None:
        raise Refusal(*faults)
    first = form["description"].split("\n")[0].strip()
    return write.Submission(
        district_code=district.code,
        service_code=kind["code"],
        title=first[:_TITLE] or kind["minor_zh"],
        lon=lon,
        lat=lat,
        address=form["address_string"] or place or "",
        address_id=form["address_id"] if place else "",
        street_code=form["address_id"][:9] if place else "",
        description=form["description"],
        media_url=form["media_url"],
        attributes=answers,
        fingerprint=form.fingerprint(),
        replay_id=replay_id,
    )


def _point(form: Form, faults: list[Fault]) -> tuple[float | None, float | None]:
    """Return longitude and latitude, or two Nones; 0/0 is what a device sends that does not know where it is."""
    if not form["lat"] and not form["long"]:
        return None, None
    if not form["lat"] or not form["long"]:
        faults.append(Fault(400, "lat and long are needed both"))
        return None, None
    try:
        lat, lon = float(form["lat"]), float(form["long"])
    except ValueError:
        lat = lon = math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        faults.append(Fault(400, "lat and long are not degrees from -90 to 90 and from -180 to 180"))
        return None, None
    if lat == 0 and lon == 0:
        if not (form["address_string"] or form["address_id"]):
            faults.append(Fault(400, "lat and long are both 0, which is no place here"))
        return None, None
    return lon, lat


def _is_web_address(given: str) -> bool:
    if re.search(r"[\s<>\"\x7f]", given):
        return False
    try:
        parts = urlsplit(given)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _answers(questions: list[dict[str, Any]], given: dict[str, list[str]], faults: list[Fault]) -> dict[str, list[str]]:
    """Return the answers to the questions of a service; what it did not ask is left out."""
    kept: dict[str, list[str]] = {}
    for question in questions:
        code = question["code"]
        if not question["is_variable"]:
            continue
        values = given.get(code, [])
        if not values:
            if question["is_required"]:
                faults.append(Fault(400, f"attribute[{code}] is required and was not provided"))
            continue
        told = _wrong(question, values)
        if told:
            faults.append(Fault(400, f"attribute[{code}] {told}"))
        else:
            kept[code] = list(dict.fromkeys(values))
    return kept


def _wrong(question: dict[str, Any], values: list[str]) -> str:
    """Say what is wrong with the answers to a question, or ''."""
    kind = question["datatype"]
    if kind != "multivaluelist" and len(values) > 1:
        return "takes one value"
    if kind in ("singlevaluelist", "multivaluelist"):
        known = [choice[0] for choice in question["choices"]]
        return "" if set(values) <= {*known} else f"is not one of {', '.join(known)}"
    value = values[0]
    if kind == "number":
        return "" if _NUMBER.fullmatch(value) else "is not a number"
    if kind == "datetime":
        try:
            moment_of("it", value)
        except Refusal:
            return "is not a date-time with a time zone, such as 2026-05-01T00:00:00Z"
        return ""
    if len(value) > _ANSWER[kind]:
        return f"is longer than {_ANSWER[kind]} characters"
    if kind == "string" and "\n" in value:
        return "may not contain line breaks"
    return "may not contain HTML" if _TAG.search(value) else ""
