"""Totals on a screen: children and buckets add up to the parent, at every level and for every number."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from gis.codes import Level
from gis.rollup import COUNTS, roll_up

AREAS = ["110102", "110102001", "110102001001", "110102001001001", "110102001001002", "110102001002001",
         "110102002001001"]  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.sampled_from(AREAS),
        st.sampled_from(["located", "unlocated", "outside", "cross_street"]),
        st.lists(st.integers(0, 50), min_size=len(COUNTS), max_size=len(COUNTS)),
    ),
    max_size=30,
)  # fmt: skip


def frame(rows: list[tuple[str, str, list[int]]]) -> pd.DataFrame:
    data = [(code, status, *numbers) for code, status, numbers in rows]
    return pd.DataFrame(data, columns=["area_code", "location_status", *COUNTS]).astype(dict.fromkeys(COUNTS, "int64"))


@given(ROWS, st.sampled_from(AREAS[:4]), st.sampled_from([Level.STREET, Level.COMMUNITY, Level.CELL]))
def test_children_and_buckets_add_up_to_the_scope(
    rows: list[tuple[str, str, list[int]]], scope: str, unit: Level
) -> None:
    rolled = roll_up(frame(rows), scope, unit)
    for name in COUNTS:
        assert rolled.children[name].sum() + rolled.buckets[name].sum() == rolled.total[name]


def test_a_case_known_by_street_only_is_a_bucket_of_that_street_and_a_child_of_the_district() -> None:
    counts = frame([("110102001", "unlocated", [1] * len(COUNTS)), ("110102001001001", "located", [2] * len(COUNTS))])
    district = roll_up(counts, "110102", Level.STREET)
    assert district.children.loc["110102001", "open"] == 3
    assert district.buckets.empty
    street = roll_up(counts, "110102001", Level.COMMUNITY)
    assert street.children.loc["110102001001", "open"] == 2
    assert street.buckets.loc["unlocated", "open"] == 1


def test_a_neighbour_with_the_same_first_digits_is_not_inside() -> None:
    counts = frame([("110102002001001", "located", [1] * len(COUNTS))])
    assert roll_up(counts, "110102001", Level.CELL).total["open"] == 0
