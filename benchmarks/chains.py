"""The response chains on a year of cases: the board, mining a street's year, forecasts tried on unseen weeks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.year import year_database
from db.engine import Database
from db.read import areas, chain_log, chain_next, chains
from gis import forecast, mining, risk
from gis.chains import Board, board
from gis.codes import Level
from gis.errors import InputFault
from gis.scope import View
from gis.terms import CHAINS

_DISTRICT = "110102"
_ZONE = "Asia/Shanghai"
_ROUNDS = 3
_BOARD_MS = 100.0
_MINING_S = 2.0


def run() -> list[dict[str, Any]]:
    """Return one row per figure."""
    database = Database(year_database(), reading_timeout_ms=60_000)
    now = datetime.now(UTC)
    try:
        return [*_board(database, now), *_mining(database, now), *_forecast(database, now), *_risk(database, now)]
    finally:
        database.dispose()


def _row(name: str, figure: object, unit: str, limit: str, passed: bool | None = None) -> dict[str, Any]:
    verdict = "" if passed is None else "pass" if passed else "FAIL"
    return {"name": name, "figure": figure, "unit": unit, "limit_or_peer": limit, "verdict": verdict}


def _board(database: Database, now: datetime) -> list[dict[str, Any]]:
    with database.reading() as conn:
        streets = areas.inside(conn, _DISTRICT, Level.STREET).index
        inside = {code: areas.inside(conn, code, Level.COMMUNITY).index for code in streets}
        took = []
        scopes = [(_DISTRICT, Level.STREET, streets), *[(c, Level.COMMUNITY, inside[c]) for c in streets]]
        views = [View(window=w, families=f) for w in ("24h", "7d") for f in ((), ("event",))]
        for _ in range(_ROUNDS):
            for view in views:
                for scope, unit, known in scopes:
                    began = time.perf_counter()
                    _made(conn, scope, view, now, unit, known)
                    took.append(1000 * (time.perf_counter() - began))
    p50, p95, most = np.quantile(took, [0.5, 0.95, 1.0])
    name = f"board of the chains, {len(took)} boards of a year: p50 / p95 / max"
    return [_row(name, f"{p50:.0f} / {p95:.0f} / {most:.0f}", "ms", "p95 < 100 ms", bool(p95 < _BOARD_MS))]


def _made(conn: Any, scope: str, view: View, now: datetime, unit: Level, known: pd.Index) -> Board:
    counts = chains.counts(conn, scope, view, now, int(unit))
    counts.loc[~counts["area_code"].isin(known), "area_code"] = scope[: int(unit) - 1]
    return board(counts, known, unit)


def _mining(database: Database, now: datetime) -> list[dict[str, Any]]:
    with database.reading() as conn:
        busiest = chain_next.by_day(conn, _DISTRICT, View(), now - timedelta(days=7), now, _ZONE, 9)
        street = busiest.groupby("code")["n"].sum().idxmax()
        began = time.perf_counter()
        log = chain_log.log(conn, str(street), View(), now - timedelta(days=365), now)
        read_s = time.perf_counter() - began
    began = time.perf_counter()
    paths = mining.discover(log)
    mining.bottlenecks(paths)
    mining.loops(log)
    mining.deviations(log)
    mining.handovers(log)
    own_s = time.perf_counter() - began
    began = time.perf_counter()
    after = log.groupby("case_id").shift(-1)
    pairs = pd.DataFrame({"s": log["stage"], "t": after["stage"], "h": after["at"] - log["at"]}).dropna()
    pairs.groupby(["s", "t"])["h"].agg(["size", "median"])
    log.groupby("case_id")["stage"].agg(" ".join).value_counts()
    plain_s = time.perf_counter() - began
    name = f"mining a street's year ({len(log):,} steps)"
    return [
        _row(
            f"{name}: graph, variants, loops, deviations, hand-overs", f"{own_s:.2f}", "s", "< 2 s", own_s < _MINING_S
        ),
        _row(f"{name}: plain pandas, graph and variants only", f"{plain_s:.2f}", "s", "peer"),
        _row(f"{name}: reading the log", f"{read_s:.2f}", "s", ""),
    ]


def _forecast(database: Database, now: datetime) -> list[dict[str, Any]]:
    end = datetime(now.year, now.month, now.day, tzinfo=UTC)
    days = pd.date_range(end.replace(tzinfo=None) - pd.Timedelta(weeks=12), periods=84, freq="D")
    with database.reading() as conn:
        daily = chain_next.by_day(conn, _DISTRICT, View(), end - timedelta(weeks=12), end, _ZONE, 9)
    arrived = daily[daily["kind"] == "new"]
    own, naive, covered, held = [], [], [], 0
    series = [arrived[arrived["chain"] == chain] for chain in CHAINS]
    series += [rows for _, rows in arrived.groupby(["chain", "code"])]
    for rows in series:
        counts = rows.groupby("day")["n"].sum().reindex(days, fill_value=0).to_numpy(dtype=float)
        if counts.mean() < 1:
            continue
        try:
            made = forecast.forecast(counts[:-7])
        except InputFault:
            continue
        held += 1
        truth = counts[-7:]
        own.append(np.abs(truth - made.expected).mean() / max(counts.mean(), 1e-9))
        guess = forecast.seasonal_naive(counts[:-7], 7)
        naive.append(np.abs(truth - guess).mean() / max(counts.mean(), 1e-9))
        covered.append((made.low <= truth) & (truth <= made.high))
    ours, theirs = float(np.mean(own)), float(np.mean(naive))
    return [
        _row(f"forecast of a week unseen, {held} series: error as a share of the mean", f"{ours:.3f}", "",
             f"seasonal naive {theirs:.3f}", ours < theirs),
        _row("the same, days inside the interval", f"{100 * np.mean(covered):.1f}", "%", "about 95 %"),
    ]  # fmt: skip


def _risk(database: Database, now: datetime) -> list[dict[str, Any]]:
    with database.reading() as conn:
        past = chain_next.outcomes(conn, _DISTRICT, View(), now - timedelta(days=35), now)
    rows, missed = risk.landmarked(past, _ZONE)
    made = forecast.fit_risk(rows, missed)
    full = made.table[made.table["n"] >= 100]
    off = float((full["told"] - full["seen"]).abs().max())
    table = ", ".join(
        f"{100 * told:.0f} % said {100 * seen:.0f} % (n={n:,})"
        for told, seen, n in zip(full["told"], full["seen"], full["n"], strict=True)
    )
    return [
        _row(f"chance of missing a deadline, {made.table['n'].sum():,} unseen cases: Brier", f"{made.brier:.4f}", "",
             f"base rate {made.base_brier:.4f}", made.brier < made.base_brier),
        _row("the same, reliability: told and seen", table, "", f"largest gap {100 * off:.1f} points", off < 0.1),
    ]  # fmt: skip
