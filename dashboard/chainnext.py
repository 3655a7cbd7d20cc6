"""What the forecast tab needs: arrivals and backlog per chain and area, hands, cases likely to miss deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard.chainwork import Work, plain_view, units_of
from dashboard.services import Services
from db.read import chain_next
from gis import forecast, risk
from gis.errors import InputFault
from gis.terms import CHAINS, DEADLINE_CHAINS

_WEEKS = 12
_KEPT_S = 600.0
_PAST = timedelta(days=35)
_LISTED = 12
_WORK_DAY_H = 7.5
START_WITHIN_H = 2.0
"""Hands are counted for nine of ten cases that begin to be handled within so many working hours."""


@dataclass(frozen=True)
class Outlook:
    """The estimates of one scope.

    Attributes
    ----------
    chains : by chain: `tomorrow`, `week`, `low`, `high`, `mae`, `naive_mae`, `tested`, `method`, `open`, `open_week`,
        `open_low`, `open_high`, `clears_in`, `hands`, `people`; NaN where nothing can be said.
    areas : expected arrivals of the next seven days by area and chain.
    hours : expected arrivals of the next day by chain and hour.
    days : the coming days. weeks : of history that was read.
    """

    chains: pd.DataFrame
    areas: pd.DataFrame
    hours: pd.DataFrame
    days: pd.DatetimeIndex
    weeks: int


def outlook(services: Services, shown: Work) -> Outlook:
    """Return what to expect in a scope; ten minutes old at most."""
    plain = plain_view(shown.view).with_(window="24h")
    digits = int(shown.unit)

    def ask() -> Outlook:
        zone = shown.district.timezone
        midnight = shown.district.local(shown.now).replace(hour=0, minute=0, second=0, microsecond=0)
        start = midnight - timedelta(weeks=_WEEKS)
        with services.database.reading(timeout_ms=15_000) as conn:
            daily = chain_next.by_day(conn, plain.code, plain, start, midnight, zone, digits)
            hourly = chain_next.by_hour(conn, plain.code, plain, midnight - timedelta(weeks=4), midnight, zone)
        return _told(services, shown, daily, hourly, pd.Timestamp(midnight.replace(tzinfo=None)))

    made: Outlook = services.kept.get(("chain-outlook", plain, digits), _KEPT_S, ask)
    return made


def _told(services: Services, shown: Work, daily: pd.DataFrame, hourly: pd.DataFrame, today: pd.Timestamp) -> Outlook:
    known = daily.loc[daily["kind"] == "new", "day"]
    first = max(known.min(), today - pd.Timedelta(weeks=_WEEKS)) if len(known) else today
    weeks = int((today - first).days // 7)
    days = pd.date_range(today - pd.Timedelta(weeks=weeks), today, freq="D", inclusive="left")
    rows, expected = [], {}
    for chain in CHAINS:
        own = daily[daily["chain"] == chain]
        row, made = _chain(services, shown, chain, own, days)
        rows.append(row | {"chain": chain})
        if made is not None:
            expected[chain] = made
    chains = pd.DataFrame(rows).set_index("chain")
    hours = pd.DataFrame(
        {
            chain: forecast.by_hour(float(made.expected[0]), _of_hours(hourly, chain))
            for chain, made in expected.items()
        },
        index=range(24),
    )
    return Outlook(chains, _areas(shown, daily, days), hours, pd.date_range(today, periods=forecast.WEEK), weeks)


def _series(rows: pd.DataFrame, kind: str, days: pd.DatetimeIndex) -> np.ndarray:
    own = rows[rows["kind"] == kind].groupby("day")["n"].sum()
    return own.reindex(days, fill_value=0).to_numpy(dtype=float)


def _of_hours(hourly: pd.DataFrame, chain: int) -> np.ndarray:
    own = hourly[hourly["chain"] == chain].set_index("hour")["n"]
    return own.reindex(range(24), fill_value=0).to_numpy(dtype=float)


def _chain(
    services: Services, shown: Work, chain: int, own: pd.DataFrame, days: pd.DatetimeIndex
) -> tuple[dict[str, Any], forecast.Forecast | None]:
    totals: Any = shown.board.totals
    now_open = int(totals.loc[chain, "open"])
    units = units_of(services, shown.district)
    here = np.array([_touches(str(duty), shown.view.code) for duty in units["duty"].fillna("")], dtype=bool)
    units = units[(units["chain"] == chain).to_numpy() & here]
    people, per_day = int(units["people"].sum()), float(units["per_day"].sum())
    row: dict[str, Any] = {"open": now_open, "people": people}
    try:
        made = forecast.forecast(_series(own, "new", days))
    except InputFault:
        return row, None
    later = forecast.backlog(now_open, made, _series(own, "closed", days)[-4 * forecast.WEEK :])
    hands: float = np.nan
    if chain in DEADLINE_CHAINS and people and per_day:
        handling_h = people * _WORK_DAY_H / per_day
        hands = forecast.hands_needed(float(made.expected.mean()) / _WORK_DAY_H, handling_h, START_WITHIN_H)
    return row | {
        "tomorrow": made.expected[0], "week": made.total[0], "low": made.total[1], "high": made.total[2],
        "mae": made.mae, "naive_mae": made.naive_mae, "tested": made.tested, "method": made.method,
        "open_week": later.expected[-1], "open_low": later.low[-1], "open_high": later.high[-1],
        "clears_in": later.clears_in, "hands": hands,
    }, made  # fmt: skip


def _touches(duty: str, scope: str) -> bool:
    return duty.startswith(scope) or (duty != "" and scope.startswith(duty))


def _areas(shown: Work, daily: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the expected week of each area and chain; a series of few cases is foretold by its mean."""
    rows = {}
    arrived = daily[daily["kind"] == "new"]
    for (chain, code), own in arrived.groupby(["chain", "code"]):
        if code not in shown.areas.index or len(days) < forecast.LEAST_WEEKS * forecast.WEEK:
            continue
        counts = _series(own, "new", days)
        few = counts.mean() < 1
        expected = counts.mean() * forecast.WEEK if few else forecast.smoothed(counts, forecast.WEEK).sum()
        rows[(str(code), int(str(chain)))] = float(expected)
    if not rows:
        return pd.DataFrame(index=shown.areas.index, columns=list(CHAINS), dtype=float)
    table = pd.Series(rows).unstack()
    return table.reindex(index=shown.areas.index, columns=list(CHAINS))


