"""What is told: discovery, services, their questions, and cases as service requests, field by field as the standard."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from dashboard.services import District
from layouts.text import Words, words_for

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FIRST_CHANGE = datetime(2026, 11, 22, tzinfo=UTC)
"""When this door was first opened; services can not have changed before."""

_PERSONAL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"  # e-mail
    r"|(?<!\d)\d{17}[\dXx](?!\d)"  # resident identity number
    r"|(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"  # mobile phone
    r"|(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"  # telephone with area code
)


def without_personal(words: str | None) -> str | None:
    """Return words in which phone and identity numbers and e-mail addresses are blacked out; '' becomes None."""
    return _PERSONAL.sub("***", words) if words else None


def moment(at: datetime | None, district: District) -> str | None:
    """Return a time as the standard writes it, on the district's clocks with their offset."""
    return district.local(at).isoformat(timespec="seconds") if at else None


def discovery(base_url: str, districts: list[District], changed: datetime | None) -> dict[str, Any]:
    """Return the discovery document."""
    stamp = max(changed or FIRST_CHANGE, FIRST_CHANGE).astimezone(UTC).isoformat(timespec="seconds")
    stamp = stamp.replace("+00:00", "Z")
    names = ", ".join(f"{one.name_en or one.name_zh} (jurisdiction_id {one.code})" for one in districts)
    is_test = any(one.is_demo for one in districts) or not districts
    return {
        "changeset": stamp,
        "contact": f"Ask the office that runs this server for {names or 'a district'}.",
        "key_service": "The office that runs this server issues API keys; only reporting needs one, reading does not.",
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{base_url}/open311/v2",
                "changeset": stamp,
                "type": "test" if is_test else "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


def service(row: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return one service; its keywords are its names in the other language, so that a search finds both."""
    other = "zh" if lang == "en" else "en"
    return {
        "service_code": row["code"],
        "service_name": row[f"minor_{lang}"],
        "description": f"{row[f'major_{lang}']}: {row[f'minor_{lang}']}",
        "metadata": row["has_attributes"],
        "type": "realtime",
        "keywords": ", ".join(row[name].replace(",", " ") for name in (f"minor_{other}", f"major_{other}")),
        "group": row[f"major_{lang}"],
    }


def definition(code: str, rows: list[dict[str, Any]], lang: str) -> dict[str, Any]:
    """Return the questions of one service."""
    return {"service_code": code, "attributes": [_attribute(row, lang) for row in rows]}


def _attribute(row: dict[str, Any], lang: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "variable": row["is_variable"],
        "code": row["code"],
        "datatype": row["datatype"],
        "required": row["is_required"],
        "datatype_description": row[f"hint_{lang}"] or None,
        "order": row["position"],
        "description": row[f"question_{lang}"],
    }
    if row["choices"]:
        told["values"] = [{"key": key, "name": en if lang == "en" else zh} for key, zh, en in row["choices"]]
    return told


def _step(words: Words, word: str) -> str:
    """Return a step in words; a kind of step that has no words yet keeps its own."""
    try:
        return words(f"stage.{word}")
    except KeyError:
        return word


def request(
    row: dict[str, Any], district: District, lang: str, notes: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return one case as a service request; `notes` adds the fields of the extension."""
    words = words_for(lang)
    told: dict[str, Any] = {
        "service_request_id": row["number"],
        "status": "open" if row["is_open"] else "closed",
        "status_notes": _step(words, row["stage"]),
        "service_name": row[f"minor_{lang}"],
        "service_code": row["category"],
        "description": without_personal(row["description"]),
        "agency_responsible": words(f"chain.{row['lead_chain']}"),
        "service_notice": None,
        "requested_datetime": moment(row["reported_at"], district),
        "updated_datetime": moment(row["closed_at"] or row["changed_at"], district),
        "expected_datetime": moment(row["due_at"], district),
        "address": without_personal(row["place"]),
        "address_id": row["area_code"],
        "zipcode": None,
        "lat": None if row["lat"] is None else round(row["lat"], 7),
        "long": None if row["lon"] is None else round(row["lon"], 7),
        "media_url": row["media_url"] or None,
    }
    if notes is None:
        return told
    answers = row["attributes"] or {}
    return told | {
        "extended_attributes": {"channel": row["channel"], "location_status": row["location_status"]},
        "attributes": [
            {"code": code, "value": without_personal(value)} for code, values in answers.items() for value in values
        ],
        "notes": [
            {
                "datetime": moment(note["at"], district),
                "description": _step(words, note["stage"]),
                "type": note["stage"],
            }
            for note in notes
        ],
    }


def receipt(number: str, token: str, *, answers_token: bool) -> dict[str, Any]:
    """Return what a reporter gets back: a number, or a token when the key asks for one, never both."""
    own = {"token": token} if answers_token else {"service_request_id": number}
    return {**own, "service_notice": None, "account_id": None}
