"""What a person may do with a case now, and why the rest has to wait: the same rules as `gis.workflow.refuse`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gis.errors import MoveRefused
from gis.workflow import CaseState, Step, next_moves, refuse

ORDER = (
    "accepted", "verifying", "filed", "dispatched", "handling", "checking", "closed", "evaluated", "rework", "returned",
    "postponed", "hung", "resumed", "supervised", "revisited", "void",
)  # fmt: skip
"""Words of steps in the order in which a person looks for them: onwards first, then back, then what stops the clock."""

_WITH_UNIT = ("dispatched", "handling", "checking")


@dataclass(frozen=True)
class Offer:
    """One step that may be taken now; `needs` names what has to be told with it: reason, due_at, unit."""

    word: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Denial:
    """One step that may not be taken now: `why` is a machine word, `values` what its sentence needs."""

    word: str
    why: str
    values: dict[str, str]


def offers(
    state: CaseState, *, family: str, channel: str, due_at: datetime | None, now: datetime
) -> tuple[list[Offer], list[Denial]]:
    """Return what a case may do now, and what it may not with the reason; together they are all of `ORDER`.

    Parameters
    ----------
    state
        Where the case stands.
    family, channel
        Those of the case.
    due_at
        Its handling deadline; None when none binds.
    now
        Aware moment; only the steps tried out carry it.
    """
    needs: dict[str, tuple[str, ...]] = {}
    for move in next_moves(state.stage, family, channel, is_hung=state.hung_since is not None):
        needs.setdefault(move.word, move.needs + (("unit",) if move.word in _WITH_UNIT else ()))
    allowed, denied = [], []
    for word in ORDER:
        lack = word in needs and "due_at" in needs[word] and due_at is None
        if word in needs and not lack:
            allowed.append(Offer(word, needs[word]))
            continue
        try:
            refuse(state, Step(word, now, reason="-"), family=family, channel=channel, due_at=due_at)
        except MoveRefused as fault:
            denied.append(Denial(word, fault.why, fault.values))
    return allowed, denied
