"""Fallback addresses: a point with a bit of everything from everywhere, told apart from a place of trouble."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gis.artefacts import effective_classes, fallback_points, fit_sizes
from gis.errors import ContractFault

SIZES = pd.DataFrame({"cases": [1, 2, 3, 4, 8, 20, 30], "points": [20_000, 5_000, 1_000, 200, 60, 10, 2]})
DISTRICT = np.full(40, 500)


def point(lon: float, classes: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"lon": lon, "lat": 42.0, "category": list(classes), "cases": list(classes.values())},
    )


def test_mixed_huge_point_is_a_fallback_and_one_kind_of_trouble_is_not() -> None:
    mixed = point(-71.0, {f"c{i}": 100 for i in range(30)})
    trouble = point(-72.0, {"noise": 2_900, "waste": 100})
    ordinary = point(-73.0, {f"c{i}": 1 for i in range(30)})
    found = fallback_points(SIZES, pd.concat([mixed, trouble, ordinary]), DISTRICT)
    assert found["lon"].tolist() == [-71.0]
    assert found.loc[0, "cases"] == 3_000
    assert found.loc[0, "effective"] == pytest.approx(30)
    assert found.loc[0, "usual_effective"] == pytest.approx(40)


def test_effective_number_of_classes() -> None:
    assert effective_classes([5, 5, 5, 0]) == pytest.approx(3)
    assert effective_classes([7]) == pytest.approx(1)
    assert effective_classes([]) == 0
    assert 1 < effective_classes([99, 1]) < 1.1


def test_tail_falls_and_one_huge_point_does_not_move_it() -> None:
    usual = fit_sizes(SIZES["cases"], SIZES["points"])
    assert usual.at_least(1) > usual.at_least(30) > usual.at_least(300) > 0
    with_huge = fit_sizes([*SIZES["cases"], 5_000], [*SIZES["points"], 1])
    assert with_huge.exponent == pytest.approx(usual.exponent, rel=0.2)
    assert with_huge.at_least(5_000) < 0.5


def test_nothing_to_look_at() -> None:
    assert fallback_points(SIZES, point(0, {}), DISTRICT).empty
    with pytest.raises(ContractFault, match="point"):
        fit_sizes([], [])
