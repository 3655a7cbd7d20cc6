"""What the page of the response chains needs, read off the event loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from dashboard.pictures import picture
from dashboard.services import District, Services
from db.read import chain_calls, chain_exceptions, chains
from gis.chains import (
    MEASURES,
    PARTICIPATION,
    Board,
    board,
    handling_quantiles,
    load_per_person,
    participation_table,
    whistle_warning,
)
from gis.codes import Level
from gis.scope import WINDOWS_H, View
from gis.terms import CHAINS, LOCATION_STATUSES

PARTS = ("board", "flow", "paths", "next", "balance", "rules", "map")
LISTS = ("open", "new", "closed", "near_due", "overdue", "support")
_LISTED = 200
_TIMED = timedelta(days=30)
_SLOW_S = 300.0


@dataclass(frozen=True)
class ChainView:
    """What the page's own parameters say, checked.

    Attributes
    ----------
    part : which tab. show : what the board's cells show.
    which, chain, at, bucket : the list that is open: of which number ('' = none), chain (0 = all), area or bucket.
    """

    part: str
    show: str
    which: str
    chain: int
    at: str
    bucket: str

    @classmethod
    def of(cls, view: View) -> ChainView:
        """Read them from the address; what is not known counts as not said."""

        def one(key: str, allowed: tuple[str, ...], default: str) -> str:
            said = view.own_value(key)
            return said if said in allowed else default

        chain = view.own_value("cc")
        at = view.own_value("at")
        return cls(
            one("part", PARTS, "board"), one("show", MEASURES, "open"), one("k", LISTS, ""),
            int(chain) if chain in {str(c) for c in CHAINS} else 0, at if at.isdigit() else "",
            one("bk", LOCATION_STATUSES, ""),
        )  # fmt: skip


@dataclass(frozen=True)
class Work:
    """The board of a view with everything that stands on it."""

    view: View
    district: District
    now: datetime
    unit: Level
    place: dict[str, Any]
    areas: pd.DataFrame
    board: Board
    people: pd.Series
    per_person: pd.Series
    quantiles: pd.DataFrame
    part: pd.DataFrame
    weeks: int


def work(services: Services, view: View) -> Work:
    """Return the board of a view: streets of the district, communities of a street, cells of a community."""
    district = services.district_of(view.code)
    now = services.moment(district)
    shown = picture(services, view, now)
    plain = plain_view(shown.view)
    scope, unit = plain.code, shown.unit

    def ask() -> Board:
        with services.database.reading() as conn:
            counts = chains.counts(conn, scope, plain, now, int(unit))
        known = shown.rows.index
        counts.loc[~counts["area_code"].isin(known), "area_code"] = scope[: int(unit) - 1]
        return board(counts, known, unit)

    made: Board = services.kept.get(("chain-board", plain, unit, services.hub.version), 2.0, ask)
    people = people_of(services, district, scope, unit)
    areas = shown.rows
    keys = pd.MultiIndex.from_product([CHAINS, ["", *areas.index]], names=["chain", "code"])
    open_cases = pd.concat([made.cells["open"], _whole(made.totals["open"])]).reindex(keys)
    weeks = max(1, round(WINDOWS_H[plain.window] / 168))
    since = (district.local(now) - timedelta(weeks=weeks)).date()
    with services.database.reading() as conn:
        told = chains.taken_part(conn, scope, since)
    return Work(
        shown.view, district, now, unit, shown.place, areas, made, people, load_per_person(open_cases, people),
        quantiles(services, shown.view, now, unit), participation_table(told, areas.index, unit), weeks,
    )  # fmt: skip


def plain_view(view: View) -> View:
    """Return a view without what changes no number."""
    return view.with_(measure="open", unit=None, layers=(), tab="areas", topic="", lang="", theme="", camera=None,
                      bucket="", bucket_unit=None, own=())  # fmt: skip


def _whole(totals: pd.Series) -> pd.Series:
    totals = totals.copy()
    totals.index = pd.MultiIndex.from_product([totals.index, [""]], names=["chain", "code"])
    return totals


def units_of(services: Services, district: District) -> pd.DataFrame:
    """Return the units of a district; kept for a while, since they change by hand only."""

    def ask() -> pd.DataFrame:
        with services.database.reading() as conn:
            return chains.units(conn, district.code)

    frame: pd.DataFrame = services.kept.get(("chain-units", district.code), 60.0, ask)
    return frame


def people_of(services: Services, district: District, scope: str, unit: Level) -> pd.Series:
    """Return the people on duty per (chain, area); code '' holds everybody whose duty touches the scope."""
    every = units_of(services, district)
    duty = every["duty"].fillna("")
    inside = every[duty.str.startswith(scope)]
    above = every[[scope.startswith(code) and code != scope for code in duty]]
    here = inside[inside["duty"].str.len() >= int(unit)]
    by_area = here.groupby([here["chain"], here["duty"].str[: int(unit)]])["people"].sum()
    by_area.index.names = ["chain", "code"]
    whole = pd.concat([inside, above]).groupby("chain")["people"].sum()
    return pd.concat([by_area, _whole(whole)])


def timed(services: Services, view: View, now: datetime, unit: Level) -> pd.DataFrame:
    """Return the times of the last 30 days' cases of a view; a few minutes old at most."""
    plain = plain_view(view).with_(window="30d")

    def ask() -> pd.DataFrame:
        with services.database.reading() as conn:
            return chains.timed(conn, plain.code, plain, now - _TIMED, now, int(unit))

    frame: pd.DataFrame = services.kept.get(("chain-timed", plain, unit), _SLOW_S, ask)
    return frame


