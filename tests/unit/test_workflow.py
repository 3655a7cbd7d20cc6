"""How a case may move: what is refused and why, what no sequence of moves can do, and rows out of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.casefold import fold, hang_periods
from gis.errors import ContractFault, MoveRefused
from gis.terms import CHANNELS, CLOSED_STAGES, FAMILIES, OPEN_STAGES, STAGES
from gis.workflow import (
    DIRECT_CHANNELS,
    EVENT_WORDS,
    MOVES,
    PUBLIC_CHANNELS,
    CaseState,
    Move,
    Step,
    after,
    next_moves,
    refuse,
)
from layouts.text import words_for

START = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
DUE = START + timedelta(days=3)


def walk(*words: str, units: dict[str, str] | None = None) -> CaseState:
    """Where a case stands after these events, an hour apart."""
    state = CaseState()
    for hour, word in enumerate(words):
        state = after(state, word, START + timedelta(hours=hour), (units or {}).get(word, ""))
    return state


def told(state: CaseState, word: str, *, family: str = "event", channel: str = "patrol", **given_: object) -> str:
    """Why a step is refused, in the words of the refusal; nothing when it is not."""
    try:
        refuse(state, Step(word, START, **given_), family=family, channel=channel, due_at=DUE, subject="case 7")  # type: ignore[arg-type]
    except MoveRefused as refused:
        sentence = str(refused)
    else:
        return ""
    assert "\n" not in sentence
    return sentence


FILED = ("reported", "accepted", "filed")
WITH_UNIT = (*FILED, "dispatched", "handling")
IN_CHECK = (*WITH_UNIT, "checking")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_kind_of_case_can_go_the_whole_way(family, channel):
    middle = ["verifying"] if channel in PUBLIC_CHANNELS else []
    way = ["accepted", *middle, "filed", "dispatched", "handling", "checking", "closed", "evaluated"]
    state = walk("reported")
    for word in way:
        assert told(state, word, family=family, channel=channel) == ""
        state = after(state, word, START)
    assert (state.stage, state.is_open) == ("evaluated", False)


@pytest.mark.parametrize("channel", PUBLIC_CHANNELS)
def test_report_of_the_public_is_verified_before_it_is_filed(channel):
    taken = walk("reported", "accepted")
    sentence = f"case 7 is accepted; a report of the public ({channel}) is verified before it is filed"
    assert told(taken, "filed", channel=channel) == sentence
    assert told(walk("reported", "accepted", "verifying"), "filed", channel=channel) == ""


@pytest.mark.parametrize("channel", DIRECT_CHANNELS)
def test_patrols_may_file_directly_or_after_a_second_look(channel):
    assert told(walk("reported", "accepted"), "filed", channel=channel) == ""
    assert told(walk("reported", "accepted", "verifying"), "filed", channel=channel) == ""


@pytest.mark.parametrize(
    ("events", "word", "sentence"),
    [
        (("reported",), "lost", "stage 'lost' is not one of reported, accepted"),
        (("reported",), "closed", "case 7 is reported; next may be accepted, void, supervised, not closed"),
        (FILED, "handling", "case 7 is filed; next may be dispatched, void, hung, supervised, not handling"),
        (("reported", "accepted"), "accepted", "next may be verifying, filed, void, supervised, not accepted"),
        (WITH_UNIT, "void", "case 7 is handling; the unit has to return it before it is made void"),
        (WITH_UNIT, "closed", "next may be checking, returned, hung, postponed, supervised, not closed"),
        (WITH_UNIT, "resumed", "case 7 is handling; it is not hung"),
        (IN_CHECK, "handling", "next may be closed, rework, supervised, revisited, not handling"),
        ((*IN_CHECK, "closed"), "handling", "case 7 is closed; only an evaluation may follow, or a call-back"),
        ((*IN_CHECK, "closed", "evaluated"), "evaluated", "case 7 is evaluated; only a call-back"),
        (("reported", "void"), "evaluated", "case 7 is void; nothing may follow"),
        ((*FILED, "hung"), "dispatched", "it is hung since 2026-05-20T05:00:00+00:00 and has to be resumed"),
        (("reported",), "void", "case 7 can not be made void without a reason"),
        (WITH_UNIT, "returned", "case 7 can not be returned without a reason"),
        (WITH_UNIT, "hung", "case 7 can not be hung without a reason"),
        (WITH_UNIT, "postponed", "case 7 can not be postponed without a reason"),
        (IN_CHECK, "rework", "case 7 can not be sent back for rework without a reason"),
    ],
)
def test_refusal_says_why_in_one_line(events, word, sentence):
    assert sentence in told(walk(*events), word)


def test_reason_of_blanks_is_none():
    assert "without a reason" in told(walk("reported"), "void", reason="  ")
    assert told(walk("reported"), "void", reason="重复上报") == ""


def test_postponement_needs_a_deadline_later_than_the_one_there_is():
    case = walk(*WITH_UNIT)
    assert "without due_at" in told(case, "postponed", reason="等材料")
    assert "is not later" in told(case, "postponed", reason="等材料", due_at=DUE)
    assert told(case, "postponed", reason="等材料", due_at=DUE + timedelta(hours=1)) == ""
    with pytest.raises(MoveRefused, match="no deadline that could be postponed"):
        refuse(case, Step("postponed", START, reason="x", due_at=DUE), family="social", channel="diary")


def test_unit_that_handled_a_case_neither_closes_it_nor_sends_it_back():
    case = walk(*IN_CHECK, units={"dispatched": "甲队", "handling": "甲队"})
    assert told(case, "closed", unit="甲队") == "case 7 was handled by 甲队; another unit checks it"
    assert "another unit checks it" in told(case, "rework", unit="甲队", reason="未修好")
    assert told(case, "closed", unit="监督中心") == told(case, "closed") == ""


def test_unit_that_returned_a_case_may_not_be_taken_for_the_one_that_handled_it():
    units = {"dispatched": "甲队", "handling": "甲队"}
    assert walk(*WITH_UNIT, "returned", units=units).unit == ""


def test_question_of_social_services_may_be_answered_at_once_with_the_answer_as_reason():
    taken = walk("reported", "accepted")
    assert told(taken, "closed", family="social", channel="hotline", reason="已当场答复") == ""
    assert "without a reason" in told(taken, "closed", family="social", channel="hotline")
    assert "not closed" in told(taken, "closed", family="part", reason="已当场答复")


def test_hung_case_only_resumes_or_is_supervised():
    assert {m.word for m in next_moves("handling", "event", "patrol", is_hung=True)} == {"resumed", "supervised"}
    assert "resumed" not in {m.word for m in next_moves("handling", "event", "patrol")}


def test_every_open_stage_has_a_way_on_and_void_has_none():
    for stage in OPEN_STAGES:
        for family in FAMILIES:
            for channel in CHANNELS:
                assert any(move.enters for move in next_moves(stage, family, channel))
    assert next_moves("void", "event", "patrol") == ()


def some_move(draw: st.DrawFn, moves: tuple[Move, ...]) -> Move:
    return moves[draw(st.integers(0, len(moves) - 1))]


@st.composite
def accepted_way(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """Family, channel and a sequence of moves, each of which is accepted."""
    family, channel = draw(st.sampled_from(FAMILIES)), draw(st.sampled_from(CHANNELS))
    state, words = walk("reported"), ["reported"]
    for _ in range(draw(st.integers(0, 25))):
        moves = next_moves(state.stage, family, channel, is_hung=state.hung_since is not None)
        if not moves:
            break
        word = some_move(draw, moves).word
        at = START + timedelta(hours=len(words))
        refuse(state, Step(word, at, "", "r", DUE + timedelta(1)), family=family, channel=channel, due_at=DUE)
        state = after(state, word, at)
        words.append(word)
    return family, channel, words


@given(accepted_way())
def test_no_sequence_of_accepted_moves_leads_to_an_illegal_state(way):
    _family, channel, words = way
    state = CaseState()
    seen: list[str] = []
    for hour, word in enumerate(words):
        before, state = state, after(state, word, START + timedelta(hours=hour))
        seen.append(state.stage)
        assert state.stage in STAGES
        assert state.is_open == (state.closed_at is None) == (state.stage in OPEN_STAGES)
        assert not (state.hung_since is not None and not state.is_open)
        assert state.stage not in ("checking", "closed", "evaluated") or state.handled_at is not None
        assert not (before.hung_since is not None and state.stage != before.stage)
        assert before.is_open or state.closed_at == before.closed_at
    if "filed" in words and channel in PUBLIC_CHANNELS:
        assert "verifying" in words[: words.index("filed")]
    if "dispatched" in seen:
        assert "filed" in seen[: seen.index("dispatched")]
    assert "void" not in words[:-1]


@given(st.lists(st.lists(st.sampled_from(EVENT_WORDS), min_size=1, max_size=14), min_size=1, max_size=6), st.randoms())
def test_many_cases_at_once_are_folded_as_one_after_the_other(lines, random):
    """Whatever the record holds, in whatever order the cases stand in it."""
    rows = [(case, word) for case, words in enumerate(lines) for word in words]
    queues = {case: [word for own, word in rows if own == case] for case in range(len(lines))}
    mixed = [case for case, _ in rows]
    random.shuffle(mixed)
    events = frame_of([(case, queues[case].pop(0)) for case in mixed])
    folded = fold(events)
    for case in range(len(lines)):
        state = CaseState()
        for row in events[events["case_id"] == case].itertuples():
            state = after(state, row.stage, row.at)
        got = folded.loc[case]
        assert (got["stage"], got["is_open"], got["rework_count"]) == (
            state.stage,
            state.is_open,
            state.rework_count,
        )
        for name in ("handled_at", "closed_at", "hung_since"):
            moment = getattr(state, name)
            assert pd.isna(got[name]) if moment is None else got[name] == moment
    pd.testing.assert_frame_equal(fold(events), folded)
    pd.testing.assert_frame_equal(fold(events.sort_values("case_id", kind="stable")), folded)


def frame_of(rows: list[tuple[int, str]], **columns: object) -> pd.DataFrame:
    at = pd.DatetimeIndex([START + timedelta(hours=hour) for hour in range(len(rows))])
    return pd.DataFrame(
        {"case_id": [case for case, _ in rows], "stage": [word for _, word in rows], "at": at, **columns}
    )


def test_rework_undoes_the_end_of_handling_until_the_unit_is_done_again():
    again = (*IN_CHECK, "rework")
    assert walk(*again).handled_at is None and walk(*again).stage == "handling"
    done = walk(*again, "checking", "closed")
    assert (done.handled_at, done.rework_count) == (START + timedelta(hours=7), 1)


def test_older_records_say_handling_again_where_the_check_sent_a_case_back():
    assert walk(*IN_CHECK, "handling", "checking", "handling").rework_count == 2


def test_end_without_a_check_counts_as_handled_and_void_does_not():
    assert walk("reported", "closed").handled_at == START + timedelta(hours=1)
    assert walk("reported", "void").handled_at is None and not walk("reported", "void").is_open


def test_hang_periods_are_told_with_their_ends():
    words = ["reported", "hung", "hung", "resumed", "hung", "closed", "hung", "evaluated"]
    events = frame_of([*[(1, word) for word in words], (2, "reported"), (2, "hung"), (3, "resumed")])
    hours = [int((at - START) / pd.Timedelta(hours=1)) for at in hang_periods(events)["start"]]
    assert hours == [1, 4, 6, 9]
    assert hang_periods(events)["case_id"].tolist() == [1, 1, 1, 2]
    ends = [None if pd.isna(at) else int((at - START) / pd.Timedelta(hours=1)) for at in hang_periods(events)["end"]]
    assert ends == [3, 5, 7, None]
    assert fold(events)["hang_count"].tolist() == [3, 1, 0]


def test_last_postponement_gives_the_deadline():
    days = [pd.NaT, DUE, DUE + timedelta(days=2), pd.NaT]
    events = frame_of([(1, "reported"), (1, "postponed"), (1, "postponed"), (2, "reported")])
    events["due_at"] = pd.to_datetime(pd.Series(days), utc=True)
    postponed = fold(events)["postponed_to"]
    assert postponed[1] == DUE + timedelta(days=2) and pd.isna(postponed[2])


def test_no_events_give_no_rows_and_unknown_words_are_named():
    nothing = frame_of([]).assign(at=pd.DatetimeIndex([], tz="UTC"))
    assert len(fold(nothing)) == len(hang_periods(nothing)) == 0
    with pytest.raises(ContractFault, match="event 'lost' is not one of"):
        fold(frame_of([(1, "reported"), (1, "lost")]))
    with pytest.raises(ContractFault, match="'lost'"):
        after(CaseState(), "lost", START)
    with pytest.raises(ContractFault, match="events lack at"):
        fold(frame_of([(1, "reported")]).drop(columns="at"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_step_of_a_case_has_a_name_that_a_person_reads(lang):
    words = words_for(lang)
    assert len({words(f"stage.{word}") for word in EVENT_WORDS}) == len(EVENT_WORDS)


def test_moves_name_known_stages_families_and_channels():
    for move in MOVES:
        assert move.word in EVENT_WORDS and set(move.sources) <= set(STAGES)
        assert set(move.channels) <= set(CHANNELS) and set(move.families) <= set(FAMILIES)
    assert not {move.word for move in MOVES if set(move.sources) & set(CLOSED_STAGES)} - {"evaluated", "revisited"}


def test_half_a_million_cases_are_folded_in_seconds():
    way = np.array([*IN_CHECK, "closed"], dtype=object)
    case = np.repeat(np.arange(500_000), len(way))
    at = pd.DatetimeIndex(np.datetime64("2026-05-20", "s") + np.arange(len(case)).astype("timedelta64[s]"), tz="UTC")
    events = pd.DataFrame({"case_id": case, "stage": np.tile(way, 500_000), "at": at})
    began = process_time()
    folded = fold(events)
    assert process_time() - began < 10
    assert (folded["stage"] == "closed").all() and (folded["closed_at"] > folded["handled_at"]).all()
