"""The map of a chain: load by area as words and colour, units and offers as points."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.codes import Level
from gis.scope import View
from layouts.figures.map import build_map, colouring
from layouts.figures.style import build_style
from layouts.legend import number
from layouts.pages.chains_flow import chain_links
from layouts.plain import plain
from layouts.text import Words
from layouts.theme import CHAIN_COLOURS, tokens


def map_layout(
    view: View, chain: int, unit: Level, codes: pd.Index, open_cases: pd.Series, names: dict[str, str],
    units: pd.DataFrame, offers: pd.DataFrame, needs: dict[str, int], place: dict[str, Any], theme: str, lang: str,
    words: Words,
) -> list[Any]:  # fmt: skip
    """Return the tab.

    Parameters
    ----------
    codes : every area of `unit` in the district. open_cases : of the scope's areas, by code.
    units : `name_zh`, `chain`, `people`, `per_day`, `open`, `lon`, `lat`. offers : `title_zh`, `capacity`, `opens`,
        `lon`, `lat`.
    needs : open cases by category. place : `root`, `box`, `camera` and `scale` of the district's map.
    """
    coloured = colouring(open_cases.astype(float))
    hover = [f"{names[str(c)]}<br>{words('chains.show.open')} {number(open_cases[c])}" if c in open_cases.index else ""
             for c in codes]  # fmt: skip
    figure = build_map(unit, codes, coloured, hover, theme=theme, lang=lang, **place)
    # the base map is part of the style here: nobody fills it later, as on the shared map
    figure["layout"]["map"]["style"] = build_style(theme, lang, place["root"], place["box"], place["scale"])
    figure["data"] += [_units(units, place["scale"], words), _offers(offers, theme, place["scale"], words)]
    counts = words("chains.map.counts", units=number(len(units)), people=number(units["people"].sum()),
                   offers=number(len(offers)), open=number(open_cases.sum()))  # fmt: skip
    head = plain(html.Div([chain_links(view, chain, words), html.P(counts),
                           html.P(words("chains.map.means"), className="muted")], className="chains-wide"))  # fmt: skip
    graph = dcc.Graph(figure=figure, config={"displayModeBar": False, "scrollZoom": True}, responsive=True,
                      className="chains-map-graph")  # fmt: skip
    return [head, html.Div(graph, className="chains-map chains-wide"), plain(_lists(offers, needs, words))]


def _units(units: pd.DataFrame, scale: float, words: Words) -> dict[str, Any]:
    text = [
        words("chains.map.unit", name=r["name_zh"], chain=words(f"chain.{r['chain']}"), people=number(r["people"]),
              open=number(r["open"]), days=f"{r['days']:.1f}")
        for r in units.to_dict("records")
    ]  # fmt: skip
    return _points(units, text, [CHAIN_COLOURS[int(c) - 1] for c in units["chain"]], 9 * scale)


def _offers(offers: pd.DataFrame, theme: str, scale: float, words: Words) -> dict[str, Any]:
    t = tokens(theme)
    text = [words("chains.map.offer", title=r["title_zh"], n=number(r["capacity"]), opens=r["opens"])
            for r in offers.to_dict("records")]  # fmt: skip
    return _points(offers, text, t.near_due, 5 * scale)


def _points(rows: pd.DataFrame, text: list[str], colour: Any, size: float) -> dict[str, Any]:
    return {
        "type": "scattermap", "mode": "markers", "lon": [round(float(x), 5) for x in rows["lon"]],
        "lat": [round(float(y), 5) for y in rows["lat"]], "text": text, "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": size, "color": colour, "opacity": 0.95},
    }  # fmt: skip


def _lists(offers: pd.DataFrame, needs: dict[str, int], words: Words) -> Component:
    rows = []
    for kind, own in offers.groupby("kind"):
        asked = {part for told in own["needs"] for part in told.split(",") if part}
        open_needs = sum(n for category, n in needs.items() if category.startswith(tuple(asked)))
        cells = (len(own), own["capacity"].sum(), open_needs)
        rows.append(html.Tr([html.Td(words(f"chains.offer.{kind}")),
                             *[html.Td(number(n), className="figure") for n in cells]]))  # fmt: skip
    names = ("kind", "n", "capacity", "open")
    head = html.Tr([html.Th(words(f"chains.offer.{name}"), className="" if name == "kind" else "figure")
                    for name in names])  # fmt: skip
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="chains-plain")
    return html.Article([html.H2(words("chains.offer.title")), table], className="chains-panel wide")
