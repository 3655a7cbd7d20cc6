"""Search by name, short name, pinyin, initials or code, as one types."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard.offload import offload
from dashboard.services import Services
from db.read import areas, cases
from gis.codes import Level, ancestors
from gis.errors import QuanxiangError
from layouts import ids
from layouts.text import words_for
from layouts.text.naming import cell_name, level_word, short_name


def _found(services: Services, typed: str, lang: str) -> list[dict[str, str]]:
    words = words_for(lang)
    with services.database.reading() as conn:
        rows = areas.search(conn, typed, services.district_of("").code)
        above = {code for row in rows for code in ancestors(row["code"])[1:-1]}
        names = cases.names_of(conn, sorted(above))
    options = []
    for row in rows:
        name = cell_name(row["code"], lang) if row["level"] == Level.CELL else short_name(row, lang)
        where = " · ".join(short_name(names[code], lang) for code in ancestors(row["code"])[1:-1] if code in names)
        kind = "" if row["level"] == Level.CELL else level_word(Level(row["level"]), words)
        label = "  ".join(part for part in (name, kind, where) if part)
        options.append({"value": row["code"], "label": label})
    return options


def register(app: Dash, services: Services) -> None:
    """Bind the callback."""

    @app.callback(
        Output(ids.SEARCH, "data"),
        Input(ids.SEARCH, "searchValue"),
        State(ids.SEARCH, "data"),
        State(ids.PREFS, "data"),
        prevent_initial_call=True,
    )
    async def on_search(typed: str | None, known: list[dict[str, str]], prefs: dict[str, Any]) -> Any:
        if not typed or any(option["label"] == typed for option in known or []):
            return no_update
        try:
            return await offload(_found, services, typed, prefs["lang"])
        except QuanxiangError:
            return no_update
