"""The board of the chains over a handful of cases whose figures one can count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from gis.chains import COUNTS, board, handling_quantiles, load_per_person, participation_table, whistle_warning
from gis.codes import Level
from gis.errors import ContractFault
from gis.worktime import build_calendar

NOW = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)
AREAS = pd.Index(["110102001", "110102003"])
OLD = pd.Timestamp(NOW - timedelta(days=9))


def counts(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["chain", "area_code", "location_status", *COUNTS])
    frame["oldest_at"] = pd.Series([OLD if n else pd.NaT for n in frame["open"]], dtype="datetime64[us, UTC]")
    return frame


SOME = counts(
    (1, "110102001", "located", 3, 1, 1, 4, 2, 1, 0),
    (2, "110102001", "located", 5, 0, 2, 6, 7, 6, 0),
    (2, "110102003", "located", 1, 0, 0, 1, 0, 0, 2),
    (2, "110102", "outside", 2, 0, 1, 2, 1, 1, 0),
    (8, "110102003", "located", 4, 0, 0, 2, 1, 3, 1),
)


def test_areas_and_buckets_add_up_to_the_chain():
    made = board(SOME, AREAS, Level.STREET)
    assert made.cells.loc[(2, "110102001"), "open"] == 5
    assert made.buckets.loc[(2, "outside"), "overdue"] == 1
    assert made.totals.loc[2, ["open", "overdue", "support"]].tolist() == [8, 3, 2]
    inside = made.cells.groupby("chain")[list(COUNTS)].sum()
    off = made.buckets.groupby("chain")[list(COUNTS)].sum().reindex(inside.index, fill_value=0)
    pd.testing.assert_frame_equal(inside + off, made.totals[list(COUNTS)])


def test_in_less_out_is_the_change_of_the_backlog_everywhere():
    made = board(SOME, AREAS, Level.STREET)
    for frame in (made.cells, made.buckets, made.totals):
        assert (frame["open"] - frame["open_before"] == frame["new"] - frame["closed"]).all()
    assert made.change.loc[[1, 2, 8]].tolist() == [2, 1, 1]


def test_an_area_without_a_case_is_zero_and_has_no_oldest_one():
    made = board(SOME, AREAS, Level.STREET)
    assert len(made.cells) == 8 * 2
    assert made.cells.loc[(5, "110102001"), list(COUNTS)].sum() == 0
    assert pd.isna(made.cells.loc[(5, "110102001"), "oldest_at"])
    empty = board(SOME.iloc[:0], AREAS, Level.STREET)
    assert empty.totals["open"].sum() == 0 and empty.buckets.empty


def test_support_is_counted_apart_and_never_added_to_the_lead():
    made = board(SOME, AREAS, Level.STREET)
    assert made.totals["open"].sum() == SOME["open"].sum() == 15
    assert made.totals["support"].sum() == 3


def test_deadlines_bind_the_first_three_chains_only():
    promised = counts((6, "110102001", "located", 2, 1, 1, 0, 0, 2, 0))
    made = board(promised, AREAS, Level.STREET)
    assert made.totals.loc[6, ["open", "near_due", "overdue"]].tolist() == [2, 0, 0]


def test_counts_of_a_strange_area_or_chain_are_refused():
    with pytest.raises(ContractFault, match="110108001"):
        board(counts((1, "110108001", "located", *[1] * 7)), AREAS, Level.STREET)
    with pytest.raises(ContractFault, match="chain"):
        board(counts((9, "110102001", "located", *[1] * 7)), AREAS, Level.STREET)


def test_handling_time_counts_what_still_runs():
    # a Monday: reported at 9:00 local, handled after 1 to 9 working hours; one still runs
    start = pd.Timestamp("2026-05-11 01:00", tz="UTC")
    done = pd.DataFrame({"chain": 2, "code": "110102001", "reported_at": start,
                         "handled_at": [start + pd.Timedelta(minutes=20 * k) for k in range(1, 10)]})  # fmt: skip
    runs = done.iloc[:1].assign(handled_at=pd.NaT)
    calendar = build_calendar(2025, 2027)
    quick = handling_quantiles(done, NOW, calendar)
    both = handling_quantiles(pd.concat([done, runs]), NOW, calendar)
    assert quick.loc[(2, "110102001"), "hours"] == pytest.approx(3.0)
    assert both.loc[(2, ""), "n"] == 10
    assert both.loc[(2, ""), "hours"] >= quick.loc[(2, ""), "hours"]
    assert np.isnan(handling_quantiles(done.iloc[:4], NOW, calendar).loc[(2, ""), "hours"])


def test_load_per_person_is_unknown_where_nobody_answers():
    places = pd.MultiIndex.from_tuples([(1, "a"), (1, "b"), (1, "c")], names=["chain", "code"])
    told = load_per_person(pd.Series([6, 6, 6], index=places), pd.Series([3, 0], index=places[:2]))
    assert told.iloc[0] == 2.0 and told.iloc[1:].isna().all()


def test_participation_is_summed_per_area_and_for_the_chain():
    rows = pd.DataFrame(
        [(8, "110102001", "meetings", 2.0), (8, "110102003", "meetings", 3.0), (6, "110102001", "visits_due", 10.0)],
        columns=["chain", "area_code", "kind", "amount"],
    )
    told = participation_table(rows, AREAS, Level.STREET)
    assert told.loc[(8, "110102001"), "meetings"] == 2.0
    assert told.loc[(8, ""), "meetings"] == 5.0
    assert told.loc[(4, "110102003"), "hours"] == 0.0


def test_too_few_and_too_many_whistles_are_both_warnings():
    assert [whistle_warning(1000, n) for n in (1, 30, 200)] == ["low", "", "high"]
    assert whistle_warning(20, 0) == ""
