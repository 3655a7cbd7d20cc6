"""The rail of pages at the left: each by the question it answers, keeping the place and filters one has chosen."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import View
from layouts import ids
from layouts.attributes import attributes
from layouts.text import Words

PAGES: tuple[tuple[str, str], ...] = (
    ("map", "M3 6l6-3 6 3 6-3v15l-6 3-6-3-6 3zM9 3v15M15 6v15"),
    ("queue", "M4 6h16M4 12h10M4 18h7M17 13v4l3 2M17 21a4 4 0 1 0 0-8 4 4 0 0 0 0 8"),
    (
        "hotspots",
        "M12 21c4 0 6-3 6-6 0-4-3-5-4-9-2 1-3 3-3 5-1-1-2-2-2-3-2 2-3 4-3 7 0 3 2 6 6 6z",
    ),
    ("circles", "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 12h.01"),
    ("chains", "M9 15l6-6M8 11l-2 2a3.5 3.5 0 0 0 5 5l2-2M16 13l2-2a3.5 3.5 0 0 0-5-5l-2 2"),
    ("community", "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2 20c0-3.5 2.5-6 6-6s6 2.5 6 6M15 4h7v6h-4l-2 2v-2h-1z"),
    ("measures", "M4 20V10M10 20V4M16 20v-7M21 20H2M13.5 8.5l3 3 5-6"),
    ("quality", "M12 3l9 16H3zM12 9v5M12 16.5v.5"),
    ("review", "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7"),
    ("screens", "M3 5h18v11H3zM9 20h6M12 16v4"),
)
"""Page and the path of its icon on a 24 x 24 field, in the order of the rail."""


def rail_layout(view: View, words: Words) -> list[Component]:
    """Return the links of the rail; the page one is on is marked, and a case counts to the map."""
    here = "map" if view.page == "case" else view.page
    return [
        dcc.Link(
            [html.Span(className="icon", **attributes(data_path=path)), html.Span(words(f"page.{page}"))],
            href=view.on(page).url, title=words(f"page.{page}.asks"), id=f"{ids.RAIL}-{page}",
            className="on" if page == here else "",
        )
        for page, path in PAGES
    ]  # fmt: skip
