"""What a reporter sends, read from a form or from JSON into plain fields; nothing is looked up here.

Names, phone, e-mail, device and account are read only to tell a repeated transmission from a second report. They are
never stored.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from dashboard.open311.errors import Fault, Refusal, bad

MOST_BYTES = 65_536
_MOST_FIELDS = 500
_MOST_CODE = 80

_SINGLE = {
    "api_key": 200,
    "jurisdiction_id": 200,
    "service_code": 100,
    "lat": 60,
    "long": 60,
    "address_string": 500,
    "address_id": 100,
    "description": 4_000,
    "media_url": 1_000,
    "email": 500,
    "device_id": 500,
    "account_id": 500,
    "first_name": 500,
    "last_name": 500,
    "phone": 500,
}
"""Field -> most characters."""

_ATTRIBUTE = re.compile(r"^attribute\[([^\[\]]{1,80})\](?:\[\d{0,4}\])?$")


@dataclass(frozen=True)
class Form:
    """Fields by name ('' when absent) and the answers by attribute code."""

    fields: dict[str, str]
    answers: dict[str, list[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Return a field, '' when it was not given."""
        return self.fields.get(name, "")

    def fingerprint(self) -> str:
        """Return a mark of everything that was sent, keyed with the sender's secret, which the record does not hold.

        So nobody can find out by trying, not even with the record in hand, whose name or phone was sent.
        """
        told = {name: value for name, value in self.fields.items() if name != "api_key"}
        whole = json.dumps([told, self.answers], sort_keys=True, ensure_ascii=True)
        return hmac.new(self["api_key"].encode(), whole.encode(), hashlib.sha256).hexdigest()


def form_of(content_type: str, body: bytes) -> Form:
    """Read a body.

    Raises
    ------
    Refusal
        400 with every reason.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("application/x-www-form-urlencoded", ""):
        pairs = _pairs_of_form(body)
    elif kind == "application/json":
        pairs = _pairs_of_json(body)
    else:
        raise bad("send application/x-www-form-urlencoded; charset=utf-8, or application/json", 415)
    return _checked(pairs)


def _pairs_of_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8"), errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise bad("the form is not UTF-8") from None
    except ValueError:
        raise bad(f"the form has more than {_MOST_FIELDS} fields") from None


def _pairs_of_json(body: bytes) -> list[tuple[str, str]]:
    try:
        content = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise bad("the body is not JSON in UTF-8") from None
    if not isinstance(content, dict):
        raise bad("the JSON body is not an object")
    pairs: list[tuple[str, str]] = []
    for name, value in content.items():
        if name in ("attribute", "attributes") and isinstance(value, dict):
            for code, answer in value.items():
                answers = answer if isinstance(answer, list) else [answer]
                pairs += [(f"attribute[{code}][]", _scalar(code, one)) for one in answers]
        elif name in _SINGLE or _ATTRIBUTE.fullmatch(name):
            values = value if isinstance(value, list) and name not in _SINGLE else [value]
            pairs += [(name, _scalar(name, one)) for one in values]
    if len(pairs) > _MOST_FIELDS:
        raise bad(f"the body has more than {_MOST_FIELDS} fields")
    return [(name, value) for name, value in pairs if value]


def _scalar(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise bad(f"{name[:_MOST_CODE]} is neither text nor number")
    try:
        return str(value)
    except ValueError:  # a whole number of thousands of digits
        raise bad(f"{name[:_MOST_CODE]} is too long") from None


def _checked(pairs: list[tuple[str, str]]) -> Form:
    faults: list[Fault] = []
    fields: dict[str, str] = {}
    answers: dict[str, list[str]] = {}
    for name, given in pairs:
        asked = _ATTRIBUTE.fullmatch(name)
        if name not in _SINGLE and asked is None:
            continue  # other programs send fields of their own
        fault = _unstorable(given)
        if fault:
            faults.append(Fault(400, f"{name if asked is None else 'an attribute'} {fault}"))
            continue
        value = given.replace("\r\n", "\n").replace("\r", "\n").strip()
        if asked is not None:
            if value:
                answers.setdefault(asked[1], []).append(value)
        elif not value:
            continue
        elif name in fields:
            faults.append(Fault(400, f"{name} is given more than once"))
        elif len(value) > _SINGLE[name]:
            faults.append(Fault(400, f"{name} is longer than {_SINGLE[name]} characters"))
        else:
            fields[name] = value
    if any(_unstorable(code) for code in answers):
        faults.append(Fault(400, "an attribute's code is not text"))
    if faults:
        raise Refusal(*faults)
    return Form(fields, answers)


def _unstorable(value: str) -> str:
    """Say why a text can not be kept, or ''."""
    if "\x00" in value:
        return "contains NUL"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "is not text in UTF-8"
    return ""
