"""What the tabs of flow and paths need: ages, cumulative flow, hand-overs, and the paths that the log tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard.chainwork import plain_view, units_of
from dashboard.services import District, Services
from db.read import chain_calls, chain_log
from gis import mining
from gis.scope import WINDOWS_H, View
from gis.terms import CHAINS

_KEPT_S = 120.0
_LEAST_DAYS, _MOST_DAYS, _DISTRICT_DAYS = 7, 90, 14
_LEVELS = {1: "community", 2: "street", 3: "district"}
_HEIGHT = ("community", "street", "district")


def chosen_chain(view: View) -> int:
    """Return the chain that the tab is narrowed to, 0 for all."""
    said = view.own_value("pc")
    return int(said) if said in {str(chain) for chain in CHAINS} else 0


def days_of(view: View) -> int:
    """Return how many days of the log are read: the window's, at least a week; a whole district's two weeks at most.

    Half a million steps is what one page can read in a few seconds.
    """
    most = _DISTRICT_DAYS if len(view.code) <= 6 else _MOST_DAYS
    return int(np.clip(WINDOWS_H[view.window] // 24, _LEAST_DAYS, most))


@dataclass(frozen=True)
class Mined:
    """Everything that one log says."""

    paths: mining.Paths
    slow: pd.DataFrame
    loops: pd.DataFrame
    strange: pd.DataFrame
    handovers: pd.DataFrame


def mined(services: Services, view: View, now: datetime) -> Mined:
    """Return what the log of a view says; two minutes old at most."""
    chain, days = chosen_chain(view), days_of(view)
    plain = plain_view(view)

    def ask() -> Mined:
        with services.database.reading(timeout_ms=20_000) as conn:
            log = chain_log.log(conn, plain.code, plain, now - timedelta(days=days), now, chain)
        paths = mining.discover(log)
        return Mined(paths, mining.bottlenecks(paths), mining.loops(log), mining.deviations(log), mining.handovers(log))

    found: Mined = services.kept.get(("chain-mined", plain, chain), _KEPT_S, ask)
    return found


def between_chains(services: Services, district: District, moves: pd.DataFrame) -> pd.DataFrame:
    """Return hand-overs with the chains of their units; those of units that nobody knows are left out."""
    units = units_of(services, district)
    chain_of = dict(zip(units["name_zh"], units["chain"], strict=True))
    known = moves.assign(source=moves["source"].map(chain_of), target=moves["target"].map(chain_of))
    known = known.dropna(subset=["source", "target"])
    return known.astype({"source": int, "target": int})


def escalations(moves: pd.DataFrame) -> pd.DataFrame:
    """Return hand-overs between levels: up from a community to its street and on to the district, and down."""
    own = moves.assign(source=moves["source"].map(_LEVELS), target=moves["target"].map(_LEVELS))
    own = own.dropna(subset=["source", "target"])
    own = own[own["source"] != own["target"]]
    if own.empty:
        return pd.DataFrame(columns=["source", "target", "n", "median_h", "p90_h"])
    told: Any = own.groupby(["source", "target"])["hours"].agg(
        n="size", median_h="median", p90_h=lambda h: float(np.quantile(h, 0.9))
    )
    told = told.reset_index()
    rank = [(_HEIGHT.index(b) < _HEIGHT.index(a), _HEIGHT.index(a), _HEIGHT.index(b)) for a, b in
            zip(told["source"], told["target"], strict=True)]  # fmt: skip
    return told.iloc[sorted(range(len(told)), key=lambda i: rank[i])].reset_index(drop=True)


def orders(services: Services, view: View, now: datetime) -> pd.DataFrame:
    """Return supervision orders of the last 90 days by the levels they go between, with the time to their answer."""
    with services.database.reading() as conn:
        told: Any = chain_calls.order_hops(conn, view.code, now - timedelta(days=_MOST_DAYS))
    names = {6: "district", 9: "street", 12: "community"}
    told = told.assign(source=told["source"].map(names), target=told["target"].map(names))
    return told.dropna(subset=["source", "target"])


def ages(services: Services, view: View, now: datetime) -> pd.DataFrame:
    """Return open cases by chain, stage and age."""
    with services.database.reading() as conn:
        return chain_log.ages(conn, view.code, plain_view(view), now, chosen_chain(view))


def cumulative(services: Services, view: View, district: District, now: datetime) -> tuple[pd.DataFrame, int]:
    """Return new, handled and closed cases counted up by day from the start of the window, and its days."""
    days = max(14, WINDOWS_H[view.window] // 24)
    midnight = district.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - timedelta(days=days - 1)
    plain = plain_view(view)

    def ask() -> tuple[pd.DataFrame, dict[str, int]]:
        with services.database.reading() as conn:
            return chain_log.daily(conn, plain.code, plain, start, now, district.timezone, chosen_chain(view))

    told: tuple[pd.DataFrame, dict[str, int]] = services.kept.get(
        ("chain-daily", plain, days, chosen_chain(view)), 60.0, ask
    )
    rows, standing = told
    index = pd.date_range(start.replace(tzinfo=None), periods=days, freq="D")
    table: Any = rows.pivot_table(index="day", columns="kind", values="n", aggfunc="sum", fill_value=0)
    table = table.reindex(index=index, columns=["new", "handled", "closed"], fill_value=0).cumsum()
    table["new"] += standing["open"]
    table["handled"] += standing["checking"]
    return table, days
