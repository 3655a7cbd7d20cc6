"""Forms that a button opens: described here as data, drawn and sent by `70_forms.js`.

They live outside what the server redraws, so that nothing a person has typed is lost when a new case arrives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes

Option = tuple[str, str]
Spec = dict[str, Any]


def field(
    name: str, label: str, kind: str = "text", *, required: bool = False, value: str = "", hint: str = "",
    options: Iterable[Option] = (), most: int = 0, listed: str = "",
) -> Spec:  # fmt: skip
    """Return one field: `kind` is text, area, select, many, number, date, moment, or combo (free text with offers).

    `options` are (value, label), or `listed` names a list of `option_lists` that many fields share; `most` is the
    longest text or the largest number.
    """
    made: Spec = {"name": name, "label": label, "kind": kind}
    extras = {"required": required, "value": value, "hint": hint, "options": list(options), "most": most,
              "list": listed}  # fmt: skip
    return made | {key: given for key, given in extras.items() if given}


def form(
    title: str, action: str, fields: Iterable[Spec], *, submit: str, note: str = "",
    fixed: dict[str, Any] | None = None, signed: bool = True, unit: str = "own", pick: str = "",
    done: str = "", go: str = "",
) -> Spec:  # fmt: skip
    """Return a whole form.

    Parameters
    ----------
    title, submit, note : words above, on the button, and below the title.
    action : address that takes the answers as JSON by POST.
    fields : see `field`. fixed : what is sent along unseen.
    signed : ask who does it; the answer is kept in the browser. unit : `own` sends the person's own unit as `unit`,
        `field` leaves that to a field of this name.
    pick : when set, the person first clicks a place on the map; these are the words above it.
    done : what is said afterwards. go : address to open afterwards, with {number} filled in from the answer.
    """
    made: Spec = {"title": title, "action": action, "fields": list(fields), "submit": submit, "signed": signed,
                  "unit": unit}  # fmt: skip
    extras = {"note": note, "fixed": fixed, "pick": pick, "done": done, "go": go}
    return made | {key: given for key, given in extras.items() if given}


def option_lists(**lists: Iterable[Option]) -> Component:
    """Return the unseen element that holds the lists which many fields of a page share."""
    told = json.dumps({name: list(options) for name, options in lists.items()}, ensure_ascii=False)
    return html.Div(className="option-lists", hidden=True, **attributes(data_lists=told))


def form_button(label: Any, spec: Spec, look: str = "act", hint: str = "", **more: str) -> Component:
    """Return the button that opens a form."""
    told = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    return html.Button(label, className=look, title=hint or None, type="button", **attributes(data_form=told, **more))
