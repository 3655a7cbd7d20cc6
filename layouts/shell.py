"""The frame around every page: header with place, controls and data time, rail, map, side panel, timeline."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from gis.scope import CUSTOM, LAYERS, MEASURES, WINDOWS_H, View
from layouts import ids
from layouts.attributes import attributes
from layouts.columns import area_columns
from layouts.figures.time import EMPTY_FIGURE
from layouts.plain import plain
from layouts.rail import rail_layout
from layouts.text import Words, words_for
from layouts.theme import FONT


def shell_layout(lang: str, theme: str, scale: float, map_size: tuple[int, int], seen_s: int = 0) -> Component:
    """Return the whole page; everything that changes is filled in by callbacks.

    `scale` enlarges what is drawn in pixels, for walls; the rest grows by rem. `map_size` is in pixels.
    """
    words = words_for(lang)
    return dmc.MantineProvider(
        id=ids.THEME,
        forceColorScheme=theme,
        theme={"fontFamily": FONT, "primaryColor": "blue", "defaultRadius": "sm"},
        children=[
            dcc.Location(id=ids.URL, refresh=False),
            dcc.Store(id=ids.MAP_STATE),
            dcc.Store(id=ids.MAP_KEY),
            dcc.Store(id=ids.MAP_SUM),
            dcc.Store(id=ids.LIVE_TICK),
            dcc.Store(
                id=ids.PREFS, data={"lang": lang, "theme": theme, "scale": scale, "map": list(map_size), "seen": seen_s}
            ),
            html.A(words("skip"), href="#panel", className="skip"),
            html.Div(
                [
                    _header(words),
                    html.Nav(plain(rail_layout(View(), words)), id=ids.RAIL, className="rail"),
                    _map_view(words, theme, scale),
                    html.Main(id=ids.PAGE, className="page"),
                    html.Div(words("live.lost"), className="lost-note", role="alert"),
                    _keys(words),
                ],
                id=ids.SHELL,
                className="shell",
            ),
        ],
    )


def _header(words: Words) -> Component:
    return html.Header(
        [
            html.A([html.Span("◍", className="mark"), html.B(words("brand"))], href="/", className="brand"),
            html.Nav(id=ids.CRUMBS, className="crumbs", **attributes(aria_label=words("page.map"))),
            html.Div(id=ids.STALE, className="stale", role="status"),
            html.Div(
                [
                    _select(ids.WINDOW, words("window"), [(w, words(f"window.{w}")) for w in (*WINDOWS_H, CUSTOM)],
                            112),
                    _filters(words),
                    dmc.Select(
                        id=ids.SEARCH,
                        placeholder=words("search"),
                        searchable=True,
                        clearable=True,
                        nothingFoundMessage=words("search.none"),
                        data=[],
                        filter={"function": "qxPassAll"},
                        size="sm",
                        w=250,
                        **attributes(aria_label=words("search")),
                    ),
                ],
                className="tools",
            ),
            html.Div(
                [
                    html.Span(id=ids.DATA_TIME, className="data-time"),
                    html.Button(words("lang.other"), id=ids.LANG, title=words("lang.hint"), className="plain"),
                    html.Button("◐", id=ids.THEME_SWITCH, title=words("theme.hint"), className="plain",
                                **attributes(aria_label=words("theme.hint"))),
                ],
                className="status",
            ),
        ],
        className="top",
    )  # fmt: skip


def _keys(words: Words) -> Component:
    rows = (
        ("/", "keys.search"),
        ("Esc", "keys.up"),
        ("g m", "page.map"),
        ("g w", "page.queue"),
        ("g h", "page.hotspots"),
        ("g c", "page.circles"),
        ("g r", "page.chains"),
        ("g k", "page.measures"),
        ("g q", "page.quality"),
        ("g d", "page.community"),
        ("↑ ↓", "keys.queue.walk"),
        ("␣ / a", "keys.queue.act"),
        ("g b", "page.review"),
        ("g s", "page.screens"),
        ("?", "keys.this"),
    )
    list_ = [part for key, text in rows for part in (html.Dt(html.Kbd(key)), html.Dd(words(text)))]
    return html.Div(html.Div([html.H2(words("keys")), html.Dl(list_)]), id=ids.KEYS, className="keys-help", hidden=True)


def _select(component: str, label: str, options: list[tuple[str, str]], width: int) -> Component:
    return dmc.Select(
        id=component,
        data=[{"value": value, "label": text} for value, text in options],
        allowDeselect=False,
        size="sm",
        w=width,
        **attributes(aria_label=label),
    )


def _filters(words: Words) -> Component:
    return dmc.Popover(
        [
            # the library would give its roles to a box around the button, where they mean nothing
            dmc.PopoverTarget(html.Button(words("filter"), id=ids.FILTER_BUTTON, className="plain boxed",
                                          **attributes(aria_haspopup="dialog"))),
            dmc.PopoverDropdown(html.Div(id=ids.FILTERS, className="filters")),
        ],
        width=560, position="bottom-end", shadow="md", trapFocus=True, withRoles=False,
    )  # fmt: skip


def _map_view(words: Words, theme: str, scale: float) -> Component:
    return html.Main(
        [
            html.Section(
                [
                    dcc.Graph(id=ids.GRAPH, figure=EMPTY_FIGURE, className="map", responsive=True,
                              config={"displayModeBar": False, "scrollZoom": True}, clear_on_unhover=True),
                    html.Div(
                        [
                            _select(ids.MEASURE, words("measure"),
                                    [(m, words(f"measure.{m}")) for m in MEASURES], 208),
                            dmc.SegmentedControl(id=ids.UNIT, size="xs", data=[]),
                            dmc.ChipGroup(
                                [dmc.Chip(words(f"layer.{name}"), value=name, size="xs") for name in LAYERS],
                                id=ids.LAYERS, multiple=True, value=[],
                            ),
                        ],
                        className="map-tools",
                    ),
                    html.Div(id=ids.LEGEND, className="legend"),
                    html.Div(className="scale-bar", id=ids.SCALE_BAR),
                    html.Div(id=ids.SCHEMATIC, className="schematic"),
                    html.Div(id=ids.POPUP, className="map-popup", hidden=True),
                ],
                className="map-wrap",
            ),
            html.Section(id=ids.TIMELINE, className="timeline", children=[
                html.Div(
                    [html.Span(id=ids.TIMELINE_HEAD),
                     html.Button("▶ " + words("play"), id=ids.PLAY, className="plain", title=words("play.hint"),
                                 **attributes(data_play="▶ " + words("play"), data_stop="■ " + words("play.stop"))),
                     html.Span(id=ids.PLAY_TIME, className="play-time"),
                     html.Span(words("brush.hint"), className="muted brush-hint")],
                    className="timeline-head",
                ),
                html.Div(id=ids.PLAY_CURSOR, className="play-cursor", hidden=True),
                dcc.Graph(id=ids.TIMELINE_GRAPH, figure=EMPTY_FIGURE, responsive=True, className="timeline-graph",
                          config={"displayModeBar": False}),
            ]),
            html.Aside(
                [
                    html.Div(id=ids.PANEL_HEAD, className="panel-head"),
                    html.Div(id=ids.PANEL_URGENT, className="panel-urgent"),
                    html.Nav(id=ids.PANEL_TABS, className="tabs"),
                    html.Div(id=ids.PANEL_BODY, className="panel-body"),
                    html.Div(area_table(words, theme, scale), id=ids.TABLE_WRAP, className="table-wrap"),
                ],
                id=ids.PANEL, className="panel", tabIndex="-1",
            ),
        ],
        id=ids.MAP_VIEW, className="map-view",
    )  # fmt: skip


def area_table(words: Words, theme: str, scale: float) -> Component:
    """Return the table beside the map: one row per child area, keyed by code, so that updates keep the scroll."""
    options: dict[str, Any] = {
        "rowHeight": round(28 * scale),
        "headerHeight": round(32 * scale),
        "animateRows": False,
        "suppressCellFocus": False,
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        "getRowStyle": {"styleConditions": [{"condition": "params.data.kind == 'bucket'",
                                             "style": {"fontStyle": "italic", "opacity": 0.85}}]},
    }  # fmt: skip
    return dag.AgGrid(
        id=ids.TABLE,
        rowData=[],
        columnDefs=area_columns(words),
        defaultColDef={"sortable": True, "resizable": False, "suppressMovable": True},
        getRowId="params.data.key",
        dashGridOptions=options,
        className=f"ag-theme-quartz{'-dark' if theme == 'dark' else ''} areas",
        style={"height": "100%"},
    )
