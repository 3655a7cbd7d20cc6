"""The board: areas by chains, each cell a number with its word, on a quiet ground that deepens with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from gis.chains import COUNTS, MEASURES, PARTICIPATION, Board
from gis.scope import View
from gis.terms import CHAINS, DEADLINE_CHAINS
from layouts.attributes import attributes
from layouts.legend import number
from layouts.pages.chains import chain_mark, signed
from layouts.text import Words

LIST_OF = {"flow": "new", "oldest": "open", "p90": "open", "per_person": "open", "taking_part": "open"}
"""The list that a cell of a measure opens, where it is not the measure's own."""

Row = dict[str, Any]


def board_layout(
    view: View, show: str, board: Board, names: dict[str, str], per_person: pd.Series, quantiles: pd.DataFrame,
    part: pd.DataFrame, now: datetime, lang: str, words: Words,
) -> Component:  # fmt: skip
    """Return the measure's links, its meaning and the table.

    Parameters
    ----------
    names : of the areas in the order of the rows. per_person, quantiles, part : by (chain, code), '' for a whole chain.
    """
    cells = _Cells(show, board, per_person, quantiles, part, now, words)
    window = words(f"window.{view.window}")
    links = [
        dcc.Link(words(f"chains.show.{name}"), href=view.with_own(show="" if name == "open" else name).url,
                 className="tab on" if name == show else "tab")
        for name in MEASURES
    ]  # fmt: skip
    head = [html.Th(words("chains.area"))]
    head += [
        html.Th(chain_mark(c, words), title=words(f"chain.full.{c}"), className="figure") for c in CHAINS
    ]  # fmt: skip
    head.append(html.Th(words("chains.all"), className="figure"))
    rows = [_row(view, cells, "total", "", words("chains.all"), words)]
    rows += [_row(view, cells, "area", code, name, words) for code, name in names.items()]
    statuses = dict.fromkeys(board.buckets.index.get_level_values("location_status"))
    rows += [_row(view, cells, "bucket", status, words(f"bucket.{status}"), words) for status in statuses]
    means = words(f"chains.means.{show}", window=window)
    return html.Section(
        [
            html.Nav(links, className="tabs chains-show"),
            html.P([means, " ", html.Span(words("chains.schematic"))], className="muted chains-means"),
            html.Div(
                html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="chains-table"),
                className="chains-scroll", tabIndex="0",
            ),
        ],
        className="chains-board",
    )  # fmt: skip