def quantiles(services: Services, view: View, now: datetime, unit: Level) -> pd.DataFrame:
    """Return P90 of handling hours per (chain, area); a few minutes old at most."""
    plain = plain_view(view).with_(window="30d")

    def ask() -> pd.DataFrame:
        return handling_quantiles(timed(services, view, now, unit), now, services.calendar)

    frame: pd.DataFrame = services.kept.get(("chain-quantiles", plain, unit), _SLOW_S, ask)
    return frame


def usual(services: Services, view: View, now: datetime, unit: Level) -> dict[int, timedelta]:
    """Return the natural time in which each chain handled nine of ten of those done, of the last 30 days."""
    frame = timed(services, view, now, unit)
    spans: Any = (frame["handled_at"] - frame["reported_at"]).groupby(frame["chain"]).quantile(0.9).dropna()
    return {int(chain): pd.Timedelta(span).to_pytimedelta() for chain, span in spans.items()}


def exceptions(services: Services, shown: Work) -> dict[str, tuple[int, list[dict[str, Any]]]]:
    """Return what the scope should look at first."""
    spans = usual(services, shown.view, shown.now, shown.unit)

    def ask() -> dict[str, tuple[int, list[dict[str, Any]]]]:
        with services.database.reading() as conn:
            return chain_exceptions.exceptions(conn, shown.view.code, shown.view, shown.now, spans)

    key = ("chain-exceptions", plain_view(shown.view), services.hub.version)
    found: dict[str, tuple[int, list[dict[str, Any]]]] = services.kept.get(key, 10.0, ask)
    return found


def whistles(services: Services, shown: Work) -> dict[str, Any]:
    """Return whistles that nobody fully answered in time, and the rate of the last 30 days with its warning."""

    def ask() -> dict[str, Any]:
        with services.database.reading() as conn:
            late, rows = chain_calls.late_whistles(conn, shown.view.code, shown.now)
            blown, told = chain_calls.whistle_rate(conn, shown.view.code, shown.now)
        return {"late": late, "rows": rows, "blown": blown, "cases": told, "warning": whistle_warning(told, blown)}

    found: dict[str, Any] = services.kept.get(("chain-whistles", shown.view.code), 15.0, ask)
    return found


def behind(services: Services, shown: Work, asked: ChainView) -> pd.DataFrame:
    """Return the first cases behind the number that is open."""
    scope = asked.at if asked.at.startswith(shown.view.code) else shown.view.code
    with services.database.reading() as conn:
        return chains.behind(conn, scope, shown.view, shown.now, asked.which, asked.chain, asked.bucket,
                             int(shown.unit), _LISTED)  # fmt: skip


def count_of(shown: Work, asked: ChainView) -> int:
    """Return the number of the board that a list has to count to."""
    name = asked.which
    totals: Any = shown.board.totals
    if asked.bucket:
        rows = shown.board.buckets[shown.board.buckets.index.get_level_values("location_status") == asked.bucket]
    elif asked.at and asked.at != shown.view.code:
        rows = shown.board.cells[shown.board.cells.index.get_level_values("code") == asked.at]
    else:
        return int(totals[name].sum() if not asked.chain else totals.loc[asked.chain, name])
    if asked.chain:
        rows = rows[rows.index.get_level_values("chain") == asked.chain]
    return int(rows[name].sum())


__all__ = ["PARTICIPATION", "PARTS", "ChainView", "Work", "behind", "count_of", "exceptions", "people_of", "work"]
