"""Weeks of hot places: classes by construction, the trend test against its definition, silence, and what comes back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import kendalltau

from gis.emerging import classify_weeks, cube_scores, emerging, hot_weeks, mann_kendall
from gis.errors import ContractFault
from gis.neighbours import by_shared_edge
from gis.patterns import candidates
from gis.silence import silent_cells

SIDE = 20
LATTICE = by_shared_edge([shapely.box(c, r, c + 1, r + 1) for r in range(SIDE) for c in range(SIDE)])


def weeks(pattern: str) -> np.ndarray:
    return np.array([[letter == "H" for letter in pattern]])


@pytest.mark.parametrize(
    ("pattern", "z", "p", "told"),
    [
        ("........H", 0.0, 1.0, "new"),
        ("......HHH", 0.0, 1.0, "consecutive"),
        ("HHHHHHHHHH", 3.0, 0.01, "intensifying"),
        ("HHHHHHHHHH", 3.0, 0.20, "persistent"),
        ("HHHHHHHHHH", -3.0, 0.01, "diminishing"),
        ("HHHHHHHHH.", 0.0, 1.0, "historical"),
        ("H..H....H", 0.0, 1.0, "sporadic"),
        ("H.H......", 0.0, 1.0, ""),
        (".........", 0.0, 1.0, ""),
    ],
)
def test_class_follows_from_the_weeks(pattern: str, z: float, p: float, told: str) -> None:
    assert classify_weeks(weeks(pattern), np.array([z]), np.array([p])).tolist() == [told]


def test_trend_counts_pairs_that_rise_and_fall() -> None:
    rng = np.random.default_rng(1)
    series = rng.integers(0, 6, (30, 12)).astype(float)  # with ties
    z, p = mann_kendall(series)
    for row, score in zip(series, z, strict=True):
        tau = kendalltau(np.arange(12), row).statistic
        assert tau * score >= 0
    assert mann_kendall([1, 2, 3, 4, 5, 6, 7, 8])[0][0] == pytest.approx(27 / np.sqrt(8 * 7 * 21 / 18))
    assert (mann_kendall(-series)[0] == -z).all()
    assert mann_kendall(np.ones((1, 8)))[1][0] == 1.0
    assert ((p > 0) & (p <= 1)).all()


def test_a_place_that_flares_up_is_told_in_its_class() -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(4, (LATTICE.n, 10)).astype(float)
    block = [r * SIDE + c for r in (5, 6) for c in (5, 6)]
    lasting = [r * SIDE + c for r in (14, 15) for c in (14, 15)]
    counts[block, 8:] += 25
    counts[lasting, :] += 25
    told = emerging(counts, LATTICE)
    assert set(told[block]) == {"consecutive"}
    assert set(told[lasting]) <= {"persistent", "intensifying", "diminishing"}
    assert (told != "").mean() < 0.12


def test_chance_alone_makes_no_hot_weeks() -> None:
    counts = np.random.default_rng(3).poisson(6, (LATTICE.n, 10)).astype(float)
    assert hot_weeks(cube_scores(counts, LATTICE)).mean() < 0.001
    with pytest.raises(ContractFault, match="weeks"):
        cube_scores(counts[:, :3], LATTICE)


def test_a_silent_cell_is_told_and_an_empty_one_with_nobody_is_not() -> None:
    rng = np.random.default_rng(4)
    people, busy = rng.gamma(4, 200, 500), rng.gamma(2, 10, 500)
    people[:20], busy[:20] = 5.0, 0.0
    reports = rng.negative_binomial(10, 10 / (10 + 0.02 * people + 0.2 * busy))
    reports[100:110] = 0
    people[100:110] = 1500
    told = silent_cells(reports, people, busy)
    assert told["is_silent"][100:110].all()
    assert not told["is_silent"][:20].any()
    assert told["is_silent"].sum() <= 14
    assert told["expected"].sum() == pytest.approx(reports.sum(), rel=0.15)


def test_unknown_residents_are_not_judged() -> None:
    told = silent_cells(np.ones(30), np.where(np.arange(30) < 5, np.nan, 100.0), np.ones(30))
    assert told["q"][:5].isna().all()
    assert not told["is_silent"].any()


def test_what_comes_back_is_a_candidate_with_its_evidence() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (place, category, month, int(rng.poisson(6)), 0)
        for place in range(30)
        for category in range(10)
        for month in ("2026-08", "2026-09", "2026-10")
    ]
    counts = pd.DataFrame(rows, columns=["place", "category", "month", "cases", "repeats"])
    here = (counts["place"] == 7) & (counts["category"] == 3) & (counts["month"] > "2026-08")
    counts.loc[here, ["cases", "repeats"]] = [40, 9]
    found = candidates(counts)
    assert len(found) == 1
    one = found.iloc[0]
    assert (one["place"], one["category"], one["month"], one["months_before"]) == (7, 3, "2026-10", 1)
    assert one["low"] > 1.5 and one["low"] < one["cases"] / one["expected"] < one["high"]
    assert one["repeats"] == 9
    with pytest.raises(ContractFault, match="repeats"):
        candidates(counts.drop(columns="repeats"))
