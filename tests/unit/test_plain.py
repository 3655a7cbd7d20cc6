"""Plain parts: the same elements as Dash would make, in one value, and nothing that needs Dash to live."""

from __future__ import annotations

import json

import pytest
from dash import dcc, html

from layouts.plain import plain


def told(component: object) -> list[object]:
    return json.loads(component.to_plotly_json()["props"]["data-plain"])  # type: ignore[attr-defined]


def test_elements_keep_their_tag_attributes_text_and_order() -> None:
    row = html.Tr([html.Td("<b>超期</b>", className="state", colSpan=2), None, html.Td(3)], **{"data-lon": "116.3"})
    assert told(plain([row, "尾"])) == [
        ["tr", {"data-lon": "116.3"}, [["td", {"class": "state", "colspan": "2"}, ["<b>超期</b>"]], ["td", {}, ["3"]]]],
        "尾",
    ]


def test_a_link_stays_a_link_that_changes_only_the_address() -> None:
    assert told(plain(dcc.Link("去", href="/queue", className="tab"))) == [
        ["a", {"href": "/queue", "class": "qx-link tab"}, ["去"]]
    ]


def test_styles_become_css() -> None:
    assert told(plain(html.I(style={"width": "3%", "fontSize": "1rem"}))) == [
        ["i", {"style": "width:3%;font-size:1rem"}, []]
    ]


def test_nothing_stays_nothing_so_that_an_empty_box_can_be_hidden() -> None:
    assert plain([None, []]) == []


def test_what_needs_dash_to_live_is_refused() -> None:
    with pytest.raises(TypeError, match="Graph"):
        plain(html.Div(dcc.Graph()))
