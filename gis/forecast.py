"""What comes next: arrivals by hour and day, the backlog with an interval, hands that keep deadlines, cases at risk.

Every figure is an estimate and carries its track record: a back-test on days it had not seen, beside the naive guess
that next week is like the last one.

References
----------
Hyndman, Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd edition: chapters 5 (seasonal naive, accuracy)
    and 8 (exponential smoothing).
Hyndman, Koehler (2006), Another look at measures of forecast accuracy. International Journal of Forecasting 22 (MASE).
Holt (1957), Winters (1960): exponential smoothing with season; as in statsmodels.
Erlang (1917), Solution of some problems in the theory of probabilities; the C formula as in Gross, Harris (1998),
    Fundamentals of Queueing Theory, 3rd edition, section 2.3.
Brier (1950), Verification of forecasts expressed in terms of probability. Monthly Weather Review 78.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from gis.errors import InputFault
from gis.intervals import Z

WEEK = 7
LEAST_WEEKS = 4
"""Less history than this gives no forecast."""


@dataclass(frozen=True)
class Forecast:
    """Expected arrivals of coming days with their track record.

    Attributes
    ----------
    expected, low, high : per coming day; the interval covers about 95 % of days if the errors stay as they were.
    mae, naive_mae : mean absolute error per day of this method and of the seasonal-naive guess over `tested` days that
        neither had seen.
    method : `smoothing`, or `naive` where smoothing was not better.
    """

    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mae: float
    naive_mae: float
    tested: int
    method: str

    @property
    def total(self) -> tuple[float, float, float]:
        """Expected sum of the days with its interval; the errors of days are taken as independent."""
        reach = float(np.sqrt(((self.high - self.expected) ** 2).sum()))
        whole = float(self.expected.sum())
        return whole, max(whole - reach, 0.0), whole + reach


def seasonal_naive(counts: np.ndarray, horizon: int, season: int = WEEK) -> np.ndarray:
    """Return the last season repeated: the guess that every other method has to beat."""
    return np.asarray([counts[len(counts) - season + k % season] for k in range(horizon)], dtype=float)


def smoothed(counts: np.ndarray, horizon: int, season: int = WEEK) -> np.ndarray:
    """Return the expected counts of coming days: a smoothed level with a season of weekdays and no trend.

    Additive exponential smoothing on square roots, whose spread does not grow with the level; a trend would run away
    over a week of quiet days. The parameters are those with the least squared error one day ahead.
    """
    roots = np.sqrt(np.maximum(counts, 0))
    start_level = float(roots[: 2 * season].mean())
    start_season = np.array([roots[k : 2 * season : season].mean() for k in range(season)]) - start_level

    def run(alpha: float, gamma: float) -> tuple[float, float, np.ndarray]:
        level, seasonal, wrong = start_level, start_season.copy(), 0.0
        for i, value in enumerate(roots):
            k = i % season
            miss = value - level - seasonal[k]
            wrong += miss * miss
            level += alpha * miss
            seasonal[k] += gamma * (1 - alpha) * miss
        return wrong, level, seasonal

    grid = [(a, g) for a in (0.02, 0.05, 0.1, 0.2, 0.35) for g in (0.02, 0.08, 0.2)]
    alpha, gamma = min(grid, key=lambda pair: run(*pair)[0])
    _, level, seasonal = run(alpha, gamma)
    n = len(roots)
    ahead = np.array([level + seasonal[(n + k) % season] for k in range(horizon)])
    residual = run(alpha, gamma)[0] / n
    return np.maximum(ahead, 0) ** 2 + residual  # the mean of a square is the square of the mean and the variance


def forecast(counts: np.ndarray, horizon: int = WEEK, *, origins: int = 3) -> Forecast:
    """Return the arrivals to expect, by the method that did better on the last weeks.

    Parameters
    ----------
    counts
        Whole days in order, at least `LEAST_WEEKS` weeks.
    horizon
        Days ahead.
    origins
        How many times the last `horizon` days are foretold from what was known before them.

    Raises
    ------
    InputFault
        When there is too little history.
    """
    known = np.asarray(counts, dtype=float)
    if len(known) < LEAST_WEEKS * WEEK:
        raise InputFault(f"a forecast needs {LEAST_WEEKS} weeks of days, not {len(known)} days")
    misses: dict[str, list[np.ndarray]] = {"smoothing": [], "naive": []}
    usable = min(origins, (len(known) - 2 * WEEK) // horizon)
    for k in range(usable, 0, -1):
        cut = len(known) - k * horizon
        truth = known[cut : cut + horizon]
        misses["smoothing"].append(truth - smoothed(known[:cut], horizon))
        misses["naive"].append(truth - seasonal_naive(known[:cut], horizon))
    errors = {name: float(np.abs(np.concatenate(rows)).mean()) for name, rows in misses.items()}
    method = "smoothing" if errors["smoothing"] <= errors["naive"] else "naive"
    expected = smoothed(known, horizon) if method == "smoothing" else seasonal_naive(known, horizon)
    spread = max(float(np.concatenate(misses[method]).std()), math.sqrt(max(float(expected.mean()), 1e-9)))
    low, high = np.maximum(expected - Z * spread, 0), expected + Z * spread
    return Forecast(expected, low, high, errors[method], errors["naive"], usable * horizon, method)


def by_hour(expected_day: float, hours: np.ndarray) -> np.ndarray:
    """Return the expected arrivals of each hour of a day, by the share that each hour had in the past.

    Parameters
    ----------
    hours
        Past counts of the 24 hours; an hour that never had one still gets a little.
    """
    share = np.asarray(hours, dtype=float) + 0.5
    return expected_day * share / share.sum()


@dataclass(frozen=True)
class Backlog:
    """Expected open cases at the end of each coming day; `clears_in` days until nothing waits, NaN when it grows."""

    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    clears_in: float


def backlog(now_open: int, arrivals: Forecast, leaving: np.ndarray) -> Backlog:
    """Return the open cases to expect when as many leave a day as lately.

    Parameters
    ----------
    leaving
        Cases closed on each of the last days, a whole number of weeks; their weekdays are those of the coming days.

    Notes
    -----
    Days are taken as independent, so the spread of the sum grows with the root of the days.
    """
    horizon = len(arrivals.expected)
    out = np.asarray(leaving, dtype=float)
    per_day = np.array([out[k % WEEK :: WEEK].mean() for k in range(horizon)])
    spread_in = (arrivals.high - arrivals.expected) / Z
    noise = np.sqrt(np.cumsum(spread_in**2 + out.var()))
    middle = now_open + np.cumsum(arrivals.expected - per_day)
    gain = float(out.mean() - arrivals.expected.mean())
    clears = now_open / gain if gain > 1e-9 else math.nan
    low = np.maximum(middle - Z * noise, 0)
    return Backlog(np.maximum(middle, 0), low, np.maximum(middle + Z * noise, 0), clears)


def erlang_c(offered: float, hands: int) -> float:
    """Return the chance that a case has to wait when `hands` people share `offered` work (arrivals times handling).

    1 when the work is more than the hands can do. Computed by the stable recursion over Erlang's B formula.
    """
    if hands <= offered:
        return 1.0
    blocked = 1.0
    for k in range(1, hands + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - offered / hands * (1 - blocked))


def within(offered: float, hands: int, handling_h: float, wait_h: float) -> float:
    """Return the share of cases that begin to be handled within `wait_h` hours (M/M/c, first come first served)."""
    if hands <= offered:
        return 0.0
    return 1 - erlang_c(offered, hands) * math.exp(-(hands - offered) * wait_h / handling_h)


def hands_needed(per_hour: float, handling_h: float, wait_h: float, *, share: float = 0.9, most: int = 2_000) -> int:
    """Return the fewest people by whom the share of cases begins within `wait_h` working hours.

    Parameters
    ----------
    per_hour, handling_h
        Arrivals per working hour, and working hours that one person spends on a case.

    Raises
    ------
    InputFault
        When a rate or time is not positive, or more than `most` people would be needed.
    """
    if per_hour < 0 or handling_h <= 0 or wait_h < 0 or not 0 < share < 1:
        raise InputFault("rates, times and shares of a queue are positive, and a share is below 1")
    offered = per_hour * handling_h
    for hands in range(max(1, math.floor(offered) + 1), most + 1):
        if within(offered, hands, handling_h, wait_h) >= share:
            return hands
    raise InputFault(f"more than {most} people would be needed")


@dataclass(frozen=True)
class Risk:
    """A fitted chance of missing the deadline: weights of standardised features, and how well it did unseen.

    Attributes
    ----------
    brier, base_brier : mean squared error of the chance on cases it had not seen, and of the plain share of misses.
    table : reliability: `low`, `high` of each class of chance, mean `told`, `seen` share, `n`.
    """

    weights: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    brier: float
    base_brier: float
    table: pd.DataFrame

    @property
    def skill(self) -> float:
        """How much of the naive error is gone: 0 is no better than the base rate."""
        return 1 - self.brier / self.base_brier if self.base_brier > 0 else 0.0

    def chance(self, features: np.ndarray) -> np.ndarray:
        """Return the chance of each row of features."""
        scaled = (np.asarray(features, dtype=float) - self.mean) / self.spread
        return expit(self.weights[0] + scaled @ self.weights[1:])


def fit_risk(features: np.ndarray, missed: np.ndarray, *, held_back: float = 0.3, ridge: float = 1.0) -> Risk:
    """Return a logistic model of missing the deadline, tried on the newest cases, which it has not seen.

    Parameters
    ----------
    features
        One row per case in order of time, no NaN.
    missed
        Whether each missed its deadline.
    held_back
        Share of the newest cases that the track record is made of.
    ridge
        Penalty on the squared weights.

    Raises
    ------
    InputFault
        When there are fewer than 200 cases, or all had the same end.
    """
    x, y = np.asarray(features, dtype=float), np.asarray(missed, dtype=bool)
    cut = int(len(y) * (1 - held_back))
    if len(y) < 200 or y[:cut].all() or not y[:cut].any():
        raise InputFault("a chance of missing deadlines needs 200 cases with both ends")
    mean, spread = x[:cut].mean(axis=0), x[:cut].std(axis=0)
    spread[spread < 1e-9] = 1.0
    scaled = (x - mean) / spread
    design = np.column_stack([np.ones(cut), scaled[:cut]])
    truth = y[:cut].astype(float)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = design @ weights
        wrong = float(np.logaddexp(0, score).sum() - truth @ score + ridge / 2 * (weights[1:] ** 2).sum())
        slope = design.T @ (expit(score) - truth)
        slope[1:] += ridge * weights[1:]
        return wrong, slope

    weights = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x
    told = expit(weights[0] + scaled[cut:] @ weights[1:])
    seen = y[cut:].astype(float)
    base = float(truth.mean())
    return Risk(weights, mean, spread, float(((told - seen) ** 2).mean()), float(((base - seen) ** 2).mean()),
                reliability(told, seen))  # fmt: skip


def reliability(told: np.ndarray, seen: np.ndarray, classes: int = 10) -> pd.DataFrame:
    """Return how often what was given a chance came true, by class of chance: `low`, `high`, `told`, `seen`, `n`."""
    place = np.clip((np.asarray(told) * classes).astype(int), 0, classes - 1)
    rows = [
        (k / classes, (k + 1) / classes, float(told[place == k].mean()), float(seen[place == k].mean()),
         int((place == k).sum()))
        for k in range(classes) if (place == k).any()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["low", "high", "told", "seen", "n"])
