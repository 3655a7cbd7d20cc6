"""How a case may move: its stages, the moves between them with what each needs, and what a move makes of a case.

A case goes 上报 受理 (核实) 立案 派遣 处置 核查 结案 评价. Every step is an event whose word is either the stage that
the case enters, or a move of its own: `returned` 退回 and `rework` 返工 go back a stage, `hung` 挂账 and `resumed`
stop and start the case where it is, `postponed` 延期, `supervised` 督办 and `revisited` 回访 leave it there.

Two axes are kept apart: the side that finds, files and checks, and the unit that handles. So patrols, who are of the
first side, file directly; what the public reports is verified before; and the unit that handled a case never closes it.

The record may hold what no door would let in (a file that knows only the report and the end): `after` takes every event
and says where the case stands, `refuse` says whether a door may take it. `gis.casefold` does the same for many cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gis.errors import ContractFault, MoveRefused
from gis.terms import CHANNELS, FAMILIES, OPEN_STAGES, STAGES

PUBLIC_CHANNELS = ("hotline", "app", "web", "open311")
"""Their reports are verified before they are filed; the other channels are the district's own people and cameras."""

DIRECT_CHANNELS = tuple(channel for channel in CHANNELS if channel not in PUBLIC_CHANNELS)

MOVE_WORDS = ("returned", "rework", "hung", "resumed", "postponed", "supervised", "revisited")
"""退回 返工 挂账 恢复 延期 督办 回访: words of events that are not the name of a stage."""

RECORD_WORDS = ("placed", "chained", "linked", "unlinked", "noted", "escalated", "photographed")
"""定位 改链 并案 拆案 备注 上报 照片: what people note beside the course of a case (`db.write.handwork`).

None of them moves the case, so they are no moves, and the door of steps refuses them.
"""

EVENT_WORDS = STAGES + MOVE_WORDS + RECORD_WORDS

ENTERS = {**{stage: stage for stage in STAGES}, "returned": "filed", "rework": "handling"}
"""The stage that a case enters by an event; words that are not here leave it where it is."""

BEFORE_CHECK = OPEN_STAGES[: OPEN_STAGES.index("checking")]


@dataclass(frozen=True)
class Move:
    """One allowed step: from any of `sources`, by the event `word`, for these channels and families.

    `needs` names what has to be given with it: `reason`, or `due_at` (the new deadline).
    """

    word: str
    sources: tuple[str, ...]
    needs: tuple[str, ...] = ()
    channels: tuple[str, ...] = CHANNELS
    families: tuple[str, ...] = FAMILIES

    @property
    def enters(self) -> str:
        """The stage that the case is in afterwards, or nothing when it stays where it is."""
        return ENTERS.get(self.word, "")


MOVES = (
    Move("accepted", ("reported",)),
    Move("verifying", ("accepted",)),
    Move("filed", ("accepted",), channels=DIRECT_CHANNELS),
    Move("filed", ("verifying",)),
    Move("dispatched", ("filed",)),
    Move("handling", ("dispatched",)),
    Move("checking", ("handling",)),
    Move("closed", ("checking",)),
    # a question that the desk answers at once needs no unit: 即办即结, with the answer as its reason
    Move("closed", ("accepted",), needs=("reason",), families=("social",)),
    Move("evaluated", ("closed",)),
    Move("returned", ("dispatched", "handling"), needs=("reason",)),
    Move("rework", ("checking",), needs=("reason",)),
    Move("void", ("reported", "accepted", "verifying", "filed"), needs=("reason",)),
    Move("hung", ("filed", "dispatched", "handling"), needs=("reason",)),
    Move("resumed", ("filed", "dispatched", "handling")),
    Move("postponed", ("dispatched", "handling"), needs=("reason", "due_at")),
    Move("supervised", OPEN_STAGES),
    Move("revisited", ("checking", "closed", "evaluated")),
)

_WHILE_HUNG = ("resumed", "supervised")
_BY_THE_CHECKING_SIDE = ("closed", "rework")
_OF_THE_HANDLING_SIDE = ("dispatched", "handling", "checking")


@dataclass(frozen=True)
class CaseState:
    """Where a case stands after its events; the empty state is that of a case without any.

    Attributes
    ----------
    stage, is_open, handled_at, closed_at
        As the current row of the case has them. Handling ends when the unit hands over to the check; a rework undoes
        that.
    rework_count
        How often a check sent the case back.
    hung_since
        Since when the case is hung, or None.
    unit
        The unit that handles it, as far as the events say.
    """

    stage: str = ""
    is_open: bool = True
    handled_at: datetime | None = None
    closed_at: datetime | None = None
    rework_count: int = 0
    hung_since: datetime | None = None
    unit: str = ""


@dataclass(frozen=True)
class Step:
    """A step that somebody wants a case to take."""

    word: str
    at: datetime
    unit: str = ""
    reason: str = ""
    due_at: datetime | None = None


