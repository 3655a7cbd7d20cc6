"""Hand-overs between the levels, counted by hand."""

from __future__ import annotations

import pandas as pd

from dashboard.chainflow import escalations


def test_hops_go_up_first_and_those_inside_a_level_are_none():
    moves = pd.DataFrame(
        [(3, 2, 5.0), (1, 2, 2.0), (1, 2, 4.0), (2, 3, 1.0), (2, 2, 9.0), (6, 2, 9.0)],
        columns=["source", "target", "hours"],
    )
    told = escalations(moves)
    assert told[["source", "target", "n", "median_h"]].to_numpy().tolist() == [
        ["community", "street", 2, 3.0], ["street", "district", 1, 1.0], ["district", "street", 1, 5.0],
    ]  # fmt: skip
    assert escalations(moves.iloc[4:]).empty