@dataclass(frozen=True)
class AtRisk:
    """Open cases with their chance of missing the deadline, and how good such chances were on cases not seen."""

    model: forecast.Risk | None
    cases: pd.DataFrame
    expected: float
    known: int


def at_risk(services: Services, shown: Work) -> AtRisk:
    """Return the cases most likely to miss their deadline among those that have not yet."""
    plain = plain_view(shown.view).with_(window="24h")
    zone = shown.district.timezone

    def learn() -> tuple[forecast.Risk | None, int]:
        district = plain.with_(
            code=shown.district.code, families=(), channels=(), urgent_only=False, overdue_only=False
        )
        with services.database.reading(timeout_ms=15_000) as conn:
            past = chain_next.outcomes(conn, district.code, district, shown.now - _PAST, shown.now)
        if past.empty:
            return None, 0
        rows, missed = risk.landmarked(past, zone)
        try:
            return forecast.fit_risk(rows, missed), len(missed)
        except InputFault:
            return None, len(missed)

    learned: tuple[forecast.Risk | None, int] = services.kept.get(("chain-risk", shown.district.code), 1800.0, learn)
    model, known = learned
    with services.database.reading() as conn:
        cases = chain_next.running(conn, plain.code, plain, shown.now)
    if model is None or model.skill <= 0 or cases.empty:
        return AtRisk(model, cases.iloc[:0].assign(chance=[]), np.nan, known)
    for name in ("reported_at", "due_at"):
        cases[name] = pd.to_datetime(cases[name], utc=True)
    moment = pd.DatetimeIndex([pd.Timestamp(shown.now)] * len(cases))
    rows = risk.features(cases, risk.used_share(cases, pd.Timestamp(shown.now)), moment, zone)
    chance = model.chance(rows)
    told = cases.assign(chance=chance).sort_values(["chance", "due_at"], ascending=[False, True])
    return AtRisk(model, told.head(_LISTED), float(chance.sum()), known)


__all__ = ["START_WITHIN_H", "AtRisk", "Outlook", "at_risk", "outlook"]
