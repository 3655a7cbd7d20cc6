"""Answers as bytes: one tree of dicts and lists becomes XML or JSON, so that both always say the same.

A list becomes an element with one child per member, named by `_MEMBER`; in JSON it is a bare array. Nothing is null
in XML: an empty element stands for it. There is no namespace.
"""

from __future__ import annotations

import json
import re
from typing import Any
from xml.sax.saxutils import escape

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}

_MEMBER = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "notes": "note",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 can not hold, not even escaped."""


def rendered(root: str, content: Any, form: str) -> bytes:
    """Return an answer in UTF-8.

    Parameters
    ----------
    root
        Name of the XML root; JSON has none.
    content
        Dicts, lists, strings, numbers, booleans and None.
    form
        `xml` or `json`.
    """
    if form == "json":
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
            "utf-8", "replace"
        )
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(parts, root, content)
    return "".join(parts).encode()


def _write(parts: list[str], name: str, content: Any) -> None:
    if content is None or content == "" or content == [] or content == {}:
        parts.append(f"<{name}/>")
        return
    parts.append(f"<{name}>")
    if isinstance(content, dict):
        for key, value in content.items():
            _write(parts, key, value)
    elif isinstance(content, list):
        for value in content:
            _write(parts, _MEMBER[name], value)
    elif isinstance(content, bool):
        parts.append("true" if content else "false")
    else:
        parts.append(escape(_UNWRITABLE.sub("\ufffd", str(content)), {"\r": "&#13;"}))
    parts.append(f"</{name}>")
