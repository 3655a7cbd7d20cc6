"""Paths, waits, loops and deviations of a log: counted by hand, and against a plain pandas computation."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from gis.mining import END, START, bottlenecks, deviations, discover, handovers, loops

T0 = pd.Timestamp(datetime(2026, 5, 18, 1, tzinfo=UTC))
STRAIGHT = ["reported", "accepted", "filed", "dispatched", "handling", "checking", "closed"]


def log(*courses: list, units: dict | None = None) -> pd.DataFrame:
    """One case per course; steps are words, or (word, hours after the one before, unit)."""
    rows = []
    for case, course in enumerate(courses, 1):
        at = T0
        for step in course:
            word, hours, unit = step if isinstance(step, tuple) else (step, 1.0, "")
            at += pd.Timedelta(hours=hours)
            rows.append((case, word, at, unit, "event", "patrol"))
    return pd.DataFrame(rows, columns=["case_id", "stage", "at", "unit", "family", "channel"])


def test_counts_and_waits_of_a_small_log():
    slow = [*STRAIGHT[:4], ("handling", 9.0, ""), *STRAIGHT[5:]]
    made = discover(log(STRAIGHT, slow, STRAIGHT[:3]))
    edges = made.edges.set_index(["source", "target"])
    assert (made.case_count, made.event_count) == (3, 17)
    assert edges.loc[("dispatched", "handling"), ["count", "cases", "median_h", "p90_h"]].tolist() == [2, 2, 5.0, 9.0]
    assert edges.loc[(START, "reported"), "count"] == 3
    assert edges.loc[("filed", END), "count"] == 1
    assert made.variants["cases"].tolist() == [2, 1]
    assert made.variants["path"].iloc[0] == " ".join(STRAIGHT)
    assert bottlenecks(made, least=1)["source"].iloc[0] == "dispatched"


def test_every_edge_into_a_step_is_an_event_of_it():
    rng = np.random.default_rng(4)
    some = log(*[list(rng.choice(STRAIGHT, size=rng.integers(1, 9))) for _ in range(200)])
    edges = discover(some).edges
    into = edges[edges["target"] != END].groupby("target")["count"].sum()
    out = edges[edges["source"] != START].groupby("source")["count"].sum()
    told = some["stage"].value_counts()
    assert into.to_dict() == out.to_dict() == told.to_dict()


def test_graph_and_variants_equal_a_plain_computation():
    rng = np.random.default_rng(9)
    some = log(*[[(w, float(rng.exponential(5)), "") for w in rng.choice(STRAIGHT, size=6)] for _ in range(300)])
    after = some.groupby("case_id").shift(-1)
    pairs = pd.DataFrame({"s": some["stage"], "t": after["stage"], "h": (after["at"] - some["at"]).dt.total_seconds()})
    plain = pairs.dropna().groupby(["s", "t"])["h"].agg(["size", "median"])
    made = discover(some, most_variants=1000)
    own = made.edges[made.edges["median_h"].notna()].set_index(["source", "target"]).sort_index()
    assert own["count"].to_list() == plain["size"].to_list()
    np.testing.assert_allclose(own["median_h"], plain["median"] / 3600)
    paths = some.groupby("case_id")["stage"].agg(" ".join).value_counts()
    assert made.variants.set_index("path")["cases"].to_dict() == paths.to_dict()
    assert made.variants["share"].sum() == pytest.approx(1)


def test_notes_and_photographs_are_no_part_of_a_path():
    noted = [*STRAIGHT[:2], "noted", *STRAIGHT[2:]]
    assert discover(log(STRAIGHT, noted)).variants["cases"].tolist() == [2]


def test_loops_count_rounds_and_what_they_cost():
    again = [*STRAIGHT[:6], "rework", ("checking", 6.0, ""), "rework", ("checking", 2.0, ""), "closed"]
    told = loops(log(STRAIGHT, again)).set_index("word")
    assert told.loc["rework", ["cases", "rounds", "twice", "most", "lost_h"]].tolist() == [1, 2, 1, 2, 4.0]
    assert told.loc["returned", "rounds"] == 0


def test_steps_that_the_rules_forbid_are_found_and_no_others():
    skipped = ["reported", "dispatched", "handling", "checking", "closed"]
    hung = [*STRAIGHT[:4], "hung", "handling", "resumed", *STRAIGHT[5:]]
    told = deviations(log(STRAIGHT, skipped, hung))
    assert told[["stage", "word"]].to_numpy().tolist() == [["dispatched", "handling"], ["reported", "dispatched"]]
    assert deviations(log(STRAIGHT, [*STRAIGHT, "evaluated"])).empty


def test_handovers_know_who_sent_to_whom_and_what_came_back():
    a, b = "office", "bureau"
    course = ["reported", "accepted", "filed", ("dispatched", 1, a), ("returned", 3, a), ("dispatched", 1, b),
              ("returned", 2, b), ("dispatched", 2, a), ("handling", 1, a)]  # fmt: skip
    told = handovers(log(STRAIGHT, course))
    assert told[["source", "target", "hours", "number", "is_back"]].to_numpy().tolist() == [
        [a, b, 4.0, 1, False], [b, a, 4.0, 2, True],
    ]  # fmt: skip


def test_an_empty_log_has_no_paths():
    none = log(STRAIGHT).iloc[:0]
    assert discover(none).edges.empty and deviations(none).empty and handovers(none).empty