def after(state: CaseState, word: str, at: datetime, unit: str = "") -> CaseState:
    """Return where a case stands after one more event, whether or not a door would have let it in.

    Raises
    ------
    ContractFault
        When the word is not one of `EVENT_WORDS`.
    """
    if word not in EVENT_WORDS:
        raise ContractFault(f"event {word!r} is not one of {', '.join(EVENT_WORDS)}")
    if word == "hung":
        return replace(state, hung_since=state.hung_since or at)
    if word == "resumed":
        return replace(state, hung_since=None)
    enters = ENTERS.get(word)
    if enters is None:
        return state
    # records of other systems, and older ones, say "handling" again where a check sent the case back
    again = word == "rework" or (word == "handling" and state.stage == "checking")
    is_open = enters in OPEN_STAGES
    handled_at = state.handled_at
    if enters in BEFORE_CHECK:
        handled_at = None
    elif enters in ("checking", "closed"):
        handled_at = handled_at or at
    if word in _OF_THE_HANDLING_SIDE and unit:
        state = replace(state, unit=unit)
    return replace(
        state,
        stage=enters,
        is_open=is_open,
        handled_at=handled_at,
        closed_at=None if is_open else state.closed_at or at,
        rework_count=state.rework_count + again,
        hung_since=state.hung_since if is_open else None,
        unit="" if word == "returned" else state.unit,
    )


def next_moves(stage: str, family: str, channel: str, *, is_hung: bool = False) -> tuple[Move, ...]:
    """Return the moves that a case in a stage may make, in the order in which a person would look for them."""
    return tuple(
        move
        for move in MOVES
        if stage in move.sources
        and family in move.families
        and channel in move.channels
        and (move.word in _WHILE_HUNG if is_hung else move.word != "resumed")
    )


def refuse(
    state: CaseState,
    step: Step,
    *,
    family: str,
    channel: str,
    due_at: datetime | None = None,
    subject: str = "the case",
) -> None:
    """Raise when a case may not take a step; return nothing when it may.

    Parameters
    ----------
    state
        Where the case stands.
    step
        What is asked for; its time is not looked at here.
    family, channel
        Those of the case.
    due_at
        The deadline that the case has now; None when none binds.
    subject
        What the message calls the case.

    Raises
    ------
    MoveRefused
        In one line: why not, and what would be allowed.
    """
    if step.word not in EVENT_WORDS:
        raise MoveRefused(f"stage {step.word!r} is not one of {', '.join(STAGES + MOVE_WORDS)}")
    allowed = next_moves(state.stage, family, channel, is_hung=state.hung_since is not None)
    move = next((one for one in allowed if one.word == step.word), None)
    if move is None:
        why, values, told = _why_not(state, step.word, channel, allowed)
        raise MoveRefused(f"{subject} is {state.stage}; {told}", why, stage=state.stage, word=step.word, **values)
    if "reason" in move.needs and not step.reason.strip():
        raise MoveRefused(
            f"{subject} can not be {_as_done(step.word)} without a reason", "needs_reason", word=step.word
        )
    if "due_at" in move.needs:
        _refuse_deadline(step, due_at, subject)
    if step.word in _BY_THE_CHECKING_SIDE and step.unit and step.unit == state.unit:
        raise MoveRefused(f"{subject} was handled by {step.unit}; another unit checks it", "same_unit", unit=step.unit)


def _why_not(state: CaseState, word: str, channel: str, allowed: tuple[Move, ...]) -> tuple[str, dict[str, str], str]:
    """Return the reason as a machine word, the values of its sentence, and the sentence in English."""
    if state.stage == "closed":
        return "closed", {}, "only an evaluation may follow, or a call-back (revisited)"
    if state.stage == "evaluated":
        return "evaluated", {}, "only a call-back (revisited) may follow"
    if state.stage == "void":
        return "void", {}, "nothing may follow"
    if state.hung_since is not None:
        since = state.hung_since.isoformat()
        told = f"it is hung since {since} and has to be resumed before it is {_as_done(word)}"
        return "hung", {"since": since}, told
    if word == "filed" and state.stage == "accepted" and channel in PUBLIC_CHANNELS:
        told = f"a report of the public ({channel}) is verified before it is filed"
        return "verify_first", {"channel": channel}, told
    if word == "void" and state.stage in ("dispatched", "handling"):
        return "return_first", {}, "the unit has to return it before it is made void"
    if word == "resumed":
        return "not_hung", {}, "it is not hung"
    words = list(dict.fromkeys(move.word for move in allowed))
    return "not_now", {"allowed": " ".join(words)}, f"next may be {', '.join(words)}, not {word}"


def _refuse_deadline(step: Step, due_at: datetime | None, subject: str) -> None:
    if due_at is None:
        raise MoveRefused(f"{subject} has no deadline that could be postponed", "no_deadline")
    if step.due_at is None:
        raise MoveRefused(f"{subject} can not be postponed without due_at, the new deadline", "needs_due")
    if step.due_at <= due_at:
        told = f"{subject} is due at {due_at.isoformat()}; {step.due_at.isoformat()} is not later"
        raise MoveRefused(told, "not_later", due_at=due_at.isoformat())


def _as_done(word: str) -> str:
    """A word of an event as it stands after "is"."""
    return {"void": "made void", "rework": "sent back for rework", "handling": "handled", "checking": "checked",
            "verifying": "verified"}.get(word, word)  # fmt: skip