class _Cells:
    """What every cell says: a number to shade by, its words, and the smaller words below."""

    def __init__(
        self, show: str, board: Board, per_person: pd.Series, quantiles: pd.DataFrame, part: pd.DataFrame,
        now: datetime, words: Words,
    ) -> None:  # fmt: skip
        # plain dictionaries: a board has two hundred cells, and looking each up in a frame would take most of the time
        self.show, self.words = show, words
        self._own = {"area": _plain(board.cells), "bucket": _plain(board.buckets),
                     "total": {(chain, ""): row for chain, row in _plain(board.totals).items()}}  # fmt: skip
        self._per_person = per_person.to_dict()
        self._hours, self._n = quantiles["hours"].to_dict(), quantiles["n"].to_dict()
        self._part = _plain(part)
        self._now = pd.Timestamp(now)
        each = [self.value(row, chain, code) for (chain, code), row in self._own["area"].items()]
        known = np.array([v for v in each if v is not None and np.isfinite(v) and v > 0])
        self._edges = np.quantile(known, [0.2, 0.4, 0.6, 0.85]) if len(known) else np.array([])

    def counts(self, kind: str, key: str, chain: int) -> Row | None:
        """Return the counts of one place and chain; chain 0 is all of them."""
        own = self._own[kind]
        place = "" if kind == "total" else key
        if chain:
            return own.get((chain, place))
        rows = [row for (_, where), row in own.items() if where == place]
        summed: Row = {name: sum(row[name] for row in rows) for name in COUNTS}
        known = [row["oldest_at"] for row in rows if not pd.isna(row["oldest_at"])]
        return summed | {"oldest_at": min(known) if known else pd.NaT}

    def value(self, row: Row | None, chain: int, code: str) -> float | None:
        """Return what a cell is shaded by; None where the measure does not apply."""
        if self.show in ("near_due", "overdue") and chain not in (0, *DEADLINE_CHAINS):
            return None
        if row is None:
            return 0.0 if self.show in ("open", "new", "near_due", "overdue", "support", "flow") else None
        match self.show:
            case "oldest":
                at = row["oldest_at"]
                return None if pd.isna(at) else (self._now - at).total_seconds() / 86_400
            case "p90":
                return self._hours.get((chain, code))
            case "per_person":
                return self._per_person.get((chain, code)) if chain else None
            case "taking_part":
                own = self._part.get((chain, code))
                return None if own is None else float(own[PARTICIPATION[chain][-1]])
            case "flow":
                return float(row["new"] - row["closed"])
        return float(row[self.show])

    def step(self, value: float | None) -> int:
        """Return the depth of the ground, 0 to 5."""
        if value is None or not np.isfinite(value) or value <= 0 or not len(self._edges):
            return 0
        return int(np.searchsorted(self._edges, value, side="right")) + 1

    def texts(self, row: Row | None, value: float | None, chain: int, code: str) -> tuple[str, str, str]:
        """Return the number, the smaller words below it, and the class of those."""
        words = self.words
        if self.show in ("near_due", "overdue") and value is None:
            return "–", "", ""
        if value is None or not np.isfinite(value):
            return "–", "", ""
        match self.show:
            case "open":
                if chain in (0, *DEADLINE_CHAINS):
                    late = 0 if row is None else int(row["overdue"])
                    return number(value), words("chains.cell.overdue", n=number(late)) if late else "", "overdue"
                return number(value), self._taking_part(chain, code, 1), ""
            case "oldest":
                return words("chains.cell.days", n=f"{value:,.1f}"), "", ""
            case "p90":
                n = int(self._n.get((chain, code), 0))
                return words("chains.cell.hours", n=f"{value:,.0f}"), words("chains.cell.n", n=number(n)), ""
            case "flow":
                told = (0, 0) if row is None else (int(row["new"]), int(row["closed"]))
                return signed(int(value)), words("chains.cell.flow", a=number(told[0]), b=number(told[1])), ""
            case "per_person":
                return f"{value:,.2f}" if value < 10 else f"{value:,.1f}", "", ""
            case "taking_part":
                return self._taking_part(chain, code, 1) or "–", self._taking_part(chain, code, 0), ""
        return number(value), "", ""

    def _taking_part(self, chain: int, code: str, place: int) -> str:
        own = self._part.get((chain, code))
        if own is None:
            return ""
        if chain == 6 and place == 1 and own["visits_due"]:
            return self.words("chains.kind.visited", n=f"{100 * own['visits_kept'] / own['visits_due']:.0f}")
        kinds = PARTICIPATION[chain]
        kind = kinds[min(place, len(kinds) - 1)]
        return f"{self.words(f'chains.kind.{kind}')} {number(own[kind])}"


def _plain(frame: pd.DataFrame) -> dict[Any, Row]:
    names = list(frame.columns)
    return {key: dict(zip(names, row, strict=True)) for key, row in
            zip(frame.index, frame.itertuples(index=False, name=None), strict=True)}  # fmt: skip


def _row(view: View, cells: _Cells, kind: str, key: str, name: str, words: Words) -> Component:
    down = view.with_own(k="", at="", bk="", cc="").at(key).url if kind == "area" else ""
    head: Any = dcc.Link(name, href=down) if down else name
    made: list[Component] = [html.Th(head, scope="row")]
    made += [_cell(view, cells, kind, key, chain) for chain in (*CHAINS, 0)]
    return html.Tr(made, className=kind)


def _cell(view: View, cells: _Cells, kind: str, key: str, chain: int) -> Component:
    row = cells.counts(kind, key, chain)
    code = key if kind == "area" else "" if kind == "total" else "?"
    value = cells.value(row, chain, code)
    text, small, look = cells.texts(row, value, chain, code)
    which = LIST_OF.get(cells.show, cells.show)
    count = 0 if row is None else int(row[which])
    depth = cells.step(value) if kind == "area" and chain else 0
    content: list[Any] = [html.B(text)]
    if small:
        content.append(html.Small(small, className=look))
    inner: Any = html.Span(content, className="cell")
    if count and not (text == "–" and which in ("near_due", "overdue")):
        link = view.with_own(k=which, cc=str(chain) if chain else "", at=key if kind == "area" else "",
                             bk=key if kind == "bucket" else "")  # fmt: skip
        inner = dcc.Link(content, href=link.url, className="cell")
    return html.Td(inner, className=f"figure depth-{depth}",
                   **attributes(data_chain=str(chain), data_at=key or "total", data_n=str(count)))  # fmt: skip
