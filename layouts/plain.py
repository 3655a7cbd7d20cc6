"""Parts of a page without life of their own, sent as one value and drawn by a few lines of our own script.

Dash keeps every component of a layout in its store and asks each again at every change: a list of two hundred rows held
the browser for half a minute. What only shows things (lists, cards, legends) needs none of that.
"""

from __future__ import annotations

import json
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.attributes import attributes

_RENAMED = {"className": "class", "tabIndex": "tabindex", "colSpan": "colspan", "rowSpan": "rowspan",
            "htmlFor": "for", "dateTime": "datetime"}  # fmt: skip
_LINK = "qx-link"


def plain(content: Any, **own: Any) -> Component | list[Component]:
    """Return one component that shows `content`: a component of `dash.html`, a `dcc.Link`, text, or a list of them.

    The same elements stand in the page as if Dash had made them, inside a box that takes no part in the arrangement;
    nothing stays nothing. What is inside cannot be the input or output of a callback. `own` are attributes of the box.

    Raises
    ------
    TypeError
        When `content` holds another kind of component.
    """
    inside = _children(content)
    if not inside:
        return []
    told = json.dumps(inside, ensure_ascii=False, separators=(",", ":"))
    # a section, so that the browser's React never takes it for one of the boxes that Dash fills
    return html.Section(className="plain-part", **attributes(data_plain=told, **own))


def _children(content: Any) -> list[Any]:
    if content is None:
        return []
    if isinstance(content, list | tuple):
        return [part for one in content for part in _children(one)]
    if isinstance(content, Component):
        return [_element(content)]
    return [str(content)]


def _element(component: Component) -> list[Any]:
    """Return [tag, attributes, children]."""
    told = component.to_plotly_json()
    props: dict[str, Any] = dict(told["props"])
    inside = _children(props.pop("children", None))
    if isinstance(component, dcc.Link):
        props["className"] = f"{_LINK} {props.get('className') or ''}".strip()
    elif told["namespace"] != "dash_html_components":
        raise TypeError(f"{told['type']} has a life of its own and cannot be drawn as a plain part")
    tag = "a" if isinstance(component, dcc.Link) else str(told["type"]).lower()
    found: dict[str, str] = {}
    for name, value in props.items():
        if value is None or value is False or name in ("refresh", "n_clicks", "disable_n_clicks"):
            continue
        found[_RENAMED.get(name, name)] = _style(value) if name == "style" else "" if value is True else str(value)
    return [tag, found, inside]


def _style(rules: dict[str, Any]) -> str:
    dashed = {"".join(f"-{c.lower()}" if c.isupper() else c for c in name): value for name, value in rules.items()}
    return ";".join(f"{name}:{value}" for name, value in dashed.items())
